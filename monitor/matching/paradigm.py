"""All Finnish inflected forms of one word, from its spelling alone.

A name is rarely in a dictionary, so every paradigm its ending allows is generated; forms of the
less likely ones weigh less. Rules: the descriptive grammar of Finnish (VISK) sections 55-94.
Not here: clitics, compounds, punctuation (see tails), and what a form means in its sentence.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from monitor.matching.gradation import VOWELS, strengthen, weaken
from monitor.matching.irregular import irregular
from monitor.matching.old_stems import OLD_I_STEMS

PLAIN, UNGRADED, SPOKEN, RARE = 1.0, 0.95, 0.9, 0.85


@dataclass(frozen=True, slots=True)
class WordForm:
    """One form of a word: how it is written, what it is, how usual (1 = standard), and whether a
    possessive suffix may follow it directly."""

    text: str
    what: str
    weight: float = PLAIN


@dataclass(frozen=True, slots=True)
class Stems:
    """What the endings hang on. Plurals come as (oblique strong, oblique weak, partitives, genitives)."""

    strong: str
    weak: str
    partitive: tuple[str, ...]
    illative: tuple[str, ...]
    plurals: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...]
    weight: float = PLAIN
    singular: bool = True


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
    table = {"A": "a", "O": "o", "U": "u"} if back else {"A": "ä", "O": "ö", "U": "y"}
    return "".join(table.get(letter, letter) for letter in ending)


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


# ---------------------------------------------------------------- endings on stems

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
    yield WordForm(stems.strong + "nA", "essive")
    for text in stems.partitive:
        yield WordForm(text, "partitive")
        yield from _possessed(text, "partitive")
    for text in stems.illative:
        yield WordForm(text, "illative")
        yield from _possessed(text[:-1], "illative")
        yield WordForm(text[:-1], "illative, clipped", SPOKEN)
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


def _plural(plural: tuple[str, str, tuple[str, ...], tuple[str, ...]]) -> Iterator[WordForm]:
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
    ends = ("hin", "siin") if strong[-2] in VOWELS else ("in",)
    for ending in ends:
        yield WordForm(strong + ending, "illative plural")
        yield WordForm(strong + ending[:-1], "illative plural, clipped", SPOKEN)
    yield WordForm(weak + "neen", "comitative", RARE)


# ---------------------------------------------------------------- paradigms by ending


def paradigms(word: str) -> Iterator[Stems]:
    """The paradigms that the spelling of a word allows."""
    if not word or not word[-1].isalpha():
        return
    last = word[-1]
    for strong, weak, partitive, plural_strong, plural_weak, genitive in irregular(word):
        plural = (plural_strong, plural_weak, (plural_strong + "A",), (genitive,))
        yield Stems(strong, weak, (partitive,), (strong + strong[-1] + "n",), (plural,))
    if last in VOWELS:
        yield from _vowel_final(word)
    else:
        yield from _consonant_final(word)


def _vowel_final(word: str) -> Iterator[Stems]:
    last = word[-1]
    if len(word) > 1 and word[-2] in VOWELS:
        yield from _two_vowels(word)
    elif last == "i":
        yield from _i_final(word)
    elif last == "e":
        yield from _e_final(word)
    else:
        yield _one_vowel(word)


def _one_vowel(word: str) -> Stems:
    weak = weaken(word)
    illative = (word + word[-1] + "n", word + "hin") if word[-1] == "y" else (word + word[-1] + "n",)
    return Stems(word, weak, (word + "A",), illative, tuple(_vowel_plurals(word, weak)))


def _vowel_plurals(strong: str, weak: str) -> Iterator[tuple[str, str, tuple[str, ...], tuple[str, ...]]]:
    if strong[-1] not in "aä":
        yield _plural_with_j(strong, weak)
        return
    if _plural_has_o(strong):
        letter = "o" if strong[-1] == "a" else "ö"
        yield _plural_with_j(strong[:-1] + letter, weak[:-1] + letter)
    if _plural_drops(strong):
        yield _plural_with_i(strong[:-1], weak[:-1])


def _plural_with_j(strong: str, weak: str) -> tuple[str, str, tuple[str, ...], tuple[str, ...]]:
    partitives = (strong + "jA", strong + "itA")
    return strong + "i", weak + "i", partitives, (strong + "jen", weak + "iden", weak + "itten")


def _plural_with_i(strong: str, weak: str) -> tuple[str, str, tuple[str, ...], tuple[str, ...]]:
    return strong + "i", weak + "i", (strong + "iA",), (strong + "ien",)


def syllables(word: str) -> int:
    """Vowel groups of a word; near enough for the plural of a-stems."""
    return sum(1 for at, letter in enumerate(word) if letter in VOWELS and (at == 0 or word[at - 1] not in VOWELS))


def _first_vowel_of_foot(word: str) -> str:
    """The vowel before the last one: it decides kaloja against munia in two-syllable words."""
    vowels = [letter for letter in word[:-1] if letter in VOWELS]
    return vowels[-1] if vowels else ""


def _plural_has_o(word: str) -> bool:
    before = _first_vowel_of_foot(word)
    if word[-1] == "a":
        return syllables(word) > 2 or before in "aei"
    return syllables(word) > 2 and word[-2] in "nlrkv"


def _plural_drops(word: str) -> bool:
    before = _first_vowel_of_foot(word)
    return word[-1] == "ä" or before in "ou" or (syllables(word) > 2 and word[-2] in "mnvsrjh")


def _two_vowels(word: str) -> Iterator[Stems]:
    pair = word[-2:]
    if pair[0] == pair[1] or pair in ("uo", "yö", "ie", "ai", "äi", "oi", "öi", "ui", "yi", "ei", "au", "eu"):
        short = word[:-2] + word[-1] if pair[0] == pair[1] or pair in ("uo", "yö", "ie") else word[:-1]
        plural = (short + "i", short + "i", (short + "itA",), (short + "iden", short + "itten"))
        illative = (word + "h" + word[-1] + "n", word + "seen")
        yield Stems(word, word, (word + "tA",), illative, (plural,))
        return
    illative = (word + word[-1] + "n", word + "hin") if word[-1] == "y" else (word + word[-1] + "n",)
    yield Stems(word, word, (word + "A", word + "tA"), illative, tuple(_vowel_plurals(word, word)))


def _i_final(word: str) -> Iterator[Stems]:
    weak = weaken(word)
    plurals = [_plural_with_j(word[:-1] + "e", weak[:-1] + "e")]
    strong_e, weak_e, partitives, genitives = plurals[0]
    plural = (strong_e, weak_e, partitives, (word + "en", *genitives[1:]))
    yield Stems(word, weak, (word + "A",), (word + "in",), (plural,))
    if any(word.endswith(old) for old in OLD_I_STEMS):
        yield from _old_i(word)


def _old_i(word: str) -> Iterator[Stems]:
    """kivi: kive-, joki: joe-, vesi: vede- / vete-, niemi: nieme- and niem-."""
    strong = word[:-1] + "e"
    if word[-2] == "s" and any(word.endswith(old) for old in ("si",)):
        strong = word[:-2] + "te"
    weak = weaken(strong)
    partitives: tuple[str, ...] = (word[:-1] + "eA", word[:-1] + "tA")
    if word[-2] == "s":
        partitives = (word[:-2] + "ttA", strong + "A") if word[-3] in VOWELS else (word[:-2] + "tA",)
    elif word[-2] == "m":
        partitives = (*partitives, word[:-2] + "ntA")
    plural = _plural_with_i(word[:-1], weaken(word)[:-1])
    genitives = (*plural[3], word[:-1] + "ten")
    yield Stems(strong, weak, partitives, (strong + "en",), ((*plural[:3], genitives),))


def _e_final(word: str) -> Iterator[Stems]:
    for index, strong in enumerate(strengthen(word)):
        yield _contracted(strong + "e", word + "ttA", PLAIN if index == 0 else RARE)
    plural = (word + "i", word + "i", (word + "jA", word + "itA"), (word + "jen", word + "iden"))
    yield Stems(word, word, (word + "A", word + "tA"), (word + "en",), (plural,), UNGRADED)


def _contracted(strong: str, partitive: str, weight: float) -> Stems:
    """huonee-, renkaa-: long vowel, illative in -seen."""
    short = strong[:-1]
    plural = (short + "i", short + "i", (short + "itA",), (short + "iden", short + "itten"))
    return Stems(strong, strong, (partitive,), (strong + "seen",), (plural,), weight)


def _consonant_final(word: str) -> Iterator[Stems]:
    yield from _native_consonant(word)
    if word.endswith("nen"):
        return
    added = word + "i"
    first = next(_i_final(added))
    yield Stems(added, added, first.partitive, first.illative, (_loan_plural(word),), _loan_weight(word))
    if word[-1] in "kpt" and len(word) > 3 and word[-2] in VOWELS:
        doubled = added[:-1] + word[-1] + "i"
        yield Stems(doubled, added, (doubled + "A",), (doubled + "in",), (), RARE)


def _loan_weight(word: str) -> float:
    return UNGRADED if word.endswith(("tön", "us", "ys", "os", "ös", "as", "äs")) else PLAIN


def _loan_plural(word: str) -> tuple[str, str, tuple[str, ...], tuple[str, ...]]:
    return word + "ei", word + "ei", (word + "ejA", word + "eitA"), (word + "ien", word + "eiden")


def _native_consonant(word: str) -> Iterator[Stems]:
    if word.endswith("nen") and len(word) > 4:
        yield _e_stem(word[:-3] + "s", word[:-3] + "stA", (word[:-3] + "sten",))
    elif word.endswith("s") and len(word) > 3 and word[-2] in VOWELS:
        yield from _s_final(word)
    elif word.endswith("t") and len(word) > 3 and word[-2] in VOWELS:
        yield from _plural_name(word)
    elif word.endswith(("ton", "tön")) and len(word) > 5:
        base = word[:-2] + "t" + word[-2] + "m"
        stem = base + ("a" if word[-2] == "o" else "ä")
        yield Stems(stem, stem, (word + "tA",), (stem + stem[-1] + "n",), (_plural_with_i(base, base),))
    elif word.endswith("in") and len(word) > 4:
        for index, strong in enumerate(strengthen(word[:-1])):
            yield _e_stem(strong + "m", word + "tA", (), PLAIN if index == 0 else RARE)
    elif word.endswith(("tar", "tär")) and len(word) > 5:
        yield _e_stem(word[:-2] + "t" + word[-2:], word + "tA", (word + "ten",))
    elif word.endswith("ks"):
        yield _e_stem(word, word + "tA", (), UNGRADED)
        yield _e_stem(word + "eks", word + "estA", (), RARE)
    elif word[-1] in "lnr" and word[-2] in VOWELS:
        yield _e_stem(word, word + "tA", (word + "ten",), RARE)


def _e_stem(base: str, partitive: str, genitives: tuple[str, ...] = (), weight: float = PLAIN) -> Stems:
    """naise-, ohjaime-, jäsene-: -e- before endings, -i- in the plural."""
    stem = base + "e"
    plural = (base + "i", base + "i", (base + "iA",), (base + "ien", *genitives))
    return Stems(stem, stem, (partitive,), (stem + "en",), (plural,), weight)


def _s_final(word: str) -> Iterator[Stems]:
    base, vowel = word[:-1], word[-2]
    if vowel in "uyoö":
        yield _e_stem(base + "ks", word + "tA", (word + "ten",))
        if vowel in "uy" and len(base) > 2 and base[-2] in VOWELS:
            strong, weak = base + "te", base + "de"
            plural = (base + "ksi", base + "ksi", (base + "ksiA",), (base + "ksien",))
            yield Stems(strong, weak, (base + "ttA",), (strong + "en",), (plural,))
        return
    for index, strong in enumerate(strengthen(base)):
        weight = PLAIN if index == 0 and vowel in "aä" else RARE
        yield _contracted(strong + vowel, word + "tA", weight)
    yield _e_stem(base + "ks", word + "tA", (word + "ten",), UNGRADED)


def _plural_name(word: str) -> Iterator[Stems]:
    """A name that is itself a plural: Taimitarhat, Siveltimet, Kengät."""
    weak = word[:-1]
    for index, strong in enumerate(strengthen(weak)):
        weight = PLAIN if index == 0 or strong == weak else UNGRADED
        yield Stems(strong, weak, (), (), tuple(_plurals_of_plural(strong, weak)), weight, singular=False)


def _plurals_of_plural(strong: str, weak: str) -> Iterator[tuple[str, str, tuple[str, ...], tuple[str, ...]]]:
    last = weak[-1]
    if last == "i":
        yield _plural_with_j(strong[:-1] + "e", weak[:-1] + "e")
        yield strong[:-1] + "ei", weak[:-1] + "ei", (), (strong + "en",)
    elif last == "e":
        yield _plural_with_i(strong[:-1], weak[:-1])
        yield _plural_with_i(strong[:-1], weak[:-1])[:3] + ((strong[:-1] + "ten",),)
    elif len(weak) > 1 and weak[-2] == last:
        yield weak[:-1] + "i", weak[:-1] + "i", (weak[:-1] + "itA",), (weak[:-1] + "iden", weak[:-1] + "itten")
    else:
        yield from _vowel_plurals(strong, weak)
