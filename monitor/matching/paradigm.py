"""All Finnish inflected forms of one word: the endings on the stems.

Not here: clitics, compounds, punctuation (see tails), and what a form means in its sentence.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from monitor.matching.gradation import VOWELS
from monitor.matching.stems import PLAIN, RARE, SPOKEN, UNGRADED, Plural, Stems, paradigms


@dataclass(frozen=True, slots=True)
class WordForm:
    """One form of a word: how it is written, what it is, how usual (1 = standard), and whether a
    possessive suffix may follow it directly."""

    text: str
    what: str
    weight: float = PLAIN


def is_back(word: str) -> bool:
    """Whether endings take a, o, u (back vowels): decided by the last vowel that is not neutral."""
    for letter in reversed(word):
        if letter in "aouå":
            return True
        if letter in "äöy":
            return False
    return False


def harmonise(ending: str, back: bool) -> str:
    """Fill the A, O, U of an ending: ssA -> ssa or ssä."""
    return ending.translate(_BACK if back else _FRONT)


_BACK, _FRONT = str.maketrans("AOU", "aou"), str.maketrans("AOU", "äöy")


def decline(word: str) -> list[WordForm]:
    """Every form of a lower-case word, without repeats, the heaviest of equal ones kept."""
    best: dict[str, WordForm] = {word: WordForm(word, "nominative")}
    if word[-1:].isalpha() and word[-1] not in VOWELS and not word.endswith(("nen", "t")):
        best[word + "i"] = WordForm(word + "i", "nominative, with Finnish -i", SPOKEN)
    back = is_back(word)
    for stems in paradigms(word):
        for form in _forms(stems):
            text = harmonise(form.text, back)
            weight = form.weight * stems.weight
            if text not in best or best[text].weight < weight:
                best[text] = WordForm(text, form.what, weight)
    return list(best.values())


_WEAK_CASES = (
    ("n", "genitive"),
    ("ssA", "inessive"),
    ("stA", "elative"),
    ("llA", "adessive"),
    ("ltA", "ablative"),
    ("lle", "allative"),
    ("ksi", "translative"),
    ("ttA", "abessive"),
)
_SPOKEN_CASES = (
    ("ss", "inessive, clipped"),
    ("s", "inessive, clipped"),
    ("sA", "inessive, spoken"),
    ("st", "elative, clipped"),
    ("ll", "adessive, clipped"),
    ("l", "adessive, clipped"),
    ("lt", "ablative, clipped"),
    ("le", "allative, spoken"),
    ("ks", "translative, clipped"),
)
_POSSESSIVES = ("ni", "si", "nsA", "mme", "nne")


def _forms(stems: Stems) -> Iterator[WordForm]:
    if stems.singular:
        yield from _singular(stems)
    usual = RARE if stems.singular else PLAIN
    for plural in stems.plurals:
        for form in _plural(plural):
            yield WordForm(form.text, form.what, form.weight * usual)
    yield WordForm(stems.weak + "t", "nominative plural", usual)
    if stems.weak != stems.strong:
        yield WordForm(stems.strong + "t", "nominative plural, no gradation", UNGRADED * usual)


def _singular(stems: Stems) -> Iterator[WordForm]:
    yield from _oblique(stems.weak, "", PLAIN)
    if stems.weak != stems.strong:
        yield from _oblique(stems.strong, ", no gradation", UNGRADED)
    if stems.weak[-2:-1] == "d" and stems.weak != stems.strong:
        yield WordForm(stems.weak, "genitive, clipped", RARE)
    yield WordForm(stems.strong + "nA", "essive")
    for text in stems.partitive:
        yield WordForm(text, "partitive")
        yield from _possessed(text, "partitive")
    for text in stems.illative:
        yield WordForm(text, "illative")
        yield from _possessed(text[:-1], "illative")
        yield WordForm(text[:-1], "illative, clipped", SPOKEN)
    if stems.strong[-1] in VOWELS and stems.strong[-2:-1] not in VOWELS:
        yield WordForm(f"{stems.strong}h{stems.strong[-1]}n", "illative, dialect", RARE)
        yield WordForm(f"{stems.strong}h{stems.strong[-1]}", "illative, dialect, clipped", RARE)
    yield from _possessed(stems.strong, "nominative")
    yield from _possessed(stems.strong + "nA", "essive")
    yield from _spoken_partitive(stems.partitive)


def _oblique(stem: str, note: str, weight: float) -> Iterator[WordForm]:
    for ending, case in _WEAK_CASES:
        yield WordForm(stem + ending, case + note, weight)
        if ending != "n":
            yield from _possessed(stem + ending.replace("ksi", "kse"), case + note, weight)
    for ending, case in _SPOKEN_CASES:
        yield WordForm(stem + ending, case + note, weight * SPOKEN)


def _possessed(base: str, case: str, weight: float = PLAIN) -> Iterator[WordForm]:
    for suffix in _POSSESSIVES:
        yield WordForm(base + suffix, f"{case}, possessive -{suffix.lower()}", weight)
    if base[-1] in "Aae" and case not in ("nominative", "illative"):
        yield WordForm(base + base[-1] + "n", f"{case}, possessive -Vn".replace("Vn", "an"), weight)


def _spoken_partitive(partitives: tuple[str, ...]) -> Iterator[WordForm]:
    for text in partitives:
        if len(text) > 2 and text[-1] == "A" and text[-2] in "oöeiuy":
            yield WordForm(text[:-1] + text[-2], "partitive, spoken", SPOKEN)


def _plural(plural: Plural) -> Iterator[WordForm]:
    strong, weak, partitives, genitives = plural
    for ending, case in _WEAK_CASES:
        if ending != "n":
            yield WordForm(weak + ending, case + " plural")
            yield from _possessed(weak + ending.replace("ksi", "kse"), case + " plural")
    for ending, case in _SPOKEN_CASES:
        yield WordForm(weak + ending, case + " plural", SPOKEN)
    yield WordForm(strong + "nA", "essive plural")
    for text in partitives:
        yield WordForm(text, "partitive plural")
        yield from _possessed(text, "partitive plural")
    for text in genitives:
        yield WordForm(text, "genitive plural")
        yield from _possessed(text[:-1], "genitive plural")
    ends = ("hin", "siin") if strong[-2:-1] in VOWELS else ("in",)
    for ending in ends:
        yield WordForm(strong + ending, "illative plural")
        yield from _possessed(strong + ending[:-1], "illative plural")
        yield WordForm(strong + ending[:-1], "illative plural, clipped", SPOKEN)
    yield WordForm(strong + "neen", "comitative", RARE)
