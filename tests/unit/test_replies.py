"""Ready-made replies and advice: complete in every language, filled with what is known, promising nothing."""

import re
from itertools import product

import pytest

from monitor.domain import Sentiment, Topic, Urgency
from monitor.replies import BLANK, BLANKS, Reply, advice, fitting, known, shipped

LANGUAGES = ("fi", "sv", "en")
PROMISES = re.compile(
    r"hyvit[äe]mme|korvaamme|palautamme rahat|kompensera|ersätter|refund you|compensat", re.I
)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_topic_has_a_reply_in_every_language(lang: str) -> None:
    topics = {reply.topic for reply in shipped() if reply.lang == lang}
    assert topics == {*Topic, None}


@pytest.mark.parametrize("reply", shipped(), ids=lambda reply: f"{reply.slug}-{reply.lang}")
def test_reply_is_short_private_and_promises_nothing(reply: Reply) -> None:
    assert len(reply.text) < 400
    assert "{contact}" in reply.text
    assert not PROMISES.search(reply.text)
    assert set(re.findall(r"{(\w+)}", reply.text)) <= set(BLANKS)


def test_fill_leaves_what_is_not_known_as_a_visible_gap() -> None:
    reply = Reply("x", "fi", None, "t", "Hei {name}, kirjoita: {contact}. {deadline}")
    assert reply.fill({"name": "Maija"}) == f"Hei Maija, kirjoita: {BLANK}. {BLANK}"
    assert reply.fill({}) == f"Hei, kirjoita: {BLANK}. {BLANK}"


def test_fill_reads_no_value_as_a_blank() -> None:
    reply = Reply("x", "fi", None, "t", "{name} {shop}")
    assert "SALA" not in reply.fill({"name": "{contact}", "shop": "S"}) + "x"
    assert reply.fill({"name": "{0} %s", "shop": "S"}) == "{0} %s S"


@pytest.mark.parametrize(("topic", "lang"), list(product(Topic, LANGUAGES)))
def test_unhappy_post_gets_the_reply_of_its_topic_and_language(topic: Topic, lang: str) -> None:
    first = fitting(shipped(), [topic], lang, unhappy=True)[0]
    assert (first.topic, first.lang) == (topic, lang)


def test_post_in_another_language_gets_english() -> None:
    assert {reply.lang for reply in fitting(shipped(), [Topic.DELIVERY], "et", unhappy=True)} == {"en"}


def test_unhappy_post_without_a_topic_gets_the_general_reply() -> None:
    assert [reply.slug for reply in fitting(shipped(), [], "fi", unhappy=True)] == ["customer_service"]


def test_question_gets_the_reply_to_questions_first() -> None:
    assert fitting(shipped(), [Topic.DELIVERY], "fi", unhappy=False)[0].slug == "question"


def test_changed_reply_stands_in_the_place_of_the_shipped_one() -> None:
    mine = Reply("delivery", "fi", Topic.DELIVERY, "Oma", "Oma teksti {contact}")
    replies = known([mine])
    assert len(replies) == len(shipped())
    assert fitting(replies, [Topic.DELIVERY], "fi", unhappy=True)[0].text == "Oma teksti {contact}"


def test_retired_reply_is_shown_no_more() -> None:
    replies = known([], frozenset({("delivery", "fi")}))
    assert all(reply.topic is not Topic.DELIVERY for reply in replies if reply.lang == "fi")


def test_advice_for_an_angry_post_warns_of_public_compensation() -> None:
    said = advice(Sentiment.NEGATIVE, Urgency.NORMAL, ["negative"], [Topic.DELIVERY])
    assert any("compensation" in sentence for sentence in said)
    assert said[0].startswith("Begin with understanding")


def test_advice_for_grave_posts_begins_with_the_owner() -> None:
    said = advice(Sentiment.NEGATIVE, Urgency.CRITICAL, ["campaign"], [Topic.PRIVACY])
    assert "owner" in said[0]
    assert len(said) == 3
