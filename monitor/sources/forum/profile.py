"""Site profiles: how the pages of a forum read, as data (monitor/sources/profiles/*.toml).

A profile names selectors; it says nothing of when or how often pages are fetched. A new forum is a
profile file, or a known profile with a few selectors written over it in config.toml.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeAlias
from zoneinfo import available_timezones

from cssselect import HTMLTranslator, SelectorError
from lxml import etree, html
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr

from monitor.text import html_to_line

_FOLDER = Path(__file__).parents[1] / "profiles"
Node: TypeAlias = etree._Element


class Selector:
    """A CSS selector, compiled; "" finds nothing.

    By way of plain XPath: lxml's own CSSSelector calls a function for ":contains" whose name it loses
    on large pages (seen with lxml 6.1).
    """

    def __init__(self, css: str) -> None:
        self._find = etree.XPath(HTMLTranslator().css_to_xpath(css)) if css else None

    def nodes(self, node: Node) -> list[Node]:
        """Return the elements that match: the node itself and those below it, in the page's order."""
        return list(self._find(node)) if self._find is not None else []


def _selector(css: str) -> str:
    try:
        Selector(css)
    except SelectorError:
        raise ValueError(f"{css!r} is not a CSS selector") from None
    return css


def _pattern(written: str) -> str:
    try:
        re.compile(written)
    except re.error as error:
        raise ValueError(f"{written!r} is not a pattern: {error}") from None
    return written


def _zone_name(name: str) -> str:
    if name and name not in available_timezones():
        raise ValueError(f"{name!r} is not a time zone of the IANA list")
    return name


Css = Annotated[str, AfterValidator(_selector)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Pick(_Strict):
    """Where a value stands: in the elements of a selector ("": the row itself), in their text or an
    attribute, and there in what a pattern matches (its first group, where it has one)."""

    css: Css = ""
    attr: str = ""
    match: Annotated[str, AfterValidator(_pattern)] = ""
    _select: Selector | None = PrivateAttr(None)

    def model_post_init(self, context: object) -> None:
        self._select = Selector(self.css) if self.css else None

    def nodes(self, node: Node) -> list[Node]:
        """Return the elements under a node, in the order of the page."""
        return self._select.nodes(node) if self._select is not None else [node]

    def values(self, node: Node) -> Iterator[str]:
        for found in self.nodes(node):
            value = self._matched(" ".join(found.get(self.attr, "").split()) if self.attr else _text(found))
            if value:
                yield value

    def _matched(self, written: str) -> str:
        if not self.match:
            return written
        found = re.search(self.match, written)
        return (found.group(1) if found.re.groups else found.group()) or "" if found else ""


def _text(node: Node) -> str:
    return html_to_line(html.tostring(node, encoding="unicode", with_tail=False))


def _as_picks(written: object) -> object:
    """Take a selector, a table, or a list of them to try one after the other."""
    several = written if isinstance(written, list | tuple) else [written]
    return tuple({"css": one} if isinstance(one, str) else one for one in several)


Picks = Annotated[tuple[Pick, ...], BeforeValidator(_as_picks)]


def first_value(picks: Sequence[Pick], node: Node) -> str:
    """Return the first value that any of the picks finds, or ""."""
    return next((value for pick in picks for value in pick.values(node)), "")


class ThreadRows(_Strict):
    """How a page that lists threads reads.

    `frame` is there even when no thread is: without it, this is not a list of threads. `last` is the
    time of the newest post, `replies` their number; rows that match `pinned` stand out of order.
    """

    frame: Css
    row: Css
    url: Picks
    title: Picks = ()
    thread: Picks = ()
    last: Picks = ()
    replies: Picks = ()
    pinned: Css = ""
    next: Picks = ()


class PostRows(_Strict):
    """How a page with the posts of a thread reads; where it has no `post`, its JSON-LD is read.

    `text` takes all elements of its selector, without what `drop` names; `answers` is the id of the
    post that is answered. A row that matches `deleted` is what is left of a post. `next`, `previous` and
    `last` are pages.
    """

    post: Css = ""
    id: Picks = ()
    text: Picks = ()
    author: Picks = ()
    at: Picks = ()
    edited: Picks = ()
    url: Picks = ()
    answers: Picks = ()
    title: Picks = ()
    drop: Css = ""
    deleted: Css = ""
    next: Picks = ()
    previous: Picks = ()
    last: Picks = ()


class Profile(_Strict):
    """One make of forum, or one site. Without `threads`, its areas are pages of posts themselves.

    `terms` is a sentence for the operator; with `needs_acceptance` nothing is fetched before he has
    accepted them. `post_url` leads to the post "{id}", and to a 404 when it is gone. `drop_params` are
    parts of addresses that change from visit to visit; `zone` is the time zone of the times that the
    site shows, where it is not that of the configuration.
    """

    title: str
    terms: str
    needs_acceptance: bool = False
    url: str = ""
    areas: tuple[str, ...] = ()
    post_url: str = ""
    drop_params: tuple[str, ...] = ()
    zone: Annotated[str, AfterValidator(_zone_name)] = ""
    threads: ThreadRows | None = None
    posts: PostRows = Field(default_factory=PostRows)


def shipped_profiles() -> tuple[str, ...]:
    """Return the names of the profiles that come with the program."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


def load_profile(name: str, folder: Path, overrides: Mapping[str, Mapping[str, Any]]) -> Profile:
    """Return a shipped profile, or one from a file ("name.toml", in `folder`), with overrides in it.

    A file may begin with `base = "xenforo"` and hold only what differs. ValueError when the profile
    is missing or wrong (pydantic's ValidationError is one).
    """
    return Profile.model_validate(_merged(_read(name, folder), overrides))


def _read(name: str, folder: Path) -> dict[str, Any]:
    path = folder / name if name.endswith(".toml") else _FOLDER / f"{name}.toml"
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        known = ", ".join(shipped_profiles())
        raise ValueError(f"there is no profile {name!r}; known: {known}, or a file name.toml") from None
    except ValueError as error:
        raise ValueError(f"the profile {name!r} is not TOML: {error}") from None
    base = written.pop("base", None)
    return _merged(_read(base, _FOLDER), written) if base in shipped_profiles() else written


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        if isinstance(value, Mapping):
            merged[key] = _merged(old if isinstance(old, Mapping) else {}, value) if value or old else old
        else:
            merged[key] = value
    return merged
