"""Counts mentions, answers and silent sources period by period, and makes points of them."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlmodel import Session

from monitor.store import rollups, storms, tally
from monitor.store.answered import AnswerRow, answers
from monitor.store.tally import Narrow, Split, Tally, midnight
from monitor.trends.periods import Step, check, end_of, moment_of, start_at, start_of, starts, whole
from monitor.trends.points import AnswerTimes, Deafness, Point, quantile

_BY_SOURCE = (Split.SOURCE,)


class _Key(NamedTuple):
    start: date
    shop: str
    source: str
    language: str
    topic: str


@dataclass(slots=True)
class _Sum:
    """What is known of one point while rows come in."""

    tally: Tally = field(default_factory=Tally)
    models: set[str] = field(default_factory=set)
    answers: list[AnswerRow] = field(default_factory=list)


class _Span(NamedTuple):
    """One period as moments: where it begins, and where it ends."""

    start: date
    first: datetime
    last: datetime


def daily(
    session: Session, shops: Sequence[str], since: date, until: date, zone: ZoneInfo, now: datetime
) -> list[Point]:
    """Points by day; `until` is excluded. See `by_step`."""
    return by_step(session, shops, since, until, zone, now, Step.DAY)


def by_step(
    session: Session,
    shops: Sequence[str],
    since: date,
    until: date,
    zone: ZoneInfo,
    now: datetime,
    step: Step,
    *,
    narrow: Narrow | None = None,
    split: Sequence[Split] = _BY_SOURCE,
    fill: bool = False,
) -> list[Point]:
    """Points by period, shop and what is told apart, oldest first; empty `shops` means all with mentions.

    Every period that holds one of the days is told whole. One in which nobody spoke and no alert was opened
    has no point, unless `fill` (for the shops that are named, together over all else, up to now) or, where
    only sources are told apart, one of them was deaf then. Raises MonitorError where `check` does.
    """
    check(since, until, step)
    since, until = whole(since, until, step)
    narrow = replace(narrow or Narrow(), shops=tuple(shops))
    spans = [
        _Span(start, moment_of(start, zone), end_of(start, step, zone))
        for start in starts(since, until, step, zone)
    ]
    sums = _counted(session, since, until, zone, step, narrow, split)
    opened = answers(session, midnight(since, zone), midnight(until, zone), narrow, split, zone)
    _answered(sums, opened, split, lambda at: start_at(at, step, zone))
    if fill and not split:
        _fill(sums, [span for span in spans if span.first <= now], shops)
    return _points(session, sums, spans, now, split, narrow)


def totals(
    session: Session,
    shops: Sequence[str],
    since: date,
    until: date,
    zone: ZoneInfo,
    now: datetime,
    *,
    narrow: Narrow | None = None,
    split: Sequence[Split] = (),
    with_answers: bool = True,
) -> list[Point]:
    """The days as one period that begins on `since`, by shop and what is told apart; `until` is excluded.

    Without answers nothing is read of alerts, and points know of none.
    """
    check(since, until, Step.DAY)
    narrow = replace(narrow or Narrow(), shops=tuple(shops))
    span = _Span(since, midnight(since, zone), midnight(until, zone))
    sums: dict[_Key, _Sum] = defaultdict(_Sum)
    for _, cell, found in rollups.counted(session, since, until, narrow, split, zone, by_day=False):
        _add(sums[_Key(since, *cell[:4])], found, cell.model)
    if with_answers:
        opened = answers(session, span.first, span.last, narrow, split, zone)
        _answered(sums, opened, split, lambda _: since)
    return _points(session, sums, [span], now, split, narrow)


def places(
    session: Session,
    shops: Sequence[str],
    since: date,
    until: date,
    zone: ZoneInfo,
    now: datetime,
    narrow: Narrow | None = None,
) -> dict[Split, list[Point]]:
    """The `totals` by source and those by language, of one counting; without answers."""
    check(since, until, Step.DAY)
    narrow = replace(narrow or Narrow(), shops=tuple(shops))
    span = _Span(since, midnight(since, zone), midnight(until, zone))
    both = (Split.SOURCE, Split.LANGUAGE)
    sums: dict[Split, dict[_Key, _Sum]] = {split: defaultdict(_Sum) for split in both}
    for _, cell, found in rollups.counted(session, since, until, narrow, both, zone, by_day=False):
        _add(sums[Split.SOURCE][_Key(since, cell.shop, cell.source, "", "")], found, cell.model)
        _add(sums[Split.LANGUAGE][_Key(since, cell.shop, "", cell.language, "")], found, cell.model)
    return {split: _points(session, sums[split], [span], now, (split,), narrow) for split in both}


def answer_times(session: Session, shop: str, since: datetime, until: datetime) -> AnswerTimes:
    """How fast the alerts opened in a period were answered, from the time of the post."""
    found = answers(session, since, until, Narrow((shop,)), (), ZoneInfo("UTC"))
    waits = _waits(found)
    return AnswerTimes(
        opened=len(found),
        answered=len(waits),
        within_deadline=sum(row.in_time for row in found),
        median=quantile(waits, 0.5),
        p90=quantile(waits, 0.9),
        decided=sum(row.saved is not None for row in found),
        saved=sum(bool(row.saved) for row in found),
    )


def _counted(
    session: Session,
    since: date,
    until: date,
    zone: ZoneInfo,
    step: Step,
    narrow: Narrow,
    split: Sequence[Split],
) -> dict[_Key, _Sum]:
    """Mentions by period. Hours are counted plainly: they are few, and kept counts are those of days."""
    sums: dict[_Key, _Sum] = defaultdict(_Sum)
    found: Iterable[tuple[Any, tally.Cell, Tally]]
    place: Callable[[Any], date]
    if step is Step.HOUR:
        first, last = midnight(since, zone), midnight(until, zone)
        found, place = tally.plain(session, first, last, narrow, split, zone), _hour(zone)
    else:
        found = rollups.counted(session, since, until, narrow, split, zone)
        place = _day(step)
    for at, cell, count in found:
        _add(sums[_Key(place(at), *cell[:4])], count, cell.model)
    return sums


def _hour(zone: ZoneInfo) -> Callable[[Any], date]:
    return lambda moment: start_at(moment, Step.HOUR, zone)


def _day(step: Step) -> Callable[[Any], date]:
    return lambda day: start_of(day, step)


def _add(into: _Sum, found: Tally, model: str) -> None:
    into.tally = into.tally.plus(found)
    if model:
        into.models.add(model)


def _answered(
    sums: dict[_Key, _Sum],
    found: Iterable[AnswerRow],
    split: Sequence[Split],
    place: Callable[[datetime], date],
) -> None:
    starts_at: dict[datetime, date] = {}
    for row in found:
        start = starts_at.get(row.opened) or starts_at.setdefault(row.opened, place(row.opened))
        source = row.source if Split.SOURCE in split else ""
        language = row.language if Split.LANGUAGE in split else ""
        for topic in row.topics if Split.TOPIC in split else ("",):
            sums[_Key(start, row.shop, source, language, topic)].answers.append(row)


def _fill(sums: dict[_Key, _Sum], spans: Sequence[_Span], shops: Sequence[str]) -> None:
    for span in spans:
        for shop in shops:
            sums.setdefault(_Key(span.start, shop, "", "", ""), _Sum())


def _points(
    session: Session,
    sums: dict[_Key, _Sum],
    spans: Sequence[_Span],
    now: datetime,
    split: Sequence[Split],
    narrow: Narrow,
) -> list[Point]:
    deaf = _deafness(session, spans, now)
    if tuple(split) == _BY_SOURCE:
        _show_deaf(sums, deaf, narrow)
    over = {span.start: span.last <= now for span in spans}
    found = [_point(key, one, over[key.start], _deaf(deaf, key, narrow)) for key, one in sums.items()]
    return sorted(
        found, key=lambda point: (point.start, point.shop, point.source, point.language, point.topic)
    )


def _show_deaf(sums: dict[_Key, _Sum], deaf: dict[date, dict[str, float]], narrow: Narrow) -> None:
    """A source that was deaf and brought nothing is a point too: nothing heard is not nothing said."""
    shops = set(narrow.shops) or {key.shop for key in sums}
    for start, sources in deaf.items():
        for source in sources:
            for shop in shops if not narrow.sources or source in narrow.sources else ():
                sums.setdefault(_Key(start, shop, source, "", ""), _Sum())


def _deaf(deaf: dict[date, dict[str, float]], key: _Key, narrow: Narrow) -> tuple[Deafness, ...]:
    """The sources that this point would have heard of."""
    wanted = (key.source,) if key.source else narrow.sources
    found = deaf.get(key.start, {})
    return tuple(Deafness(one, found[one]) for one in sorted(found) if not wanted or one in wanted)


def _deafness(session: Session, spans: Sequence[_Span], now: datetime) -> dict[date, dict[str, float]]:
    """Seconds that each source was not heard in each period; a gap that lasts ends now."""
    if not spans:
        return {}
    found: dict[date, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    firsts = [span.first for span in spans]
    for gap in storms.gaps(session, spans[0].first, spans[-1].last):
        begun, ended = gap.began_at, gap.ended_at or now
        for span in _touched(spans, firsts, begun, ended):
            seconds = (min(ended, span.last) - max(begun, span.first)).total_seconds()
            if seconds > 0:
                found[span.start][gap.source] += seconds
    return found


def _touched(
    spans: Sequence[_Span], firsts: Sequence[datetime], begun: datetime, ended: datetime
) -> Iterator[_Span]:
    for place in range(max(bisect_right(firsts, begun) - 1, 0), len(spans)):
        if spans[place].first >= ended:
            return
        yield spans[place]


def _waits(found: Iterable[AnswerRow]) -> tuple[float, ...]:
    return tuple(sorted(row.wait for row in found if row.wait is not None))


def _point(key: _Key, one: _Sum, is_finished: bool, deaf: tuple[Deafness, ...]) -> Point:
    count = one.tally
    return Point(
        start=key.start,
        shop=key.shop,
        source=key.source,
        mentions=count.mentions,
        negative=count.negative,
        neutral=count.neutral,
        positive=count.positive,
        unscored=count.unscored,
        is_finished=is_finished,
        models=tuple(sorted(one.models)),
        language=key.language,
        topic=key.topic,
        corrected=count.corrected,
        needs_reply=count.needs_reply,
        score=count.score,
        reach=count.reach if count.reach_known else None,
        alerts=len(one.answers),
        waits=_waits(one.answers),
        within_deadline=sum(row.in_time for row in one.answers),
        decided=sum(row.saved is not None for row in one.answers),
        saved=sum(bool(row.saved) for row in one.answers),
        deaf=deaf,
    )
