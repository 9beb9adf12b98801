"""What review sites share: a review rarely names the shop it is about, and the shop answers in public."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from monitor.domain import Batch, Post, Shop
from monitor.errors import SourceGone
from monitor.sources.contract import SourceContext
from monitor.sources.reading import BatchMaker
from monitor.sources.rechecking import REPLY, one_by_one

Review = TypeVar("Review")


class Reviewed:
    """The shop that a source's reviews are about.

    `about` is its name as configured; without it the only shop that is not a rival is meant. `name` is
    put over every review as its thread's title, so that the shop is found in it.
    """

    def __init__(self, about: str | None, context: SourceContext) -> None:
        own = [shop for shop in context.shops if not shop.rival]
        named = [shop for shop in context.shops if about and about.casefold() in _names(shop)]
        shop = named[0] if named else own[0] if len(own) == 1 and about is None else None
        self.name = about or (shop.name if shop else "")
        self._handle = shop.handles[0] if shop and shop.handles else ""

    def read(
        self,
        review: Review,
        parse: Callable[[Review], Post],
        reply: tuple[str, object],
        oldest: datetime,
        maker: BatchMaker,
    ) -> None:
        """Hand on a review and the shop's reply to it (text and time); either may be new."""
        posts: list[Post] = []

        def parsed(row: Review) -> Post | None:
            posts.append(parse(row))
            return _since(oldest, posts[-1])

        maker.read([review], parsed, lambda row: "a review")
        maker.read(posts, lambda post: _since(oldest, self._answer(post, *reply, maker)))

    @staticmethod
    def again(posts: Sequence[Post], look: Callable[[str], tuple[Post, str]], host: str) -> Batch:
        """Return reviews and replies as they read now, and those that are there no more; see Rereads.

        `look` asks for one review and gives it with the text of the shop's reply ("": there is none).
        """
        shown: dict[str, tuple[Post, str] | None] = {}

        def see(post: Post) -> Post:
            name = post.external_id.removesuffix(REPLY)
            if name not in shown:
                try:
                    shown[name] = look(name)
                except SourceGone:
                    shown[name] = None
            found = shown[name]
            if found is None or (post.external_id != name and not found[1].strip()):
                raise SourceGone(f"{host} does not show {post.external_id} any more.")
            review, reply = found
            if post.external_id == name:
                return review
            return review.model_copy(update={"text": reply, "title": "", "rating": None, "edited_at": None})

        return one_by_one(posts, see).batch(posts, host)

    def _answer(self, review: Post, text: str, written: object, maker: BatchMaker) -> Post | None:
        """Return the shop's own answer to a review; None when there is none, or the shop has no handle.

        By the handle as its author the answer is known for the shop's own, and closes the alert.
        """
        if not text.strip() or not self._handle:
            return None
        return maker.post(
            f"{review.external_id}{REPLY}",
            text,
            url=review.url,
            author=self._handle,
            posted_at=written,
            thread_key=review.thread_key,
            thread_title=review.thread_title,
            parent_text=review.text,
        )


def stars(count: int) -> str:
    """Return a rating as text, for reviews that are nothing else."""
    return "★" * count + "☆" * (5 - count) if 0 < count <= 5 else ""


def _names(shop: Shop) -> set[str]:
    return {name.casefold() for name in (shop.slug, shop.name, *shop.aliases)}


def _since(oldest: datetime, post: Post | None) -> Post | None:
    moment = (post.edited_at or post.posted_at) if post else None
    return None if moment and moment < oldest else post
