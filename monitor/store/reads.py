"""Queries of the service and the dashboard. Every one returns frozen rows, never live objects."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from monitor.domain import AlertState, DeliveryState, Handled, Sentiment, Topic, Urgency
from monitor.store import said, searching
from monitor.store.rows import (
    AlertRow,
    DeliveryRow,
    EventRow,
    MentionRow,
    RunRow,
    SourceRow,
    alert_row,
    delivery_row,
    event_row,
    mention_row,
    run_row,
    source_row,
)
from monitor.store.tables import (
    Alert,
    AlertEvent,
    AlertMention,
    Assessment,
    Delivery,
    Mention,
    Run,
    Setting,
    SourceState,
)

# One alias for all queries: a new one each time would keep SQLAlchemy from reusing compiled SQL.
_OTHER = aliased(Assessment)
NO_LANGUAGE = "und"
OPEN_STATES = tuple(state.value for state in AlertState if state.is_open)


@dataclass(frozen=True, slots=True)
class MentionFilter:
    """What to show of the mentions; None or empty means everything."""

    shops: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    labels: tuple[Sentiment, ...] = ()
    topics: tuple[Topic, ...] = ()
    languages: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    words: str = ""
    author: str = ""
    about_only: bool = True
    handled: tuple[Handled, ...] = ()


def unassessed(session: Session, model: str, limit: int) -> list[MentionRow]:
    """Mentions that this model has not judged, newest first; erased ones are left in peace."""
    judged = select(col(Assessment.id)).where(
        col(Assessment.mention_id) == col(Mention.id), col(Assessment.model) == model
    )
    query = (
        select(Mention)
        .where(~judged.exists(), col(Mention.erased_at).is_(None))
        .order_by(col(Mention.found_at).desc(), col(Mention.id).desc())
        .limit(limit)
    )
    return [mention_row(mention) for mention in session.execute(query).scalars()]


def reads_as_before(session: Session, mention: MentionRow) -> bool:
    """Tell whether a mention still has the text that was read: not edited or erased meanwhile."""
    query = select(col(Mention.id)).where(
        col(Mention.id) == mention.id,
        col(Mention.text_hash) == mention.text_hash,
        col(Mention.erased_at).is_(None),
    )
    return session.execute(query).first() is not None


def has_assessment(session: Session, mention_id: int) -> bool:
    """Tell whether any model has judged this mention."""
    query = select(col(Assessment.id)).where(col(Assessment.mention_id) == mention_id).limit(1)
    return session.execute(query).first() is not None


def newest_assessment() -> ColumnElement[bool]:
    """Join condition of Assessment with Mention: the newest one of each mention."""
    newest = (
        select(func.max(col(_OTHER.id))).where(col(_OTHER.mention_id) == col(Mention.id)).scalar_subquery()
    )
    return col(Assessment.id) == newest


def judged_mentions() -> Select[Mention, Assessment]:
    """Query of mentions with their newest assessment, for `mention_row`."""
    return select(Mention, Assessment).outerjoin(
        Assessment, and_(col(Assessment.mention_id) == col(Mention.id), newest_assessment())
    )


def mentions(session: Session, wanted: MentionFilter, limit: int = 200, offset: int = 0) -> list[MentionRow]:
    """Mentions that pass the filter, newest post first."""
    query = judged_mentions().where(*conditions(wanted)).order_by(spoken_at().desc(), col(Mention.id).desc())
    return [mention_row(*found) for found in session.execute(query.limit(limit).offset(offset))]


def count_mentions(session: Session, wanted: MentionFilter, at_most: int | None = None) -> int:
    """How many mentions pass the filter; counting ends at `at_most`, for who needs no more than that."""
    passed = judged_mentions().where(*conditions(wanted)).with_only_columns(col(Mention.id)).limit(at_most)
    return int(session.execute(select(func.count()).select_from(passed.subquery())).scalar_one())


def spoken_at() -> ColumnElement[datetime]:
    """Time of the post as SQL, or of finding it where the source does not say."""
    return func.coalesce(col(Mention.posted_at), col(Mention.found_at))


def conditions(wanted: MentionFilter) -> Iterable[ColumnElement[bool]]:
    """The filter as SQL over Mention and its newest Assessment; people's words go before the model's."""
    if wanted.shops:
        yield col(Mention.shop).in_(wanted.shops)
    if wanted.sources:
        yield col(Mention.source).in_(wanted.sources)
    if wanted.labels:
        yield said.has_label(wanted.labels)
    if wanted.languages:
        yield func.coalesce(func.nullif(col(Mention.lang), ""), NO_LANGUAGE).in_(wanted.languages)
    if wanted.since:
        yield spoken_at() >= wanted.since
    if wanted.until:
        yield spoken_at() < wanted.until
    if wanted.author:
        yield col(Mention.author) == wanted.author
    if wanted.about_only:
        yield said.is_about()
    yield from searching.says(wanted.words, with_authors=True)
    yield from _any_of([_is_handled(one) for one in wanted.handled])
    if wanted.topics:
        yield said.has_topic(wanted.topics)


def _any_of(wanted: Sequence[ColumnElement[bool]]) -> Iterable[ColumnElement[bool]]:
    """One of them must hold; none means that all may."""
    if wanted:
        yield or_(*wanted)


def _is_handled(how: Handled) -> ColumnElement[bool]:
    alerts = (
        select(col(Alert.id))
        .join(AlertMention, col(AlertMention.alert_id) == col(Alert.id))
        .where(col(AlertMention.mention_id) == col(Mention.id))
    )
    if how is Handled.UNALERTED:
        return ~alerts.exists()
    waits = alerts.where(col(Alert.state).in_(OPEN_STATES)).exists()
    return waits if how is Handled.WAITING else alerts.exists() & ~waits


def mention(session: Session, mention_id: int) -> MentionRow | None:
    """One mention; None when there is none of that id."""
    found = session.execute(judged_mentions().where(col(Mention.id) == mention_id)).first()
    return mention_row(*found) if found else None


def alert(session: Session, alert_id: int) -> AlertRow | None:
    """One alert; None when there is none of that id."""
    return next(iter(alert_rows(session, select(Alert).where(col(Alert.id) == alert_id))), None)


def open_alerts(session: Session, shops: Sequence[str] = (), limit: int = 500) -> list[AlertRow]:
    """Open alerts, most urgent first: by urgency, then by the time left."""
    query = select(Alert).where(col(Alert.state).in_(OPEN_STATES))
    if shops:
        query = query.where(col(Alert.shop).in_(shops))
    rank = case({urgency.value: urgency.rank for urgency in Urgency}, value=col(Alert.urgency))
    return alert_rows(session, query.order_by(rank.desc(), col(Alert.due_at), col(Alert.id)).limit(limit))


def closed_alerts(session: Session, since: datetime, limit: int = 500) -> list[AlertRow]:
    """Alerts answered or dismissed since then, newest first."""
    query = select(Alert).where(col(Alert.closed_at) >= since)
    return alert_rows(session, query.order_by(col(Alert.closed_at).desc()).limit(limit))


def alerts_opened(
    session: Session, since: datetime | None = None, until: datetime | None = None
) -> list[AlertRow]:
    """Alerts opened in a period, oldest first."""
    query = select(Alert).order_by(col(Alert.opened_at), col(Alert.id))
    query = query.where(col(Alert.opened_at) >= since) if since else query
    query = query.where(col(Alert.opened_at) < until) if until else query
    return alert_rows(session, query)


def alert_rows(session: Session, query: Select[Alert]) -> list[AlertRow]:
    """Freeze the alerts of a query, in its order."""
    alerts = list(session.execute(query).scalars())
    firsts = _mentions_by_id(session, [row.first_mention_id for row in alerts])
    counts = _mention_counts(session, [row.id for row in alerts if row.id is not None])
    return [alert_row(row, firsts[row.first_mention_id], counts.get(row.id or 0, 0)) for row in alerts]


def _mentions_by_id(session: Session, ids: Sequence[int]) -> dict[int, MentionRow]:
    found: dict[int, MentionRow] = {}
    for start in range(0, len(ids), 500):
        query = judged_mentions().where(col(Mention.id).in_(ids[start : start + 500]))
        found.update((row.id, row) for row in (mention_row(*pair) for pair in session.execute(query)))
    return found


def _mention_counts(session: Session, ids: Sequence[int]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for start in range(0, len(ids), 500):
        query = (
            select(col(AlertMention.alert_id), func.count())
            .where(col(AlertMention.alert_id).in_(ids[start : start + 500]))
            .group_by(col(AlertMention.alert_id))
        )
        counts.update((alert_id, number) for alert_id, number in session.execute(query))
    return counts


def conversation(session: Session, alert: AlertRow) -> list[MentionRow]:
    """Every stored mention of the alert's thread and shop, oldest first."""
    query = judged_mentions().where(
        col(Mention.shop) == alert.shop,
        col(Mention.source) == alert.source,
        col(Mention.thread_key) == alert.first.thread_key,
    )
    return _by_time(mention_row(*found) for found in session.execute(query))


