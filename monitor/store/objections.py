"""Writers who were erased on request: what they write afterwards is heard, but stored without their name.

Of whom is known only by the keyed hashes of the erasures.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import select
from sqlmodel import Session, col

from monitor.domain import Match, Post
from monitor.store.privacy import subject_of
from monitor.store.tables import Erasure

Found = Sequence[tuple[Post, Match, str]]


def nameless(session: Session, found: Found, key: Callable[[], bytes]) -> list[tuple[Post, Match, str]]:
    """The posts, those of such writers without their author; `key` is that of the hashes."""
    if not any(post.author for post, _, _ in found):
        return list(found)
    hashes = frozenset(session.execute(select(col(Erasure.subject_hash))).scalars())
    if not hashes:
        return list(found)
    secret = key()
    return [(_without(post, hashes, secret), match, print_) for post, match, print_ in found]


def _without(post: Post, hashes: frozenset[str], key: bytes) -> Post:
    places = (None, post.source) if post.author else ()
    objects = any(subject_of(post.author, None, place, key) in hashes for place in places)
    return post.model_copy(update={"author": ""}) if objects else post
