"""What can be asked of each address of the API; read by the requests and by the OpenAPI document alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from monitor.domain import AlertState, Handled, Sentiment, Topic, Urgency
from monitor.export import Format, Subject, names
from monitor.trends import Split, Step

MOST_ROWS, USUAL_ROWS = 500, 100
MOST_CHARACTERS = 200
_MOMENT = (
    "A day (2026-11-24) in the shop's time zone, or a moment with its offset (2026-11-24T12:00:00Z). A day "
    "counts whole, also as `until`."
)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One key of a query. `schema` is JSON Schema of one value; `is_many` means it may be repeated."""

    name: str
    tells: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string", "minLength": 1})
    is_many: bool = False


def _choice(name: str, tells: str, kind: type[StrEnum]) -> Parameter:
    return Parameter(name, tells, {"type": "string", "enum": [one.value for one in kind]}, is_many=True)


def _columns(subject: Subject) -> Parameter:
    known = {"type": "string", "enum": list(names(subject))}
    return Parameter("columns", "Only these columns, separated by commas.", known, is_many=True)


_SHOP = Parameter("shop", "Slug of a shop of the configuration.", is_many=True)
_SOURCE = Parameter("source", "Slug of a source.", is_many=True)
_DAY: Mapping[str, Any] = {"type": "string", "format": "date"}
_TIME: Mapping[str, Any] = {"anyOf": [_DAY, {"type": "string", "format": "date-time"}]}
_SINCE = Parameter("since", f"From this time on. {_MOMENT}", _TIME)
_UNTIL = Parameter("until", f"Up to this time. {_MOMENT}", _TIME)
_LIMIT = Parameter(
    "limit",
    "Rows of one page.",
    {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": USUAL_ROWS},
)
_CURSOR = Parameter(
    "cursor",
    "`next` of the page before; ask with the same filters.",
    {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,100}$"},
)

_LANGUAGE = Parameter("language", "Language of the post, such as fi; und: unknown.", is_many=True)
_FIGURES = (
    Parameter(
        "step",
        "Length of a period; each that holds one of the days is told whole.",
        {"type": "string", "enum": list(Step), "default": "day"},
    ),
    Parameter(
        "by",
        "What figures are told apart by, besides shop and period; by default the source.",
        {"type": "string", "enum": list(Split)},
        is_many=True,
    ),
    Parameter(
        "by_source",
        "false: all sources of a shop together.",
        {"type": "boolean", "default": True},
    ),
    Parameter("topic", "Only posts of this topic.", {"type": "string", "enum": [one.value for one in Topic]}),
    _LANGUAGE,
    _SOURCE,
)

MENTIONS = (
    _SHOP,
    _SOURCE,
    _choice("sentiment", "How the writer feels toward the shop; corrections by people count.", Sentiment),
    _choice("topic", "What it is about.", Topic),
    _LANGUAGE,
    _choice("handled", "In an alert that waits, only in some that are done, or in none.", Handled),
    _SINCE,
    _UNTIL,
    Parameter(
        "words",
        "Words that all occur in title or text.",
        {"type": "string", "minLength": 1, "maxLength": MOST_CHARACTERS},
    ),
    Parameter(
        "about_only",
        "false: also what the model holds not to be about the shop.",
        {"type": "boolean", "default": True},
    ),
    _columns(Subject.MENTIONS),
    _LIMIT,
    _CURSOR,
)
ALERTS = (
    _SHOP,
    _SOURCE,
    _choice("state", "Where the alert stands.", AlertState),
    _choice("urgency", "How soon a person must look.", Urgency),
    _SINCE,
    _UNTIL,
    _columns(Subject.ALERTS),
    _LIMIT,
    _CURSOR,
)
TRENDS = (
    _SHOP,
    Parameter("since", "First day; by default thirty days ago.", _DAY),
    Parameter("until", "Last day; by default today.", _DAY),
    *_FIGURES,
    _columns(Subject.TRENDS),
)
HEALTH: tuple[Parameter, ...] = ()
COLUMNS = (
    Parameter(
        "subject",
        "Only the columns of this list or export.",
        {"type": "string", "enum": [subject.value for subject in Subject]},
        is_many=True,
    ),
)
_FILE = (
    Parameter(
        "format",
        "How the file is written; excel is CSV for Finnish Excel.",
        {"type": "string", "enum": [format.value for format in Format], "default": "csv"},
    ),
    Parameter("bom", "true: mark CSV as UTF-8 for spreadsheets.", {"type": "boolean", "default": False}),
    Parameter(
        "names",
        "true: authors by name and whole addresses, for clients that may (names = true in config.toml).",
        {"type": "boolean", "default": False},
    ),
)
_AUTHOR = Parameter(
    "author",
    "Only posts of the writer with just this name; with names=true, because it tells who wrote them.",
    {"type": "string", "minLength": 1, "maxLength": MOST_CHARACTERS},
)
_PERIOD = (
    Parameter("since", f"From this time on; by default thirty days before the end. {_MOMENT}", _TIME),
    Parameter("until", f"Up to this time; by default now. {_MOMENT}", _TIME),
)


def _but(known: tuple[Parameter, ...], *left_out: str) -> tuple[Parameter, ...]:
    return tuple(parameter for parameter in known if parameter.name not in left_out)


_OF_LISTS = ("limit", "cursor", "since", "until")
EXPORTS: Mapping[Subject, tuple[Parameter, ...]] = {
    Subject.MENTIONS: (*_but(MENTIONS, *_OF_LISTS), _AUTHOR, *_PERIOD, *_FILE),
    Subject.ALERTS: (*_but(ALERTS, *_OF_LISTS), *_PERIOD, *_FILE),
    Subject.EVENTS: (_SHOP, _SOURCE, *_PERIOD, _columns(Subject.EVENTS), *_FILE),
    Subject.TRENDS: (*TRENDS, *_FILE),
    Subject.LABELS: (_SHOP, _SOURCE, *_PERIOD, _columns(Subject.LABELS), *_FILE),
}
