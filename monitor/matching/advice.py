"""What a shop owner should know about a name before relying on it: too short, ordinary, somebody's name."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from monitor.domain import Shop
from monitor.matching.lexicon import Lexicon, load_lexicon
from monitor.matching.names import Kind, Name, cut, names_of
from monitor.matching.traits import traits_of


class Trouble(StrEnum):
    """What is hard about a name."""

    NOTHING_TO_FIND = "nothing_to_find"
    TOO_SHORT = "too_short"
    STOP_WORD = "stop_word"
    ORDINARY_WORD = "ordinary_word"
    COMPOUND = "compound"
    PERSON = "person"
    OTHER_SCRIPT = "other_script"
    SAME_NAME = "same_name"


STOP_WORD_FROM = 1000.0
CONTEXT_WORDS = {
    "fi": ("tilaus", "paketti", "toimitus", "asiakaspalvelu", "verkkokauppa", "palautus"),
    "sv": ("beställning", "paket", "leverans", "kundtjänst", "nätbutik", "retur"),
    "en": ("order", "parcel", "delivery", "customer service", "webshop", "refund"),
}

_SENTENCES = {
    Trouble.NOTHING_TO_FIND: (
        "The name %(name)s has no letters or digits, so nothing can be found by it. Write the name as "
        "customers write it."
    ),
    Trouble.TOO_SHORT: (
        "The name %(name)s is too short to be told from other words: only its exact spelling with its "
        "capital counts. Add domains, handles and a longer alias."
    ),
    Trouble.STOP_WORD: (
        "The name %(name)s is one of the commonest words there are (about %(per_million)s in a million "
        "words). Add domains and handles, set case_sensitive = true and list words_near, for example "
        "%(context)s."
    ),
    Trouble.ORDINARY_WORD: (
        "The name %(name)s is an ordinary word (about %(per_million)s in a million words of ordinary "
        "text). List words_near that show the shop is meant, for example %(context)s, or set "
        "case_sensitive = true."
    ),
    Trouble.COMPOUND: (
        "The name %(name)s can be read as ordinary words put together, so a few hits will not be about "
        "the shop. not_words can keep them out."
    ),
    Trouble.PERSON: (
        "The name %(name)s is also the name of people or a place. List words_near, for example "
        "%(context)s, and in not_words the first names or titles that are not yours."
    ),
    Trouble.OTHER_SCRIPT: (
        "The name %(name)s is not in Latin letters, so it is found only exactly as written. Add an alias "
        "in Latin letters if customers use one."
    ),
    Trouble.SAME_NAME: (
        "The name %(name)s belongs to both %(first)s and %(second)s, so every mention counts for both. "
        "Remove it from one of them."
    ),
}


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to know about one name.

    `sentence` is a message id with `values` to fill in; `per_million` says how often the name's forms
    are met in ordinary text (None: not known); `context` proposes words for words_near.
    """

    trouble: Trouble
    sentence: str
    values: Mapping[str, str] = field(default_factory=dict)
    per_million: float | None = None
    context: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.sentence % self.values


def advise(name: str, languages: Sequence[str] = ("fi", "sv", "en")) -> list[Advice]:
    """What is hard about a name, the gravest first; an empty list when nothing is."""
    lexicon = load_lexicon()
    spelling = cut(0, Kind.NAME, name)
    return [_advice(trouble, spelling, name, lexicon, languages) for trouble in _troubles(spelling, lexicon)]


def _troubles(name: Name, lexicon: Lexicon) -> Iterator[Trouble]:
    if not name.pieces:
        yield Trouble.NOTHING_TO_FIND
        return
    if name.foreign:
        yield Trouble.OTHER_SCRIPT
        return
    if name.letters <= 2:
        yield Trouble.TOO_SHORT
    traits = traits_of(name, lexicon)
    if traits.word:
        yield Trouble.STOP_WORD if traits.per_million >= STOP_WORD_FROM else Trouble.ORDINARY_WORD
    if traits.person:
        yield Trouble.PERSON
    if traits.compound and not (traits.word or traits.person):
        yield Trouble.COMPOUND


def _advice(trouble: Trouble, name: Name, written: str, lexicon: Lexicon, languages: Sequence[str]) -> Advice:
    per_million = traits_of(name, lexicon).per_million if name.pieces and not name.foreign else None
    known = [lang for lang in languages if lang in CONTEXT_WORDS] or ["fi"]
    context = tuple(CONTEXT_WORDS[lang][at] for at in range(4) for lang in known)
    values = {"name": repr(written), "per_million": _figure(per_million), "context": ", ".join(context[:4])}
    return Advice(trouble, _SENTENCES[trouble], values, per_million, context)


def _figure(per_million: float | None) -> str:
    if not per_million:
        return "less than two"
    return f"{per_million:.1f}" if per_million < 10 else f"{per_million:.0f}"


def warnings(shops: Sequence[Shop]) -> tuple[str, ...]:
    """All advice on all names of all shops, with the slug each concerns, without repeats; compounds pass."""
    found: list[str] = []
    owners: dict[tuple[str, ...], tuple[str, str]] = {}
    for index, shop in enumerate(shops):
        for written in (shop.name, *shop.aliases):
            told = advise(written, shop.languages)
            found += [f"{shop.slug}: {one}" for one in told if one.trouble is not Trouble.COMPOUND]
        for name in names_of(index, shop):
            owner, first = owners.setdefault(name.pieces, (shop.slug, name.written))
            if owner != shop.slug:
                found.append(str(_same(first, owner, shop.slug)))
    return tuple(dict.fromkeys(found))


def _same(name: str, first: str, second: str) -> Advice:
    values = {"name": repr(name), "first": first, "second": second}
    return Advice(Trouble.SAME_NAME, _SENTENCES[Trouble.SAME_NAME], values)
