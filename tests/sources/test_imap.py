"""A mailbox over a real connection: what mails become, and what is said when it cannot be read."""

import base64
import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from monitor.domain import Post, Shop
from monitor.errors import SourceBroken, SourceBusy
from monitor.sources import Source
from monitor.sources.imap import KIND
from monitor.sources.mails import read_mail, split_quotes
from tests.sources.imap_server import MailboxServer
from tests.sources.support import LUMOPUOTI, NOW, SECRET, TOKEN, Site, StillClock, context_for, recording


@pytest.fixture
def server() -> Iterator[MailboxServer]:
    with MailboxServer(password=SECRET) as running:
        yield running


def mailbox(server: MailboxServer, clock: StillClock | None = None, **options: object) -> Source:
    settings = {"host": "127.0.0.1", "port": server.port, "security": "none", "password": TOKEN}
    context = replace(context_for(Site({}), clock), allow_private=True)
    return KIND.make({**settings, "user": server.user, **options}, context)


def fill(server: MailboxServer, *names: str) -> None:
    for name in names:
        server.add(recording("imap", name), NOW - timedelta(hours=1))


def only(server: MailboxServer, name: str, **options: object) -> Post:
    fill(server, name)
    (post,) = mailbox(server, **options).fetch(None).posts
    return post


def test_imap_reads_a_letter_with_its_thread_and_what_it_answers(server: MailboxServer) -> None:
    post = only(server, "page.eml")
    assert post.external_id == "kolmas@esimerkki.example"
    assert post.author == "Säde Mäkelä"
    assert post.title == "Vs: Missä pakettini?"
    assert post.thread_title == "Lumopuoti: Missä pakettini?"
    assert post.thread_key == "eka@esimerkki.example"
    assert post.posted_at == datetime(2026, 11, 24, 7, 5, tzinfo=UTC)
    assert post.text == (
        "Hei, paketti ei ole vieläkään tullut, vaikka tilasin sen kuukausi sitten.\n\n"
        "> ti 24.11.2026 klo 8.01 Lumopuoti kirjoitti:\n> Pakettisi on matkalla.\n> Terveisin Lumopuoti"
    )
    assert post.parent_text == "Pakettisi on matkalla.\nTerveisin Lumopuoti"


def test_imap_reads_html_in_windows_1252_with_the_old_mail_quoted(server: MailboxServer) -> None:
    post = only(server, "outlook.eml")
    own, _, old = post.text.partition("\n\n> ")
    assert own == "Lamppu hajosi – vaadin 59€ takaisin."
    assert old.startswith("Lähettäjä: Lumopuoti")
    assert old.endswith("> Kiitos tilauksestasi!")


def test_imap_makes_a_post_of_every_result_of_google_alerts(server: MailboxServer) -> None:
    fill(server, "alerts.eml")
    posts = {post.url: post for post in mailbox(server).fetch(None).posts}
    assert set(posts) == {"https://lehti.example/talous/1", "https://blogi.example/syksy"}
    news = posts["https://lehti.example/talous/1"]
    assert news.external_id == news.thread_key == news.url
    assert (news.title, news.text) == ("Lumopuoti konkurssiin & muuta", "Lumopuoti hakeutui konkurssiin ...")
    assert posts["https://blogi.example/syksy"].text == "Tilasin Lumopuodista kynttilöitä."
    assert "SALAISUUS" not in repr(posts)


def test_imap_reads_the_fields_of_a_contact_form(server: MailboxServer) -> None:
    post = only(server, "contact.eml", senders=[{"sender": "*@lumopuoti.example", "form": "contact"}])
    assert post.author == "Aino A."
    assert post.title == "Viallinen muki"
    assert post.text == "Muki vuotaa.\nMitä teen: palautanko sen?"


def test_imap_reads_the_stars_of_a_review_notice(server: MailboxServer) -> None:
    assert only(server, "review.eml").rating == 2


@pytest.mark.parametrize(
    ("shop", "shops", "title"),
    [
        (
            None,
            (LUMOPUOTI, replace(LUMOPUOTI, slug="b", name="Kilpailija", rival=True)),
            "Lumopuoti: Reklamaatio",
        ),
        (None, (LUMOPUOTI, replace(LUMOPUOTI, slug="b", name="Toinen")), "Reklamaatio"),
        ("Toinen", (LUMOPUOTI, replace(LUMOPUOTI, slug="b", name="Toinen")), "Toinen: Reklamaatio"),
    ],
)
def test_imap_says_which_shop_a_letter_was_sent_to(
    server: MailboxServer, shop: str | None, shops: tuple[Shop, ...], title: str
) -> None:
    fill(server, "outlook.eml")
    settings = {
        "host": "127.0.0.1",
        "port": server.port,
        "security": "none",
        "user": server.user,
        "shop": shop,
    }
    context = replace(context_for(Site({}), shops=shops), allow_private=True)
    (post,) = KIND.make({**settings, "password": TOKEN}, context).fetch(None).posts
    assert post.thread_title == title


