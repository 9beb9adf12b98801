"""A mailbox held open: mail is heard of as it comes, a break is told, and everything ends when it should."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor import pipeline
from monitor.domain import Batch
from monitor.errors import SourceBroken, SourceBusy
from monitor.sources import Source, Stream
from monitor.sources.imap import KIND
from monitor.sources.imapbox import Door, opened
from monitor.store import reads
from tests.sources.imap_server import MailboxServer
from tests.sources.support import NOW, SECRET, TOKEN, Site, context_for, recording
from tests.stories.world import World

SLUG = "posti"
LETTER, LATER = "kolmas@esimerkki.example", "reklamaatio@esimerkki.example"


@pytest.fixture
def server() -> Iterator[MailboxServer]:
    with MailboxServer(password=SECRET) as running:
        yield running


def mailbox(server: MailboxServer, **options: object) -> Source:
    settings = {"host": "127.0.0.1", "port": server.port, "security": "none", "password": TOKEN}
    context = replace(context_for(Site({})), slug=SLUG, allow_private=True)
    return KIND.make({**settings, "user": server.user, **options}, context)


def fill(server: MailboxServer, name: str) -> None:
    server.add(recording("imap", name), NOW - timedelta(hours=1))


def heard(source: Source, until: Callable[[Batch], bool], cursor: str | None = None) -> list[Batch]:
    """What a stream gives until a batch is the one that is waited for, that one included."""
    assert isinstance(source, Stream)
    found: list[Batch] = []

    async def listen() -> None:
        async with asyncio.timeout(30), aclosing(source.listen(cursor)) as batches:
            async for batch in batches:
                found.append(batch)
                if until(batch):
                    return

    asyncio.run(listen())
    return found


def has(external_id: str) -> Callable[[Batch], bool]:
    return lambda batch: external_id in {post.external_id for post in batch.posts}


def when_idle(server: MailboxServer, deed: Callable[[], object]) -> threading.Thread:
    """Do something as soon as somebody idles."""

    def wait() -> None:
        if server.idling.wait(20):
            deed()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_mailbox_is_a_stream_only_where_it_may_idle(server: MailboxServer) -> None:
    assert isinstance(mailbox(server), Stream)
    assert not isinstance(mailbox(server, idle=False), Stream)


def test_imap_idle_brings_what_is_there_and_then_what_comes(server: MailboxServer) -> None:
    fill(server, "page.eml")
    thread = when_idle(server, lambda: fill(server, "outlook.eml"))
    batches = heard(mailbox(server), has(LATER))
    thread.join()
    assert [post.external_id for batch in batches for post in batch.posts] == [LETTER, LATER]
    assert server.heard.count("IDLE") == 1
    assert server.heard[-1] == "LOGOUT"
    assert sum(command.startswith("AUTHENTICATE") for command in server.heard) == 1


def test_imap_idle_says_that_the_server_answered_though_nothing_came(server: MailboxServer) -> None:
    first, *_ = heard(mailbox(server), lambda batch: batch.answered)
    assert (first.posts, first.answered) == ((), True)


def test_imap_idle_gives_a_sign_of_life_while_nothing_comes(server: MailboxServer) -> None:
    batches = heard(mailbox(server), lambda batch: not batch.answered)
    assert [batch.cursor for batch in batches] == [batches[0].cursor] * 2
    assert server.heard[-2:] == ["DONE", "LOGOUT"]


def test_imap_idle_goes_on_from_its_cursor(server: MailboxServer) -> None:
    fill(server, "page.eml")
    cursor = mailbox(server).fetch(None).cursor
    fill(server, "outlook.eml")
    (batch,) = heard(mailbox(server), has(LATER), cursor)
    assert [post.external_id for post in batch.posts] == [LATER]


def test_imap_idle_sees_mail_that_came_just_before_it_began(server: MailboxServer) -> None:
    server.hidden = b"* 1 EXISTS\r\n"
    thread = when_idle(server, lambda: server.mails.update({1: (NOW, recording("imap", "page.eml"))}))
    heard(mailbox(server), has(LETTER))
    thread.join()


def test_imap_idle_reads_many_mails_in_portions_without_waiting(server: MailboxServer) -> None:
    for name in ("page.eml", "outlook.eml", "review.eml"):
        fill(server, name)
    batches = heard(mailbox(server, mails=1), lambda batch: not batch.more)
    assert [len(batch.posts) for batch in batches] == [1, 1, 1]
    assert "IDLE" not in server.heard


def test_imap_idle_is_busy_when_the_server_hangs_up(server: MailboxServer) -> None:
    server.hangs_up = True
    with pytest.raises(SourceBusy, match="broke off"):
        heard(mailbox(server), lambda batch: False)


def test_imap_idle_is_broken_by_a_wrong_password(server: MailboxServer) -> None:
    server.password = "other"
    with pytest.raises(SourceBroken, match="does not accept"):
        heard(mailbox(server), lambda batch: False)


def door(server: MailboxServer) -> Door:
    return Door("127.0.0.1", server.port, "none", server.user, SECRET, "INBOX", None, True)


def test_watched_ends_to_ask_again_where_the_server_does_not_push(server: MailboxServer) -> None:
    server.pushes = False
    with opened(door(server)) as box:
        assert len(list(box.watched(300, 0.05))) == 1
        fill(server, "page.eml")
        assert box.uids_above(0) == [1]


def test_watched_is_begun_anew_before_the_connection_is_forgotten(server: MailboxServer) -> None:
    with opened(door(server)) as box:
        assert len(list(box.watched(0.05, 300))) == 1
        assert box.uids_above(0) == []
    assert [command for command in server.heard if command in ("IDLE", "DONE")] == ["IDLE", "DONE"]


def test_running_service_stores_mail_as_it_comes(server: MailboxServer, tmp_path: Path) -> None:
    world = World(tmp_path, sources=[{"slug": SLUG, "kind": "imap"}])
    stopping = threading.Event()
    world.parts = replace(
        world.parts,
        sources={SLUG: mailbox(server, shop="Lumopuoti", backfill="9000d")},
        reaching_back=None,
        is_stopping=stopping.is_set,
    )
    thread = threading.Thread(target=pipeline.listen, args=(world.parts, SLUG))
    thread.start()
    try:
        assert server.idling.wait(20)
        fill(server, "page.eml")
        assert _comes_true(lambda: _stored(world) == [LETTER])
        with world.store.reading() as session:
            state = reads.source_states(session)[SLUG]
        assert (state.last_outcome, state.failures_in_row) == ("ok", 0)
    finally:
        stopping.set()
        thread.join()
        world.store.close()


def test_empty_mailbox_counts_as_heard(server: MailboxServer, tmp_path: Path) -> None:
    world = World(tmp_path, sources=[{"slug": SLUG, "kind": "imap"}])
    stopping = threading.Event()
    parts = replace(
        world.parts, sources={SLUG: mailbox(server)}, reaching_back=None, is_stopping=stopping.is_set
    )
    thread = threading.Thread(target=pipeline.listen, args=(parts, SLUG))
    thread.start()
    try:
        assert _comes_true(lambda: _is_heard(world))
    finally:
        stopping.set()
        thread.join()
        world.store.close()


def _stored(world: World) -> list[str]:
    with world.store.reading() as session:
        return [mention.external_id for mention in reads.mentions(session, reads.MentionFilter())]


def _is_heard(world: World) -> bool:
    with world.store.reading() as session:
        state = reads.source_states(session).get(SLUG)
    return state is not None and state.last_success_at is not None


def _comes_true(check: Callable[[], bool]) -> bool:
    wait = threading.Event()
    return any(check() or wait.wait(0.02) for _ in range(1_500))
