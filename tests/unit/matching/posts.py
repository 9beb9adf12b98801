"""Short ways to ask the matcher, for the tests of this folder."""

from collections.abc import Sequence

from monitor.domain import Match, Post, Shop
from monitor.matching import Matcher, decide


def post(text: str, thread_title: str = "", parent: str = "", title: str = "") -> Post:
    return Post(
        source="test",
        external_id="1",
        thread_key="1",
        text=text,
        title=title,
        thread_title=thread_title,
        parent_text=parent,
    )


def shop(name: str, **more: object) -> Shop:
    return Shop(slug=name.lower().replace(" ", "-") or "nameless", name=name, **more)  # type: ignore[arg-type]


def find(shops: Shop | Sequence[Shop], text: str, **parts: str) -> tuple[Match, ...]:
    several = [shops] if isinstance(shops, Shop) else shops
    return Matcher(several).find_shops(post(text, **parts))


def words(one: Shop, text: str, **parts: str) -> tuple[str, ...]:
    return tuple(word for match in find(one, text, **parts) for word in match.words)


def certainty(one: Shop, text: str, **parts: str) -> float:
    return max((match.certainty for match in find(one, text, **parts)), default=0.0)


def is_kept(one: Shop, text: str, **parts: str) -> bool:
    return decide(certainty(one, text, **parts), None)


LUMO = shop("Lumopuoti", domains=("lumopuoti.fi",), handles=("@lumopuoti", "lumopuoti_oy"))
POLKU = shop("Kenkäpolku")
KUURA = shop("Kuura", words_near=("koru", "sormus"), not_words=("pakkanen", "ikkuna"))
