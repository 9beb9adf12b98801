"""How alerts were answered, as trends count it: one row an alert, by when it was opened.

An answer that a person took back, by opening the alert again, counts for nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Float, String, and_, cast, func, select
from sqlmodel import Session, col

from monitor.domain import AlertAction
from monitor.store import reads
from monitor.store.tables import Aftermath, Alert, AlertEvent, Assessment, Mention
from monitor.store.tally import NO_LANGUAGE, NO_TOPIC, Narrow, Split, begin_of, moment_of, topics_of

# How monitor.alerts signs what no person did.
_BY_RULE = "rule"
_ANSWERED, _REOPENED = AlertAction.ANSWERED.value, AlertAction.REOPENED.value


class AnswerRow(NamedTuple):
    """One alert; `wait` is seconds from the post to the first answer, None without one.

    `opened` is the hour (UTC) of its opening, as `tally.plain` gives it. `in_time`: the last answer came
    before the deadline. `language` and `topics` are empty unless asked for.
    """

    shop: str
    source: str
    language: str
    topics: tuple[str, ...]
    opened: datetime
    wait: float | None
    in_time: bool
    saved: bool | None


def answers(
    session: Session,
    first: datetime,
    last: datetime,
    narrow: Narrow,
    split: Sequence[Split],
    zone: ZoneInfo,
) -> list[AnswerRow]:
    """The alerts opened from `first` until before `last`, oldest first."""
    opened = (col(Alert.opened_at) >= first, col(Alert.opened_at) < last)
    turned = _turns(session, opened)
    with_words = bool(narrow.topic or narrow.languages or {Split.TOPIC, Split.LANGUAGE} & set(split))
    hour = begin_of(session, col(Alert.opened_at), first, last, zone)
    query = _query(session, hour, with_words).where(*opened, *_narrowed(narrow))
    moments: dict[str, datetime] = {}
    rows = (_row(found, turned, moments) for found in session.execute(query.order_by(col(Alert.opened_at))))
    return [
        row
        for row in rows
        if (not narrow.topic or narrow.topic.value in row.topics)
        and (not narrow.languages or row.language in narrow.languages)
    ]


def _query(session: Session, hour: Any, with_words: bool) -> Any:
    started, answered = col(Alert.clock_started_at), col(Alert.answered_at)
    # The database counts the seconds: twenty thousand times four moments are slow to read.
    query = select(
        col(Alert.id),
        col(Alert.shop),
        col(Alert.source),
        hour,
        _seconds(session, answered, started),
        and_(answered >= started, answered <= col(Alert.due_at)),
        col(Aftermath.saved),
    ).outerjoin(Aftermath, col(Aftermath.alert_id) == col(Alert.id))
    if not with_words:
        return query
    of_mention = and_(col(Assessment.mention_id) == col(Mention.id), reads.newest_assessment())
    return (
        query.add_columns(col(Mention.lang), cast(col(Assessment.topics), String))
        .join(Mention, col(Mention.id) == col(Alert.first_mention_id))
        .outerjoin(Assessment, of_mention)
    )


def _seconds(session: Session, later: Any, earlier: Any) -> ColumnElement[float]:
    if session.get_bind().dialect.name == "postgresql":
        return func.round(func.date_part("epoch", later - earlier, type_=Float), type_=Float)
    days: ColumnElement[float] = func.julianday(later, type_=Float) - func.julianday(earlier, type_=Float)
    return func.round(days * 86_400.0, type_=Float)


def _narrowed(narrow: Narrow) -> Iterable[Any]:
    if narrow.shops:
        yield col(Alert.shop).in_(narrow.shops)
    if narrow.sources:
        yield col(Alert.source).in_(narrow.sources)


def _row(found: Any, turned: dict[int, float | None], moments: dict[str, datetime]) -> AnswerRow:
    alert_id, shop, source, hour, wait, in_time, saved, *words = found
    if alert_id in turned:
        wait = turned[alert_id]
    is_answered = wait is not None
    opened = moments.get(hour) or moments.setdefault(hour, moment_of(hour))
    language, topics = (
        ((words[0] or NO_LANGUAGE), (topics_of(words[1]) or (NO_TOPIC,))) if words else ("", ())
    )
    return AnswerRow(
        shop=shop,
        source=source,
        language=language,
        topics=topics,
        opened=opened,
        wait=max(wait, 0.0) if is_answered else None,
        in_time=is_answered and bool(in_time),
        saved=saved if is_answered else None,
    )


def _turns(session: Session, opened: Iterable[Any]) -> dict[int, float | None]:
    """Seconds to the first answer of alerts that were ever opened again; None where none stands.

    A later post set the clock of such an alert again; here it runs from the first post.
    """
    again = select(col(AlertEvent.alert_id)).join(Alert, col(Alert.id) == col(AlertEvent.alert_id))
    ids = again.where(*opened, col(AlertEvent.action) == _REOPENED)
    event = (col(AlertEvent.alert_id), col(AlertEvent.action), col(AlertEvent.via), col(AlertEvent.at))
    query = (
        select(*event, reads.spoken_at(), col(Alert.opened_at))
        .join(Alert, col(Alert.id) == col(AlertEvent.alert_id))
        .join(Mention, col(Mention.id) == col(Alert.first_mention_id))
        .where(col(AlertEvent.alert_id).in_(ids), col(AlertEvent.action).in_((_ANSWERED, _REOPENED)))
        .order_by(col(AlertEvent.id))
    )
    standing: dict[int, list[float]] = defaultdict(list)
    for alert_id, action, via, at, spoken_at, opened_at in session.execute(query):
        waits = standing[alert_id]
        if action == _ANSWERED:
            waits.append(round((at - min(spoken_at, opened_at)).total_seconds()))
        elif via != _BY_RULE and waits:
            waits.pop()
    return {alert_id: min(waits, default=None) for alert_id, waits in standing.items()}
