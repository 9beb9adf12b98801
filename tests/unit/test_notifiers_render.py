"""The mail about an alert: subject, both bodies in three languages, and hostile posts shown inert."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from bs4 import BeautifulSoup

from monitor.domain import AlertState, Message, Reason, SendReason, Topic, Urgency
from monitor.notifiers.inert import clean, cut, one_line, unlinked, web_link
from monitor.notifiers.marking import Mark, marked
from monitor.notifiers.render import Links, render_alert
from monitor.store.rows import AlertRow, MentionRow
from monitor.store.writes import reasons_json
from monitor.wording import load_wording
from tests.unit.rows import FOUND, NOW, POSTED, alert, assessment, delivery, mention, recipient

HELSINKI = ZoneInfo("Europe/Helsinki")
MINUTE = timedelta(minutes=1)
AUTHORITY = Reason(
    "urgent_words",
    Urgency.CRITICAL,
    "Speaks of an authority: “{words}”.",
    {"kind": "authority", "words": "KKV:lle", "shop": "Lumopuoti"},
)


def letter(
    row: AlertRow | None = None,
    conversation: Sequence[MentionRow] | None = None,
    reason: SendReason = SendReason.FIRST,
    language: str = "fi",
    now: datetime = NOW,
    **more: Any,
) -> Message:
    row = row or alert()
    return render_alert(
        row,
        conversation if conversation is not None else [row.first],
        delivery(reason=reason),
        recipient(),
        load_wording(language),
        shop="Lumopuoti",
        thread_id="<thread@lumopuoti.example>",
        links=Links("https://vahti.lumopuoti.example"),
        zone=HELSINKI,
        now=now,
        **more,
    )


def seen(html: str) -> str:
    """What a reader sees of the HTML, without the signs that keep addresses from becoming links."""
    soup = BeautifulSoup(html, "lxml")
    return " ".join((soup.body or soup).get_text(" ").replace("\u2060", "").split())


def links(html: str) -> list[str]:
    return [str(link["href"]) for link in BeautifulSoup(html, "lxml").find_all("a", href=True)]


def test_mail_goes_to_the_recipient_with_the_ids_of_its_delivery() -> None:
    mail = letter()
    assert mail.to == "anna@lumopuoti.example"
    assert mail.message_id == delivery().message_id
    assert mail.thread_id == "<thread@lumopuoti.example>"


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        (
            "fi",
            "Kiireellinen – Lumopuoti: tyytymätön kirjoittaja, toimitus (koti-foorumi) – Tilasin",
        ),
        ("sv", "Brådskande – Lumopuoti: missnöjd skribent, leverans (koti-foorumi) – Tilasin Lumopuodista"),
        ("en", "Urgent – Lumopuoti: unhappy writer, delivery (koti-foorumi) – Tilasin Lumopuodista"),
    ],
)
def test_subject_says_how_grave_who_what_where_and_the_beginning(language: str, subject: str) -> None:
    assert letter(language=language).subject.startswith(subject)


def test_subject_of_an_ordinary_alert_begins_with_the_shop() -> None:
    reasons = reasons_json(
        [Reason("question", Urgency.NORMAL, "Asks a question about {shop}.", {"shop": "Lumopuoti"})]
    )
    first = mention(
        title="Onko koodia?", assessment=assessment(topics=(Topic.PRICE,), reasons=tuple(reasons))
    )
    row = alert(first=first, reasons=tuple(reasons), urgency=Urgency.NORMAL)
    assert letter(row).subject == "Lumopuoti: kysymys, hinta (koti-foorumi) – Onko koodia?"


@pytest.mark.parametrize("reason", [SendReason.MORE, SendReason.REMINDER])
def test_later_mail_keeps_the_subject_so_that_it_joins_the_thread(reason: SendReason) -> None:
    first = letter().subject
    grown = alert(urgency=Urgency.CRITICAL, reasons=tuple(reasons_json([AUTHORITY])), mentions=2)
    later = letter(grown, [mention(), mention(id=2)], reason, now=NOW + MINUTE)
    assert later.subject == f"Re: {first}"


def test_subject_says_that_it_got_worse_and_that_nobody_answered() -> None:
    critical = alert(urgency=Urgency.CRITICAL)
    assert letter(critical, reason=SendReason.WORSE).subject.startswith("Paheni (kriittinen): ")
    assert letter(reason=SendReason.ESCALATION, language="en").subject.startswith(
        "Nobody has answered: Urgent – "
    )


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "fi",
            [
                "Joku on tyytymätön kauppaan.",
                "Kirjoittaja on tyytymätön kauppaan Lumopuoti, malli on tästä 94 % varma.",
                "Vastausaikaa klo 15.02 asti, jäljellä 52 min.",
                "Mökkiläinen kirjoitti, koti-foorumi, klo 14.02",
                "Kirjoitettu klo 14.02, löydetty klo 14.09, lähetetty klo 14.10.",
                "Saaja: Anna Omistaja.",
            ],
        ),
        (
            "sv",
            [
                "Någon är missnöjd med butiken.",
                "Skribenten är missnöjd med Lumopuoti. Modellen är 94 % säker.",
                "Svara senast kl. 15:02, 52 min kvar.",
                "Mökkiläinen skrev på koti-foorumi, kl. 14:02",
                "Skrivet kl. 14:02, hittat kl. 14:09, skickat kl. 14:10.",
                "Mottagare: Anna Omistaja.",
            ],
        ),
        (
            "en",
            [
                "Somebody is unhappy with the shop.",
                "The writer is unhappy with Lumopuoti, the model is 94% sure of it.",
                "Answer by 15:02, in 52 mins.",
                "Mökkiläinen wrote at koti-foorumi, 14:02",
                "Posted 14:02, found 14:09, mailed 14:10.",
                "wrote this to Anna Omistaja.",
            ],
        ),
    ],
)
def test_both_bodies_tell_all_in_the_readers_language(language: str, words: list[str]) -> None:
    mail = letter(language=language)
    for body in (mail.text, seen(mail.html)):
        for said in [*words, "Tilasin Lumopuodista viltin kolme viikkoa sitten eikä pakettia näy."]:
            assert said in " ".join(body.split())
    assert f'lang="{language}"' in mail.html


def test_links_go_to_the_post_and_to_the_alert_only() -> None:
    wanted = ["https://foorumi.example/t/lumopuoti/4711/1", "https://vahti.lumopuoti.example/alert?id=12"]
    mail = letter()
    assert links(mail.html) == wanted
    assert "Vastaa sivulla foorumi.example" in seen(mail.html)
    assert re.findall(r"^https?://\S+$", mail.text, re.MULTILINE) == wanted


@pytest.mark.parametrize(
    "url", ["", "javascript:alert(1)", "data:text/html,x", "https://bank.example@evil.example/"]
)
def test_post_without_a_safe_address_gets_no_link(url: str) -> None:
    mail = letter(alert(first=mention(url=url)))
    assert links(mail.html) == ["https://vahti.lumopuoti.example/alert?id=12"]
    assert "evil.example" not in mail.html
    assert "javascript" not in mail.text


HOSTILE = (
    '<script>alert(1)</script><img src="https://evil.example/x.png" onerror=alert(1)>'
    '</td></table><a href="https://evil.example">klik</a> [klik](https://evil.example) {{ 7*7 }} {% raw %}'
    " {shop} www.evil.example anna@evil.example \x00\x1b[31m \u202eolleh \ud800 &lt;b&gt;"
)


@pytest.mark.parametrize("field", ["text", "title", "author", "thread_title", "external_id"])
@pytest.mark.parametrize(
    "reason", [SendReason.FIRST, SendReason.MORE, SendReason.WORSE, SendReason.ESCALATION]
)
def test_hostile_post_is_shown_inert(field: str, reason: SendReason) -> None:
    bad = mention(**{field: HOSTILE})
    row = alert(first=bad, mentions=2, taken_by=HOSTILE, state=AlertState.TAKEN)
    mail = letter(
        row, [bad, mention(**{"id": 2, "found_at": NOW, field: HOSTILE})], reason, author_before=[bad]
    )
    soup = BeautifulSoup(mail.html, "lxml")
    assert soup.find(["script", "img", "iframe", "object", "form"]) is None
    assert all("evil" not in link for link in links(mail.html))
    assert "evil.example" not in soup.get_text()
    assert "49" not in mail.html
    for body in (mail.text, mail.html, mail.subject):
        assert not set(body) & set("\x00\x1b\u202e\ud800")
        body.encode("utf-8")
    assert "\n" not in mail.subject
    assert len(mail.subject) < 300


def test_hostile_words_in_reasons_are_shown_inert() -> None:
    reason = Reason(
        "urgent_words", Urgency.HIGH, "Warns others in public: “{words}”.", {"words": "<b>{shop}</b>"}
    )
    mail = letter(alert(reasons=tuple(reasons_json([reason]))))
    assert "&lt;b&gt;{shop}&lt;/b&gt;" in mail.html
    assert "”<b>{shop}</b>”" in mail.text


def test_mail_loads_nothing_from_elsewhere() -> None:
    html = letter().html
    assert re.findall(r"""\s(?:src|srcset|background)=|url\(""", html) == []
    assert "@import" not in html
    assert "<link" not in html


def test_mail_is_made_for_dark_and_light_and_old_readers() -> None:
    html = letter().html
    assert "prefers-color-scheme: dark" in html
    assert '<meta name="color-scheme" content="light dark">' in html
    assert 'width="600"' in html
    assert len(html.encode()) < 60_000


def test_words_that_made_the_alert_are_marked_and_the_shop_stands_out() -> None:
    first = mention(text="Lumopuodista ei kuulu. Ilmoitin KKV:lle.", assessment=assessment(reasons=()))
    soup = BeautifulSoup(letter(alert(first=first, reasons=tuple(reasons_json([AUTHORITY])))).html, "lxml")
    assert [mark.get_text() for mark in soup.select(".flag")] == ["KKV:lle"]
    assert "Lumopuodista" in [strong.get_text() for strong in soup.find_all("strong")]


def test_more_shows_the_new_posts_and_lists_the_old_ones() -> None:
    conversation = [
        mention(),
        mention(id=2, author="toinen", text="Sama täällä.", found_at=NOW + 5 * MINUTE),
        mention(id=3, author="kolmas", text="Ja täällä.", found_at=NOW + 6 * MINUTE),
    ]
    mail = letter(alert(mentions=3), conversation, SendReason.MORE, now=NOW + 30 * MINUTE, since=NOW)
    assert "2 uutta viestiä tässä keskustelussa." in mail.text
    news, _, rest = mail.text.partition("Keskustelu tähän asti")
    assert "> Sama täällä." in news
    assert "> Ja täällä." in news
    assert "Mökkiläinen: Tilasin Lumopuodista" in rest


def test_more_after_an_answer_says_so() -> None:
    row = alert(answered_at=NOW, mentions=2)
    mail = letter(row, [mention(), mention(id=2, found_at=NOW + MINUTE)], SendReason.MORE, since=NOW)
    assert mail.text.startswith("Vastauksen jälkeen on tullut uusi viesti.")


def test_long_conversation_is_cut_and_counted() -> None:
    conversation = [mention(id=number, text=f"Viesti {number}.") for number in range(1, 31)]
    text = letter(alert(mentions=30), conversation, SendReason.REMINDER).text
    assert "23 aiempaa viestiä" in text
    assert text.count("Viesti ") == 6


def test_long_post_is_cut_and_said_to_be() -> None:
    mail = letter(alert(first=mention(text="sana " * 3000)))
    assert "> […]" in mail.text
    assert len(mail.text) < 3000
    assert len(mail.html) < 20_000


def test_post_of_ten_megabytes_makes_an_ordinary_mail() -> None:
    mail = letter(alert(first=mention(text="\u0301a\n " * 2_500_000, author="x" * 10_000_000)))
    assert len(mail.html) < 40_000
    assert "> […]" in mail.text


def test_erased_post_is_said_to_be_removed() -> None:
    gone = mention(text="", title="", author="", thread_title="", url="")
    mail = letter(alert(first=gone))
    assert "Teksti on poistettu." in mail.text
    assert "Joku kirjoitti" in mail.text
    assert "Teksti on poistettu." in seen(mail.html)


def test_post_without_a_time_is_not_given_one() -> None:
    mail = letter(alert(first=mention(posted_at=None)), language="en")
    assert "Mökkiläinen wrote at koti-foorumi, found 14:09" in mail.text
    assert "the source does not tell when it was posted" in mail.text


def test_times_of_other_days_carry_the_day() -> None:
    text = letter(now=NOW + timedelta(days=1)).text
    assert "Vastausaika päättyi ti 24.11. klo 15.02, 23 t 8 min sitten." in text
    assert "Kirjoitettu ti 24.11. klo 14.02, löydetty ti 24.11. klo 14.09, lähetetty klo 14.10." in text


def test_times_of_another_year_carry_the_year() -> None:
    old = POSTED - timedelta(days=400)
    assert "2025" in letter(alert(first=mention(posted_at=old)), language="en").text


def test_what_the_writer_said_before_is_told() -> None:
    before = [mention(id=9, text="Aiemmin tyytyväinen.", posted_at=FOUND - timedelta(days=9))]
    assert "Aiemmin tyytyväinen." in letter(author_before=before).text


def test_taken_alert_names_who_answers() -> None:
    row = alert(state=AlertState.TAKEN, taken_by="Maija", mentions=2)
    mail = letter(row, [mention(), mention(id=2, found_at=NOW + MINUTE)], SendReason.MORE, since=NOW)
    assert "Maija hoitaa asiaa." in mail.text


def test_alert_of_a_rule_that_was_removed_since_is_still_mailed() -> None:
    stale = [
        {"rule": "old_rule", "severity": "high", "sentence": "An old sentence about {shop}.", "values": {}}
    ]
    first = mention(assessment=assessment(reasons=tuple(stale)))
    mail = letter(alert(first=first, reasons=tuple(stale)))
    assert "old rule" in mail.subject
    assert "An old sentence about {shop}." in mail.text


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://forum.example/t/1?page=2#p3", "forum.example"),
        ("http://forum.example:8080/x", "forum.example:8080"),
        ("HTTPS://FORUM.example/", "forum.example"),
        ("https://pörrö.example/å?ä=ö", "xn--prr-snac.example"),
    ],
)
def test_web_link_shows_where_it_goes(url: str, domain: str) -> None:
    link = web_link(url)
    assert link is not None
    assert link.domain == domain
    assert link.url.isascii()
    assert f"//{domain}/" in link.url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "forum.example/t/1",
        "//forum.example",
        "ftp://forum.example",
        "javascript:alert(1)",
        "https://",
        "https://user:pw@forum.example",
        "https://forum.example\\@evil.example",
        "https://forum.example/a b",
        "https://forum.example/\u202egnp.exe",
        "https://forum.example/\x00",
        "https://[::1",
        "https://forum.example:99999/",
        "https://" + "a" * 70 + ".example",
        "https://forum.example/" + "x" * 3000,
    ],
)
def test_web_link_refuses_what_is_no_plain_address(url: str) -> None:
    assert web_link(url) is None


def test_clean_keeps_lines_emoji_and_letters_of_all_kinds() -> None:
    text = "Hei!\n\nPerhe 👨‍👩‍👧 ja näkkäri, 中文, עברית\tsarkain"
    assert clean(text) == text


def test_clean_takes_away_what_turns_or_hides_text() -> None:
    assert clean("a\u202eb\u2066c\u200bd\x07e\r\nf\rg\n\n\n\n\nh") == "abcde\nf\ng\n\nh"
    assert clean("e" + "\u0301" * 50) == "e" + "\u0301" * 3


def test_one_line_has_no_line_ends_of_any_kind() -> None:
    assert one_line("a\nb\r\nc\u2028d\x85e\tf") == "a b c d e f"


@pytest.mark.parametrize(
    ("text", "most", "short"),
    [("lyhyt", 10, "lyhyt"), ("yksi kaksi kolme", 12, "yksi kaksi…"), ("x" * 20, 10, "x" * 9 + "…")],
)
def test_cut_ends_at_a_word(text: str, most: int, short: str) -> None:
    assert cut(text, most) == short


def test_unlinked_breaks_addresses_and_leaves_sentences_and_times() -> None:
    assert unlinked("Klo 14.02. Niin. 3,5 e.") == "Klo 14.02. Niin. 3,5 e."
    for address in ("https://evil.example/x", "www.evil.example", "a@b.example"):
        assert address not in unlinked(address)
        assert unlinked(address).replace("\u2060", "") == address


def test_marked_parts_join_to_the_text_and_prefer_the_flag() -> None:
    text = "KKV ja kkv, Lumopuodista KKVn."
    parts = marked(text, ["Lumopuodista", "kkv"], ["KKV"])
    assert "".join(part.text for part in parts) == text
    assert [(part.text, part.mark) for part in parts if part.mark] == [
        ("KKV", Mark.FLAG),
        ("kkv", Mark.FLAG),
        ("Lumopuodista", Mark.SHOP),
    ]


@pytest.mark.parametrize("words", [[], [""], [" "], ["(.*"], ["x" * 10_000]])
def test_marked_survives_any_words(words: list[str]) -> None:
    parts = marked("teksti", words, words)
    assert "".join(part.text for part in parts) == "teksti"
