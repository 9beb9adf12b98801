"""Writes the page about a week for the owner: as a mail, or as HTML to look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from monitor.aftermath import Share
from monitor.config.schema import RecipientConfig
from monitor.domain import Message
from monitor.notifiers.inert import one_line
from monitor.notifiers.names import TOPIC_NAMES
from monitor.notifiers.papers import templates
from monitor.notifiers.render import Links
from monitor.notifiers.views import Reader, post_view
from monitor.store.rows import DeliveryRow

_MOST_TOPICS = 5
_BAR = 100


class Week(Protocol):
    """What monitor.report gathers; only what is shown here."""

    @property
    def shop(self) -> str: ...
    @property
    def start(self) -> date: ...
    @property
    def is_finished(self) -> bool: ...
    @property
    def this(self) -> Any: ...
    @property
    def before(self) -> Any: ...
    @property
    def days(self) -> Sequence[Any]: ...
    @property
    def topics(self) -> Sequence[Any]: ...
    @property
    def answers(self) -> Any: ...
    @property
    def saved(self) -> Sequence[Share]: ...
    @property
    def worst(self) -> Sequence[Any]: ...
    @property
    def best(self) -> Sequence[Any]: ...
    @property
    def storms(self) -> Sequence[Any]: ...
    @property
    def events(self) -> Sequence[Any]: ...
    @property
    def gaps(self) -> Sequence[Any]: ...
    @property
    def corrections(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Paper:
    """A page in both forms, and its headline."""

    headline: str
    text: str
    html: str


def render_weekly(
    weeks: Sequence[Week],
    delivery: DeliveryRow,
    recipient: RecipientConfig,
    shops: Mapping[str, str],
    reader: Reader,
    links: Links,
) -> Message:
    """The weekly mail to one recipient, a part for each shop."""
    paper = weekly_paper(weeks, shops, reader, links, recipient.name)
    return Message(
        to=recipient.address,
        subject=paper.headline,
        text=paper.text,
        html=paper.html,
        message_id=delivery.message_id,
        thread_id=delivery.message_id,
        facts={"type": "weekly", "inbox_url": links.base_url, "settings_url": links.settings},
    )


def weekly_paper(
    weeks: Sequence[Week], shops: Mapping[str, str], reader: Reader, links: Links, name: str = ""
) -> Paper:
    """The page about a week of some shops in the reader's language."""
    say = reader.wording.say
    number = weeks[0].start.isocalendar().week
    names = reader.wording.listing([shops.get(week.shop, week.shop) for week in weeks])
    headline = say("{shops}: week {number}", shops=names, number=number)
    shown = {
        "say": say,
        "say_many": reader.wording.say_many,
        "language": reader.wording.language,
        "headline": headline,
        "weeks": [_week(week, shops, reader) for week in weeks],
        "inbox": links.base_url,
        "trends": f"{links.base_url}/trends",
        "recipient": name,
    }
    return Paper(
        headline,
        templates().get_template("weekly.txt.jinja").render(shown),
        templates().get_template("weekly.html.jinja").render(shown),
    )


def _week(week: Week, shops: Mapping[str, str], reader: Reader) -> dict[str, Any]:
    say = reader.wording.say
    return {
        "shop": shops.get(week.shop, week.shop),
        "unfinished": "" if week.is_finished else say("The week is not over yet."),
        "lead": _lead(week, reader),
        "days": _days(week, reader),
        "topics": [_topic(change, reader) for change in week.topics[:_MOST_TOPICS]],
        "causes": _causes(week, reader),
        "answers": _answers(week, reader),
        "worst": [post_view(post, (), reader) for post in week.worst],
        "best": [post_view(post, (), reader) for post in week.best],
        "unheard": _unheard(week, reader),
        "corrections": _corrections(week, reader),
    }


def _lead(week: Week, reader: Reader) -> list[str]:
    wording, this, before = reader.wording, week.this, week.before
    if this is None or not this.mentions:
        return [wording.say("Nobody wrote about the shop this week.")]
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
    if before is not None and before.share_negative is not None:
        told.append(wording.say("The week before: {share}.", share=wording.percent(before.share_negative)))
    return told


def _days(week: Week, reader: Reader) -> list[dict[str, Any]]:
    most = max((point.mentions for point in week.days if point is not None), default=0) or 1
    return [_day(week.start + timedelta(days=at), point, most, reader) for at, point in enumerate(week.days)]


def _day(day: date, point: Any, most: int, reader: Reader) -> dict[str, Any]:
    mentions, negative = (point.mentions, point.negative) if point is not None else (0, 0)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=reader.zone)
    return {
        "name": reader.wording.day(noon, reader.zone),
        "mentions": mentions,
        "negative": negative,
        "bad": round(_BAR * negative / most),
        "rest": round(_BAR * (mentions - negative) / most),
    }


def _topic(change: Any, reader: Reader) -> str:
    return reader.wording.say(
        "{topic}: {now} unhappy posts, {before} the week before",
        topic=reader.wording.say(TOPIC_NAMES[change.topic]),
        now=change.now,
        before=change.before,
    )


def _causes(week: Week, reader: Reader) -> list[str]:
    say = reader.wording.say
    told = [
        say("A storm began {moment}: {n} unhappy posts.", moment=reader.when(storm.began_at), n=storm.count)
        for storm in week.storms
    ]
    told += [
        say("“{title}”, {moment}.", title=one_line(event.title, 100), moment=reader.when(event.at))
        for event in week.events
    ]
    return told


def _answers(week: Week, reader: Reader) -> list[str]:
    wording, times = reader.wording, week.answers
    if not times.opened:
        return [wording.say("No conversation needed an answer.")]
    told = [
        wording.say(
            "{answered} of {opened} conversations were answered, {in_time} of them in time.",
            answered=times.answered,
            opened=times.opened,
            in_time=times.within_deadline,
        )
    ]
    if times.median is not None:
        length = wording.duration(timedelta(seconds=times.median))
        told.append(wording.say("Half of the answers came within {length}.", length=length))
    starts = [None, *(one.within for one in week.saved)]
    pairs = zip(week.saved, starts, strict=False)
    told += [_saved(one, start, reader) for one, start in pairs if one.decided]
    return told


def _saved(share: Share, start: timedelta | None, reader: Reader) -> str:
    """How many customers were won back by answers that came so fast."""
    wording = reader.wording
    figures = {"saved": share.saved, "decided": share.decided, "share": wording.percent(share.share or 0.0)}
    if share.within is None:
        length = wording.duration(start or timedelta())
        return wording.say(
            "Answers later than {length}: {saved} of {decided} customers won back ({share}).",
            length=length,
            **figures,
        )
    return wording.say(
        "Answers within {length}: {saved} of {decided} customers won back ({share}).",
        length=wording.duration(share.within),
        **figures,
    )


def _unheard(week: Week, reader: Reader) -> list[str]:
    say, told = reader.wording.say, []
    for gap in week.gaps:
        began, source = reader.when(gap.began_at), one_line(gap.source, 60)
        if gap.ended_at is None:
            told.append(say("{source} has not been heard since {moment}.", source=source, moment=began))
        else:
            ended = reader.when(gap.ended_at)
            told.append(
                say(
                    "{source} was not heard from {began} to {ended}.", source=source, began=began, ended=ended
                )
            )
    return told


def _corrections(week: Week, reader: Reader) -> str:
    if not week.corrections:
        return reader.wording.say("Nobody corrected the model this week.")
    return reader.wording.say_many(
        "People corrected the model {n} time this week.",
        "People corrected the model {n} times this week.",
        week.corrections,
    )
