"""What the page about a week is made of: the week as it was gathered, and as it is shown. No sentences."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from monitor.aftermath import Share
from monitor.notifiers.views import PostView


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
    def change(self) -> int | None: ...
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
    def deaf(self) -> Sequence[Any]: ...
    @property
    def corrections(self) -> int: ...
    @property
    def survey(self) -> Any: ...
    @property
    def site(self) -> Any: ...
    @property
    def is_first(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class DayView:
    """One day of the chart; `is_deaf` when a source was not heard for a part of it."""

    name: str
    negative: int
    neutral: int
    positive: int
    unscored: int
    is_over: bool
    is_deaf: bool

    @property
    def mentions(self) -> int:
        return self.negative + self.neutral + self.positive + self.unscored


@dataclass(frozen=True, slots=True)
class TopicView:
    """Unhappy posts about a topic, this week and the week before; None when nobody listened then."""

    name: str
    now: int
    before: int | None


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the head line, what it counts, and what it is compared with."""

    number: str
    name: str
    note: str


@dataclass(frozen=True, slots=True)
class WeekView:
    """A week ready to be set: figures, sentences and posts, all of them bounded in number."""

    shop: str
    period: str
    unfinished: str
    lead: str
    figures: tuple[Figure, ...]
    days: tuple[DayView, ...]
    topics: tuple[TopicView, ...]
    causes: tuple[str, ...]
    answers: tuple[str, ...]
    survey: str
    worst: tuple[PostView, ...]
    best: tuple[PostView, ...]
    unheard: tuple[str, ...]
    model: tuple[str, ...]
    site: tuple[str, ...]
    site_head: str
