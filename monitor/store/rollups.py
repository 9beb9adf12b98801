"""Counts of days that are kept, so that a year is read in a moment, and what keeps them right.

Whoever changes what a mention counts as marks its time as stale in the same transaction (`stale.mark`). A
reader takes the kept counts of days that are whole and not stale, and counts the others plainly: it is never
wrong, only slower. The sweep counts anew what is stale or was never counted, a few days at a time.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, delete, func, insert, literal, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from monitor.store import reads
from monitor.store.engine import Store
from monitor.store.tables import CountedDay, DayCount, StaleTime
from monitor.store.tally import Cell, Narrow, Split, Tally, midnight, plain

_DAY = timedelta(days=1)
_AT_ONCE = 500
# So few that collectors need not wait for the writing of them.
_DAYS_AT_ONCE = 7
# Posts that claim to be older are counted plainly: a wrong year must not make thousands of empty days.
_OLDEST = timedelta(days=20 * 365)
# More pieces than this are counted in one go, whole days among them too.
_MOST_PIECES = 20


@dataclass(frozen=True, slots=True)
class Progress:
    """How many days were counted just now, and how many wait."""

    counted: int
    left: int


def counted(
    session: Session,
    since: date,
    until: date,
    narrow: Narrow,
    split: Sequence[Split],
    zone: ZoneInfo,
    *,
    by_day: bool = True,
) -> Iterator[tuple[date, Cell, Tally]]:
    """Count the mentions of some days, `until` excluded; each count with its day, or `since` if not `by_day`.

    A cell may come more than once. See `tally.plain` for what is counted.
    """
    stale = _stale(session, since, until, zone)
    whole = _counted_days(session, since, until, zone)
    others = _pieces([day for day in _days(since, until) if day not in whole or day in stale])
    for begin, end in others:
        for moment, cell, tally in plain(
            session, midnight(begin, zone), midnight(end, zone), narrow, split, zone
        ):
            yield (moment.astimezone(zone).date() if by_day else since), cell, tally
    for begin, end in _between(since, until, others):
        for row in session.execute(_kept(begin, end, narrow, split, by_day)):
            yield (row[0] if by_day else since), Cell(*row[1:6]), Tally(*map(int, row[6:]))


def _between(since: date, until: date, others: Sequence[tuple[date, date]]) -> Iterator[tuple[date, date]]:
    """What is left of the days when pieces are taken out."""
    begin = since
    for start, end in others:
        if begin < start:
            yield begin, start
        begin = end
    if begin < until:
        yield begin, until


def _pieces(days: Sequence[date]) -> list[tuple[date, date]]:
    """Runs of days that follow each other, the day after the last one excluded."""
    pieces: list[tuple[date, date]] = []
    for day in days:
        if pieces and pieces[-1][1] == day:
            pieces[-1] = pieces[-1][0], day + _DAY
        else:
            pieces.append((day, day + _DAY))
    return pieces if len(pieces) <= _MOST_PIECES else [(pieces[0][0], pieces[-1][1])]


def _kept(
    begin: date, end: date, narrow: Narrow, split: Sequence[Split], by_day: bool
) -> Select[tuple[object, ...]]:
    parted = [
        col(DayCount.day) if by_day else None,
        col(DayCount.shop),
        *(col(getattr(DayCount, one.value)) if one in split else None for one in Split),
        col(DayCount.model),
    ]
    columns = [literal("") if column is None else column for column in parted]
    sums = [func.sum(col(getattr(DayCount, name))) for name in Tally._fields]
    return (
        select(*columns, *sums)
        .where(col(DayCount.day) >= begin, col(DayCount.day) < end, *_narrowed(narrow, split))
        .group_by(*(column for column in parted if column is not None))
    )


def _narrowed(narrow: Narrow, split: Sequence[Split]) -> Iterator[ColumnElement[bool]]:
    by_place = bool(narrow.sources or narrow.languages or {Split.SOURCE, Split.LANGUAGE} & set(split))
    by_topic = narrow.topic is not None or Split.TOPIC in split
    yield col(DayCount.part) == _part(by_place, by_topic)
    if narrow.topic:
        yield col(DayCount.topic) == narrow.topic.value
    if narrow.shops:
        yield col(DayCount.shop).in_(narrow.shops)
    if narrow.sources:
        yield col(DayCount.source).in_(narrow.sources)
    if narrow.languages:
        yield col(DayCount.language).in_(narrow.languages)


def _part(by_place: bool, by_topic: bool) -> str:
    return ("place" if by_place else "shop") + ("_topic" if by_topic else "")


def refresh(store: Store, zone: ZoneInfo, now: datetime, most: int = 60) -> Progress:
    """Count days anew that are stale or were never counted, `most` of them, the newest first."""
    today = now.astimezone(zone).date()
    with store.reading() as session:
        due = _due(session, today, zone)
        of_other_zone = session.execute(select(CountedDay).where(col(CountedDay.zone) != zone.key)).first()
    if of_other_zone:
        _forget(store, zone)
    done = 0
    for begin, end in _portions(due[:most]):
        if _count(store, begin, end, zone):
            done += (end - begin).days
    _drop_strays(store, today, zone)
    return Progress(done, len(due) - done)


def _due(session: Session, today: date, zone: ZoneInfo) -> list[date]:
    """Days to count, the newest first."""
    query = select(reads.spoken_at()).order_by(reads.spoken_at()).limit(1)
    oldest = session.execute(query).scalar_one_or_none()
    if oldest is None:
        return []
    first = max(today - _OLDEST, oldest.astimezone(zone).date())
    whole, stale = (find(session, first, today + _DAY, zone) for find in (_counted_days, _stale))
    return [day for day in reversed(_days(first, today + _DAY)) if day not in whole or day in stale]


def _portions(days: Sequence[date]) -> Iterator[tuple[date, date]]:
    """Neighbours among days that come newest first, a week at most; the end is excluded."""
    run: list[date] = []
    for day in days:
        if run and (run[-1] - day != _DAY or len(run) == _DAYS_AT_ONCE):
            yield run[-1], run[0] + _DAY
            run = []
        run.append(day)
    if run:
        yield run[-1], run[0] + _DAY


def _count(store: Store, begin: date, end: date, zone: ZoneInfo) -> bool:
    """Count some days and keep that; False when somebody else did so meanwhile, even of one of them.

    What changes while it counts leaves a mark that it has not seen, and the day stays stale.
    """
    first, last = midnight(begin, zone), midnight(end, zone)
    with store.reading() as session:
        marks = session.execute(
            select(col(StaleTime.id)).where(col(StaleTime.at) >= first, col(StaleTime.at) < last)
        )
        seen = list(marks.scalars())
        whole = _counted_days(session, begin, end, zone)
        if whole - _stale(session, begin, end, zone):
            # Of such a day there is no mark to take, which would tell that another process counted it.
            return False
        parts = (tuple(one for one in Split if one is not Split.TOPIC), tuple(Split))
        found = [count for split in parts for count in plain(session, first, last, Narrow(), split, zone)]
        rows = _rows(found, zone)
    try:
        with store.transaction() as session:
            if not _take_marks(session, seen) or _counted_days(session, begin, end, zone) != whole:
                raise _OvertakenError
            session.execute(delete(DayCount).where(col(DayCount.day) >= begin, col(DayCount.day) < end))
            fresh = [{"day": day, "zone": zone.key} for day in _days(begin, end) if day not in whole]
            if fresh:
                session.execute(insert(CountedDay), fresh)
            if rows:
                session.execute(insert(DayCount), rows)
    except (_OvertakenError, IntegrityError):
        return False
    return True


class _OvertakenError(Exception):
    """Another process counted the same days; its counts stay."""


def _take_marks(session: Session, ids: Sequence[int | None]) -> bool:
    """Take marks away; False when some of them are gone already."""
    taken = 0
    for start in range(0, len(ids), _AT_ONCE):
        gone = delete(StaleTime).where(col(StaleTime.id).in_(ids[start : start + _AT_ONCE]))
        taken += len(session.execute(gone.returning(col(StaleTime.id))).all())
    return taken == len(ids)


def _rows(found: Iterable[tuple[datetime, Cell, Tally]], zone: ZoneInfo) -> list[dict[str, object]]:
    """Rows of DayCount, all parts of it, out of plain counts by hour and place."""
    sums: dict[tuple[str, date, Cell], Tally] = defaultdict(Tally)
    for moment, cell, tally in found:
        day, by_topic = moment.astimezone(zone).date(), bool(cell.topic)
        together = cell._replace(source="", language="")
        for key in (
            (_part(True, by_topic), day, cell),
            (_part(False, by_topic), day, together),
        ):
            sums[key] = sums[key].plus(tally)
    return [
        {"part": part, "day": day, **cell._asdict(), **tally._asdict()}
        for (part, day, cell), tally in sums.items()
    ]


def _forget(store: Store, zone: ZoneInfo) -> None:
    """Drop the days that were counted in another time zone."""
    with store.transaction() as session:
        others = select(col(CountedDay.day)).where(col(CountedDay.zone) != zone.key)
        session.execute(delete(DayCount).where(col(DayCount.day).in_(others)))
        session.execute(delete(CountedDay).where(col(CountedDay.zone) != zone.key))


def _drop_strays(store: Store, today: date, zone: ZoneInfo) -> None:
    """Drop what there is of days that are not kept: long ago, or still to come."""
    oldest = today - _OLDEST
    first, last = midnight(oldest, zone), midnight(today + _DAY, zone)
    strays = (col(StaleTime.at) < first) | (col(StaleTime.at) >= last)
    with store.reading() as session:
        marks = session.execute(select(col(StaleTime.id)).where(strays).limit(1)).first()
        days = session.execute(select(CountedDay).where(col(CountedDay.day) < oldest).limit(1)).first()
    if marks or days:
        with store.transaction() as session:
            session.execute(delete(DayCount).where(col(DayCount.day) < oldest))
            session.execute(delete(CountedDay).where(col(CountedDay.day) < oldest))
            session.execute(delete(StaleTime).where(strays))


def _counted_days(session: Session, since: date, until: date, zone: ZoneInfo) -> set[date]:
    query = select(col(CountedDay.day)).where(col(CountedDay.day) >= since, col(CountedDay.day) < until)
    return set(session.execute(query.where(col(CountedDay.zone) == zone.key)).scalars())


def _stale(session: Session, since: date, until: date, zone: ZoneInfo) -> set[date]:
    query = select(col(StaleTime.at)).distinct()
    these = query.where(col(StaleTime.at) >= midnight(since, zone), col(StaleTime.at) < midnight(until, zone))
    return {moment.astimezone(zone).date() for moment in session.execute(these).scalars()}


def _days(since: date, until: date) -> list[date]:
    return [since + timedelta(days=number) for number in range((until - since).days)]
