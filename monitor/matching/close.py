"""The close look at each candidate of the scan: which of them name a shop, where exactly, and how surely."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from monitor.domain import Shop
from monitor.matching import context, tails, typos
from monitor.matching.clean import Plain, fold, plain
from monitor.matching.lexicon import Lexicon
from monitor.matching.links import Place, inner_starts, places, quotes
from monitor.matching.names import Kind, Name
from monitor.matching.own import names_handle, owns
from monitor.matching.recognise import IsWord, Reading, read
from monitor.matching.scan import Candidate, Scan
from monitor.matching.traits import Traits, traits_of

LINKED = ("link", "handle")
TINY = 2


@dataclass(frozen=True, slots=True)
class Find:
    """One place of one text that names one shop: span and words in the original, and how sure.

    `weight` (0..1) comes from the spelling; `points` from the word and its surroundings, None when
    they do not matter (a link, a handle). `short` marks a part of a longer name.
    """

    shop: int
    start: int
    end: int
    words: str
    weight: float
    points: float | None = None
    short: bool = False
    seen: context.Evidence | None = None
    traits: Traits | None = None

    @property
    def certainty(self) -> float:
        """Of this find alone."""
        return self.weight if self.points is None else self.weight * context.certainty(self.points)


class Closely:
    """Reads candidates; keeps what kind of word each name is once it was met."""

    def __init__(self, shops: Sequence[Shop], names: Sequence[Name], scan: Scan, lexicon: Lexicon) -> None:
        self._shops = shops
        self._names = names
        self._scan = scan
        self._lexicon = lexicon
        self._traits: dict[int, Traits] = {}
        self._foreign = [(index, name) for index, name in enumerate(names) if name.foreign]

    def finds(self, written: str) -> Iterator[Find]:
        """Every place of a text that names a shop, in order; of overlapping ones the first per shop."""
        clean = plain(written)
        folded = fold(clean.text)
        candidates = list(self._scan.candidates(folded))
        if "#" in clean.text:
            candidates += self._in_hashtags(clean.text, folded)
        if candidates:
            yield from self._read_all(candidates, written, clean, folded)
        if self._foreign:
            yield from self._read_foreign(written, clean)

    def _read_all(
        self, candidates: list[tuple[int, Candidate]], written: str, clean: Plain, folded: str
    ) -> Iterator[Find]:
        spots = places(clean.text)
        repeated = quotes(clean.text)
        taken: dict[int, int] = {}
        for at, candidate in sorted(set(candidates), key=lambda pair: (pair[0], pair[1].stem, pair[1].name)):
            name = self._names[candidate.name]
            if taken.get(name.shop, -1) > at or any(start <= at < end for start, end in repeated):
                continue
            reading = self._read(candidate, clean.text, folded, at, _place_at(spots, at))
            if reading and self._is_written_right(name, reading, clean.text):
                taken[name.shop] = reading.end
                yield self._find(candidate.name, reading, written, clean, folded)

    def _is_written_right(self, name: Name, reading: Reading, text: str) -> bool:
        """A case-sensitive shop's name, and a name of one or two letters, needs its capital."""
        if reading.what in LINKED or not (self._shops[name.shop].case_sensitive or name.letters <= TINY):
            return True
        return text[reading.start].isupper() == name.written[:1].isupper() or text[reading.start - 1 : reading.start] == "#"

    def _find(self, index: int, reading: Reading, written: str, clean: Plain, folded: str) -> Find:
        name = self._names[index]
        start, end = clean.original(reading.start, reading.end)
        if reading.what in LINKED:
            return Find(name.shop, start, end, written[start:end], reading.weight)
        traits = self._traits_of(index)
        if any(piece.isdigit() for piece in name.pieces) and " " in written[start:end]:
            traits = Traits(word=traits.compound)
        seen = context.evidence(clean.text, folded, reading, traits, self._lexicon)
        short = name.kind is Kind.SHORT
        points = context.points(seen, traits, short)
        if short:
            points += context.SHORT_PERSON if traits.person else context.SHORT_NAME
        elif name.letters <= TINY:
            points += context.TINY_NAME
        return Find(name.shop, start, end, written[start:end], reading.weight, points, short, seen, traits)

    def _traits_of(self, index: int) -> Traits:
        if index not in self._traits:
            self._traits[index] = traits_of(self._names[index], self._lexicon)
        return self._traits[index]

    def _in_hashtags(self, text: str, folded: str) -> Iterator[tuple[int, Candidate]]:
        for spot in places(text):
            if spot.kind == "hashtag":
                for offset in inner_starts(text[spot.start : spot.end], folded[spot.start : spot.end]):
                    at = spot.start + offset
                    yield from ((at, c) for start, c in self._scan.candidates(folded[at : spot.end]) if start == 0)

    def _read(self, candidate: Candidate, text: str, folded: str, at: int, spot: Place | None) -> Reading | None:
        name = self._names[candidate.name]
        if at and text[at - 1].isalnum() and not (spot and spot.kind == "hashtag"):
            return None
        if spot and spot.kind in ("url", "host", "mail"):
            return self._read_link(name, text, spot)
        if spot and spot.kind == "handle" and names_handle(text[spot.start : spot.end], self._shops[name.shop]):
            return Reading(spot.start, tails.marked_end(text, spot.end), 1.0, "handle")
        if name.kind is Kind.HANDLE:
            return None
        if candidate.stem:
            return self._read_typo(candidate, text, folded, at)
        return read(name, text, folded, at, self._compounds(candidate.name))

    def _compounds(self, index: int) -> IsWord:
        """Which words may follow the name in one word: any where the name is no ordinary word itself."""
        traits = self._traits_of(index)
        ordinary = traits.word or traits.person or self._names[index].kind is Kind.SHORT
        return _no_word if ordinary else self._lexicon.folded.__contains__

    def _read_link(self, name: Name, text: str, spot: Place) -> Reading | None:
        if not owns(spot.host, self._shops[name.shop]):
            return None
        start = text.lower().index(spot.host, spot.start)
        return Reading(start, tails.marked_end(text, start + len(spot.host)), 1.0, "link")

    def _read_typo(self, candidate: Candidate, text: str, folded: str, at: int) -> Reading | None:
        stop = folded.find(" ", at)
        token = folded[at : stop if stop >= 0 else len(folded)]
        mended = typos.mended(candidate.stem, token)
        written = text[at : at + len(token)].lower()
        name = self._names[candidate.name]
        marks = {letter for letter in written if not letter.isascii()} - set("".join(name.pieces))
        if mended is None or marks or self._is_other_word(written, token):
            return None
        right, longer = mended
        rest = at + len(token)
        reading = read(name, right + text[rest:], right + folded[rest:], 0, _no_word)
        if reading is None:
            return None
        weight = typos.CERTAINTY * reading.weight**0.5
        return Reading(at, at + reading.end - longer, weight, reading.what + ", typing error")

    def _is_other_word(self, written: str, token: str) -> bool:
        lexicon = self._lexicon
        return (
            token in lexicon.folded
            or written in lexicon.surnames
            or lexicon.is_compound(written)
            or any(not c.stem and at == 0 for at, c in self._scan.candidates(token))
        )

    def _read_foreign(self, written: str, clean: Plain) -> Iterator[Find]:
        """Names in other scripts: as written, or with an ending behind a colon or apostrophe."""
        text = clean.text.lower()
        for index, name in self._foreign:
            at = text.find(name.written.lower())
            while at >= 0:
                end = at + len(name.written)
                if _is_whole(text, at, end):
                    start, stop = clean.original(at, tails.marked_end(text, end))
                    yield Find(self._names[index].shop, start, stop, written[start:stop], 0.9)
                at = text.find(name.written.lower(), end)


def _is_whole(text: str, start: int, end: int) -> bool:
    """Word borders on both sides; scripts written without spaces have none to ask for."""
    if text[start] >= "\u2e80":
        return True
    return not (start and text[start - 1].isalnum()) and not text[end : end + 1].isalnum()


def _no_word(word: str) -> bool:
    return False


def _place_at(spots: list[Place], at: int) -> Place | None:
    return next((spot for spot in spots if spot.start <= at < spot.end), None)
