"""What a week meant, in sentences: likely causes, answers, silent sources, the model, the shop's own site."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from monitor.aftermath import Share
from monitor.domain import Topic
from monitor.notifiers.inert import one_line
from monitor.notifiers.names import TOPIC_NAMES
from monitor.notifiers.views import Reader
from monitor.notifiers.weekfigures import waited
from monitor.notifiers.weekparts import TopicView, Week

_MOST_EVENTS = 3
_MOST_STORMS = 2
_MOST_DEAF = 4
_MOST_FINDINGS = 4


def topic(change: Any, week: Week, say: Callable[..., str]) -> TopicView:
    """A topic by its name."""
    before = None if week.is_first else change.before
    return TopicView(say(TOPIC_NAMES[change.topic]), change.now, before)


def causes(week: Week, reader: Reader) -> list[str]:
    """What may be behind the week: storms with what they have in common, topics that rose, events."""
    say = reader.wording.say
    told = [line for storm in week.storms[:_MOST_STORMS] for line in _storm(storm, reader)]
    told += [
        say(
            "{topic} rose the most: {now} unhappy posts, {before} the week before.",
            topic=_capital(say(TOPIC_NAMES[change.topic])),
            now=change.now,
            before=change.before,
        )
        for change in _risen(week)
    ]
    events = week.events[-_MOST_EVENTS:]
    told += [
        say("“{title}”, {moment}.", title=one_line(event.title, 100), moment=reader.when(event.at))
        for event in events
    ]
    return told + _and_more(len(week.events) - len(events), reader)


def _risen(week: Week) -> list[Any]:
    risen = [change for change in week.topics if change.has_risen and not week.is_first]
    return sorted(risen, key=lambda change: change.before - change.now)[:1]


def _storm(storm: Any, reader: Reader) -> list[str]:
    say, cause = reader.wording.say, storm.cause
    told = [
        say("A storm began {moment}: {n} unhappy posts.", moment=reader.when(storm.began_at), n=storm.count)
    ]
    if cause.get("topic"):
        topic = say(TOPIC_NAMES[Topic(cause["topic"])])
        told.append(
            say("{n} of {all} are about this: {topic}.", n=cause["topic_count"], all=storm.count, topic=topic)
        )
    if cause.get("source"):
        source = one_line(cause["source"], 60)
        told.append(
            say("{n} of {all} come from {source}.", n=cause["source_count"], all=storm.count, source=source)
        )
    return [" ".join(told)]


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _and_more(number: int, reader: Reader) -> list[str]:
    return [reader.wording.say_many("And {n} more.", "And {n} more.", number)] if number > 0 else []


def answers(week: Week, reader: Reader) -> list[str]:
    """How conversations were answered, and who was won back."""
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
        told.append(
            wording.say("Half of the answers came within {length}.", length=waited(times.median, reader))
        )
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


def survey(week: Week, reader: Reader) -> str:
    """What customers said in the shop's own surveys; "" without one."""
    wording, found = reader.wording, week.survey
    if found is None:
        return ""
    if found.mean is None:
        return wording.say_many(
            "{n} answer to the shop's own surveys.", "{n} answers to the shop's own surveys.", found.answers
        )
    told = wording.say_many(
        "{n} answer to the shop's own surveys: {mean} of 5 on average (n = {scored}).",
        "{n} answers to the shop's own surveys: {mean} of 5 on average (n = {scored}).",
        found.answers,
        mean=wording.number(round(found.mean, 1)),
        scored=found.scored,
    )
    if found.mean_before is None:
        return told
    return f"{told} {wording.say('The week before: {n}.', n=wording.number(round(found.mean_before, 1)))}"


def unheard(week: Week, reader: Reader) -> list[str]:
    """For how long which sources were silent to us."""
    say = reader.wording.say
    shown = week.deaf[:_MOST_DEAF]
    told = []
    for one in shown:
        source, length = one_line(one.source, 60), reader.wording.duration(one.length)
        told.append(
            say("{source} was not heard for {length}, and still is not.", source=source, length=length)
            if one.lasts
            else say("{source} was not heard for {length}.", source=source, length=length)
        )
    told += _and_more(len(week.deaf) - len(shown), reader)
    return told or [say("Every source was heard all week.")]


def model(week: Week, reader: Reader) -> list[str]:
    """How right the model was, as far as people looked; and whether another one judged."""
    wording, this = reader.wording, week.this
    told = [_corrections(week, reader)]
    if this is not None and this.scored:
        told.append(
            wording.say(
                "Corrected: {corrected} of this week's {n} readings ({share}). "
                "What nobody looked at may be wrong too.",
                corrected=this.corrected,
                n=wording.number(this.scored),
                share=wording.percent(this.corrected / this.scored),
            )
        )
    before = week.before.models if week.before is not None else ()
    if this is not None and before and set(this.models) != set(before):
        told.append(wording.say("The model has changed, so the weeks cannot be compared without care."))
    return told


def _corrections(week: Week, reader: Reader) -> str:
    if not week.corrections:
        return reader.wording.say("Nobody corrected the model this week.")
    return reader.wording.say_many(
        "People corrected the model {n} time this week.",
        "People corrected the model {n} times this week.",
        week.corrections,
    )


def site(week: Week, reader: Reader) -> list[str]:
    """What keeps customers from reaching the shop, gravest first, each with its remedy."""
    say = reader.wording.say
    if week.site is None:
        return []
    found = sorted(week.site.findings, key=lambda one: not one.is_grave)
    shown = found[:_MOST_FINDINGS]
    told = [f"{_filled(one.sentence, one, say)} {_filled(one.remedy, one, say)}" for one in shown]
    told += _and_more(len(found) - len(shown), reader)
    return told or [say("Customers can reach the shop by its own site.")]


def _filled(msgid: str, finding: Any, say: Callable[..., str]) -> str:
    values = {name: one_line(str(value), 80) for name, value in finding.values.items()}
    return say(msgid, **values)
