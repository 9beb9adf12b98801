"""Posts drawn at random for people to judge, as stored. Works in the caller's transaction."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from monitor.quality import Answer, Judged
from monitor.store import reads, stale, writes
from monitor.store.rows import MentionRow, mention_row
from monitor.store.tables import Assessment, Label, Mention, Sample


@dataclass(frozen=True, slots=True)
class SampleRow:
    """A drawn mention, what the model said of it when it was drawn, and what a person says (or None)."""

    id: int
    week: str
    mention: MentionRow
    said: Answer
    answer: Answer | None
    who: str | None


def draw(session: Session, week: str, since: datetime, until: datetime, number: int) -> int:
    """Draw so many scored mentions of a week, once; returns how many there are to judge.

    The draw hangs on the week's name only: whoever draws the same posts again gets the same.
    """
    drawn = session.execute(select(col(Sample.id)).where(col(Sample.week) == week)).scalars().all()
    if drawn:
        return len(drawn)
    query = (
        reads.judged_mentions()
        .where(
            reads.spoken_at() >= since,
            reads.spoken_at() < until,
            col(Mention.erased_at).is_(None),
            col(Assessment.label).is_not(None),
        )
        .with_only_columns(
            col(Mention.id), col(Assessment.model), col(Assessment.label), col(Assessment.is_about)
        )
        .order_by(col(Mention.id))
    )
    scored = session.execute(query).all()
    chosen = random.Random(week).sample(scored, min(number, len(scored)))
    rows = [
        {"week": week, "mention_id": id_, "model": model, "said": _said(label, is_about)}
        for id_, model, label, is_about in chosen
    ]
    return len(writes.insert_new(session, Sample, rows))


def _said(label: str, is_about: bool) -> str:
    """The stance toward a shop that a post is not about was never used."""
    return label if is_about else Answer.NOT_ABOUT.value


def drawn(session: Session, week: str) -> list[SampleRow]:
    """What was drawn from a week, in the order of drawing; erased posts are left out."""
    query = (
        select(Sample, Mention)
        .join(Mention, col(Mention.id) == col(Sample.mention_id))
        .where(col(Sample.week) == week, col(Mention.erased_at).is_(None))
        .order_by(col(Sample.id))
    )
    return [_row(sample, mention) for sample, mention in session.execute(query)]


def _row(sample: Sample, mention: Mention) -> SampleRow:
    return SampleRow(
        id=sample.id or 0,
        week=sample.week,
        mention=mention_row(mention),
        said=Answer(sample.said),
        answer=Answer(sample.answer) if sample.answer else None,
        who=sample.who,
    )


def answer(session: Session, sample_id: int, given: Answer, who: str, now: datetime) -> bool:
    """Keep what a person says of a drawn post, as a label too; False when somebody has said it already."""
    sample = session.execute(
        select(Sample).where(col(Sample.id) == sample_id).with_for_update()
    ).scalar_one_or_none()
    if sample is None or sample.answer is not None:
        return False
    sample.answer, sample.who, sample.answered_at = given.value, who, now
    for field, value in _labels(Answer(sample.said), given):
        session.add(Label(mention_id=sample.mention_id, field=field, value=value, who=who, at=now))
    stale.mark(session, [sample.mention_id])
    return True


def _labels(said: Answer, given: Answer) -> Iterator[tuple[str, str]]:
    """Fields and values of what a person says; whoever names a stance says that it is about the shop."""
    if given is Answer.NOT_ABOUT:
        yield "about_shop", "false"
    elif given is not Answer.UNCLEAR:
        if said is Answer.NOT_ABOUT:
            yield "about_shop", "true"
        yield "sentiment", given.value


def judged(session: Session, weeks: Sequence[str] = ()) -> list[Judged]:
    """Everything that people have judged, or only that of some weeks."""
    query = (
        select(col(Mention.lang), col(Sample.said), col(Sample.answer))
        .join(Mention, col(Mention.id) == col(Sample.mention_id))
        .where(col(Sample.answer).is_not(None))
    )
    query = query.where(col(Sample.week).in_(weeks)) if weeks else query
    return [Judged(lang, Answer(said), Answer(given)) for lang, said, given in session.execute(query)]
