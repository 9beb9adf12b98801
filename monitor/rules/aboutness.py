"""Whether a post is about the shop at all; rules that go by words ask it first."""

from monitor.domain import Facts

_CERTAIN_ENOUGH = 0.5
_MOST_LETTERS = 20_000


def is_about_shop(facts: Facts) -> bool:
    """Weigh the certainty of the match and what the model says; where it has no opinion, the match alone."""
    certainty, about = facts.match.certainty, facts.verdict.about_shop
    return (certainty if about is None else (certainty + about) / 2) >= _CERTAIN_ENOUGH


def own_words(facts: Facts) -> str:
    """What the writer wrote in this very post; of a monster only the beginning."""
    return f"{facts.post.title}\n{facts.post.text}".strip()[:_MOST_LETTERS]
