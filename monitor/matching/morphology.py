"""Finnish morphology from the system: libvoikko where it is installed, nothing where it is not.

The rules in `paradigm` never need it; it only recognises ordinary words and people's names.
"""

import threading
from functools import lru_cache
from typing import Any, Protocol

_PEOPLE = {"sukunimi": "surname", "etunimi": "given name", "paikannimi": "place name"}


class Morphology(Protocol):
    """What the lexicon asks of a dictionary."""

    name: str

    def knows(self, word: str) -> bool:
        """Whether a word form is correct Finnish, compounds included."""
        ...

    def sorts(self, word: str) -> frozenset[str]:
        """What the word may be: "word", "compound", "surname", "given name", "place name"."""
        ...


class BuiltIn:
    """No dictionary: knows nothing beyond the shipped lists."""

    name = "built-in rules"

    def knows(self, word: str) -> bool:
        return False

    def sorts(self, word: str) -> frozenset[str]:
        return frozenset()


class Voikko:
    """libvoikko with voikko-fi; one call at a time, because a handle must not be shared between threads."""

    def __init__(self, handle: Any, version: str) -> None:
        self._handle = handle
        self._lock = threading.Lock()
        self.name = f"libvoikko {version} + rules"

    def knows(self, word: str) -> bool:
        with self._lock:
            return bool(self._handle.spell(word))

    def sorts(self, word: str) -> frozenset[str]:
        with self._lock:
            analyses = self._handle.analyze(word) + self._handle.analyze(word.capitalize())
        return frozenset(_sort(analysis) for analysis in analyses)


def _sort(analysis: dict[str, str]) -> str:
    people = _PEOPLE.get(analysis.get("CLASS", ""))
    if people:
        return people
    return "compound" if analysis.get("WORDBASES", "").count("+") > 1 else "word"


@lru_cache(maxsize=1)
def load_morphology() -> Morphology:
    """Libvoikko when both the library and its Finnish dictionary can be opened, else the built-in rules."""
    try:
        import libvoikko
    except (ImportError, OSError):
        return BuiltIn()
    try:
        # Asked first: a handle that could not be opened complains once more when it is thrown away.
        version = str(libvoikko.Voikko.getVersion())
        return Voikko(libvoikko.Voikko("fi"), version)
    except (libvoikko.VoikkoException, OSError, AttributeError):
        return BuiltIn()
