"""Shapes posts and times for the mail templates: what is shown, how much of it, and in which words."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from monitor.domain import Urgency
from monitor.notifiers.inert import WebLink, one_line, opening, web_link
from monitor.notifiers.marking import Part, marked
from monitor.store.rows import AlertRow, MentionRow
from monitor.wording import Wording

_MOST_TEXT = 1500
_MOST_LINE = 220


@dataclass(frozen=True, slots=True)
class PostView:
    """One post as a mail shows it. `rest` is True when its end was left out."""

    byline: str
    author: str
    when: str
    title: str
    text: str
    parts: tuple[Part, ...]
    line: str
    rest: bool
    stars: str
    link: WebLink | None


@dataclass(frozen=True, slots=True)
class ReasonView:
    """One reason: its sentence, and whether it is among the grave ones."""

    sentence: str
    grave: bool


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a mail is for: language, time zone and the moment of writing."""

    wording: Wording
    zone: tzinfo
    now: datetime

    def when(self, moment: datetime) -> str:
        """Time of day for today, day and time for the rest; the year where it is another one."""
        there, here = moment.astimezone(self.zone), self.now.astimezone(self.zone)
        if there.date() == here.date():
            return self.wording.say("{clock}", clock=self.wording.clock(moment, self.zone))
        return self.wording.moment(moment, self.zone, year=there.year != here.year)


def due_line(alert: AlertRow, reader: Reader) -> str:
    """By when to answer, or since when it is too late."""
    when, length = reader.when(alert.due_at), reader.wording.duration(alert.due_at - reader.now)
    if alert.due_at <= reader.now:
        return reader.wording.say("Was due {moment}, {length} ago.", moment=when, length=length)
    return reader.wording.say("Answer by {moment}, in {length}.", moment=when, length=length)


def post_view(mention: MentionRow, flagged: Collection[str], reader: Reader) -> PostView:
    """Shape one post, with the shop's name and the flagged words marked."""
    text, rest = opening(mention.text, _MOST_TEXT)
    return PostView(
        byline=_byline(mention, reader),
        author=one_line(mention.author, 60),
        when=reader.when(mention.spoken_at),
        title=one_line(mention.title, 150),
        text=text,
        parts=marked(text, mention.words, flagged),
        line=one_line(mention.text or mention.title, _MOST_LINE),
        rest=rest,
        stars=reader.wording.number(mention.rating) if mention.rating is not None else "",
        link=web_link(mention.url),
    )


def _byline(mention: MentionRow, reader: Reader) -> str:
    say = reader.wording.say
    who, where = one_line(mention.author, 60) or say("Somebody"), one_line(mention.source, 60)
    if mention.posted_at is None:
        return say(
            "{author} wrote at {source}, found {when}",
            author=who,
            source=where,
            when=reader.when(mention.found_at),
        )
    return say(
        "{author} wrote at {source}, {when}", author=who, source=where, when=reader.when(mention.posted_at)
    )


def reason_views(reasons: Sequence[Mapping[str, Any]], wording: Wording) -> tuple[ReasonView, ...]:
    """Stored reasons as sentences in the reader's language."""
    return tuple(_reason_view(reason, wording) for reason in reasons)


def _reason_view(reason: Mapping[str, Any], wording: Wording) -> ReasonView:
    sentence, severity = reason["sentence"], Urgency(reason["severity"])
    return ReasonView(wording.say(sentence, **reason["values"]), severity.rank >= Urgency.HIGH.rank)


def flagged_words(reasons: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Words that the reasons quote from the posts."""
    quoted = (reason["values"].get("words", "") for reason in reasons)
    return frozenset(word for words in quoted for word in words.split(", ") if word)
