"""The close look at each candidate of the scan: which of them name a shop, where exactly, and how surely."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from monitor.domain import Shop
from monitor.matching import context, tails, typos
from monitor.matching.clean import Plain, fold, plain
from monitor.matching.lexicon import Lexicon
from monitor.matching.links import MOST_LETTERS, Place, inner_starts, places, quoted
from monitor.matching.names import Kind, Name, shared_stem
from monitor.matching.own import names_handle, ownership
from monitor.matching.recognise import Reading, Words, last_pieces, read
from monitor.matching.scan import Candidate, Scan
from monitor.matching.traits import Traits, traits_of

LINKED = ("link", "handle")
TINY = 2
REST = 200


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
        self._compounds = Words(lexicon.folded, lexicon.folded)
        self._no_compounds = Words(lexicon.folded, frozenset())
        self._foreign = [(index, name) for index, name in enumerate(names) if name.foreign]

    def finds(self, written: str) -> Iterator[Find]:
        """Every place of a text that names a shop, in order; of overlapping ones the first per shop."""
        written = written[:MOST_LETTERS]
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
        starts = [spot.start for spot in spots]
        repeated = quoted(clean.text)
        taken: dict[int, int] = {}
        for at, candidate in sorted(set(candidates), key=lambda pair: (pair[0], pair[1].stem, pair[1].name)):
            name = self._names[candidate.name]
            if taken.get(name.shop, -1) > at or (repeated and repeated[at]):
                continue
            reading = self._read(candidate, clean.text, folded, at, _place_at(spots, starts, at))
            if reading and self._is_written_right(name, reading, clean.text):
                taken[name.shop] = reading.end
                yield self._find(candidate.name, reading, written, clean, folded)

    def _is_written_right(self, name: Name, reading: Reading, text: str) -> bool:
        """A case-sensitive shop's name, and a name of one or two letters, needs its capital."""
        if reading.what in LINKED or not (self._shops[name.shop].case_sensitive or name.letters <= TINY):
            return True
        return (
            text[reading.start].isupper() == name.written[:1].isupper()
            or text[reading.start - 1 : reading.start] == "#"
        )

    def _find(self, index: int, reading: Reading, written: str, clean: Plain, folded: str) -> Find:
        name = self._names[index]
        start, end = clean.original(reading.start, reading.end)
        if reading.what in LINKED:
            return Find(name.shop, start, end, written[start:end], reading.weight)
        traits = self._traits_of(index)
        if any(piece.isdigit() for piece in name.pieces) and " " in written[start:end]:
            traits = traits_of(replace(name, pieces=name.pieces[:1], joints=()), self._lexicon)
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
                    yield from (
                        (at, c) for start, c in self._scan.candidates(folded[at : spot.end]) if start == 0
                    )

    def _read(
        self, candidate: Candidate, text: str, folded: str, at: int, spot: Place | None
    ) -> Reading | None:
        name = self._names[candidate.name]
        if at and text[at - 1].isalnum() and not (spot and spot.kind == "hashtag"):
            return None
        if spot and spot.kind in ("url", "host", "mail"):
            return self._read_link(name, text, spot)
        if (
            spot
            and spot.kind == "handle"
            and names_handle(text[spot.start : spot.end], self._shops[name.shop])
        ):
            return Reading(spot.start, tails.marked_end(text, spot.end), 1.0, "handle")
        if name.kind is Kind.HANDLE:
            return None
        if candidate.stem:
            return self._read_typo(candidate.name, candidate.stem, text, folded, at, at)
        reading = read(name, text, folded, at, self._words(candidate.name))
        if reading is None:
            return self._read_typo_in_last(candidate.name, text, folded, at)
        in_handle = spot is not None and spot.kind == "handle"
        return None if in_handle and "compound" in reading.what else reading

    def _words(self, index: int) -> Words:
        """Any ordinary word may follow a made-up name in one word; other names make other words that way."""
        made_up = self._traits_of(index).made_up and self._names[index].kind is not Kind.SHORT
        return self._compounds if made_up else self._no_compounds

    def _read_link(self, name: Name, text: str, spot: Place) -> Reading | None:
        weight = ownership(spot.host, self._shops[name.shop])
        if not weight:
            return None
        start = spot.start + text[spot.start : spot.end].lower().index(spot.host)
        return Reading(start, tails.marked_end(text, start + len(spot.host)), weight, "link")

    def _read_typo_in_last(self, index: int, text: str, folded: str, at: int) -> Reading | None:
        name = self._names[index]
        if len(name.pieces) == 1 or not typos.may_have_error(name, name.pieces[-1]):
            return None
        stem = shared_stem(name.pieces[-1])
        readings = (
            self._read_typo(index, stem, text, folded, at, place)
            for place, _ in last_pieces(name, text, folded, at)
        )
        return next((reading for reading in readings if reading), None)

    def _read_typo(
        self, index: int, stem: str, text: str, folded: str, at: int, wrong: int
    ) -> Reading | None:
        """The name at `at`, with one error in the word at `wrong`."""
        name = self._names[index]
        stop = folded.find(" ", wrong)
        token = folded[wrong : stop if stop >= 0 else len(folded)]
        written = text[wrong : wrong + len(token)].lower()
        marks = {letter for letter in written if not letter.isascii()} - set("".join(name.pieces))
        mended = typos.mended(stem, token)
        if mended is None or marks or self._is_other_word(written, token):
            return None
        right, longer = mended
        rest = slice(wrong + len(token), wrong + len(token) + REST)
        reading = read(
            name,
            text[at:wrong] + right + text[rest],
            folded[at:wrong] + right + folded[rest],
            0,
            self._no_compounds,
        )
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


def _place_at(spots: list[Place], starts: list[int], at: int) -> Place | None:
    index = bisect_right(starts, at) - 1
    return spots[index] if index >= 0 and at < spots[index].end else None
