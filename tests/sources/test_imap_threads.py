"""Ids of mails that some program broke over lines or encoded: a conversation stays one."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

import pytest

from monitor.sources.imap import KIND
from monitor.sources.mails import read_mail
from tests.sources.imap_server import MailboxServer
from tests.sources.support import NOW, SECRET, TOKEN, Site, context_for

LONG = "AM0PR07MB" + "0123456789" * 9 + "@AM0PR07MB0123.eurprd07.prod.outlook.example"


@pytest.fixture
def server() -> Iterator[MailboxServer]:
    with MailboxServer(password=SECRET) as running:
        yield running


def mail(*headers: str) -> bytes:
    head = ("From: Maija <maija@esimerkki.example>", "Subject: Vs: Tilaus", *headers)
    return "\r\n".join((*head, "", "Missä tilaukseni viipyy?")).encode()


@pytest.mark.parametrize("at", [1, 20, 76, len(LONG) - 1])
@pytest.mark.parametrize("blank", ["\r\n ", "\r\n\t", "\r\n   "])
def test_id_that_was_broken_over_lines_is_whole_again(at: int, blank: str) -> None:
    broken = f"<{LONG[:at]}{blank}{LONG[at:]}>"
    assert read_mail(mail(f"Message-ID:{blank}{broken}")).id == LONG
    assert read_mail(mail("Message-ID: <b@c>", f"References: {broken}{blank}<x@y>")).thread == LONG
    assert read_mail(mail("Message-ID: <b@c>", f"In-Reply-To: {broken}")).thread == LONG


def test_id_that_was_written_as_encoded_words_is_read() -> None:
    half = len(LONG) // 2
    words = [f"=?utf-8?q?{part.replace('@', '=40')}?=" for part in (f"=3C{LONG[:half]}", f"{LONG[half:]}=3E")]
    assert read_mail(mail(f"Message-ID: {words[0]}\r\n {words[1]}")).id == LONG


def test_id_longer_than_any_line_keeps_its_thread() -> None:
    endless = "a" * 700 + "@esimerkki.example"
    assert read_mail(mail(f"Message-ID: <{endless}>")).id == endless
    assert read_mail(mail("Message-ID: <b@c>", f"References: <{endless}> <x@y>")).thread == endless


def test_imap_keeps_a_conversation_together_whose_ids_were_broken(server: MailboxServer) -> None:
    """What Python's own mail package writes is one of the ways to break an id."""
    answer = EmailMessage()
    answer["From"], answer["Message-ID"] = "aspa@esimerkki.example", "<toka@esimerkki.example>"
    answer["References"] = f"<{LONG}> <valissa@esimerkki.example>"
    answer.set_content("Etsimme sitä.")
    for raw in (mail(f"Message-ID:\r\n <{LONG}>"), answer.as_bytes(), mail(f"References: <{LONG}>")):
        server.add(raw, NOW - timedelta(hours=1))
    settings = {"host": "127.0.0.1", "port": server.port, "security": "none", "password": TOKEN}
    context = replace(context_for(Site({})), allow_private=True)
    posts = KIND.make({**settings, "user": server.user}, context).fetch(None).posts
    assert len(posts) == 3
    assert {post.thread_key for post in posts} == {LONG}
