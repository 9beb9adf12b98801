"""The stems of a Finnish word, from its spelling alone: what its endings hang on.

A name is rarely in a dictionary, so every paradigm its ending allows is given; the less likely ones
weigh less. Rules: the descriptive grammar of Finnish (VISK) sections 55-94. The endings are in `paradigm`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from monitor.matching.gradation import VOWELS, strengthen, weaken
from monitor.matching.irregular import irregular
from monitor.matching.old_stems import OLD_I_STEMS

LONG = 8
PLAIN, UNGRADED, SPOKEN, RARE = 1.0, 0.95, 0.9, 0.85
Plural = tuple[str, str, tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Stems:
    """What the endings hang on. Plurals come as (oblique strong, oblique weak, partitives, genitives)."""

    strong: str
    weak: str
    partitive: tuple[str, ...]
    illative: tuple[str, ...]
    plurals: tuple[Plural, ...]
    weight: float = PLAIN
    singular: bool = True


def paradigms(word: str) -> Iterator[Stems]:
    """The paradigms that the spelling of a word allows."""
    if len(word) < 2 or not word[-1].isalpha():
        return
    last = word[-1]
    yield from _other_grades(word)
    for strong, weak, partitive, plural_strong, plural_weak, genitive in irregular(word):
        plural = (plural_strong, plural_weak, (plural_strong + "A",), (genitive,))
        yield Stems(strong, weak, (partitive,), (strong + strong[-1] + "n",), (plural,))
    if last in VOWELS:
        yield from _vowel_final(word)
    else:
        yield from _consonant_final(word)


def _other_grades(word: str) -> Iterator[Stems]:
    """lumopuoista: in many dialects the weak grade of t is nothing; nahasta: that of hk may be h."""
    weak = weaken(word)
    if word[-2:-1] == "t" and weak[-2:-1] == "d" and len(word) >= LONG:
        yield Stems(word, weak[:-2] + weak[-1], (), (), (), RARE)
    if word[-3:-1] == "hk":
        yield Stems(word, word[:-2] + word[-1], (), (), (), RARE)


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


def _vowel_plurals(strong: str, weak: str) -> Iterator[Plural]:
    if strong[-1] not in "aä":
        yield _plural_with_j(strong, weak)
        return
    if _plural_has_o(strong):
        letter = "o" if strong[-1] == "a" else "ö"
        yield _plural_with_j(strong[:-1] + letter, weak[:-1] + letter)
    if _plural_drops(strong):
        yield _plural_with_i(strong[:-1], weak[:-1])


def _plural_with_j(strong: str, weak: str) -> Plural:
    partitives = (strong + "jA", strong + "itA", weak + "itA")
    return strong + "i", weak + "i", partitives, (strong + "jen", weak + "iden", weak + "itten")


def _plural_with_i(strong: str, weak: str) -> Plural:
    return strong + "i", weak + "i", (strong + "iA",), (strong + "ien",)


def syllables(word: str) -> int:
    """Vowel groups of a word; near enough for the plural of a-stems."""
    return sum(
        1 for at, letter in enumerate(word) if letter in VOWELS and (at == 0 or word[at - 1] not in VOWELS)
    )


def _first_vowel_of_foot(word: str) -> str:
    """The first vowel of the syllable before the last: it decides kaloja and seuroja against munia."""
    at = len(word) - 2
    while at >= 0 and word[at] not in VOWELS:
        at -= 1
    while at > 0 and word[at - 1] in VOWELS:
        at -= 1
    return word[at] if at >= 0 else ""


def _plural_has_o(word: str) -> bool:
    before = _first_vowel_of_foot(word)
    if word[-1] == "a":
        return syllables(word) > 2 or before in "aei"
    return syllables(word) > 2 and word[-2] in "nlrkvjtm"


def _plural_drops(word: str) -> bool:
    before = _first_vowel_of_foot(word)
    return word[-1] == "ä" or before in "ou" or (syllables(word) > 2 and word[-2] in "mnvsrjh")


def _two_vowels(word: str) -> Iterator[Stems]:
    pair = word[-2:]
    if pair[0] == pair[1] or pair in ("uo", "yö", "ie", "ai", "äi", "oi", "öi", "ui", "yi", "ei", "au", "eu"):
        short = word[:-2] + word[-1] if pair[0] == pair[1] or pair in ("uo", "yö", "ie") else word[:-1]
        plural = (short + "i", short + "i", (short + "itA",), (short + "iden", short + "itten"))
        into = (word + "h" + word[-1] + "n", word + "seen", *([word + "en"] if pair == "ie" else []))
        yield Stems(word, word, (word + "tA",), into, (plural,))
        return
    if pair[1] == "e":
        yield _contracted(word + "e", word + "ttA", PLAIN)
    illative = (word + word[-1] + "n", *([word + "hin"] if word[-1] == "y" else []))
    yield Stems(word, word, (word + "A", word + "tA"), illative, tuple(_vowel_plurals(word, word)))


def _i_final(word: str) -> Iterator[Stems]:
    weak = weaken(word)
    plurals = [_plural_with_j(word[:-1] + "e", weak[:-1] + "e")]
    strong_e, weak_e, partitives, genitives = plurals[0]
    plural = (strong_e, weak_e, partitives, (word + "en", *genitives[1:]))
    yield Stems(word, weak, (word + "A",), (word + "in",), (plural,))
    if word.endswith(OLD_I_STEMS):
        yield from _old_i(word)


def _old_i(word: str) -> Iterator[Stems]:
    """kivi: kive-, joki: joe-, vesi: vede- and vete-, kuusi: kuuse-, niemi: nieme- and niem-."""
    if word[-2] == "s" and word[-3:-2] not in ("k", "p", "t"):
        strong = word[:-2] + "te"
        plural = _plural_with_i(word[:-1], word[:-1])
        yield Stems(strong, weaken(strong), (word[:-2] + "ttA", strong + "A"), (strong + "en",), (plural,))
    if not word.endswith(_ALWAYS_TE):
        strong, short = word[:-1] + "e", word[:-2] + "n" if word[-2] == "m" else word[:-1]
        plural = _plural_with_i(word[:-1], weaken(strong)[:-1])
        plural = (*plural[:3], (*plural[3], word[:-1] + "ten"))
        partitives = (strong + "A", word[:-1] + "tA", short + "tA")
        yield Stems(strong, weaken(strong), partitives, (strong + "en",), (plural,))


_ALWAYS_TE = ("nsi", "rsi", "lsi", "esi", "äsi", "uosi", "osi", "äysi")


def _e_final(word: str) -> Iterator[Stems]:
    for index, strong in enumerate(strengthen(word)):
        yield _contracted(strong + "e", word + "ttA", PLAIN if index == 0 else RARE)
    plural = (word + "i", word + "i", (word + "jA", word + "itA"), (word + "jen", word + "iden"))
    yield Stems(word, word, (word + "A",), (word + "en",), (plural,), UNGRADED)


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


def _loan_plural(word: str) -> Plural:
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
    elif word.endswith("in") and len(word) > 3:
        for index, strong in enumerate(_before_n(word)):
            yield _e_stem(strong + "m", word + "tA", (word + "ten",), PLAIN if index == 0 else RARE)
    elif word.endswith(("tar", "tär")) and len(word) > 4:
        yield _e_stem(word[:-2] + "t" + word[-2:], word + "tA", (word + "ten",))
    elif word.endswith("ks"):
        yield _e_stem(word, word + "tA", (), UNGRADED)
        yield _e_stem(word + "eks", word + "estA", (), RARE)
    elif word[-1] in "lnr" and word[-2] in VOWELS:
        yield _e_stem(word, word + "tA", (word + "ten",), RARE)


def _before_n(word: str) -> tuple[str, ...]:
    """Strong grades of a word in -in without its n: puhallin: puhalti-, kerroin: kertoi-."""
    if word[-3:-2] in tuple(VOWELS):
        return tuple(dict.fromkeys(f"{strong}i" for strong in (*strengthen(word[:-2]), word[:-2])))
    return strengthen(word[:-1])


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


def _plurals_of_plural(strong: str, weak: str) -> Iterator[Plural]:
    last = weak[-1]
    if last == "i":
        yield _plural_with_j(strong[:-1] + "e", weak[:-1] + "e")
        yield strong[:-1] + "ei", weak[:-1] + "ei", (), (strong + "en",)
    elif last == "e":
        yield _plural_with_i(strong[:-1], weak[:-1])
        yield (*_plural_with_i(strong[:-1], weak[:-1])[:3], (strong[:-1] + "ten",))
    elif len(weak) > 1 and weak[-2] == last:
        yield (
            weak[:-1] + "i",
            weak[:-1] + "i",
            (weak[:-1] + "itA",),
            (weak[:-1] + "iden", weak[:-1] + "itten"),
        )
    else:
        yield from _vowel_plurals(strong, weak)
