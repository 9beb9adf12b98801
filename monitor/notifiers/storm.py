"""Writes the mail about a storm: how unusual it is, its likely cause, examples, and what may help."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from monitor.config.schema import RecipientConfig
from monitor.domain import Message, Topic
from monitor.notifiers.inert import one_line
from monitor.notifiers.names import TOPIC_NAMES
from monitor.notifiers.papers import templates
from monitor.notifiers.render import Links
from monitor.notifiers.views import Reader, post_view
from monitor.store.rows import DeliveryRow, MentionRow
from monitor.store.storms import EventRow, StormRow
from monitor.wording import N_

_MOST_EVENTS = 5
# What a shop may say in public when one thing has gone wrong for many; the blanks are for the shop to fill.
_NOTICES = {
    Topic.DELIVERY: N_(
        "Some orders of the last days are late, and we are sorry for it. The reason is […]. Orders made "
        "between […] and […] arrive by […]. You need not do anything; if you would rather cancel, write to "
        "[…] and we return the money. We tell more here by […]."
    ),
    Topic.WEBSITE: N_(
        "Our shop has had trouble since […]: […]. We are mending it and tell here when it works again, by "
        "[…] at the latest. Orders that were paid are safe. If something is unclear, write to […]."
    ),
    Topic.AVAILABILITY: N_(
        "[…] has sold out faster than we expected. More arrives by […]. Whoever has an open order gets a "
        "message from us today and may cancel it without cost. Questions: […]."
    ),
}


@dataclass(frozen=True, slots=True)
class Weather:
    """A storm over a shop, as it is told of; see StormNews of the pipeline."""

    shop: str
    storm: StormRow
    examples: Sequence[MentionRow]
    events: Sequence[EventRow]
    waiting: int
    thread_id: str
    folds: bool = True


def render_storm(
    weather: Weather, delivery: DeliveryRow, recipient: RecipientConfig, reader: Reader, links: Links
) -> Message:
    """Write one mail about a storm in the recipient's language."""
    say, storm = reader.wording.say, weather.storm
    is_first = delivery.message_id == weather.thread_id
    headline = _headline(weather, is_first, reader)
    notice = _NOTICES.get(Topic(storm.cause["topic"])) if storm.cause["topic"] else None
    shown = {
        "say": say,
        "say_many": reader.wording.say_many,
        "language": reader.wording.language,
        "headline": headline,
        "lead": _lead(weather, reader),
        "causes": _causes(weather, reader),
        "examples": [post_view(post, (), reader) for post in weather.examples],
        "notice": say(notice) if notice and storm.ended_at is None else "",
        "waiting": weather.waiting,
        "folds": weather.folds and storm.ended_at is None,
        "is_over": storm.ended_at is not None,
        "inbox": links.base_url,
        "recipient": recipient.name,
    }
    return Message(
        to=recipient.address,
        subject=headline
        if delivery.message_id == weather.thread_id
        else f"Re: {_first_headline(weather, reader)}",
        text=templates().get_template("storm.txt.jinja").render(shown),
        html=templates().get_template("storm.html.jinja").render(shown),
        message_id=delivery.message_id,
        thread_id=weather.thread_id,
        facts={
            "type": "storm.over" if storm.ended_at else "storm",
            "inbox_url": links.base_url,
            "settings_url": links.settings,
            "storm_id": storm.id,
            "shop": storm.shop,
            "topic": storm.topic,
            "began_at": storm.began_at.isoformat(),
            "count": storm.count,
            "expected": storm.expected,
            "cause": storm.cause,
        },
    )


def _headline(weather: Weather, is_first: bool, reader: Reader) -> str:
    if weather.storm.ended_at is not None:
        return reader.wording.say("The rise of unhappy posts about {shop} is over", shop=weather.shop)
    if not is_first:
        return reader.wording.say("Unhappy posts about {shop} keep coming", shop=weather.shop)
    return _first_headline(weather, reader)


def _first_headline(weather: Weather, reader: Reader) -> str:
    say, topic = reader.wording.say, weather.storm.topic
    if topic is None:
        return say("Unusually many unhappy posts about {shop}", shop=weather.shop)
    name = say(TOPIC_NAMES[Topic(topic)])
    return say("Unusually many unhappy posts about {shop}: {topic}", shop=weather.shop, topic=name)


def _lead(weather: Weather, reader: Reader) -> str:
    storm, wording = weather.storm, reader.wording
    length = wording.duration((storm.ended_at or reader.now) - storm.began_at)
    usual = wording.number(round(storm.expected, 1))
    window = wording.duration(timedelta(seconds=storm.window))
    return wording.say(
        "{n} since {moment} ({length}). Usual at this time: {usual} in {window}.",
        n=wording.number(storm.count),
        moment=reader.when(storm.began_at),
        length=length,
        usual=usual,
        window=window,
    )


def _causes(weather: Weather, reader: Reader) -> list[str]:
    """What they have in common, each in a sentence."""
    say, cause, found = reader.wording.say, weather.storm.cause, []
    count = weather.storm.count
    if cause["topic"]:
        topic = say(TOPIC_NAMES[Topic(cause["topic"])])
        found.append(
            say("{n} of {all} are about this: {topic}.", n=cause["topic_count"], all=count, topic=topic)
        )
    if cause["source"]:
        source = one_line(cause["source"], 60)
        found.append(
            say("{n} of {all} come from {source}.", n=cause["source_count"], all=count, source=source)
        )
    if cause["copies"]:
        found.append(
            say(
                "{n} are almost the same text, from {authors} writers: this may be a campaign.",
                n=cause["copies"],
                authors=cause["copy_authors"],
            )
        )
    return found + [_event(event, weather.storm, reader) for event in weather.events[-_MOST_EVENTS:]]


def _event(event: EventRow, storm: StormRow, reader: Reader) -> str:
    title, gap = one_line(event.title, 100), storm.began_at - event.at
    if gap < timedelta():
        return reader.wording.say(
            "Meanwhile: “{title}”, {moment}.", title=title, moment=reader.when(event.at)
        )
    return reader.wording.say(
        "It began {length} after “{title}”.", length=reader.wording.duration(gap), title=title
    )