def _by_time(found: Iterable[MentionRow]) -> list[MentionRow]:
    """Oldest first. Sorted here: asked for order, SQLite walks a whole shop by time for a thread of three."""
    return sorted(found, key=lambda row: (row.spoken_at, row.id))


def also_at(session: Session, alert: AlertRow) -> list[MentionRow]:
    """Copies of the alert's posts in other threads and at other sources, oldest first."""
    gathered = select(col(AlertMention.mention_id)).where(col(AlertMention.alert_id) == alert.id)
    elsewhere = or_(col(Mention.source) != alert.source, col(Mention.thread_key) != alert.first.thread_key)
    query = judged_mentions().where(col(Mention.id).in_(gathered), elsewhere)
    return _by_time(mention_row(*found) for found in session.execute(query))


def history(session: Session, alert_id: int) -> list[EventRow]:
    """What was done to an alert, oldest first."""
    query = select(AlertEvent).where(col(AlertEvent.alert_id) == alert_id).order_by(col(AlertEvent.id))
    return [event_row(event) for event in session.execute(query).scalars()]


def deliveries(session: Session, alert_id: int) -> list[DeliveryRow]:
    """Messages of an alert, oldest first."""
    query = select(Delivery).where(col(Delivery.alert_id) == alert_id).order_by(col(Delivery.id))
    return [delivery_row(delivery) for delivery in session.execute(query).scalars()]


