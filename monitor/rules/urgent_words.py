"""The post says one of the words that call a person at once, or one that the shop listed itself."""

from monitor.domain import Facts, Reason, Sentiment, Urgency
from monitor.rules.aboutness import is_about_shop, own_words
from monitor.rules.phrases import find_phrases, phrase_of_word
from monitor.rules.urgent_list import UNANSWERED, URGENT_KINDS, UrgentKind
from monitor.wording import N_

_MOST_WORDS = 4


def urgent_words(facts: Facts) -> Reason | None:
    """The gravest kind of urgent words in the post itself; a post not scored may have one too."""
    if not is_about_shop(facts):
        return None
    if found := find_urgent(own_words(facts), facts.verdict.label):
        kind, words = found
        return _reason(facts, kind.name, kind.severity, kind.sentence, words)
    return _listed_words(facts)


def find_urgent(text: str, label: Sentiment | None) -> tuple[UrgentKind, tuple[str, ...]] | None:
    """The gravest kind whose words a text says, and those words; `label` None means not scored.

    Praise has none. Words of anger count only when the writer is not neutral about the shop: news
    and other people's quarrels use them too.
    """
    if label is Sentiment.POSITIVE:
        return None
    kinds = [
        kind for kind in URGENT_KINDS if kind.severity is Urgency.CRITICAL or label is not Sentiment.NEUTRAL
    ]
    for kind in kinds:
        if words := find_phrases(text, kind.phrases):
            return kind, words
    if label is Sentiment.NEGATIVE and (words := find_phrases(text, UNANSWERED.phrases, deny=False)):
        return UNANSWERED, words
    return None


def _listed_words(facts: Facts) -> Reason | None:
    wanted = tuple(phrase_of_word(word) for word in facts.urgent_words)
    if words := find_phrases(own_words(facts), wanted, deny=False):
        return _reason(facts, "listed", Urgency.HIGH, N_("Says what you asked to hear of: “{words}”."), words)
    return None


def _reason(facts: Facts, kind: str, severity: Urgency, sentence: str, words: tuple[str, ...]) -> Reason:
    said = ", ".join(words[:_MOST_WORDS])
    return Reason(
        "urgent_words", severity, sentence, {"kind": kind, "words": said, "shop": facts.match.shop.name}
    )
