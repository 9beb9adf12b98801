"""Words as a search knows them: folded and cut to their roots, so that one form of a word finds the others.

Nothing here knows which language a text is in: Finnish, Swedish and English roots are kept side by side.
"""

import re
from functools import lru_cache
from threading import Lock
from typing import Final

import Stemmer

from monitor.text.cleaning import fold

STEMS_VERSION: Final = 1  # whoever changes what `terms` returns raises it, and every index is made anew

_WORD = re.compile(r"[^\W_]+")
_LONGEST = 40  # letters of a word; what is longer is no word
_MOST_WORDS = 16  # of one search
_LEAST_ROOT = 3
_COMPOUND = 8  # letters from which a word may hold another one
_LEAST_TAIL = 4
# What Snowball leaves at the end of Finnish stems of one and the same word: toimitus, toimituks-, toimitust-;
# hevonen, hevos-; then vowels (lampu, lamp), and the two grades of a consonant (puot, puod; kenk, keng).
_ENDING = re.compile(r"(?<=[uy])(?:ks|st|s|d|t)$|(?<=[aeioäö])(?:ks|s|n)$")
_GRADES = (("nn", "nt"), ("mm", "mp"), ("ng", "nk"), ("ll", "lt"), ("rr", "rt"), ("d", "t"), ("v", "p"))
_VOWELS = "aeiouyåäö"
# What a root begins with in an index, so that the root of one word is not the other word: tilaus, tila.
_FINNISH, _OTHER = "0", "1"


class _Stems:
    """Snowball's stemmers; one call at a time, because they must not be shared between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._finnish = Stemmer.Stemmer("finnish")
        self._others = (Stemmer.Stemmer("swedish"), Stemmer.Stemmer("english"))

    def of(self, word: str) -> tuple[str, tuple[str, ...]]:
        """Finnish stem of a folded word, and the stems of the other languages."""
        with self._lock:
            return self._finnish.stemWord(word), tuple(one.stemWord(word) for one in self._others)


@lru_cache(maxsize=1)
def _stems() -> _Stems:
    return _Stems()


def terms(text: str) -> tuple[str, ...]:
    """Everything a text is to be found by, sorted: its words, their roots, and the later parts of long ones.

    Only letters and digits are in a term, so that no index has anything to take apart in it.
    """
    return tuple(sorted({term for word in _words(text) for term in _terms(word)}))


def wanted(search: str) -> list[tuple[str, tuple[str, ...]]]:
    """Each word of a search as the beginning that fits, and the terms that fit whole.

    "kengät" gives ("kengät", ("0kenk", ...)). A search without letters or digits gives nothing.
    """
    return [(word, _roots(word)) for word in _words(search)[:_MOST_WORDS]]


def hits(text: str, search: str) -> tuple[str, ...]:
    """The words of a text, as they are written there, for which a search finds it."""
    fits = wanted(search)
    return tuple(
        dict.fromkeys(word for word in _WORD.findall(text) if any(_fits(word, *one) for one in fits))
    )


def _fits(written: str, beginning: str, whole: tuple[str, ...]) -> bool:
    said = terms(written)
    return any(term.startswith(beginning) or term in whole for term in said)


def _words(text: str) -> list[str]:
    return [word[:_LONGEST] for word in _WORD.findall(fold(text))]


@lru_cache(maxsize=50_000)
def _terms(word: str) -> tuple[str, ...]:
    roots = _roots(word)
    return (word, *roots, *_tails(roots[0])) if len(word) >= _COMPOUND and roots else (word, *roots)


def _tails(root: str) -> list[str]:
    """The ends of a compound: "0torkkupeit" is also to be found by "0peit"."""
    bare = root.removeprefix(_FINNISH)
    return [_FINNISH + bare[start:] for start in range(_LEAST_ROOT, len(bare) - _LEAST_TAIL + 1)]


def _roots(word: str) -> tuple[str, ...]:
    """The Finnish root first, then the Swedish and English stems; a number has none."""
    if not word.isalpha():
        return ()
    finnish, others = _stems().of(word)
    return (_FINNISH + _finnish_root(finnish), *sorted({_OTHER + other for other in others}))


def _finnish_root(stem: str) -> str:
    bare = _ENDING.sub("", stem) if len(stem) > _LEAST_ROOT + 1 else stem
    bare = bare[:-1] if bare[-1] in _VOWELS else bare
    if len(bare) < _LEAST_ROOT:
        return stem
    for weak, strong in _GRADES:
        if bare.endswith(weak):
            bare = bare.removesuffix(weak) + strong
            break
    return bare[:-1] if bare[-1] == bare[-2] else bare
