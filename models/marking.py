"""Marks the shop's own words inside a text, so that the model sees which of several names is meant.

Works on stems, not on a dictionary: "Kerä" marks "Kerältä", "Rautapaja" marks "rautapajan". Training and
inference mark through this file alone. Deciding whether a post is about the shop at all is not its job.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

OPEN, CLOSE = "[", "]"

_WORD = re.compile(r"[@#]?\w+(?:[.\-:'’]\w+)*", re.UNICODE)
_DOMAIN = re.compile(r"\.(?:fi|com|net|org|se|ee|no|dk|de|eu|nu|shop|store|io)$", re.IGNORECASE)
_LINKS = frozenset({"and", "ja", "och", "und", "og", "the", "by", "of"})
_LONGEST_ENDING = 9
_VOWELS = "aeiouy"
# Strong and weak grades of Finnish consonants at the end of a name (folded letters).
_GRADES = (
    *(("kk", "k"), ("pp", "p"), ("tt", "t"), ("nk", "ng"), ("mp", "mm"), ("nt", "nn"), ("lt", "ll")),
    *(("rt", "rr"), ("k", ""), ("p", "v"), ("t", "d"), ("k", "v"), ("k", "j")),
)
_OBLIQUE = (
    *(
        ("nen", "s"),
        ("nen", "is"),
        ("gas", "kaa"),
        ("das", "taa"),
        ("kas", "kkaa"),
        ("as", "aa"),
        ("us", "uu"),
    ),
    *(("is", "ii"), ("in", "im"), ("tar", "ttar"), ("ton", "ttom"), ("met", "mi")),
)


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Name:
    """A shop's name ready to be compared: its words, and all of it written together."""

    words: tuple[str, ...]
    joined: str


def mark(text: str, shop: str, words: Iterable[str] = ()) -> str:
    """Puts OPEN and CLOSE with spaces around every spelling of the shop; other brackets become round."""
    text = text.replace(OPEN, "(").replace(CLOSE, ")")
    spans = _merge([*_name_spans(text, _name(shop)), *_word_spans(text, words)])
    pieces, last = [], 0
    for span in spans:
        pieces += [text[last : span.start], f" {OPEN} ", text[span.start : span.end], f" {CLOSE} "]
        last = span.end
    return "".join([*pieces, text[last:]])


def fold(text: str) -> str:
    """Lower case without accents, for comparing spellings (ä and a are one here)."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def starts(name: str) -> tuple[str, ...]:
    """How inflected forms of a folded name may begin: the name, its gradated and its oblique stems."""
    if len(name) <= 3:
        return (name,)
    found = {name, *_gradated(name)}
    found |= {form[:-1] + "e" for form in found if form.endswith("i")}
    found |= {name[: -len(ending)] + new for ending, new in _OBLIQUE if name.endswith(ending)}
    if name[-1] not in _VOWELS and len(name) >= 5:
        found.add(name[:-1])
    return tuple(sorted(found))


def _gradated(name: str) -> set[str]:
    match = re.search(rf"([^{_VOWELS}]+)([{_VOWELS}])$", name)
    if match is None:
        return set()
    cluster, final = match.groups()
    before = name[: match.start()]
    return {
        before + cluster[: -len(strong)] + weak + final
        for strong, weak in _GRADES
        if cluster.endswith(strong)
    }


@lru_cache(maxsize=4096)
def _name(shop: str) -> _Name:
    base = _DOMAIN.sub("", shop.strip())
    words = [_undated(fold(word)) for word in re.findall(r"\w+", base)]
    kept = [word for word in words if word not in _LINKS] or words
    return _Name(tuple(kept), "".join(words))


def _undated(word: str) -> str:
    """Without the number that a shop wears at its end ("Valopaja24"), when a name remains."""
    return re.sub(r"(?<=[^\d]{4})\d+$", "", word)


def _name_spans(text: str, name: _Name) -> list[_Span]:
    if not name.words:
        return []
    found, tokens = [], list(_WORD.finditer(text))
    for index, token in enumerate(tokens):
        end = _matches_from(tokens, index, name)
        if end is not None:
            found.append(_Span(token.start(), end))
    return found


def _matches_from(tokens: Sequence[re.Match[str]], index: int, name: _Name) -> int | None:
    """Where the name that starts at this word ends, or None."""
    word = _bare(tokens[index].group())
    if _is_form(word, name.joined):
        return tokens[index].end()
    if len(name.words) < 2 or not _is_form(word, name.words[0]):
        return None
    return _rest_of_name(tokens, index, name)


def _rest_of_name(tokens: Sequence[re.Match[str]], index: int, name: _Name) -> int | None:
    end, wanted = tokens[index].end(), 1
    for token in tokens[index + 1 : index + 2 * len(name.words)]:
        word = _bare(token.group())
        if word in _LINKS:
            continue
        if wanted == len(name.words) or not _is_form(word, name.words[wanted]):
            break
        end, wanted = token.end(), wanted + 1
    alone = len(name.words[0]) >= 5 and tokens[index].group().lstrip("@#")[:1].isupper()
    return end if wanted > 1 or alone else None


def _is_form(word: str, name: str) -> bool:
    """Whether a folded word may be an inflected form of a folded name."""
    head = re.split(r"[.\-:'’]", word)[0]
    if len(name) <= 3:
        return head == name
    return head.startswith(_starts(name)) and len(head) - len(name) <= _LONGEST_ENDING


@lru_cache(maxsize=4096)
def _starts(name: str) -> tuple[str, ...]:
    return starts(name)


def _bare(token: str) -> str:
    return fold(token.lstrip("@#"))


def _word_spans(text: str, words: Iterable[str]) -> list[_Span]:
    spans = []
    for word in {word.strip() for word in words} - {""}:
        pattern = rf"(?<!\w){re.escape(word)}(?!\w)"
        spans += [_Span(*match.span()) for match in re.finditer(pattern, text, re.IGNORECASE)]
    return spans


def _merge(spans: list[_Span]) -> list[_Span]:
    merged: list[_Span] = []
    for span in sorted(spans, key=lambda one: (one.start, -one.end)):
        if not merged or span.start >= merged[-1].end:
            merged.append(span)
        elif span.end > merged[-1].end:
            merged[-1] = _Span(merged[-1].start, span.end)
    return merged
