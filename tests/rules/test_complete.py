"""What rules add to a verdict."""

import pytest

from monitor.domain import Post, Reason, Sentiment, Topic, Urgency, Verdict
from monitor.rules.complete import complete, heed_words

POST = Post(source="a", external_id="1", thread_key="1", text="Paketti ei ole tullut, missä rahani ovat?")
FULL = Verdict("m", {Sentiment.NEUTRAL: 1.0}, Sentiment.NEUTRAL, (), Urgency.NONE, False, 0.9)


def test_complete_leaves_a_full_verdict_alone() -> None:
    assert complete(POST, FULL) is FULL


def test_complete_fills_what_a_model_has_no_head_for() -> None:
    bare = Verdict("m", {Sentiment.NEGATIVE: 1.0}, Sentiment.NEGATIVE)
    filled = complete(POST, bare)
    assert Topic.DELIVERY in filled.topics
    assert filled.urgency.rank >= Urgency.NORMAL.rank
    assert filled.needs_reply is True


def test_complete_keeps_a_post_that_was_not_scored_unscored() -> None:
    filled = complete(POST, Verdict("m", not_scored="no language"))
    assert filled.not_scored == "no language"
    assert filled.label is None


def test_heed_words_makes_a_grave_post_critical() -> None:
    grave = Reason("urgent_words", Urgency.CRITICAL, "It names a fire.")
    heeded = heed_words(FULL, [grave])
    assert (heeded.urgency, heeded.needs_reply) == (Urgency.CRITICAL, True)


@pytest.mark.parametrize(
    ("rule", "severity"), [("urgent_words", Urgency.HIGH), ("negative", Urgency.CRITICAL)]
)
def test_heed_words_listens_to_grave_words_only(rule: str, severity: Urgency) -> None:
    assert heed_words(FULL, [Reason(rule, severity, "x")]) is FULL
