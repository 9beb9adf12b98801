"""What people said of mentions in the place of the model, as stored. Works in the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from monitor.store.tables import Label, Mention

_FIELDS = ("sentiment", "about_shop")


@dataclass(frozen=True, slots=True)
class Correction:
    """The newest word of a person on one mention: `field` is sentiment or about_shop."""

    field: str
    value: str
    who: str


def corrections(session: Session, mention_ids: Sequence[int]) -> dict[int, Correction]:
    """The newest correction of each mention, by id; what was said before an edit counts no more."""
    newest = (
        select(func.max(col(Label.id)))
        .join(Mention, col(Mention.id) == col(Label.mention_id))
        .where(
            col(Label.mention_id).in_(mention_ids),
            col(Label.field).in_(_FIELDS),
            or_(col(Mention.edited_at).is_(None), col(Label.at) > col(Mention.edited_at)),
        )
        .group_by(col(Label.mention_id))
    )
    found = session.execute(select(Label).where(col(Label.id).in_(newest))).scalars()
    return {row.mention_id: Correction(row.field, row.value, row.who) for row in found}
