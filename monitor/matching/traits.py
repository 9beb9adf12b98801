"""What kind of word a name is: made up, a compound of ordinary words, an ordinary word, a person's name."""

from dataclasses import dataclass

from monitor.matching.lexicon import Lexicon
from monitor.matching.names import Kind, Name, forms_of, stem_keys
from monitor.matching.stems import RARE


@dataclass(frozen=True, slots=True)
class Traits:
    """How easily a name is met where no shop is meant; `per_million` sums over its standard forms."""

    per_million: float = 0.0
    word: bool = False
    compound: bool = False
    person: bool = False

    @property
    def made_up(self) -> bool:
        return not (self.word or self.compound or self.person)


def traits_of(name: Name, lexicon: Lexicon) -> Traits:
    """Judge a name by its pieces; a domain and a handle are taken as made up."""
    if name.kind in (Kind.DOMAIN, Kind.HANDLE) or ("." in name.written and len(name.pieces) > 1):
        return Traits()
    if any(not piece.isalpha() for piece in name.pieces):
        return Traits(compound=any(lexicon.is_word(piece) for piece in name.pieces if piece.isalpha()))
    if len(name.pieces) > 1:
        ordinary = all(lexicon.is_word(piece) or is_person(piece, lexicon) for piece in name.pieces)
        person = "&" not in name.written and all(is_person(piece, lexicon) for piece in name.pieces)
        return Traits(0.0, compound=ordinary and name.letters > 2, person=person)
    return _single(name.pieces[0], lexicon)


def _single(piece: str, lexicon: Lexicon) -> Traits:
    frequency = ordinary_frequency(piece, lexicon)
    sorts = lexicon.morphology.sorts(piece)
    return Traits(
        frequency,
        word=frequency > 0 or "word" in sorts,
        compound="compound" in sorts or lexicon.is_compound(piece),
        person=is_person(piece, lexicon) or bool(sorts & {"surname", "given name", "place name"}),
    )


def ordinary_frequency(piece: str, lexicon: Lexicon) -> float:
    """Hits per million words of ordinary text, summed over the piece's standard forms."""
    if not any(lexicon.begins_word(key) for key in stem_keys(piece)):
        return 0.0
    return sum(
        lexicon.frequency(form.text)
        for form in forms_of(piece).values()
        if form.weight >= RARE and not any(word in form.what for word in ("possessive", "clipped", "spoken"))
    )


def is_person(piece: str, lexicon: Lexicon) -> bool:
    """Whether a lower-case word is a listed surname or given name."""
    return piece in lexicon.surnames or piece in lexicon.given_names
