"""Posts of stored mentions, to be looked at again where they stand."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlmodel import Session, col

from monitor.domain import Post
from monitor.store.tables import Mention


def posts_of(session: Session, source: str, external_ids: Sequence[str]) -> list[Post]:
    """The posts as they are stored, each once, in the order of the ids; erased ones are left out."""
    query = select(Mention).where(
        col(Mention.source) == source,
        col(Mention.external_id).in_(external_ids),
        col(Mention.erased_at).is_(None),
    )
    found = {mention.external_id: mention for mention in session.execute(query).scalars()}
    return [_post(found[name]) for name in external_ids if name in found]


def _post(mention: Mention) -> Post:
    return Post(**{name: getattr(mention, name) for name in Post.model_fields})