def test_imap_leaves_out_machines_and_its_own_alerts(server: MailboxServer) -> None:
    fill(server, "automatic.eml", "ours.eml")
    batch = mailbox(server).fetch(None)
    assert batch.posts == ()
    assert json.loads(batch.cursor or "")["last"] == 2


def test_imap_ignores_senders_it_is_told_to(server: MailboxServer) -> None:
    fill(server, "review.eml", "page.eml")
    batch = mailbox(server, senders=[{"sender": "*trustpilot.com", "form": "ignore"}]).fetch(None)
    assert [post.external_id for post in batch.posts] == ["kolmas@esimerkki.example"]


def test_imap_reads_mail_that_breaks_the_rules(server: MailboxServer) -> None:
    post = only(server, "raw.eml")
    assert post.title == "Missä raha viipyy?"
    assert post.text == "Rahoja ei näy, Lumopuoti!"
    assert post.external_id.startswith("sha256:")
    assert post.posted_at == NOW - timedelta(hours=1)


def test_imap_warns_of_what_is_no_mail_and_goes_on(server: MailboxServer) -> None:
    fill(server, "broken.eml", "page.eml")
    server.add(b"\r\n", NOW)
    batch = mailbox(server).fetch(None)
    assert "kolmas@esimerkki.example" in {post.external_id for post in batch.posts}
    assert "mail 3 cannot be read: it has neither subject nor text." in batch.warnings
    assert json.loads(batch.cursor or "")["last"] == 3


def test_imap_gives_the_same_posts_twice(server: MailboxServer) -> None:
    fill(server, "page.eml", "outlook.eml", "alerts.eml", "raw.eml")
    assert mailbox(server).fetch(None).posts == mailbox(server).fetch(None).posts


def test_imap_brings_only_what_came_since(server: MailboxServer) -> None:
    fill(server, "page.eml")
    start = mailbox(server).fetch(None)
    silent = mailbox(server).fetch(start.cursor)
    fill(server, "outlook.eml")
    again = mailbox(server).fetch(silent.cursor)
    assert (silent.posts, silent.cursor) == ((), start.cursor)
    assert [post.external_id for post in again.posts] == ["reklamaatio@esimerkki.example"]


def test_imap_starts_anew_when_the_folder_was_made_anew(server: MailboxServer) -> None:
    fill(server, "page.eml", "outlook.eml")
    start = mailbox(server).fetch(None)
    server.validity = 18
    again = mailbox(server).fetch(start.cursor)
    assert {post.external_id for post in again.posts} == {post.external_id for post in start.posts}


def test_imap_reads_at_first_the_days_of_the_backfill(server: MailboxServer) -> None:
    server.add(recording("imap", "page.eml"), NOW - timedelta(days=9))
    server.add(recording("imap", "outlook.eml"), NOW - timedelta(days=6))
    batch = mailbox(server).fetch(None)
    assert [post.external_id for post in batch.posts] == ["reklamaatio@esimerkki.example"]


def test_imap_goes_on_with_the_next_fetch_where_one_may_not_read_all(server: MailboxServer) -> None:
    fill(server, "page.eml", "outlook.eml", "review.eml")
    start = mailbox(server, mails=2).fetch(None)
    rest = mailbox(server, mails=2).fetch(start.cursor)
    assert [len(start.posts), len(rest.posts)] == [2, 1]


def test_imap_leaves_mails_unread(server: MailboxServer) -> None:
    fill(server, "page.eml")
    mailbox(server).fetch(None)
    assert 'EXAMINE "INBOX"' in server.heard
    assert [command for command in server.heard if "FETCH" in command and ".PEEK" not in command] == []
    assert server.heard[-1] == "LOGOUT"


def test_imap_opens_folders_with_letters_beyond_ascii(server: MailboxServer) -> None:
    server.folder = "Myym&AOQ-l&AOQ- &- palaute"
    fill(server, "page.eml")
    assert len(mailbox(server, folder="Myymälä & palaute").fetch(None).posts) == 1


def test_imap_logs_in_where_plain_is_not_offered(server: MailboxServer) -> None:
    server.says_plain = False
    fill(server, "page.eml")
    assert len(mailbox(server).fetch(None).posts) == 1


def test_imap_is_broken_by_a_wrong_password(server: MailboxServer) -> None:
    server.password = "other"
    with pytest.raises(SourceBroken, match="does not accept the user name and password") as caught:
        mailbox(server).fetch(None)
    assert SECRET not in str(caught.value)
    assert base64.b64encode(SECRET.encode()).decode() not in str(caught.value)


def test_imap_is_busy_when_the_server_asks_to_come_later(server: MailboxServer) -> None:
    server.refusal = recording("imap", "busy.txt").decode().strip()
    with pytest.raises(SourceBusy, match="come back later"):
        mailbox(server).fetch(None)


