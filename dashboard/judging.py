"""Posts drawn for people to judge, and searches they save: the reads of these pages and what they change."""

from collections.abc import Sequence
from datetime import datetime, time

from dashboard import auth, data
from dashboard.language import name, say
from monitor import alerts, quality
from monitor.domain import DismissReason, Sentiment
from monitor.people import Deed
from monitor.quality import Answer, Marks
from monitor.store import corrections, samples, searches
from monitor.store.corrections import Correction
from monitor.store.samples import SampleRow
from monitor.store.searches import SearchRow


def week() -> tuple[str, list[SampleRow]]:
    """The last whole week and the posts drawn from it; draws them when nobody has looked at it yet."""
    zone = data.config().zone
    name, first, after = quality.last_whole_week(data.now().astimezone(zone).date())
    since, until = (datetime.combine(day, time.min, zone) for day in (first, after))
    with data.store().reading() as session:
        found = samples.drawn(session, name)
    if found:
        return name, found
    with data.store().transaction() as session:
        samples.draw(session, name, since, until, quality.DRAWN_A_WEEK)
    with data.store().reading() as session:
        return name, samples.drawn(session, name)


def said_of(mention_ids: Sequence[int]) -> dict[int, str]:
    """What people said of mentions in the place of the model, in the reader's words, by id."""
    with data.store().reading() as session:
        found = corrections.corrections(session, mention_ids)
    return {mention_id: _said(one) for mention_id, one in found.items()}


def _said(one: Correction) -> str:
    if one.field == "sentiment":
        words = (
            name(Sentiment(one.value)) if one.value in set(Sentiment) else name(DismissReason.NOT_NEGATIVE)
        )
    else:
        words = say("About the shop") if one.value == "true" else say("Not about the shop")
    return say("{who}: {words}", who=one.who, words=words.lower())


def named(answer: Answer) -> str:
    """What an answer is called to the reader."""
    if answer is Answer.NOT_ABOUT:
        return say("Not about the shop")
    return name(answer.sentiment) if answer.sentiment else say("Cannot tell")


def marks() -> list[Marks]:
    """How right the model was over everything that people have judged."""
    with data.store().reading() as session:
        return quality.marks(samples.judged(session))


@auth.needs(Deed.CORRECT)
def judge(sample_id: int, answer: Answer) -> None:
    """Keep what the person at the screen says of a drawn post; who was faster stands."""
    with data.store().transaction() as session:
        samples.answer(session, sample_id, answer, auth.who() or "dashboard", data.now())


def saved() -> list[SearchRow]:
    """Every saved search, by name."""
    with data.store().reading() as session:
        return searches.all_searches(session)


@auth.needs(Deed.CORRECT)
def correct(mention_ids: Sequence[int], answer: Answer) -> None:
    """Keep what the person at the screen says of several mentions."""
    field, value = ("about_shop", "false") if answer is Answer.NOT_ABOUT else ("sentiment", answer.value)
    with data.store().transaction() as session:
        alerts.correct_mentions(session, mention_ids, auth.who() or "dashboard", data.now(), field, value)
    data.forget()


@auth.needs(Deed.CORRECT)
def save_search(name: str, query: str) -> None:
    """Keep the filter of the mentions as it stands in the address."""
    with data.store().transaction() as session:
        searches.save(session, name, query, auth.who() or "dashboard", data.now())


@auth.needs(Deed.CORRECT)
def forget_search(search_id: int) -> None:
    """Delete a saved search for everybody."""
    with data.store().transaction() as session:
        searches.forget(session, search_id)
