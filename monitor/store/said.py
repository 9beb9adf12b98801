"""What people said of mentions goes before what the model said: as SQL, for lists, exports and trends alike.

Of a text that was edited since, a correction says nothing.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, cast, func, literal, or_, select
from sqlmodel import col

from monitor.domain import Sentiment, Topic
from monitor.store.tables import Assessment, Label, Mention

_FIELDS = ("sentiment", "about_shop", "topics")
_NOT_NEGATIVE = "not_negative"


def said() -> Any:
    """One row a mention: mention_id, and sentiment, about_shop and topics by people; None where unsaid."""
    newest = select(func.max(col(Label.id))).group_by(col(Label.mention_id), col(Label.field))

    def of(field: str) -> Any:
        return func.max(case((col(Label.field) == field, col(Label.value)))).label(field)

    return (
        select(col(Label.mention_id), *map(of, _FIELDS))
        .join(Mention, col(Mention.id) == col(Label.mention_id))
        .where(col(Label.id).in_(newest), col(Label.field).in_(_FIELDS))
        .where(or_(col(Mention.edited_at).is_(None), col(Label.at) > col(Mention.edited_at)))
        .group_by(col(Label.mention_id))
        .subquery("said")
    )


def label_of(told: ColumnElement[str]) -> ColumnElement[str]:
    """The stance by people, else by the newest Assessment; `told` is the sentiment of `said`."""
    by_model, not_negative = col(Assessment.label), (Sentiment.POSITIVE.value, Sentiment.NEUTRAL.value)
    other = case((col(Assessment.positive) > col(Assessment.neutral), not_negative[0]), else_=not_negative[1])
    return case(
        (told.in_([one.value for one in Sentiment]), told),
        (and_(told == _NOT_NEGATIVE, by_model == Sentiment.NEGATIVE.value), other),
        else_=by_model,
    )


def names_topic(topics: ColumnElement[str], topic: Topic) -> ColumnElement[bool]:
    """Tell whether topics as they are stored, the model's JSON or a person's with commas, hold one."""
    by_model, by_person = f'"{topic.value}"', f",{topic.value},"
    return or_(topics.contains(by_model), (literal(",") + topics + ",").contains(by_person))


def has_label(labels: Sequence[Sentiment]) -> ColumnElement[bool]:
    """Mentions of these stances."""
    wanted, word = [label.value for label in labels], _word("sentiment")
    return _by_people("sentiment", col(Assessment.label).in_(wanted), label_of(word).in_(wanted))


def is_about() -> ColumnElement[bool]:
    """Mentions that are about the shop, or not judged yet."""
    by_model = or_(col(Assessment.is_about).is_(None), col(Assessment.is_about).is_(True))
    word = _word("about_shop")
    return _by_people("about_shop", by_model, or_(word == "true", and_(word.is_(None), by_model)))


def has_topic(topics: Sequence[Topic]) -> ColumnElement[bool]:
    """Mentions of any of these topics."""
    stored = cast(col(Assessment.topics), String)
    # Topics are a short JSON list of our own names; none of them holds a quote.
    by_model = or_(*(stored.contains(f'"{topic.value}"') for topic in topics))
    seen = func.coalesce(_word("topics"), stored)
    return _by_people("topics", by_model, or_(*(names_topic(seen, topic) for topic in topics)))


def _by_people(field: str, by_model: ColumnElement[bool], exact: ColumnElement[bool]) -> ColumnElement[bool]:
    """`by_model`, but for the few mentions of which a person spoke `exact`, which takes longer."""
    spoken_of = select(col(Label.mention_id)).where(col(Label.field) == field)
    return or_(
        and_(by_model, col(Mention.id).not_in(spoken_of)),
        and_(col(Mention.id).in_(spoken_of), exact),
    )


def _word(field: str) -> Any:
    """What a person said last of the mention of a row, as SQL; None where nobody did since it was edited."""
    counts = or_(col(Mention.edited_at).is_(None), col(Label.at) > col(Mention.edited_at))
    return (
        select(col(Label.value))
        .where(col(Label.mention_id) == col(Mention.id), col(Label.field) == field, counts)
        .order_by(col(Label.id).desc())
        .limit(1)
        .correlate(Mention)
        .scalar_subquery()
    )
