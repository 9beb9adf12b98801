"""Ordinary words and people's names: what a shop's name may be confused with.

A shipped list of word frequencies, surnames and given names, and libvoikko on top where it is
installed. Without it the list and the spelling of compounds must do.
"""

import gzip
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from monitor.matching.clean import fold
from monitor.matching.morphology import Morphology, load_morphology

SELDOM = 0.5
_FREQUENCIES = {chr(65 + step): round(10 ** (step / 4 - 1), 3) for step in range(26)}


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words per million by lower-case spelling; the words folded, also sorted, and their first five letters;
    names of people; the morphology in use."""

    per_million: dict[str, float]
    folded: frozenset[str]
    in_order: tuple[str, ...]
    beginnings: frozenset[str]
    surnames: frozenset[str]
    given_names: frozenset[str]
    morphology: Morphology

    def frequency(self, word: str) -> float:
        """How often a lower-case word form is met in ordinary text, per million words; 0.0 when never."""
        return self.per_million.get(word, 0.0)

    def is_word(self, word: str) -> bool:
        """Whether a folded or plain lower-case word is an ordinary word form."""
        return word in self.folded or self.morphology.knows(word)

    def begins_word(self, beginning: str) -> bool:
        """Whether a listed word begins so, folded."""
        at = bisect_left(self.in_order, beginning)
        return at < len(self.in_order) and self.in_order[at].startswith(beginning)

    def is_compound(self, word: str) -> bool:
        """Whether a lower-case word reads as two ordinary words in one (lumi + puodista)."""
        if self.morphology.knows(word):
            return True
        folded = fold(word)
        return any(
            folded[:cut] in self.folded
            and (folded[cut:] in self.folded or folded[cut : cut + 5] in self.beginnings)
            for cut in range(4, len(folded) - 3)
        )


@lru_cache(maxsize=1)
def load_lexicon() -> Lexicon:
    """The shipped lists, read once for the process."""
    words = resources.files("monitor.matching.words")
    per_million = _unpacked(gzip.decompress((words / "frequencies.txt.gz").read_bytes()).decode("utf-8"))
    for word in _names((words / "favourites.txt").read_text(encoding="utf-8")):
        per_million.setdefault(word, SELDOM)
    folded = frozenset(fold("\n".join(per_million)).split())
    return Lexicon(
        per_million,
        folded,
        tuple(sorted(folded)),
        frozenset(word[:5] for word in folded if len(word) > 4),
        _names((words / "surnames.txt").read_text(encoding="utf-8")),
        _names((words / "given_names.txt").read_text(encoding="utf-8")),
        load_morphology(),
    )


def _unpacked(text: str) -> dict[str, float]:
    """Words per million out of the packed list; words.build.packed describes the format."""
    found: dict[str, float] = {}
    word = ""
    for line in text.split("\n"):
        word = word[: ord(line[0]) - 65] + line[1:-1]
        found[word] = _FREQUENCIES[line[-1]]
    return found


def _names(text: str) -> frozenset[str]:
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(name.lower() for line in lines for name in line.split())
