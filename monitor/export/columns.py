"""The one table of columns: names, types, units and what they mean.

Headers, Parquet's schema, the column dictionary, the API's description and docs/columns.md come from here.
A name or a type that stands here stays: people have written programs against it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from monitor.domain import AlertAction, AlertState, DismissReason, Sentiment, Topic, Urgency


class Subject(StrEnum):
    """What can be exported."""

    MENTIONS = "mentions"
    ALERTS = "alerts"
    EVENTS = "events"
    TRENDS = "trends"
    LABELS = "labels"


class Type(StrEnum):
    """What a column holds. A moment is aware and in UTC, a day is one of the shop's time zone."""

    TEXT = "text"
    TEXTS = "texts"
    INTEGER = "integer"
    NUMBER = "number"
    TRUTH = "truth"
    MOMENT = "moment"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `optional` means that a value may be unknown, which is neither zero nor empty text.

    `choices` are the only values there are, where they are few. `unit` is empty where there is none.
    """

    name: str
    type: Type
    tells: str
    unit: str = ""
    optional: bool = False
    choices: tuple[str, ...] = ()


_TEXT, _TEXTS, _INTEGER, _NUMBER = Type.TEXT, Type.TEXTS, Type.INTEGER, Type.NUMBER
_TRUTH, _MOMENT, _DAY = Type.TRUTH, Type.MOMENT, Type.DAY
_UTC = "UTC"
_PROBABILITY = "probability 0-1"
_STANCES = tuple(Sentiment)
_HOST_ONLY = "Only its host where authors are hidden, because addresses often name them."

_MENTIONS = (
    Column("id", _INTEGER, "Number of the mention here; the same in every export."),
    Column("shop", _TEXT, "Slug of the shop that the post is about."),
    Column("source", _TEXT, "Slug of the source that brought it."),
    Column("url", _TEXT, f"Address of the post. {_HOST_ONLY}"),
    Column("author", _TEXT, "Who wrote it: a pseudonym that is the same in every export, or the name where "
           "names were asked for. Empty when unknown or erased."),
    Column("title", _TEXT, "Title of the post; empty where there is none."),
    Column("text", _TEXT, "What was written, as plain text; empty once it was erased."),
    Column("posted_at", _MOMENT, "When it was written; unknown where the source does not say.", _UTC, True),
    Column("found_at", _MOMENT, "When it was found.", _UTC),
    Column("language", _TEXT, "Language of the post, such as fi, sv or en.", "ISO 639-1", True),
    Column("thread_title", _TEXT, "Title of the conversation it belongs to."),
    Column("matched_words", _TEXTS, "The words that named the shop, as they were written."),
    Column("certainty", _NUMBER, "How sure it is that these words mean the shop.", _PROBABILITY),
    Column("reach", _INTEGER, "Followers of the writer, or readers of the place.", "people", True),
    Column("rating", _NUMBER, "Stars that came with the post.", "stars 1-5", True),
    Column("sentiment", _TEXT, "The writer's stance toward the shop as the model reads it; unknown when not "
           "scored. Corrections are in labels.",
           optional=True, choices=_STANCES),
    Column("negative", _NUMBER, "How likely the stance is negative.", _PROBABILITY, True),
    Column("neutral", _NUMBER, "How likely the stance is neutral.", _PROBABILITY, True),
    Column("positive", _NUMBER, "How likely the stance is positive.", _PROBABILITY, True),
    Column("topics", _TEXTS, "What the post is about; several are possible.", choices=tuple(Topic)),
    Column("urgency", _TEXT, "How soon a person should look.", optional=True, choices=tuple(Urgency)),
    Column("needs_reply", _TRUTH, "Whether the writer seems to expect an answer.", optional=True),
    Column("not_scored", _TEXT, "Why there is no stance; unknown when there is one.",
           optional=True),
    Column("model", _TEXT, "The model that judged it; unknown while the post waits for it.", optional=True),
)  # fmt: skip

_ALERTS = (
    Column("id", _INTEGER, "Number of the alert here."),
    Column("shop", _TEXT, "Slug of the shop that must answer."),
    Column("source", _TEXT, "Slug of the source of the conversation."),
    Column("state", _TEXT, "Where the alert stands now.", choices=tuple(AlertState)),
    Column("urgency", _TEXT, "How soon it wants an answer.", choices=tuple(Urgency)),
    Column("posted_at", _MOMENT, "When its first post was written.", _UTC, True),
    Column("opened_at", _MOMENT, "When the alert was opened.", _UTC),
    Column("due_at", _MOMENT, "Until when it should be answered, counted in opening hours.", _UTC),
    Column("answered_at", _MOMENT, "When it was answered.", _UTC, True),
    Column("closed_at", _MOMENT, "When it was answered or dismissed.", _UTC, True),
    Column("dismiss_reason", _TEXT, "Why it needed no answer.", optional=True, choices=tuple(DismissReason)),
    Column("taken_by", _TEXT, "Who of the shop's own people took it.", optional=True),
    Column("mentions", _INTEGER, "How many posts it gathers.", "posts"),
    Column("url", _TEXT, f"Address of its first post. {_HOST_ONLY}"),
    Column("reasons", _TEXTS, "Names of the rules that opened it."),
)

_EVENTS = (
    Column("id", _INTEGER, "Number of the event; they are in the order in which they happened."),
    Column("alert_id", _INTEGER, "The alert it happened to: `id` in the export of alerts."),
    Column("shop", _TEXT, "Slug of the shop of that alert."),
    Column("source", _TEXT, "Slug of the source of that alert."),
    Column("at", _MOMENT, "When it happened.", _UTC),
    Column("action", _TEXT, "What was done.", choices=tuple(AlertAction)),
    Column("who", _TEXT, "Who of the shop's own people did it; empty for the program itself."),
    Column("via", _TEXT, "From where it was done: dashboard, mail, cli or rule."),
    Column("note", _TEXT, "What was written about it. Where names were not asked for, ids of posts are left "
           "out and of addresses only the host stays, because some of them name the writer."),
)  # fmt: skip

_SHARE, _SECONDS, _POSTS = "share 0-1", "seconds", "posts"
# In the order of monitor.trends.COLUMNS, which says what is counted.
_TRENDS = (
    Column("day", _DAY, "First day of the period; of an hour, the day it lies in.", "day of the shop's zone"),
    Column("finished", _TRUTH, "Whether the period is over. The figures of one that is not will grow."),
    Column("shop", _TEXT, "Slug of the shop."),
    Column("source", _TEXT, "Slug of the source; empty where all sources are taken together."),
    Column("language", _TEXT, "Language of the posts; empty where all are taken together, und where nobody "
           "knows it."),
    Column("topic", _TEXT, "Topic of the posts; empty where all are taken together. A post with several "
           "topics counts under each."),
    Column("mentions", _INTEGER, "How many posts were about the shop.", _POSTS),
    Column("negative", _INTEGER, "How many of them were negative.", _POSTS),
    Column("neutral", _INTEGER, "How many of them were neutral.", _POSTS),
    Column("positive", _INTEGER, "How many of them were positive.", _POSTS),
    Column("unscored", _INTEGER, "How many of them have no stance, or wait for it.", _POSTS),
    Column("share_negative", _NUMBER, "Negative ones of those scored; unknown when none was.", _SHARE, True),
    Column("share_negative_low", _NUMBER, "Lower end of its 95 % interval (Wilson).", _SHARE, True),
    Column("share_negative_high", _NUMBER, "Upper end of its 95 % interval (Wilson).", _SHARE, True),
    Column("mean_score", _NUMBER, "Mean of positive minus negative over those scored; -1 is all negative for "
           "sure, 1 all positive.", "-1 to 1", True),
    Column("corrected", _INTEGER, "Of how many a person corrected what the model said.", _POSTS),
    Column("needs_reply", _INTEGER, "How many seem to expect an answer.", _POSTS),
    Column("reach", _INTEGER, "Followers or readers added up, of those posts of which they are known.",
           "people", True),
    Column("alerts", _INTEGER, "How many alerts were opened in the period.", "alerts"),
    Column("answered", _INTEGER, "How many of them were answered since.", "alerts"),
    Column("answer_median_s", _INTEGER, "Half of the first answers came within this time of the post.",
           _SECONDS, True),
    Column("answer_p90_s", _INTEGER, "Nine of ten first answers came within this time of the post.",
           _SECONDS, True),
    Column("within_deadline", _INTEGER, "How many alerts were answered before they were due.", "alerts"),
    Column("decided", _INTEGER, "Of how many answers it shows what they brought.", "alerts"),
    Column("saved", _INTEGER, "How many of those won the customer back.", "alerts"),
    Column("deaf_s", _INTEGER, "How long sources could not be heard, added up: what was said then may be "
           "missing.", _SECONDS),
    Column("deaf_sources", _TEXTS, "Slugs of the sources that could not be heard."),
    Column("models", _TEXTS, "Models that judged in the period; a change of model is not one of opinion."),
    Column("begins_at", _MOMENT, "The moment at which the period begins.", _UTC),
)  # fmt: skip

_LABELS = (
    Column("id", _INTEGER, "Number of the correction."),
    Column("mention_id", _INTEGER, "The mention that was corrected: `id` in the export of mentions."),
    Column("shop", _TEXT, "Slug of the shop that the post is about."),
    Column("source", _TEXT, "Slug of the source that brought it."),
    Column("language", _TEXT, "Language of the post.", "ISO 639-1", True),
    Column("at", _MOMENT, "When it was corrected.", _UTC),
    Column("field", _TEXT, "What was corrected: sentiment, about_shop, topics or urgency."),
    Column("value", _TEXT, "What the person says it is."),
    Column("who", _TEXT, "Who of the shop's own people corrected it."),
)

COLUMNS: Mapping[Subject, tuple[Column, ...]] = {
    Subject.MENTIONS: _MENTIONS,
    Subject.ALERTS: _ALERTS,
    Subject.EVENTS: _EVENTS,
    Subject.TRENDS: _TRENDS,
    Subject.LABELS: _LABELS,
}


def names(subject: Subject) -> tuple[str, ...]:
    """Names of a subject's columns, in their order."""
    return tuple(column.name for column in COLUMNS[subject])


def chosen(subject: Subject, wanted: tuple[str, ...]) -> tuple[Column, ...]:
    """The wanted columns, in the order in which they were asked for; all when none are named."""
    known = {column.name: column for column in COLUMNS[subject]}
    return tuple(known[name] for name in dict.fromkeys(wanted)) or COLUMNS[subject]
