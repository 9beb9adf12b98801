"""How right the model was, as people saw it: precision and recall over posts drawn at random.

Corrections of alerts say little of that: they are made where somebody happened to look. Twenty posts
drawn from each week say it of everything that was scored. No I/O.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from monitor.domain import Sentiment

DRAWN_A_WEEK: Final = 20


class Answer(StrEnum):
    """What a person says of a post that was drawn; the model says one of the same but the last."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"
    NOT_ABOUT = "not_about"
    UNCLEAR = "unclear"

    @property
    def sentiment(self) -> Sentiment | None:
        """The stance that it names; None for the others."""
        return Sentiment(self.value) if self.value in set(Sentiment) else None


@dataclass(frozen=True, slots=True)
class Judged:
    """One drawn post: its language, what the model said of it, and what a person did."""

    lang: str | None
    said: Answer
    answer: Answer


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many; the share is None of none."""

    hits: int
    n: int

    @property
    def value(self) -> float | None:
        return self.hits / self.n if self.n else None


@dataclass(frozen=True, slots=True)
class Marks:
    """How right the model was in one language ("" means all): of `n` judged posts.

    `precision` is over the posts that the model called negative, `recall` over those that people did;
    `agreement` is over all. Posts that a person could not judge count nowhere.
    """

    lang: str
    n: int
    agreement: Share
    precision: Share
    recall: Share


def marks(judged: Iterable[Judged]) -> list[Marks]:
    """Return the marks of all posts together first, then of each language, the most judged first."""
    clear = [one for one in judged if one.answer is not Answer.UNCLEAR]
    langs = sorted({one.lang or "?" for one in clear})
    each = [_marks(lang, [one for one in clear if (one.lang or "?") == lang]) for lang in langs]
    return [_marks("", clear), *sorted(each, key=lambda one: -one.n)] if clear else []


def _marks(lang: str, judged: Sequence[Judged]) -> Marks:
    called = [one for one in judged if one.said is Answer.NEGATIVE]
    were = [one for one in judged if one.answer is Answer.NEGATIVE]
    both = sum(one.said is Answer.NEGATIVE for one in were)
    agreed = sum(one.said is one.answer for one in judged)
    return Marks(
        lang,
        len(judged),
        agreement=Share(agreed, len(judged)),
        precision=Share(both, len(called)),
        recall=Share(both, len(were)),
    )


def week_of(day: date) -> str:
    """Name of the ISO week of a day: "2026-W47"."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def last_whole_week(today: date) -> tuple[str, date, date]:
    """The last week that has ended: its name, its Monday and the Monday after it."""
    monday = today - timedelta(days=today.weekday())
    first = monday - timedelta(days=7)
    return week_of(first), first, monday
