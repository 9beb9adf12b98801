"""The close look at each candidate of the scan: which of them name a shop, where exactly, and how surely."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from monitor.domain import Shop
from monitor.matching import context, foreign, tails, typos
from monitor.matching.clean import Plain, fold, plain
from monitor.matching.glance import Glance
from monitor.matching.lexicon import Lexicon
from monitor.matching.links import MOST_LETTERS, Place, inner_starts, places, quoted
from monitor.matching.names import Kind, Name, inner_forms
from monitor.matching.own import names_handle, ownership
from monitor.matching.recognise import Reading, Words, last_pieces, may_begin, read
from monitor.matching.scan import Candidate, Scan
from monitor.matching.traits import Traits, traits_of

LINKED = ("link", "handle")
TINY = 2
REST = 200
REMEMBERED = 4096
Seen = dict[tuple[Reading, Traits, bool, bool], tuple[float, context.Evidence]]


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
    """Reads candidates; keeps what kind of word each name is once it was met.

    `may_name` is the quick first look: False where a text surely names nobody.
    """

    def __init__(self, shops: Sequence[Shop], names: Sequence[Name], scan: Scan, lexicon: Lexicon) -> None:
        self._shops = shops
        self._names = names
        self._scan = scan
        self._lexicon = lexicon
        self._traits: dict[tuple[int, bool], Traits] = {}
        self._compounds = Words(lexicon.folded, lexicon.folded)
        self._no_compounds = Words(lexicon.folded, frozenset())
        self._is_ordinary = lru_cache(maxsize=REMEMBERED)(self._ordinary)
        self._glance = Glance(names, scan, lexicon.in_order, self._may_begin, self._may_read)
        self.may_name = self._glance.may_name
        self._foreign = [(index, name) for index, name in enumerate(names) if name.foreign]

    def finds(self, written: str) -> Iterator[Find]:
        """Every place of a text that names a shop, in order; overlapping ones of a shop are one."""
        written = written[:MOST_LETTERS]
        clean = plain(written)
        folded = fold(clean.text)
        spots = places(clean.text)
        candidates = [
            *self._glance.candidates(clean.text, folded, inside=bool(spots)),
            *self._in_hashtags(clean.text, folded, spots),
        ]
        if candidates:
            yield from self._read_all(candidates, written, clean, folded, spots)
        if self._foreign:
            yield from self._read_foreign(written, clean)

    def _read_all(
        self,
        candidates: list[tuple[int, Candidate]],
        written: str,
        clean: Plain,
        folded: str,
        spots: list[Place],
    ) -> Iterator[Find]:
        starts = [spot.start for spot in spots]
        repeated = quoted(clean.text)
        found: dict[int, list[Find]] = {}
        seen: Seen = {}
        for at, candidate in sorted(set(candidates), key=_exact_ones_first):
            name = self._names[candidate.name]
            others = found.setdefault(name.shop, [])
            if (repeated and repeated[at]) or (
                not candidate.mistyped and others and clean.original(at, at + 1)[0] < others[-1].end
            ):
                continue
            reading = self._read(candidate, clean.text, folded, at, _place_at(spots, starts, at))
            if reading and self._is_written_right(name, reading, clean.text):
                one = self._find(candidate.name, reading, written, clean, folded, seen)
                found[name.shop] = _with(others, one, written) if candidate.mistyped else [*others, one]
        yield from sorted((find for finds in found.values() for find in finds), key=lambda find: find.start)

    def _is_written_right(self, name: Name, reading: Reading, text: str) -> bool:
        """A case-sensitive shop's name, and a name of one or two letters, needs its capital."""
        if reading.what in LINKED or not (self._shops[name.shop].case_sensitive or name.letters <= TINY):
            return True
        return (
            text[reading.start].isupper() == name.written[:1].isupper()
            or text[reading.start - 1 : reading.start] == "#"
        )

    def _find(
        self, index: int, reading: Reading, written: str, clean: Plain, folded: str, seen: Seen
    ) -> Find:
        name = self._names[index]
        start, end = clean.original(reading.start, reading.end)
        if reading.what in LINKED:
            return Find(name.shop, start, end, written[start:end], reading.weight)
        counted = any(piece.isdigit() for piece in name.pieces) and " " in written[start:end]
        traits = self._traits_of(index, without_number=counted)
        looked_at = (reading, traits, name.kind is Kind.SHORT, name.letters <= TINY)
        if looked_at not in seen:
            evidence = context.evidence(clean.text, folded, reading, traits, self._lexicon)
            seen[looked_at] = (context.points(evidence, traits, *looked_at[2:]), evidence)
        points, evidence = seen[looked_at]
        words = written[start:end]
        return Find(
            name.shop, start, end, words, reading.weight, points, name.kind is Kind.SHORT, evidence, traits
        )

    def _traits_of(self, index: int, without_number: bool = False) -> Traits:
        key = (index, without_number)
        if key not in self._traits:
            name = self._names[index]
            bare = replace(name, pieces=name.pieces[:1], joints=()) if without_number else name
            self._traits[key] = traits_of(bare, self._lexicon)
        return self._traits[key]

    def _in_hashtags(self, text: str, folded: str, spots: list[Place]) -> Iterator[tuple[int, Candidate]]:
        for spot in spots:
            if spot.kind == "hashtag":
                for offset in inner_starts(text[spot.start : spot.end], folded[spot.start : spot.end]):
                    at = spot.start + offset
                    yield from (
                        (at, candidate)
                        for candidate in self._glance.beginning(text[at : spot.end], folded[at : spot.end])
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
        if candidate.mistyped:
            return self._read_typo(candidate.name, 0, text, folded, at, at) or self._read_typo_in_last(
                candidate.name, text, folded, at
            )
        reading = read(name, text, folded, at, self._words(candidate.name))
        in_handle = spot is not None and spot.kind == "handle"
        return None if reading is None or (in_handle and "compound" in reading.what) else reading

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
        if not typos.may_end_with_error(name):
            return None
        readings = (
            self._read_typo(index, -1, text, folded, at, place)
            for place, _ in last_pieces(name, text, folded, at)
        )
        return next((reading for reading in readings if reading), None)

    def _read_typo(
        self, index: int, piece: int, text: str, folded: str, at: int, wrong: int
    ) -> Reading | None:
        """The name at `at`, with one error in its first or last piece (0, -1), which stands at `wrong`."""
        name = self._names[index]
        stop = folded.find(" ", wrong)
        token = folded[wrong : stop if stop >= 0 else len(folded)]
        written = text[wrong : wrong + len(token)].lower()
        if not self._is_mistyped(name, written, token):
            return None
        rest = slice(wrong + len(token), wrong + len(token) + REST)
        best: Reading | None = None
        for right, longer in typos.mendings(name.pieces[piece], token):
            head, tail = slice(at, wrong), right + folded[rest]
            reading = read(name, text[head] + right + text[rest], folded[head] + tail, 0, self._no_compounds)
            if reading and (best is None or reading.weight > best.weight):
                best = Reading(at, at + reading.end - longer, reading.weight, reading.what)
        if best is None:
            return None
        return replace(best, weight=typos.CERTAINTY * best.weight**0.5, what=best.what + ", typing error")

    def _is_other_word(self, shop: int, written: str, token: str) -> bool:
        return self._is_ordinary(written, token) or any(
            self._names[candidate.name].shop == shop or self._is_named(candidate.name, token)
            for at, _, candidate in self._scan.named(token)
            if at == 0 and not candidate.mistyped
        )

    def _ordinary(self, written: str, token: str) -> bool:
        lexicon = self._lexicon
        return token in lexicon.folded or written in lexicon.surnames or lexicon.is_compound(written)

    def _is_named(self, index: int, token: str) -> bool:
        """Whether a folded word is the name as a whole, or its first word."""
        pieces = self._names[index].pieces
        return token in inner_forms(pieces[0]) or (
            len(pieces) == 1 and self._may_begin(Candidate(index), token)
        )

    def _may_begin(self, candidate: Candidate, word: str) -> bool:
        """Whether a folded word may be what a candidate takes it for, or begin it, in ordinary text."""
        name = self._names[candidate.name]
        if name.kind is Kind.HANDLE:
            return False
        if candidate.mistyped:  # without diacritics in the name there is one way to write it
            return not "".join(name.pieces).isascii() or self._may_read(candidate, word)
        return may_begin(name, word, self._words(candidate.name))

    def _may_read(self, candidate: Candidate, written: str) -> bool:
        """The same of a lower-case word as it is written, with its diacritics."""
        name = self._names[candidate.name]
        word = fold(written)
        if not candidate.mistyped:
            return may_begin(name, word, self._words(candidate.name), written)
        if len(name.pieces) > 1 and may_begin(name, word, self._no_compounds, written):
            return True
        return self._is_mistyped(name, written, word) and any(
            may_begin(name, right, self._no_compounds) for right, _ in typos.mendings(name.pieces[0], word)
        )

    def _is_mistyped(self, name: Name, written: str, token: str) -> bool:
        """Whether a word may have a typing error: its letters are the name's, and it is no other word."""
        marks = {letter for letter in written if not letter.isascii()} - set("".join(name.pieces))
        return not marks and not self._is_other_word(name.shop, written, token)

    def _read_foreign(self, written: str, clean: Plain) -> Iterator[Find]:
        text = clean.text.lower()
        for index, name in self._foreign:
            for at, end in foreign.spans(name, text):
                start, stop = clean.original(at, end)
                yield Find(self._names[index].shop, start, stop, written[start:stop], foreign.CERTAINTY)


def _exact_ones_first(pair: tuple[int, Candidate]) -> tuple[bool, int, int]:
    at, candidate = pair
    return candidate.mistyped, at, candidate.name


def _with(finds: list[Find], one: Find, written: str) -> list[Find]:
    """The finds with one more: where it overlaps others they become one, as sure as the surest of them."""
    apart = [find for find in finds if find.end <= one.start or one.end <= find.start]
    joined = [find for find in finds if find not in apart] + [one]
    start, end = min(find.start for find in joined), max(find.end for find in joined)
    surest = max(joined, key=lambda find: find.certainty)
    return [*apart, replace(surest, start=start, end=end, words=written[start:end])]


def _place_at(spots: list[Place], starts: list[int], at: int) -> Place | None:
    index = bisect_right(starts, at) - 1
    return spots[index] if index >= 0 and at < spots[index].end else None
