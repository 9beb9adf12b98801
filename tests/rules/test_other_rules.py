"""The rules that go by the verdict, the stars and the question mark; and how they speak together."""

import pytest

from monitor.domain import Sentiment, Urgency
from monitor.rules import RULES, judge, rules_without_questions
from monitor.rules.critical_by_model import critical_by_model
from monitor.rules.low_rating import low_rating
from monitor.rules.negative import negative
from monitor.rules.question import asks, question
from monitor.rules.wide_reach import wide_reach
from tests.rules.facts import RIVAL, make_facts

COMPLAINTS = [
    "Lumopuodin palvelu oli pettymys.",
    "Lumopuotis service var en besvikelse.",
    "Lumopuoti was a letdown.",
]
QUESTIONS = [
    "Onko Lumopuodilla myymälää Turussa?",
    "Finns det någon rabattkod till Lumopuoti?",
    "Does Lumopuoti ship to Åland?",
]
STATEMENTS = [
    "Lumopuodilla on myymälä Turussa.",
    "Det finns en rabattkod till Lumopuoti.",
    "Lumopuoti ships to Åland.",
]


@pytest.mark.parametrize("text", COMPLAINTS)
def test_negative_speaks_when_the_model_is_sure(text: str) -> None:
    reason = negative(make_facts(text, score=0.94))
    assert reason is not None
    assert reason.values == {"shop": "Lumopuoti", "percent": "94"}
    assert reason.severity is Urgency.NORMAL


@pytest.mark.parametrize("text", COMPLAINTS)
def test_negative_is_silent_at_the_threshold(text: str) -> None:
    assert negative(make_facts(text, score=0.6)) is None


@pytest.mark.parametrize("label", [Sentiment.NEUTRAL, Sentiment.POSITIVE, None])
def test_negative_is_silent_when_the_writer_is_not(label: Sentiment | None) -> None:
    assert negative(make_facts(COMPLAINTS[0], label=label)) is None


def test_negative_is_as_grave_as_the_model_finds_it() -> None:
    reason = negative(make_facts(COMPLAINTS[0], urgency=Urgency.HIGH))
    assert reason is not None
    assert reason.severity is Urgency.HIGH


def test_negative_never_claims_certainty() -> None:
    reason = negative(make_facts(COMPLAINTS[0], score=0.9999))
    assert reason is not None
    assert reason.values["percent"] == "99"


@pytest.mark.parametrize("text", QUESTIONS)
def test_question_hears_a_question_when_the_model_has_no_opinion(text: str) -> None:
    reason = question(make_facts(text, label=Sentiment.NEUTRAL))
    assert reason is not None
    assert reason.severity is Urgency.NORMAL


@pytest.mark.parametrize("text", STATEMENTS)
def test_question_leaves_statements(text: str) -> None:
    assert question(make_facts(text, label=Sentiment.NEUTRAL)) is None


@pytest.mark.parametrize("text", QUESTIONS)
def test_question_believes_the_model_that_no_reply_is_needed(text: str) -> None:
    assert question(make_facts(text, needs_reply=False)) is None


@pytest.mark.parametrize("text", STATEMENTS)
def test_question_believes_the_model_that_a_reply_is_needed(text: str) -> None:
    assert question(make_facts(text, needs_reply=True)) is not None


def test_question_of_a_thread_that_only_its_title_ties_to_the_shop_is_not_ours() -> None:
    assert question(make_facts("Mikä teillä on paras kokemus?", where="thread")) is None


@pytest.mark.parametrize(
    ("text", "is_question"),
    [
        ("Katso https://lumopuoti.fi/tuote?id=1", False),
        ("???", False),
        ("Saako teiltä kuitin?!", True),
        ("”Saako teiltä kuitin?” kysyin.", True),
        ("", False),
    ],
)
def test_asks_knows_questions_from_addresses_and_outcries(text: str, is_question: bool) -> None:
    assert asks(text) is is_question


@pytest.mark.parametrize(
    ("rating", "speaks"), [(1, True), (2, True), (2.5, False), (5, False), (None, False)]
)
def test_low_rating_speaks_for_two_stars_or_fewer(rating: float | None, speaks: bool) -> None:
    assert (low_rating(make_facts("Ok.", rating=rating)) is not None) is speaks


@pytest.mark.parametrize(
    ("reach", "label", "speaks"),
    [
        (5000, Sentiment.NEGATIVE, True),
        (4999, Sentiment.NEGATIVE, False),
        (None, Sentiment.NEGATIVE, False),
        (90_000, Sentiment.NEUTRAL, False),
        (90_000, Sentiment.POSITIVE, False),
    ],
)
def test_wide_reach_speaks_for_an_unhappy_post_that_many_may_see(
    reach: int | None, label: Sentiment, speaks: bool
) -> None:
    reason = wide_reach(make_facts("Lumopuoti petti.", reach=reach, label=label))
    assert (reason is not None) is speaks
    assert reason is None or reason.severity is Urgency.HIGH


def test_critical_by_model_speaks_whatever_the_mood() -> None:
    for label in (Sentiment.NEUTRAL, Sentiment.NEGATIVE):
        reason = critical_by_model(make_facts("Liekki nousi.", label=label, urgency=Urgency.CRITICAL))
        assert reason is not None
        assert reason.severity is Urgency.CRITICAL


@pytest.mark.parametrize("urgency", [Urgency.NONE, Urgency.NORMAL, Urgency.HIGH])
def test_critical_by_model_is_silent_below_critical(urgency: Urgency) -> None:
    assert critical_by_model(make_facts("Liekki nousi.", urgency=urgency)) is None


def test_critical_by_model_is_silent_about_other_shops() -> None:
    facts = make_facts("Liekki nousi.", urgency=Urgency.CRITICAL, certainty=0.6, about_shop=0.1)
    assert critical_by_model(facts) is None


def test_judge_gives_every_reason_gravest_first() -> None:
    reasons = judge(make_facts("Lumopuoti, soitan poliisille. Kuka vastaa?", rating=1, needs_reply=True))
    assert [reason.rule for reason in reasons] == ["urgent_words", "negative", "low_rating", "question"]
    assert reasons[0].severity is Urgency.CRITICAL


def test_judge_never_alerts_about_a_rival() -> None:
    assert judge(make_facts("Soitan poliisille.", rating=1, shop=RIVAL)) == ()


@pytest.mark.parametrize(
    "text", ["Lumopuodissa oli mukava käydä.", "Lumopuoti var trevlig.", "Lumopuoti is nice."]
)
def test_judge_has_no_reason_for_praise(text: str) -> None:
    assert judge(make_facts(text, label=Sentiment.POSITIVE, rating=5, needs_reply=False)) == ()


def test_rules_without_questions_leaves_all_others() -> None:
    assert set(RULES) - set(rules_without_questions()) == {question}
