"""Lists in pages that stay whole while rows come in: each goes on after the last row of the one before."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, or_, select
from sqlmodel import Session, col

from monitor.domain import AlertState, Urgency
from monitor.store import reads, searching
from monitor.store.rows import AlertRow, MentionRow, mention_row
from monitor.store.tables import Alert, Mention


@dataclass(frozen=True, slots=True)
class Place:
    """A row in a list that runs from the newest to the oldest."""

    at: datetime
    id: int


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """What to show of the alerts; None or empty means everything. The period is that of opening."""

    shops: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    states: tuple[AlertState, ...] = ()
    urgencies: tuple[Urgency, ...] = ()
    ids: tuple[int, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


def mentions_after(
    session: Session, wanted: reads.MentionFilter, after: Place | None, limit: int
) -> list[MentionRow]:
    """Mentions that pass the filter, newest post first.

    Words are looked for in text and title only, not among the authors: whoever gets authors as
    pseudonyms must not find a person by searching for a name.
    """
    conditions = list(reads.conditions(replace(wanted, words="")))
    conditions += searching.says(wanted.words, with_authors=False)
    spoken_at = reads.spoken_at()
    if after is not None:
        conditions.append(_is_after(spoken_at, col(Mention.id), after))
    query = reads.judged_mentions().where(*conditions)
    found = session.execute(query.order_by(spoken_at.desc(), col(Mention.id).desc()).limit(limit))
    return [mention_row(*pair) for pair in found]


def alerts_after(session: Session, wanted: AlertFilter, after: Place | None, limit: int) -> list[AlertRow]:
    """Alerts that pass the filter, opened last first."""
    opened_at = col(Alert.opened_at)
    query = select(Alert).where(*alert_conditions(wanted))
    if after is not None:
        query = query.where(_is_after(opened_at, col(Alert.id), after))
    return reads.alert_rows(session, query.order_by(opened_at.desc(), col(Alert.id).desc()).limit(limit))


def _is_after(
    at: SQLColumnExpression[datetime], row_id: SQLColumnExpression[int | None], place: Place
) -> ColumnElement[bool]:
    return or_(at < place.at, and_(at == place.at, row_id < place.id))


def alert_conditions(wanted: AlertFilter) -> Sequence[ColumnElement[bool]]:
    """The filter as SQL over Alert."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.shops:
        conditions.append(col(Alert.shop).in_(wanted.shops))
    if wanted.sources:
        conditions.append(col(Alert.source).in_(wanted.sources))
    if wanted.states:
        conditions.append(col(Alert.state).in_([state.value for state in wanted.states]))
    if wanted.urgencies:
        conditions.append(col(Alert.urgency).in_([urgency.value for urgency in wanted.urgencies]))
    if wanted.ids:
        conditions.append(col(Alert.id).in_(wanted.ids))
    if wanted.since:
        conditions.append(col(Alert.opened_at) >= wanted.since)
    if wanted.until:
        conditions.append(col(Alert.opened_at) < wanted.until)
    return conditions
