"""Looking again at posts that were handed on: which read otherwise now, and which are gone.

A kind that can ask for posts by their ids has a method `again(posts)`; what it cannot know it does not
claim, because the text of a post that is gone is removed for good.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from monitor.domain import Batch, Post
from monitor.errors import SourceBroken, SourceBusy, SourceGone

REPLY = ":reply"  # ends the id of a shop's answer to a review
_FEW = 3
Shown = TypeVar("Shown")


class AllGone(SourceBroken):
    """Many were asked for and every one is missing: they are gone, or the answer is wrong."""

    def __init__(self, sentence: str, gone: tuple[str, ...]) -> None:
        super().__init__(sentence)
        self.gone = gone


@dataclass(slots=True)
class Looks:
    """What looking again showed: of the posts `asked` for those that are `there`, as they read now.

    None stands for one that is there and cannot be read. `in_vain` are those of which nothing came out.
    `is_cut` when not all could be asked for.
    """

    asked: list[str] = field(default_factory=list)
    there: dict[str, Post | None] = field(default_factory=dict)
    in_vain: list[str] = field(default_factory=list)
    is_cut: bool = False

    def batch(self, known: Iterable[Post], host: str) -> Batch:
        """Return it as a Batch; of each known post only its words, stars and time of change are new.

        Where not all could be asked for, one that was looked at in vain comes as it was, so that it is known
        to have had its turn.
        """
        lost = missing(self.asked, self.there, host)
        in_vain = {*self.there, *self.in_vain} if self.is_cut else set()
        posts = ((post, self.there.get(post.external_id)) for post in known)
        seen = (
            (_as_now(post, now) if now else post) for post, now in posts if now or post.external_id in in_vain
        )
        return Batch(posts=tuple(seen), gone=lost, more=self.is_cut)


def one_by_one(posts: Iterable[Post], look: Callable[[Post], Post | None]) -> Looks:
    """Look at each post; `look` raises SourceGone for one that is there no more.

    When the other side wants us to wait in the middle, what is known by then counts. One that we may not
    see (its place was closed to us) keeps nobody from looking at the others; SourceBroken when that is all.
    """
    looks, failures = Looks(), list[SourceBroken]()
    for post in posts:
        try:
            looks.there[post.external_id] = readable(look, post)
        except SourceGone:
            pass
        except SourceBusy:
            if not looks.asked:
                raise
            looks.is_cut = True
            return looks
        except SourceBroken as failure:
            failures.append(failure)
            raise_if_closed(failures, looks)
            looks.in_vain.append(post.external_id)
            continue
        looks.asked.append(post.external_id)
    if failures and not looks.asked:
        raise failures[0]
    return looks


def readable(look: Callable[[Shown], Post | None], shown: Shown) -> Post | None:
    """What a post says now; None for one that is damaged."""
    try:
        return look(shown)
    except ValueError:
        return None


def raise_if_closed(failures: Sequence[SourceBroken], looks: Looks) -> None:
    """Raise the first failure where so many came and nothing else: then the others would fail as well."""
    if len(failures) >= _FEW and not looks.asked:
        raise failures[0]


def all_at_once(asked: Sequence[str], there: Mapping[str, Post | None]) -> Looks:
    """What one question for many posts showed."""
    return Looks(list(asked), dict(there))


def _as_now(before: Post, now: Post) -> Post:
    """What surrounds a post stays as it was found; only it itself was looked at."""
    return before.model_copy(
        update={
            "text": now.text,
            "title": now.title or before.title,
            "edited_at": now.edited_at or before.edited_at,
            "rating": before.rating if now.rating is None else now.rating,
        }
    )


def missing(asked: Sequence[str], there: Collection[str], host: str) -> tuple[str, ...]:
    """Return the ids that are not there; AllGone when so many are missing that we doubt the answer."""
    lost = tuple(name for name in asked if name not in there)
    if len(lost) > _FEW and len(lost) == len(asked):
        raise AllGone(f"{host} shows none of {len(asked)} posts that it showed before.", lost)
    return lost
