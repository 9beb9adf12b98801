"""Ordinary words and people's names: what a shop's name may be confused with.

A shipped list of word frequencies, surnames and given names, and libvoikko on top where it is
installed. Without it the list and the spelling of compounds must do.
"""

import gzip
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from monitor.matching.clean import fold
from monitor.matching.morphology import Morphology, load_morphology


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words per million by lower-case spelling; the same by fold; names of people; the morphology in use."""

    per_million: dict[str, float]
    folded: frozenset[str]
    surnames: frozenset[str]
    given_names: frozenset[str]
    morphology: Morphology

    def frequency(self, word: str) -> float:
        """How often a lower-case word form is met in ordinary text, per million words; 0.0 when never."""
        return self.per_million.get(word, 0.0)

    def is_word(self, word: str) -> bool:
        """Whether a folded or plain lower-case word is an ordinary word form."""
        return word in self.folded or self.morphology.knows(word)

    def is_compound(self, word: str) -> bool:
        """Whether a lower-case word reads as two ordinary words in one (lumi + puodista)."""
        if self.morphology.knows(word):
            return True
        folded = fold(word)
        return any(
            folded[:cut] in self.folded and folded[cut:] in self.folded for cut in range(4, len(folded) - 3)
        )


@lru_cache(maxsize=1)
def load_lexicon() -> Lexicon:
    """The shipped lists, read once for the process."""
    words = resources.files("monitor.matching.words")
    per_million: dict[str, float] = {}
    for line in gzip.decompress((words / "frequencies.txt.gz").read_bytes()).decode("utf-8").splitlines():
        _, word, number = line.split(" ")
        per_million[word] = max(per_million.get(word, 0.0), float(number))
    return Lexicon(
        per_million,
        frozenset(fold(word) for word in per_million),
        _names((words / "surnames.txt").read_text(encoding="utf-8")),
        _names((words / "given_names.txt").read_text(encoding="utf-8")),
        load_morphology(),
    )


def _names(text: str) -> frozenset[str]:
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(name.lower() for line in lines for name in line.split())
