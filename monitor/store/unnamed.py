"""Posts edited so that they name a shop no longer. Works in the caller's transaction."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from monitor.domain import Match, Post
from monitor.store import stale
from monitor.store.tables import Mention
from monitor.store.writes import edit, text_hash
from monitor.text import fingerprint

_AT_ONCE = 500
_BESIDE = ("thread", "parent")


def edit_unnamed(
    session: Session, posts: Sequence[Post], found: Sequence[tuple[Post, Match, str]], now: datetime
) -> tuple[int, ...]:
    """Follow edits of stored posts in which the shop was not `found` any more; returns the mentions edited.

    The text is replaced, because nobody says the old one any more. The mention stays, with no word that
    names the shop and no certainty; whether it is about the shop is judged again.
    """
    named = {(match.shop.slug, post.source, post.external_id) for post, match, _ in found}
    by_id = {(post.source, post.external_id): post for post in posts}
    edited: list[int] = []
    for mention in _differing(session, by_id, named):
        changed = edit(session, mention, _values(by_id[mention.source, mention.external_id], mention, now))
        edited += [changed] if changed is not None else []
    stale.mark(session, edited)
    return tuple(edited)


def _differing(
    session: Session, by_id: dict[tuple[str, str], Post], named: set[tuple[str, str, str]]
) -> Iterator[Mention]:
    """The mentions with another text than their posts have now, but for those that are named in them."""
    for source in {source for source, _ in by_id}:
        ids = [external_id for of, external_id in by_id if of == source]
        for start in range(0, len(ids), _AT_ONCE):
            query = select(
                col(Mention.id), col(Mention.shop), col(Mention.external_id), col(Mention.text_hash)
            ).where(
                col(Mention.source) == source,
                col(Mention.external_id).in_(ids[start : start + _AT_ONCE]),
                col(Mention.erased_at).is_(None),
            )
            for number, shop, external_id, before in session.execute(query).all():
                is_named = (shop, source, external_id) in named
                if not is_named and before != text_hash(by_id[source, external_id]):
                    yield session.get_one(Mention, number)


def _values(post: Post, mention: Mention, now: datetime) -> dict[str, object]:
    # A name that stood in the thread's title or in what is answered was never in the text.
    is_beside = mention.found_where in _BESIDE
    return {
        "title": post.title,
        "text": post.text,
        "text_hash": text_hash(post),
        "fingerprint": fingerprint(post.text),
        "words": mention.words if is_beside else [],
        "certainty": mention.certainty if is_beside else 0.0,
        "found_where": mention.found_where,
        "rating": post.rating,
        "edited_at": post.edited_at,
        "found_at": now,
    }
