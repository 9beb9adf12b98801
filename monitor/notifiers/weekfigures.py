"""The numbers of a week in the reader's language: how much was said, by whom, and how it compares."""

from datetime import date, datetime, timedelta
from typing import Any

from monitor.notifiers.views import Reader
from monitor.notifiers.weekparts import DayView, Figure, Week


def period(start: date, reader: Reader) -> str:
    """The number of the week, its first and its last day."""
    first, last = (_noon(start + timedelta(days=number), reader) for number in (0, 6))
    wording, zone = reader.wording, reader.zone
    return wording.say(
        "Week {number}: {first} – {last}",
        number=start.isocalendar().week,
        first=wording.day(first, zone),
        last=wording.day(last, zone, year=True),
    )


def _noon(day: date, reader: Reader) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=reader.zone)


def lead(week: Week, reader: Reader) -> list[str]:
    """How much was written, and how much of it by unhappy people."""
    wording, this, before = reader.wording, week.this, week.before
    if this is None or not this.mentions:
        return [_silence(week, reader)]
    told = [wording.say_many("{n} post about the shop.", "{n} posts about the shop.", this.mentions)]
    if before is not None and before.mentions:
        told.append(wording.say("The week before: {n}.", n=wording.number(before.mentions)))
    if this.share_negative is not None:
        told.append(
            wording.say(
                "Unhappy: {share} (95 % sure between {low} and {high}, n = {n}).",
                share=wording.percent(this.share_negative),
                low=wording.percent(this.low),
                high=wording.percent(this.high),
                n=this.scored,
            )
        )
    return told + _compared(week, reader)


def _silence(week: Week, reader: Reader) -> str:
    """Why nothing is counted: nothing heard is not nothing said."""
    if week.deaf:
        return reader.wording.say(
            "We heard nothing about the shop this week, but could not listen everywhere."
        )
    return reader.wording.say("Nobody wrote about the shop this week.")


def _compared(week: Week, reader: Reader) -> list[str]:
    """Against the week before, and whether chance alone may explain the difference."""
    wording = reader.wording
    if week.change is None:
        return []
    told = [wording.say("The week before: {share}.", share=wording.percent(week.before.share_negative))]
    if week.change == 0:
        return [*told, wording.say("The difference may be chance.")]
    return [
        *told,
        wording.say("There are more unhappy posts, beyond chance.")
        if week.change > 0
        else wording.say("There are fewer unhappy posts, beyond chance."),
    ]


def figures(week: Week, reader: Reader) -> tuple[Figure, ...]:
    """The four numbers at the head of the page."""
    wording, this, before, times = reader.wording, week.this, week.before, week.answers
    say = wording.say
    saved, decided = (sum(getattr(one, name) for one in week.saved) for name in ("saved", "decided"))
    share = this.share_negative if this is not None else None
    share_before = before.share_negative if before is not None else None
    return (
        Figure(
            wording.number(_count(this)),
            say("posts"),
            "" if week.is_first else say("the week before {n}", n=wording.number(_count(before))),
        ),
        Figure(
            "–" if share is None else wording.percent(share),
            say("unhappy"),
            "" if share_before is None else say("the week before {n}", n=wording.percent(share_before)),
        ),
        Figure(
            f"{times.within_deadline} / {times.opened}" if times.opened else "–",
            say("answered in time"),
            "" if times.median is None else say("typical wait {length}", length=waited(times.median, reader)),
        ),
        Figure(
            f"{saved} / {decided}" if decided else "–",
            say("won back"),
            say("of those whose answer showed a result") if decided else "",
        ),
    )


def _count(point: Any) -> int:
    return int(point.mentions) if point is not None else 0


def waited(seconds: float, reader: Reader) -> str:
    """Seconds as the reader says them."""
    return reader.wording.duration(timedelta(seconds=seconds))


def days(week: Week, reader: Reader) -> tuple[DayView, ...]:
    """The seven days; what is not over yet says so."""
    today = reader.now.astimezone(reader.zone).date()
    return tuple(
        _day(week.start + timedelta(days=at), point, today, reader) for at, point in enumerate(week.days)
    )


def _day(day: date, point: Any, today: date, reader: Reader) -> DayView:
    return DayView(
        name=reader.wording.day(_noon(day, reader), reader.zone),
        negative=point.negative if point is not None else 0,
        neutral=point.neutral if point is not None else 0,
        positive=point.positive if point is not None else 0,
        unscored=point.unscored if point is not None else 0,
        is_over=day < today,
        is_deaf=point is not None and point.deaf_seconds > 0,
    )
