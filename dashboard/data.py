"""What the pages read: the configuration and cached rows of the store. The only opener of the store.

Reads are cached for a few seconds, so that ten open browsers cost little more than one; an action
empties the cache (`forget`), so that whoever acted sees the result at once.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path

import streamlit as st

from monitor import health, trends
from monitor.app import open_store, read_config
from monitor.clock import SystemClock
from monitor.config import Config
from monitor.domain import AlertState, DismissReason
from monitor.people import Deed, may
from monitor.store import Store, beside, notes, reads
from monitor.store import people as kept
from monitor.store.beside import Writer
from monitor.store.notes import NoteRow
from monitor.store.people import PersonRow
from monitor.store.reads import MentionFilter
from monitor.store.rows import AlertRow, DeliveryRow, EventRow, MentionRow, RunRow

CONFIG_VARIABLE = "MAINEVAHTI_CONFIG"
# Nobody turns more than a hundred pages, and to count a million takes seconds.
MOST_COUNTED = 2_000
_FRESH = timedelta(seconds=3)
_MAIL_WINDOW = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Conversation:
    """All that the page of one alert shows."""

    alert: AlertRow
    mentions: tuple[MentionRow, ...]
    events: tuple[EventRow, ...]
    deliveries: tuple[DeliveryRow, ...]
    also_at: tuple[MentionRow, ...]
    by_author: tuple[MentionRow, ...]
    notes: tuple[NoteRow, ...]
    writer: Writer | None


@dataclass(frozen=True, slots=True)
class Mail:
    """Messages that did not go out: given up on, and waiting for another try."""

    failed: tuple[DeliveryRow, ...]
    retrying: tuple[DeliveryRow, ...]


def now() -> datetime:
    """The present moment, in UTC."""
    return SystemClock().now()


def config() -> Config:
    """The running configuration; ConfigError when the file has mistakes."""
    return _config(os.environ.get(CONFIG_VARIABLE, "config.toml"))


def store() -> Store:
    """The open store of this process."""
    return _store(os.environ.get(CONFIG_VARIABLE, "config.toml"))


# Asked for thousands of times a page; Streamlit's own cache takes 70 µs each time.
@lru_cache(maxsize=8)
def _config(path: str) -> Config:
    return read_config(Path(path))


@st.cache_resource(show_spinner=False, on_release=Store.close)
def _store(path: str) -> Store:
    return open_store(_config(path))


def try_store() -> None:
    """Ask the store for one row; StoreError when it does not answer."""
    with store().reading() as session:
        reads.mention(session, 1)


def open_alerts() -> list[AlertRow]:
    """Open alerts, most urgent first."""
    return _open_alerts(store().url)


def closed_today() -> list[AlertRow]:
    """Alerts answered or dismissed since midnight, newest first."""
    zone = config().zone
    return _closed_alerts(store().url, trends.midnight(now().astimezone(zone).date(), zone))


def alert(alert_id: int) -> AlertRow | None:
    """One alert as it stands now, past the cache."""
    with store().reading() as session:
        return reads.alert(session, alert_id)


def conversation(alert_id: int) -> Conversation | None:
    """Everything about one alert; None when there is no such alert."""
    with store().reading() as session:
        row = reads.alert(session, alert_id)
        if row is None:
            return None
        first = row.first
        written = reads.author_mentions(session, row.shop, row.source, first.author)
        return Conversation(
            alert=row,
            mentions=tuple(reads.conversation(session, row)),
            events=tuple(reads.history(session, alert_id)),
            deliveries=tuple(reads.deliveries(session, alert_id)),
            also_at=tuple(reads.also_at(session, row)),
            by_author=tuple(mention for mention in written if mention.thread != first.thread),
            notes=tuple(notes.notes(session, [alert_id])),
            writer=beside.writer(session, first),
        )


def similar_posts(alert_id: int) -> list[MentionRow]:
    """What others wrote lately about the matter of an alert."""
    return _similar_posts(store().url, alert_id)


def awaiting() -> list[AlertRow]:
    """Answered alerts whose writer has not spoken again yet, the last answer first."""
    return _awaiting(store().url)


def accounts() -> list[PersonRow]:
    """Everybody who may log in."""
    with store().reading() as session:
        return kept.people(session)


def mentions(wanted: MentionFilter, limit: int, offset: int) -> list[MentionRow]:
    """One page of the mentions that pass the filter, newest first."""
    return _mentions(store().url, wanted, limit, offset)


def count_mentions(wanted: MentionFilter) -> int:
    """How many mentions pass the filter; one more than MOST_COUNTED stands for any greater number."""
    return _count_mentions(store().url, wanted)


def trend(
    shops: tuple[str, ...], since: date, until: date, step: trends.Step, narrow: trends.Narrow
) -> list[trends.Point]:
    """Figures of shops by period, a point for each of them, oldest first; `until` is excluded."""
    return _trend(store().url, shops, since, until, step, narrow)


def totals(
    shops: tuple[str, ...], since: date, until: date, narrow: trends.Narrow, split: trends.Split
) -> list[trends.Point]:
    """Figures of whole days as one period, apart by source, language or topic; without answers."""
    if split is trends.Split.TOPIC:
        return _topics(store().url, shops, since, until, narrow)
    return _places(store().url, shops, since, until, narrow)[split]


def sources() -> list[health.SourceHealth]:
    """Health of every configured source."""
    return _sources(store().url)


def runs(source: str) -> list[RunRow]:
    """The last day's fetches of one source, newest first."""
    with store().reading() as session:
        return reads.runs(session, now() - timedelta(days=1), source)


