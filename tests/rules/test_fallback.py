"""Topics, urgency and need of a reply by words alone."""

import pytest

from monitor.domain import Sentiment, Topic, Urgency
from monitor.rules.fallback import guess_needs_reply, guess_topics, guess_urgency


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Pakettia ei näy, toimitus myöhässä viikon.", Topic.DELIVERY),
        ("Leveransen är försenad och paketet borta.", Topic.DELIVERY),
        ("The parcel was never delivered.", Topic.DELIVERY),
        ("Palautuksesta ei ole tullut hyvitystä.", Topic.RETURNS_REFUNDS),
        ("Väntar på återbetalning för returen.", Topic.RETURNS_REFUNDS),
        ("Still waiting for my refund.", Topic.RETURNS_REFUNDS),
        ("Hinnat ovat kalliit.", Topic.PRICE),
        ("Priset är högt och inga rabatter.", Topic.PRICE),
        ("Way too expensive.", Topic.PRICE),
        ("Lamppu meni rikki ja laatu on surkea.", Topic.PRODUCT_QUALITY),
        ("Lampan gick sönder.", Topic.PRODUCT_QUALITY),
        ("The lamp broke.", Topic.PRODUCT_QUALITY),
    ],
)
def test_guess_topics_names_what_the_text_is_about(text: str, topic: Topic) -> None:
    assert topic in guess_topics(text)


@pytest.mark.parametrize("text", ["", "Hei vaan kaikille!", "God morgon.", "Lovely weather."])
def test_guess_topics_says_nothing_of_small_talk(text: str) -> None:
    assert guess_topics(text) == ()


def test_guess_topics_gives_three_at_most() -> None:
    text = "Hinta, toimitus, laatu, palautus, asiakaspalvelu, sivusto ja maksu."
    assert len(guess_topics(text)) == 3


@pytest.mark.parametrize(
    ("text", "label", "urgency"),
    [
        ("Lakimies hoitaa.", Sentiment.NEUTRAL, Urgency.CRITICAL),
        ("Varokaa tätä kauppaa.", Sentiment.NEGATIVE, Urgency.HIGH),
        ("Varokaa tätä kauppaa.", Sentiment.NEUTRAL, Urgency.NONE),
        ("Varokaa tätä kauppaa.", None, Urgency.HIGH),
        ("Inget svar på tre veckor.", Sentiment.NEGATIVE, Urgency.HIGH),
        ("Tylsä kauppa.", Sentiment.NEGATIVE, Urgency.NORMAL),
        ("Onko teillä kivijalkaa Oulussa?", Sentiment.NEUTRAL, Urgency.NORMAL),
        ("Kiva kauppa.", Sentiment.POSITIVE, Urgency.NONE),
        ("Kiva kauppa, varokaa lompakkoa!", Sentiment.POSITIVE, Urgency.NONE),
        ("Tilasin maton.", Sentiment.NEUTRAL, Urgency.NONE),
    ],
)
def test_guess_urgency_goes_by_words_and_mood(text: str, label: Sentiment | None, urgency: Urgency) -> None:
    assert guess_urgency(text, label) is urgency
    assert guess_needs_reply(text, label) is (urgency is not Urgency.NONE)