def delivery_of_key(session: Session, key: str) -> DeliveryRow | None:
    """The message of that key; None when it was never planned."""
    found = session.execute(select(Delivery).where(col(Delivery.key) == key)).scalar_one_or_none()
    return delivery_row(found) if found is not None else None


def failed_deliveries(session: Session, since: datetime) -> list[DeliveryRow]:
    """Messages planned since then that will never go through, newest first."""
    query = select(Delivery).where(
        col(Delivery.state) == DeliveryState.FAILED.value, col(Delivery.planned_at) >= since
    )
    return [delivery_row(row) for row in session.execute(query.order_by(col(Delivery.id).desc())).scalars()]


def retrying_deliveries(session: Session) -> list[DeliveryRow]:
    """Messages that failed at least once and will be tried again."""
    query = select(Delivery).where(col(Delivery.state) == DeliveryState.DUE.value, col(Delivery.attempts) > 0)
    return [delivery_row(row) for row in session.execute(query.order_by(col(Delivery.due_at))).scalars()]


def source_states(session: Session) -> dict[str, SourceRow]:
    """State of every source that was fetched at least once."""
    return {row.source: source_row(row) for row in session.execute(select(SourceState)).scalars()}


def runs(session: Session, since: datetime, source: str | None = None) -> list[RunRow]:
    """Fetches since then, newest first."""
    query = select(Run).where(col(Run.started_at) >= since).order_by(col(Run.id).desc())
    query = query.where(col(Run.source) == source) if source else query
    return [run_row(run) for run in session.execute(query).scalars()]


def author_mentions(
    session: Session, shop: str, source: str, author: str, limit: int = 20
) -> list[MentionRow]:
    """What one author wrote last about a shop at one source, newest first; nothing for an unknown author.

    Of more than `limit` those found last are taken: the index of authors holds them in that order.
    """
    if not author:
        return []
    wanted = MentionFilter(shops=(shop,), sources=(source,), author=author)
    query = judged_mentions().where(*conditions(wanted)).order_by(col(Mention.id).desc()).limit(limit)
    return _by_time(mention_row(*found) for found in session.execute(query))[::-1]


def setting(session: Session, name: str) -> str | None:
    """A fact the service remembers about itself."""
    row = session.get(Setting, name)
    return row.value if row else None
