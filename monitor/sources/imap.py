"""The kind "imap": complaints and alert mails out of a mailbox, heard of as they come and left unread there.

RFC 3501 and 2177 (IDLE), standard imaplib. Needs host, user and password (or an app password) of a mailbox
that only the shop's own mail comes to. Cannot see other folders, attachments, or that a mail was deleted.
Terms: it is the shop's own mailbox; letters are confidential, so keep the retention short.
"""

import asyncio
from collections.abc import AsyncGenerator, Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from monitor.config import SecretRef
from monitor.domain import Batch, Post
from monitor.sources.contract import Kind, SourceContext, SourceSettings, Word
from monitor.sources.imapbox import Door, Letter, Mailbox, opened
from monitor.sources.mailforms import Form, MailPost, posts_of
from monitor.sources.mails import Mail, read_mail
from monitor.sources.moments import parse_moment
from monitor.sources.reading import BatchMaker, Position

# The wait is begun anew before a router or the server forgets the connection; RFC 2177 allows 29 minutes.
_RENEW_S = 300.0
_POLL_S = 10.0  # how often a server that does not push is asked
Host = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.:_-]+$", max_length=253)]


class SenderRule(BaseModel):
    """`sender` is an address in which "*" stands for anything; `form` how its mails are read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sender: Word
    form: Form


_USUAL = (
    SenderRule(sender="googlealerts-noreply@google.com", form=Form.ALERTS),
    SenderRule(sender="*@trustpilot.com", form=Form.REVIEW),
    SenderRule(sender="*@*.trustpilot.com", form=Form.REVIEW),
)


class ImapSettings(SourceSettings):
    """`senders` are looked through from the first to the last, then the usual ones; else it is a letter.

    Who writes to a shop seldom names it: `shop` is the name put into the thread's title of every letter;
    left out, it is the name of the only shop that is no rival. `mails` is the most that one fetch reads;
    the rest comes with the next. With `idle` the connection stays open and the server tells of new mail;
    else the mailbox is asked every `every`. `ca` is a file with the certificate of a server that signs its
    own.
    """

    host: Host
    user: Word
    password: SecretRef
    port: Annotated[int, Field(ge=1, le=65535)] = 993
    security: Literal["tls", "starttls", "none"] = "tls"
    folder: Word = "INBOX"
    shop: Word | None = None
    senders: tuple[SenderRule, ...] = ()
    mails: Annotated[int, Field(ge=1, le=2_000)] = 200
    idle: bool = True
    ca: Path | None = None


class ImapPosition(Position):
    """`last` is the highest UID read; it counts only as long as the folder keeps its `validity`."""

    validity: int = 0
    last: int = 0
    newest: datetime | None = None


class ImapSource:
    """Reads one folder of one mailbox."""

    def __init__(self, settings: ImapSettings, context: SourceContext) -> None:
        self._settings, self._context = settings, context
        self._rules = (*settings.senders, *_USUAL)
        self._shop = settings.shop or _only_name(context)
        self._door = Door(
            host=settings.host,
            port=settings.port,
            security=settings.security,
            user=settings.user,
            password=context.secret(settings.password),
            folder=settings.folder,
            ca=context.folder / settings.ca if settings.ca else None,
            allow_private=context.allow_private,
        )

    def fetch(self, cursor: str | None) -> Batch:
        """Return the posts of mails that came since; the mails stay where they are, unread."""
        with opened(self._door) as mailbox:
            return self._read(mailbox, cursor)

    def _read(self, mailbox: Mailbox, cursor: str | None) -> Batch:
        chosen = self._settings
        position = ImapPosition.read(cursor, of=f"{chosen.user}@{chosen.host}/{chosen.folder}")
        maker = BatchMaker(self._context.slug, self._context.clock.now(), chosen.host)
        last = position.last if mailbox.validity == position.validity else 0
        waiting = self._new(mailbox, last)
        uids = waiting[: chosen.mails]
        for letter in mailbox.letters(uids):
            self._take(letter, maker)
        newest = max(filter(None, (position.newest, maker.newest)), default=None)
        update = {"validity": mailbox.validity, "last": max([last, *uids]), "newest": newest}
        batch = maker.batch(position.model_copy(update=update), or_broken=False)
        return replace(batch, more=len(waiting) > len(uids))

    def _new(self, mailbox: Mailbox, last: int) -> list[int]:
        if last:
            return mailbox.uids_above(last)
        return mailbox.uids_since((self._context.clock.now() - self._settings.backfill).date())

    def _take(self, letter: Letter, maker: BatchMaker) -> None:
        """Parse one mail; what machines answer and what we sent ourselves is left out."""
        mail = read_mail(letter.raw)
        if mail.is_automatic or mail.is_ours:
            return
        form = self._form(mail)
        shop = "" if form is Form.ALERTS else self._shop
        posts = [_addressed(post, shop) for post in posts_of(mail, form)]
        written = mail.date if parse_moment(mail.date) else letter.received
        maker.read(posts, lambda post: _parse(post, written, maker), lambda post: f"mail {letter.uid}")

    def _form(self, mail: Mail) -> Form:
        rules = (rule.form for rule in self._rules if fnmatchcase(mail.sender, rule.sender.lower()))
        return next(rules, Form.LETTER)


class ImapStream(ImapSource):
    """The same, held open: the server says when there is new mail."""

    async def listen(self, cursor: str | None) -> AsyncGenerator[Batch, None]:
        """Give new mails as they come; see Stream."""
        loop, batches = asyncio.get_running_loop(), self._hear(cursor)
        with ThreadPoolExecutor(1, "imap") as thread:
            try:
                while True:
                    yield await loop.run_in_executor(thread, next, batches)
            finally:
                await loop.run_in_executor(thread, batches.close)

    def _hear(self, cursor: str | None) -> Generator[Batch, None, None]:
        with opened(self._door) as mailbox:
            while True:
                batch = self._read(mailbox, cursor)
                cursor = batch.cursor
                yield replace(batch, answered=True)
                if not batch.more:
                    for _ in mailbox.watched(_RENEW_S, _POLL_S):
                        yield Batch(cursor=cursor)


def _build(settings: ImapSettings, context: SourceContext) -> ImapSource:
    return (ImapStream if settings.idle else ImapSource)(settings, context)


def _only_name(context: SourceContext) -> str:
    names = [shop.name for shop in context.shops if not shop.rival]
    return names[0] if len(names) == 1 else ""


def _addressed(post: MailPost, shop: str) -> MailPost:
    """Return a letter with the shop it was sent to in its thread's title."""
    if not shop or shop.casefold() in post.thread_title.casefold():
        return post
    return replace(post, thread_title=f"{shop}: {post.thread_title}".rstrip(": "))


def _parse(post: MailPost, written: str, maker: BatchMaker) -> Post:
    if not post.text and not post.title:
        raise ValueError("it has neither subject nor text")
    return maker.post(
        post.id,
        post.text or post.title,
        url=post.url,
        author=post.author,
        title=post.title,
        posted_at=written,
        thread_key=post.thread,
        thread_title=post.thread_title,
        parent_text=post.parent_text,
        rating=post.rating,
    )


KIND = Kind(
    name="imap",
    settings=ImapSettings,
    build=_build,
    reads="a mailbox: complaints, contact forms, Google Alerts, notices of review sites",
    needs="host, user and (app) password of a mailbox; TLS",
    speed="new mail within seconds, as the server tells of it (IDLE); 200 mails a fetch",
    cannot_see="other folders, attachments, what a filter moved away before the fetch, deletions",
    terms="the shop's own mailbox; letters are confidential",
)
