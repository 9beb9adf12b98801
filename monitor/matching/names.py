"""What a shop is called, cut into pieces, and the keys that find it in a scan.

A name is pieces with what may stand between them; only pieces know their forms. No text is read here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

from monitor.domain import Shop
from monitor.matching.clean import fold, plain, unaccented
from monitor.matching.paradigm import WordForm, decline
from monitor.matching.stems import paradigms


class Kind(StrEnum):
    """What a spelling is: how a match on it is read."""

    NAME = "name"
    SHORT = "short"
    DOMAIN = "domain"
    HANDLE = "handle"


_PIECE = re.compile(r"[^\W\d_]+|\d+")
_CAMEL = re.compile(r"(?<=[a-zäöåé])(?=[A-ZÄÖÅ])")
_SPACES = re.compile(r"\s{0,3}")
_MARK = re.compile(r"\s?[-‐‑–—_]\s?|[.'’·:_]")
_AND = re.compile(r"\s{0,2}(?:&|\+|/|ja|och|and|n)\s{0,2}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Name:
    """One spelling of a shop: lower-case pieces with diacritics, and the separators allowed between."""

    shop: int
    written: str
    kind: Kind
    pieces: tuple[str, ...]
    joints: tuple[tuple[re.Pattern[str], ...], ...]

    @property
    def foreign(self) -> bool:
        """Whether the name has letters that do not fold to Latin ones; it is then only found as written."""
        return any(" " in fold(piece) for piece in self.pieces)

    @property
    def letters(self) -> int:
        return sum(len(piece) for piece in self.pieces)


def names_of(index: int, shop: Shop) -> Iterator[Name]:
    """Every spelling of a shop, without repeats."""
    seen: set[tuple[Kind, tuple[str, ...]]] = set()
    for kind, written in _spellings(shop):
        name = cut(index, kind, written)
        if kind is Kind.NAME and _CAMEL.search(written):
            yield cut(index, kind, written.lower())
        yield from (other for other in (_counted(name), _spoken(name)) if other)
        if name.pieces and (kind, name.pieces) not in seen:
            seen.add((kind, name.pieces))
            yield name


def _counted(name: Name) -> Name | None:
    """7Silmukkaa, 1000nappia: after a number the last word is partitive, and inflects as if it were not."""
    last = name.pieces[-1] if len(name.pieces) > 1 else ""
    if not name.pieces or not name.pieces[0].isdigit() or len(last) < 4 or last[-1] not in "aä":
        return None
    return Name(name.shop, name.written, name.kind, (*name.pieces[:-1], last[:-1]), name.joints)


_DIGITS = {
    "1": "ykkönen",
    "2": "kakkonen",
    "3": "kolmonen",
    "4": "nelonen",
    "5": "vitonen",
    "6": "kutonen",
    "7": "seiska",
    "8": "kasi",
    "9": "ysi",
}


def _spoken(name: Name) -> Name | None:
    """Osa7 is said, and written, osaseiska."""
    if len(name.pieces) != 2 or name.pieces[1] not in _DIGITS or not name.pieces[0].isalpha():
        return None
    return Name(name.shop, name.written, name.kind, (name.pieces[0], _DIGITS[name.pieces[1]]), name.joints)


_TOP_LEVEL = re.compile(r"\.(?:fi|se|com|net|nu|eu|org|shop|store|co\.uk|io|ax|ee|no|dk)$", re.IGNORECASE)


def _spellings(shop: Shop) -> Iterator[tuple[Kind, str]]:
    for written in (shop.name, *shop.aliases):
        yield Kind.NAME, written
        if "'" in written or "’" in written:
            yield Kind.NAME, re.sub("['’]", "", written)
        bare = _TOP_LEVEL.sub("", written.strip())
        if bare != written.strip():
            yield Kind.NAME, bare
    for domain in shop.domains:
        yield Kind.DOMAIN, domain
    for handle in shop.handles:
        yield Kind.HANDLE, handle.lstrip("@").partition("@")[0]


def cut(index: int, kind: Kind, written: str) -> Name:
    """One spelling of the shop number `index`, cut into pieces; no pieces when it has no letter or digit."""
    text = plain(written).text.strip()
    spread = _CAMEL.sub(" ", text) if kind is Kind.NAME else text
    found = list(_PIECE.finditer(spread))
    pieces = tuple(unaccented(match.group().lower()) for match in found)
    between = [spread[a.end() : b.start()] for a, b in pairwise(found)]
    joints = tuple((_AND, _MARK, _SPACES) if set(gap) & set("&+") else (_MARK, _SPACES) for gap in between)
    return Name(index, text, kind, pieces, joints)


@lru_cache(maxsize=4096)
def forms_of(piece: str) -> dict[str, WordForm]:
    """Folded spelling -> form, of one piece; the heaviest where two forms fold together."""
    found: dict[str, WordForm] = {}
    for form in decline(piece):
        key = fold(form.text)
        if key not in found or found[key].weight < form.weight:
            found[key] = form
    return found


@lru_cache(maxsize=4096)
def inner_forms(piece: str) -> tuple[str, ...]:
    """Folded forms that a piece may take before another piece, longest first."""
    if not piece.isalpha() or len(piece) < 3:
        return (fold(piece),)
    keys = {
        key
        for key, form in forms_of(piece).items()
        if "possessive" not in form.what and "clip" not in form.what
    }
    return tuple(sorted(keys, key=len, reverse=True))


@lru_cache(maxsize=4096)
def stem_keys(piece: str) -> frozenset[str]:
    """Folded prefixes, each as long as it can be, one of which begins every form of the piece."""
    stems = {piece}
    for paradigm in paradigms(piece):
        stems |= {paradigm.strong, paradigm.weak, *paradigm.partitive}
        stems |= {text[:-1] for text in paradigm.illative}
        for strong, weak, partitives, genitives in paradigm.plurals:
            stems |= {strong, weak, *partitives, *(text[:-1] for text in genitives)}
    folded = sorted({fold(stem.replace("A", "a")) for stem in stems})
    kept: list[str] = []
    for stem in folded:
        if not kept or not stem.startswith(kept[-1]):
            kept.append(stem)
    return frozenset(kept)


@lru_cache(maxsize=4096)
def shared_stem(piece: str) -> str:
    """The folded beginning that all forms of a piece share."""
    stems = {*stem_keys(piece), fold(piece)}
    first, last = min(stems), max(stems)
    same = next((at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    return first[:same]


@lru_cache(maxsize=4096)
def parted_heads(piece: str) -> frozenset[str]:
    """What stands before an apostrophe that parts two like vowels where gradation took the k away (ruo'o);
    folded."""
    weak = [stems.weak for stems in paradigms(piece) if len(stems.weak) == len(stems.strong) - 1]
    return frozenset(fold(stem[:-1]) for stem in weak if stem[-1] == stem[-2])


def keys_of(name: Name) -> set[str]:
    """What a scan of folded text looks for; each begins with the border before the name."""
    first = name.pieces[0]
    if name.foreign:
        return set()
    if len(name.pieces) == 1:
        return {
            *(" " + stem for stem in stem_keys(first)),
            *(f" {head} {head[-1]}" for head in parted_heads(first)),
        }
    if len(first) >= 4:
        return {" " + stem for stem in stem_keys(first)}
    head = shared_stem(name.pieces[1])[:3]
    return {" " + form + gap + head for form in inner_forms(first) for gap in ("", " ", "  ", "   ")} | {
        f" {form} {word} {head}" for form in inner_forms(first) for word in ("ja", "och", "and", "n")
    }
