"""Posts out of the structured data of a page (JSON-LD of schema.org): discussions, reviews, questions."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from monitor.sources.forum.profile import Node
from monitor.text import html_to_line

_POSTS = {"DiscussionForumPosting", "SocialMediaPosting", "Question", "Review", "UserReview"}
_ANSWERS = ("comment", "acceptedAnswer", "suggestedAnswer")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_MOST = 2_000
_DEEPEST = 60


@dataclass(frozen=True, slots=True)
class StructuredPost:
    """One post as written: `text` may be HTML, times are text, `parent` is the post that it answers."""

    id: str
    text: str
    title: str = ""
    author: str = ""
    at: str = ""
    edited: str = ""
    url: str = ""
    rating: float | None = None
    about: str = ""
    parent: "StructuredPost | None" = None


def structured_posts(root: Node) -> list[StructuredPost]:
    """Return the posts of a page, the first writer before those who answer; [] where there are none."""
    found: dict[str, StructuredPost] = {}
    for script in root.iter("script"):
        if script.get("type", "").strip().lower() == "application/ld+json":
            for post in _walk(_read(script.text or "")):
                found.setdefault(post.id, post)
                if len(found) >= _MOST:
                    return list(found.values())
    return list(found.values())


def _read(written: str) -> Any:
    try:
        return json.loads(_CONTROLS.sub(" ", written), strict=False)
    except (ValueError, RecursionError):
        return None


def _walk(top: Any) -> Iterator[StructuredPost]:
    """Look for posts anywhere in the data; what answers a post comes with it."""
    waiting: list[tuple[Any, str, int]] = [(top, "", 0)]
    while waiting:
        node, about, depth = waiting.pop()
        if isinstance(node, list):
            waiting += [(inner, about, depth + 1) for inner in reversed(node) if depth < _DEEPEST]
        elif isinstance(node, dict):
            if _types(node) & _POSTS:
                yield from _post_and_answers(node, about, None, depth)
            elif depth < _DEEPEST:
                name = _line(node.get("name")) or about
                waiting += [(inner, name, depth + 1) for inner in reversed(list(node.values()))]


def _post_and_answers(
    node: dict[str, Any], about: str, parent: StructuredPost | None, depth: int
) -> Iterator[StructuredPost]:
    post = _post(node, about, parent)
    if post is not None:
        yield post
    for key in _ANSWERS:
        for answer in _as_list(node.get(key)):
            if isinstance(answer, dict) and depth < _DEEPEST:
                yield from _post_and_answers(answer, about, post or parent, depth + 1)


def _post(node: dict[str, Any], about: str, parent: StructuredPost | None) -> StructuredPost | None:
    text = _first(node, "text", "articleBody", "reviewBody")
    title = _line(node.get("headline")) or _line(node.get("name"))
    if not text and not title:
        return None
    author, at = _name(node.get("author")), _first(node, "datePublished", "dateCreated")
    url = _plain(node.get("url"))
    own_id = _plain(node.get("@id")) or (url if parent is None or url != parent.url else "")
    reviewed = _as_list(node.get("itemReviewed"))
    return StructuredPost(
        id=own_id or _hash(author, at, text or title, parent.id if parent else ""),
        text=text or title,
        title=title if text else "",
        author=author,
        at=at,
        edited=_plain(node.get("dateModified")),
        url=url,
        rating=_rating(node.get("reviewRating")),
        about=next((_line(one.get("name")) for one in reviewed if isinstance(one, dict)), "") or about,
        parent=parent,
    )


def _types(node: dict[str, Any]) -> set[str]:
    return {str(one).rpartition("/")[2] for one in _as_list(node.get("@type"))}


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _plain(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _first(node: dict[str, Any], *keys: str) -> str:
    return next((value for key in keys if (value := _plain(node.get(key)))), "")


def _line(value: Any) -> str:
    return html_to_line(value) if isinstance(value, str) else ""


def _name(value: Any) -> str:
    one = next(iter(_as_list(value)), None)
    return _line(one.get("name")) if isinstance(one, dict) else _line(one)


def _rating(value: Any) -> float | None:
    """Return stars of five, whatever the scale of the site is."""
    one = next(iter(_as_list(value)), None)
    if not isinstance(one, dict):
        return None
    stars, best, worst = (_number(one.get(key)) for key in ("ratingValue", "bestRating", "worstRating"))
    if stars is None or best in (None, 5.0):
        return stars
    low = 1.0 if worst is None else worst
    return round(1 + 4 * (stars - low) / (best - low), 2) if best is not None and best > low else None


def _number(value: Any) -> float | None:
    try:
        return float(str(value).replace(",", "."))
    except ValueError:
        return None


def _hash(author: str, at: str, text: str, thread: str) -> str:
    """An id for a post that has none: a new text under the same name and time is the same post."""
    mark = (author, at, thread) if author and ":" in at else (author, at, text, thread)
    return "sha256:" + hashlib.sha256("\0".join(mark).encode("utf-8", "replace")).hexdigest()[:32]
