"""What people arrange here: silences, mutes, shop events and ready-made replies; with the reads they need."""

import uuid
from datetime import datetime, timedelta

from dashboard import auth, data
from monitor.domain import EventKind, Topic
from monitor.people import Deed
from monitor.replies import Reply, known, shipped
from monitor.store import aftermath as after
from monitor.store import calm, storms
from monitor.store import replies as kept
from monitor.store.aftermath import AftermathRow
from monitor.store.calm import MuteRow, SilenceRow
from monitor.store.rows import AlertRow
from monitor.store.storms import EventRow, StormRow

_BACK = timedelta(days=90)


def replies() -> list[Reply]:
    """Every ready-made reply, as people changed them."""
    with data.store().reading() as session:
        return known(kept.changed(session), kept.retired(session))


def is_shipped(reply: Reply) -> bool:
    """Tell whether a reply stands as it came with the program."""
    return reply in shipped()


@auth.needs(Deed.ARRANGE)
def save_reply(reply: Reply, who: str) -> None:
    """Keep a reply as somebody wrote it."""
    with data.store().transaction() as session:
        kept.save(session, reply, who, data.now())


@auth.needs(Deed.ARRANGE)
def retire_reply(reply: Reply, who: str) -> None:
    """Show a reply no more."""
    with data.store().transaction() as session:
        kept.retire(session, reply, who, data.now())


def aftermath(alert_id: int) -> AftermathRow | None:
    """What became of an answered alert."""
    with data.store().reading() as session:
        return after.of_alert(session, alert_id)


def silences() -> list[SilenceRow]:
    """Silences that last."""
    with data.store().reading() as session:
        return calm.silences(session, data.now())


@auth.needs(Deed.ARRANGE)
def add_silence(shop: str | None, topic: Topic | None, length: timedelta, reason: str, who: str) -> None:
    """Let nothing but what is critical be mailed about these alerts for so long."""
    now = data.now()
    with data.store().transaction() as session:
        calm.add_silence(
            session, shop=shop, source=None, topic=topic, until=now + length, reason=reason, who=who, now=now
        )


@auth.needs(Deed.ARRANGE)
def end_silence(number: int, who: str) -> None:
    """End a silence before its time."""
    with data.store().transaction() as session:
        calm.end_silence(session, number, who, data.now())


def mutes() -> list[MuteRow]:
    """Mutes that last."""
    with data.store().reading() as session:
        return calm.mutes(session)


@auth.needs(Deed.ARRANGE)
def mute_author(row: AlertRow, reason: str, who: str) -> None:
    """Let the writer of an alert alert no more at that source."""
    first = row.first
    with data.store().transaction() as session:
        calm.add_mute(
            session,
            shop=None,
            source=first.source,
            author=first.author,
            phrase=None,
            reason=reason,
            who=who,
            now=data.now(),
        )


@auth.needs(Deed.ARRANGE)
def mute_phrase(phrase: str, reason: str, who: str) -> None:
    """Let a phrase alert no more, whoever writes it."""
    with data.store().transaction() as session:
        calm.add_mute(
            session,
            shop=None,
            source=None,
            author=None,
            phrase=phrase,
            reason=reason,
            who=who,
            now=data.now(),
        )


@auth.needs(Deed.ARRANGE)
def end_mute(number: int, who: str) -> None:
    """Let somebody alert again."""
    with data.store().transaction() as session:
        calm.end_mute(session, number, who, data.now())


def events() -> list[EventRow]:
    """What the shops did or met in the last 90 days, newest first."""
    now = data.now()
    with data.store().reading() as session:
        shops = [shop.slug for shop in data.config().shops]
        return list(reversed(storms.shop_events(session, shops, now - _BACK, now + _BACK)))


@auth.needs(Deed.ARRANGE)
def add_event(shop: str | None, kind: EventKind, title: str, at: datetime, who: str) -> None:
    """Write down what the shop did or met."""
    with data.store().transaction() as session:
        storms.add_event(
            session,
            shop=shop,
            kind=kind,
            title=title,
            at=at,
            until=None,
            who=who,
            via="dashboard",
            key=f"dashboard:{uuid.uuid4()}",
        )


@auth.needs(Deed.ARRANGE)
def drop_event(number: int) -> None:
    """Take away what was written down by mistake."""
    with data.store().transaction() as session:
        storms.drop_event(session, number)


def last_storms() -> list[StormRow]:
    """Storms of the last 90 days, newest first."""
    now = data.now()
    with data.store().reading() as session:
        return list(reversed(storms.storms_between(session, now - _BACK, now)))