def mail() -> Mail:
    """Messages of the last week that did not go out."""
    return _mail(store().url)


def recipients_of(rows: Sequence[DeliveryRow]) -> dict[str, str]:
    """Names of recipients by slug; a recipient that left the configuration keeps its slug."""
    names = {recipient.slug: recipient.name for recipient in config().recipients}
    return {row.recipient: names.get(row.recipient, row.recipient) for row in rows}


def people() -> list[str]:
    """Names of those who answer: who may log in and act, else the recipients; and who holds alerts."""
    holders = {row.taken_by for row in open_alerts() if row.taken_by}
    named = [one.name for one in accounts() if may(one.role, Deed.ACT)]
    named = named or [recipient.name for recipient in config().recipients if recipient.channel is None]
    return [*named, *sorted(holders - set(named))]


def forget() -> None:
    """Empty the short cache: something was changed."""
    for cached in (_open_alerts, _closed_alerts, _awaiting, _mentions, _count_mentions, _mail, _sources):
        cached.clear()


def is_waiting(row: AlertRow, moment: datetime) -> bool:
    """Tell whether an alert is snoozed into the future."""
    is_later = row.snoozed_until is not None and row.snoozed_until > moment
    return row.state is AlertState.SNOOZED and is_later


def dismiss_reason(row: AlertRow) -> DismissReason:
    """Why an alert was closed without an answer."""
    return DismissReason(row.dismiss_reason or DismissReason.NO_REPLY_NEEDED)


@st.cache_data(ttl=_FRESH, show_spinner=False)
def _open_alerts(url: str) -> list[AlertRow]:
    with store().reading() as session:
        return reads.open_alerts(session)


@st.cache_data(ttl=_FRESH, show_spinner=False)
def _closed_alerts(url: str, since: datetime) -> list[AlertRow]:
    with store().reading() as session:
        return reads.closed_alerts(session, since)


@st.cache_data(ttl=_FRESH, show_spinner=False)
def _awaiting(url: str) -> list[AlertRow]:
    with store().reading() as session:
        return beside.awaiting(session, now())


@st.cache_data(ttl=timedelta(minutes=1), show_spinner=False, max_entries=100)
def _similar_posts(url: str, alert_id: int) -> list[MentionRow]:
    with store().reading() as session:
        row = reads.alert(session, alert_id)
        return beside.similar_posts(session, row.first, now()) if row else []


@st.cache_data(ttl=_FRESH, show_spinner=False)
def _mentions(url: str, wanted: MentionFilter, limit: int, offset: int) -> list[MentionRow]:
    with store().reading() as session:
        return reads.mentions(session, wanted, limit, offset)


@st.cache_data(ttl=_FRESH, show_spinner=False)
def _count_mentions(url: str, wanted: MentionFilter) -> int:
    with store().reading() as session:
        return reads.count_mentions(session, wanted, MOST_COUNTED + 1)


@st.cache_data(ttl=timedelta(seconds=30), show_spinner=False, max_entries=100)
def _trend(
    url: str, shops: tuple[str, ...], since: date, until: date, step: trends.Step, narrow: trends.Narrow
) -> list[trends.Point]:
    zone = config().zone
    with store().reading() as session:
        return trends.by_step(
            session, shops, since, until, zone, now(), step, narrow=narrow, split=(), fill=True
        )


@st.cache_data(ttl=timedelta(seconds=30), show_spinner=False, max_entries=100)
def _topics(
    url: str, shops: tuple[str, ...], since: date, until: date, narrow: trends.Narrow
) -> list[trends.Point]:
    zone, split = config().zone, (trends.Split.TOPIC,)
    with store().reading() as session:
        return trends.totals(
            session, shops, since, until, zone, now(), narrow=narrow, split=split, with_answers=False
        )


@st.cache_data(ttl=timedelta(seconds=30), show_spinner=False, max_entries=100)
def _places(
    url: str, shops: tuple[str, ...], since: date, until: date, narrow: trends.Narrow
) -> dict[trends.Split, list[trends.Point]]:
    with store().reading() as session:
        return trends.places(session, shops, since, until, config().zone, now(), narrow)


@st.cache_data(ttl=timedelta(seconds=5), show_spinner=False)
def _sources(url: str) -> list[health.SourceHealth]:
    with store().reading() as session:
        return health.report(session, config().sources, now())


@st.cache_data(ttl=timedelta(seconds=5), show_spinner=False)
def _mail(url: str) -> Mail:
    with store().reading() as session:
        failed = reads.failed_deliveries(session, now() - _MAIL_WINDOW)
        return Mail(tuple(failed), tuple(reads.retrying_deliveries(session)))
