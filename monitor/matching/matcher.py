"""Which shops a post is about: one look at each text for all names, then a close look at each candidate."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from monitor.domain import Match, Post, Shop
from monitor.matching import advice, context
from monitor.matching.close import Closely, Find
from monitor.matching.lexicon import load_lexicon
from monitor.matching.names import names_of
from monitor.matching.scan import Scan
from monitor.matching.short import short_names

WEAKER = {"text": 1.0, "title": 1.0, "thread": 0.85, "parent": 0.75}
FLOOR = 0.05


@dataclass(frozen=True, slots=True)
class _Part:
    """One text of a post, and what it names."""

    where: str
    text: str
    finds: tuple[Find, ...]


class Matcher:
    """All names of all shops, compiled once; safe to share between threads.

    `warnings` has one sentence for every name that is hard to tell from ordinary text or cannot be used.
    """

    def __init__(self, shops: Sequence[Shop]) -> None:
        lexicon = load_lexicon()
        self._shops = tuple(shops)
        full = [name for index, shop in enumerate(shops) for name in names_of(index, shop)]
        names = (*full, *(brief for name in full for brief in short_names(name, lexicon)))
        scan = Scan(names, lexicon.folded)
        self._closely = Closely(self._shops, names, scan, lexicon)
        self._may_name = self._closely.may_name

    @property
    def warnings(self) -> tuple[str, ...]:
        """What `mainevahti check` says about the names, one English sentence each."""
        return advice.warnings(self._shops)

    def find_shops(self, post: Post) -> tuple[Match, ...]:
        """One Match per shop that the post names, the surest first, equals by slug."""
        may_name = self._may_name
        if (
            may_name(post.text)
            or (post.thread_title and may_name(post.thread_title))
            or (post.parent_text and may_name(post.parent_text))
            or (post.title and may_name(post.title))
        ):
            return self._matches(post)
        return ()

    def find_spans(self, text: str, shop: Shop) -> tuple[tuple[int, int], ...]:
        """Where the text names the shop, as (start, end) in the text itself."""
        finds = self._closely.finds(text)
        return tuple((find.start, find.end) for find in finds if self._shops[find.shop].slug == shop.slug)

    def _matches(self, post: Post) -> tuple[Match, ...]:
        texts = {
            "text": post.text,
            "title": post.title,
            "thread": post.thread_title,
            "parent": post.parent_text,
        }
        parts = [
            _Part(where, text, tuple(self._closely.finds(text))) for where, text in texts.items() if text
        ]
        best: dict[str, Match] = {}
        for index in dict.fromkeys(find.shop for part in parts for find in part.finds):
            for match in self._judge(index, parts):
                if match.certainty >= FLOOR and _surer(match, best.get(match.shop.slug)):
                    best[match.shop.slug] = match
        return tuple(sorted(best.values(), key=lambda match: (-match.certainty, match.shop.slug)))

    def _judge(self, index: int, parts: list[_Part]) -> Iterator[Match]:
        shop = self._shops[index]
        around = context.plus_minus(shop, [part.text for part in parts])
        of_shop = {part.where: [find for find in part.finds if find.shop == index] for part in parts}
        sure = {where: _surest(finds) for where, finds in of_shop.items()}
        for where, finds in of_shop.items():
            if finds:
                elsewhere = max((value for other, value in sure.items() if other != where), default=0.0)
                full = max(elsewhere, sure[where])
                certainty = max(_certainty(find, around, full, elsewhere) for find in finds)
                words = tuple(dict.fromkeys(find.words for find in finds))
                yield Match(shop, words, round(certainty * WEAKER[where], 3), where)


def _certainty(find: Find, around: float, full: float, elsewhere: float) -> float:
    """Of one find, with what the shop's own words and the other parts of the post add."""
    if find.points is None:
        return find.weight
    total = find.points + around
    if find.short and full >= 0.5:
        total += context.FULL_NAME_ELSEWHERE
    elif elsewhere >= 0.5:
        total += context.NAMED_ELSEWHERE
    return find.weight * context.certainty(total)


def _surest(finds: list[Find]) -> float:
    """How sure the surest full name among the finds of a shop is."""
    return max((find.certainty for find in finds if not find.short), default=0.0)


def _surer(match: Match, other: Match | None) -> bool:
    return other is None or match.certainty > other.certainty
