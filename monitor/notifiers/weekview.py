"""A week ready to be set, the same for mail, HTML and PDF. Draws nothing."""

from collections.abc import Callable

from monitor.notifiers import weekfigures as figures
from monitor.notifiers import weeksentences as sentences
from monitor.notifiers.inert import one_line
from monitor.notifiers.views import Reader, post_view
from monitor.notifiers.weekparts import DayView, TopicView, Week, WeekView

_MOST_TOPICS = 5


def week_view(week: Week, shop: str, reader: Reader) -> WeekView:
    """Everything that is shown of a week."""
    say = reader.wording.say
    return WeekView(
        shop=one_line(shop, 60),
        period=figures.period(week.start, reader),
        unfinished="" if week.is_finished else say("The week is not over yet."),
        lead=" ".join(figures.lead(week, reader)),
        figures=figures.figures(week, reader),
        days=figures.days(week, reader),
        topics=tuple(sentences.topic(one, week, say) for one in week.topics[:_MOST_TOPICS]),
        causes=tuple(sentences.causes(week, reader)),
        answers=tuple(sentences.answers(week, reader)),
        survey=sentences.survey(week, reader),
        worst=tuple(post_view(post, (), reader) for post in week.worst),
        best=tuple(post_view(post, (), reader) for post in week.best),
        unheard=tuple(sentences.unheard(week, reader)),
        model=tuple(sentences.model(week, reader)),
        site=tuple(sentences.site(week, reader)),
        site_head=say("The shop's own site") if week.site is not None else "",
    )


def topic_line(topic: TopicView, say: Callable[..., str]) -> str:
    """A topic as a sentence, for readers without pictures."""
    if topic.before is None:
        return say("{topic}: unhappy posts {now}", topic=topic.name, now=topic.now)
    return say(
        "{topic}: unhappy posts {now}, the week before {before}",
        topic=topic.name,
        now=topic.now,
        before=topic.before,
    )


def day_line(day: DayView, say: Callable[..., str]) -> str:
    """A day as a few words, for readers without pictures."""
    unhappy = say("unhappy: {n}", n=day.negative)
    return f"{day.name}: {day.mentions} ({unhappy})"
