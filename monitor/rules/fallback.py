"""Topics, urgency and need of a reply by words alone, for a model that has no opinion on them.

Simple on purpose: the sentiment is the model's, these are the best guess until it learns the rest.
"""

from monitor.domain import Sentiment, Topic, Urgency
from monitor.rules.phrases import find_phrases, split_list
from monitor.rules.question import asks
from monitor.rules.topic_list import TOPIC_WORDS
from monitor.rules.urgent_words import find_urgent

_MOST_TOPICS = 3


def guess_topics(text: str) -> tuple[Topic, ...]:
    """What a text is about: the topics with most of their words in it, three at most."""
    found = {
        topic: len(find_phrases(text, split_list(listed), deny=False))
        for topic, listed in TOPIC_WORDS.items()
    }
    said = [topic for topic, words in found.items() if words]
    return tuple(sorted(said, key=lambda topic: -found[topic])[:_MOST_TOPICS])


def guess_urgency(text: str, label: Sentiment | None) -> Urgency:
    """How soon a person must look. Praise is never urgent; a complaint is normal at least.

    A text without a verdict (label None) is urgent only by its words.
    """
    if label is Sentiment.POSITIVE:
        return Urgency.NONE
    if found := find_urgent(text, label):
        return found[0].severity
    return Urgency.NORMAL if label is Sentiment.NEGATIVE or asks(text) else Urgency.NONE


def guess_needs_reply(text: str, label: Sentiment | None) -> bool:
    """Tell whether the shop should answer: a complaint, a question, or something urgent."""
    return guess_urgency(text, label) is not Urgency.NONE
