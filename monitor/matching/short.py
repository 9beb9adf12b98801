"""What people call a shop of several words for short: "velour" for Velour Street."""

from collections.abc import Iterator

from monitor.matching.lexicon import Lexicon
from monitor.matching.names import Kind, Name
from monitor.matching.traits import is_person, ordinary_frequency

SHORTEST = 4
SELDOM = 3.0
_GENERIC_TEXT = """
    tyres pantry supply lane yard pharmacy toys fabrics records audio crafts outlet design kids living
    street goods ykkönen kakkonen kolmonen nelonen vitonen kutonen seiska supplies apparel fashion
    beauty market studio kosmetik järn möbler textil tvål outdoor garden tools parts
"""
GENERIC = frozenset(_GENERIC_TEXT.split())


def short_names(name: Name, lexicon: Lexicon) -> Iterator[Name]:
    """A name for each telling word: made-up and seldom words and people's names."""
    if name.kind is not Kind.NAME or len(name.pieces) < 2 or "." in name.written:
        return
    if len(name.pieces) == 2 and name.pieces[1].isdigit() and _is_rare(name.pieces[0], lexicon):
        yield Name(name.shop, name.written, Kind.SHORT, name.pieces[:1], ())
    for piece in name.pieces:
        person = _nominative(piece, lexicon)
        if person:
            yield Name(name.shop, name.written, Kind.SHORT, (person,), ())
        elif (
            len(piece) >= SHORTEST
            and piece.isalpha()
            and piece not in GENERIC
            and _is_unusual(piece, lexicon)
        ):
            yield Name(name.shop, name.written, Kind.SHORT, (piece,), ())


def _is_rare(piece: str, lexicon: Lexicon) -> bool:
    """Long enough, and no word of ordinary text (a compound that nobody uses is fine)."""
    return len(piece) >= 6 and ordinary_frequency(piece, lexicon) == 0


def _is_unusual(piece: str, lexicon: Lexicon) -> bool:
    """Seldom met in ordinary text; the context must still speak for it."""
    return ordinary_frequency(piece, lexicon) < SELDOM


def _nominative(piece: str, lexicon: Lexicon) -> str:
    """The person's name that a piece is, or is the genitive of; empty when it is none."""
    guesses = [piece]
    if piece.endswith("sen"):
        guesses.append(piece[:-3] + "nen")
    if piece.endswith("n"):
        guesses += [piece[:-1], piece[:-2]]
    if piece.endswith("s"):
        guesses.append(piece[:-1])
    return next((guess for guess in guesses if len(guess) >= SHORTEST and is_person(guess, lexicon)), "")
