"""Urgent words in three languages: inflected ones are found, look-alikes, denials and praise are not."""

import pytest

from monitor.domain import Sentiment, Urgency
from monitor.rules.urgent_words import urgent_words
from tests.rules.facts import make_facts

CRITICAL = [
    ("legal", "Asia menee lakimiehelle.", "lakimiehelle"),
    ("legal", "Tein tänään rikosilmoituksen Lumopuodista.", "rikosilmoituksen"),
    ("legal", "Jag gör en polisanmälan mot Lumopuoti.", "polisanmälan"),
    ("legal", "Lumopuoti, you will hear from my lawyer.", "lawyer"),
    ("authority", "Ilmoitus lähtee KKV:lle.", "KKV:lle"),
    ("authority", "Vien tämän kuluttajariitalautakuntaan.", "kuluttajariitalautakuntaan"),
    ("authority", "Jag anmäler er till Konsumentverket.", "Konsumentverket"),
    ("authority", "Ärendet ligger hos ARN nu.", "ARN"),
    ("authority", "I have written to the consumer ombudsman.", "consumer ombudsman"),
    ("danger", "Lumopuodin lamppu syttyi palamaan yöllä.", "syttyi"),
    ("danger", "Lampan från Lumopuoti började brinna.", "började brinna"),
    ("danger", "The Lumopuoti charger gave me an electric shock.", "electric shock"),
    ("data_leak", "Lumopuodissa on tietovuoto, osoitteet netissä.", "tietovuoto"),
    ("data_leak", "Lumopuoti har haft ett dataintrång.", "dataintrång"),
    ("data_leak", "Lumopuoti had a data breach.", "data breach"),
    ("press", "Olen toimittaja ja teen juttua Lumopuodista.", "Olen toimittaja"),
    ("press", "Jag är journalist och undrar över Lumopuoti.", "journalist"),
    ("press", "I am a reporter looking into Lumopuoti.", "reporter"),
    ("phishing", "Sain huijausviestin, jossa oli Lumopuodin logo.", "huijausviestin"),
    ("phishing", "Det går bluffmejl i Lumopuotis namn.", "bluffmejl"),
    ("phishing", "There is a fake website that looks like Lumopuoti.", "fake website"),
]
HIGH = [
    ("money", "Lumopuoti veloitti minulta kahdesti.", "veloitti minulta kahdesti"),
    ("money", "Lumopuoti har debiterat mig två gånger.", "debiterat mig två gånger"),
    ("money", "Lumopuoti took my money.", "took my money"),
    ("warning", "Varokaa Lumopuotia!", "Varokaa"),
    ("warning", "Handla inte hos Lumopuoti.", "Handla inte"),
    ("warning", "Stay away from Lumopuoti.", "Stay away"),
    ("boycott", "Boikottiin koko Lumopuoti.", "Boikottiin"),
    ("boycott", "Bojkotta Lumopuoti.", "Bojkotta"),
    ("boycott", "Boycott Lumopuoti.", "Boycott"),
    ("unanswered", "Lumopuoti ei vastaa mihinkään.", "ei vastaa"),
    ("unanswered", "Lumopuoti svarar inte på mejl.", "svarar inte"),
    ("unanswered", "Heard nothing from Lumopuoti.", "Heard nothing"),
]


@pytest.mark.parametrize(("kind", "text", "words"), CRITICAL)
def test_urgent_words_calls_grave_things_critical(kind: str, text: str, words: str) -> None:
    reason = urgent_words(make_facts(text, label=Sentiment.NEUTRAL))
    assert reason is not None
    assert (reason.values["kind"], reason.severity) == (kind, Urgency.CRITICAL)
    assert words in reason.values["words"]


@pytest.mark.parametrize(("kind", "text", "words"), HIGH)
def test_urgent_words_calls_angry_things_high(kind: str, text: str, words: str) -> None:
    reason = urgent_words(make_facts(text))
    assert reason is not None
    assert (reason.values["kind"], reason.severity) == (kind, Urgency.HIGH)
    assert words in reason.values["words"]


@pytest.mark.parametrize(("kind", "text", "words"), HIGH)
def test_urgent_words_leaves_anger_words_of_a_neutral_writer(kind: str, text: str, words: str) -> None:
    assert urgent_words(make_facts(text, label=Sentiment.NEUTRAL)) is None