@pytest.mark.parametrize("command", ["CAPABILITY", "AUTHENTICATE", "EXAMINE", "SEARCH", "FETCH"])
def test_imap_is_busy_when_the_connection_breaks_off(server: MailboxServer, command: str) -> None:
    fill(server, "page.eml")
    server.breaks_at = command
    with pytest.raises(SourceBusy, match="broke off"):
        mailbox(server).fetch(None)


def test_imap_is_broken_by_a_missing_folder(server: MailboxServer) -> None:
    with pytest.raises(SourceBroken, match="no folder 'Reklamaatiot'"):
        mailbox(server, folder="Reklamaatiot").fetch(None)


def test_imap_is_broken_by_something_that_is_no_mail_server(server: MailboxServer) -> None:
    server.greeting = b"HTTP/1.1 400 Bad Request"
    with pytest.raises(SourceBroken, match="not IMAP"):
        mailbox(server).fetch(None)


def test_imap_is_broken_when_tls_meets_a_server_without_it(server: MailboxServer) -> None:
    with pytest.raises(SourceBroken, match="certificate"):
        mailbox(server, security="tls").fetch(None)


def test_imap_says_when_the_certificate_file_is_none(server: MailboxServer) -> None:
    with pytest.raises(SourceBroken, match=r"olematon\.pem holds no certificate"):
        mailbox(server, security="tls", ca="olematon.pem").fetch(None)
    assert server.heard == []


def test_imap_is_busy_when_nobody_listens() -> None:
    with MailboxServer() as server:
        port = server.port
    with pytest.raises(SourceBusy, match="cannot be reached"):
        mailbox_at(port).fetch(None)


def mailbox_at(
    port: int, host: str = "127.0.0.1", allow_private: bool = True, security: str = "none"
) -> Source:
    settings = {"host": host, "port": port, "user": "u", "password": TOKEN, "security": security}
    return KIND.make(settings, replace(context_for(Site({})), allow_private=allow_private))


def test_imap_does_not_enter_the_local_network_unless_it_is_meant(server: MailboxServer) -> None:
    with pytest.raises(SourceBroken, match="allow_private = true"):
        mailbox_at(server.port, allow_private=False).fetch(None)
    assert server.heard == []


def test_imap_says_nothing_to_our_own_network_where_a_name_leads_only_the_second_time(
    server: MailboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, answers = socket.getaddrinfo, iter(["93.184.216.34"])

    def changing(host: str, *more: Any, **named: Any) -> Any:
        return found(next(answers, "127.0.0.1"), *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", changing)
    with pytest.raises(SourceBroken, match="allow_private = true"):
        mailbox_at(server.port, "posti.example", allow_private=False, security="starttls").fetch(None)
    assert not any(word in line for line in server.heard for word in ("LOGIN", "AUTHENTICATE", "STARTTLS"))


def test_imap_sends_no_password_in_the_clear_over_the_internet() -> None:
    with pytest.raises(SourceBroken, match="in the clear"):
        mailbox_at(143, host="8.8.8.8", allow_private=False).fetch(None)


def test_imap_needs_no_web() -> None:
    asked: list[httpx.Request] = []
    with MailboxServer(password=SECRET) as server:
        fill(server, "page.eml", "alerts.eml")
        context = context_for(lambda request: asked.append(request) or httpx.Response(200))  # type: ignore[func-returns-value]
        settings = {"host": "127.0.0.1", "port": server.port, "security": "none", "password": TOKEN}
        KIND.make({**settings, "user": server.user}, replace(context, allow_private=True)).fetch(None)
    assert asked == []


@pytest.mark.parametrize(
    ("text", "marked", "quoted"),
    [
        ("Moi\n> a\n>> b\n>\nhei", "Moi\n> a\n> > b\n>\nhei", "a\n> b"),
        (
            "Moi\n-----Original Message-----\nFrom: x\nold",
            "Moi\n> -----Original Message-----\n> From: x\n> old",
            None,
        ),
        ("Från: vem som helst, men det är mitt brev", "Från: vem som helst, men det är mitt brev", ""),
        ("On Tue, Oiva wrote:\n> x", "> On Tue, Oiva wrote:\n> x", "x"),
        ("teksti\n-- \nallekirjoitus", "teksti", ""),
    ],
)
def test_split_quotes_marks_what_others_wrote(text: str, marked: str, quoted: str | None) -> None:
    own, old = split_quotes(text)
    assert own == marked
    assert quoted is None or old == quoted


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Type: text/plain; charset*=x''\xff",
        b"Content-Type: text/plain; filename*1*=b; filename=c",
        b"Content-Disposition: attachment; filename*=utf-8\x00''x",
        b"Subject: =?utf-\xff8?B?###?=",
        b"From: =?utf-8?B?4?= <<<",
        b"Content-Type: multipart/mixed; boundary=\"\"",
    ],
)  # fmt: skip
def test_read_mail_survives_damaged_headers(header: bytes) -> None:
    assert read_mail(header + b"\r\nMessage-ID: <a@b>\r\n\r\nteksti").id == "a@b"