@pytest.mark.parametrize(
    "text",
    [
        "Lumopuodin toimittaja ei ole toimittanut kannettavaa.",  # supplier; "kanne" inside a word
        "Ostin Lumopuodista karnevaaliasun ja parnassin.",  # "arn" inside words
        "Det stämmer, Lumopuoti skickar fort.",
        "Jag köpte garn av Lumopuoti, brandgult är fint.",
        "Bought a yarn kit from Lumopuoti, issue with the colour though.",  # "sue" inside a word
        "The avoidable wait at Lumopuoti was short.",
    ],
)
def test_urgent_words_finds_nothing_inside_other_words(text: str) -> None:
    assert urgent_words(make_facts(text)) is None


@pytest.mark.parametrize(
    "text",
    [
        "Lumopuoti ei ole huijaus.",
        "Lumopuoti är inte en bluff.",
        "Lumopuoti is not a scam.",
        "En ole lakimies.",
    ],
)
def test_urgent_words_does_not_count_what_is_denied(text: str) -> None:
    assert urgent_words(make_facts(text)) is None


@pytest.mark.parametrize("text", ["Det är en bluff, Lumopuoti.", "No huijari koko Lumopuoti."])
def test_urgent_words_takes_no_small_word_of_another_language_for_a_denial(text: str) -> None:
    assert urgent_words(make_facts(text)) is not None


def test_urgent_words_keeps_quiet_about_praise() -> None:
    text = "Muualla jouduin KKV:hen asti, Lumopuoti hoiti kaiken hienosti."
    assert urgent_words(make_facts(text, label=Sentiment.POSITIVE)) is None


def test_urgent_words_alerts_for_a_post_that_was_not_scored() -> None:
    reason = urgent_words(make_facts("Lumopuoti: vie oikeuteen! Varokaa!", label=None))
    assert reason is not None
    assert urgent_words(make_facts("Varokaa Lumopuotia!", label=None)) is not None


@pytest.mark.parametrize(("certainty", "about"), [(0.3, None), (0.6, 0.1), (0.9, 0.0)])
def test_urgent_words_needs_a_post_about_the_shop(certainty: float, about: float | None) -> None:
    assert urgent_words(make_facts("Soitan poliisille.", certainty=certainty, about_shop=about)) is None


def test_urgent_words_trusts_a_sure_match_over_a_doubtful_model() -> None:
    assert (
        urgent_words(make_facts("Soitan poliisille, Lumopuoti!", certainty=1.0, about_shop=0.2)) is not None
    )


def test_urgent_words_names_the_gravest_kind() -> None:
    reason = urgent_words(make_facts("Varokaa! Lumopuodin patja syttyi ja lakimies on asialla."))
    assert reason is not None
    assert reason.values["kind"] == "danger"


def test_urgent_words_reads_the_title_too() -> None:
    assert urgent_words(make_facts("Ei muuta.", title="Lumopuoti kuluttajariitalautakuntaan")) is not None


@pytest.mark.parametrize(
    ("listed", "text", "words"),
    [
        ("allekirjoitus", "Lumopuodin allekirjoituksesta puuttui nimi.", "allekirjoituksesta"),
        ("homevaurio", "Lumopuodin varastossa on homevaurioita.", "homevaurioita"),
        ("koiranruoka", "Lumopuodin koiranruuasta löytyi lasia.", None),
        ("returavgift", "Lumopuoti tar returavgifter.", "returavgifter"),
        ("OY", "Lumopuoti OY:n lasku.", "OY:n"),
        ("OY", "Lumopuoti oy lasku.", None),
        ("free shipping", "No free shipping at Lumopuoti.", "free shipping"),
    ],
)
def test_urgent_words_hears_the_words_of_the_shop(listed: str, text: str, words: str | None) -> None:
    reason = urgent_words(make_facts(text, label=Sentiment.NEUTRAL, urgent_words=(listed,)))
    if words is None:
        assert reason is None
    else:
        assert reason is not None
        assert (reason.values["kind"], reason.values["words"]) == ("listed", words)
        assert reason.severity is Urgency.HIGH


def test_urgent_words_survives_a_post_of_ten_megabytes() -> None:
    assert urgent_words(make_facts("ei nimissä " * 1_000_000)) is None
