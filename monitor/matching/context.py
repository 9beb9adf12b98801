"""How sure one find is, from the word itself and from what stands around it.

The weights in `WEIGHTS` began as a logistic regression on our own corpus's training part (finds of names
that are ordinary words, compounds or people's names); they were then rounded, and set lower where that
corpus has more mentions of shops than ordinary text does.
"""

import math
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from monitor.domain import Shop
from monitor.matching.clean import fold
from monitor.matching.lexicon import Lexicon
from monitor.matching.names import stem_keys
from monitor.matching.recognise import Reading
from monitor.matching.stems import RARE
from monitor.matching.traits import Traits

NEAR, CASE, FAR = 70, 200, 1000

_SHOP_WORDS = re.compile(
    r"(?<![a-z0-9])(?:tila(?:si|us|uks|tt|ta|an|a\b|isi|ama)|ostin|osti|ostet|ostan|ostam|ostaa|ostok|osto|myy|myi\b"
    r"|paket|toimit|lahet|lahti|palautu|palauti|palautt|rekla|asiakas|aspa|verkkokau|nettikau|kaup(?:pa|an|as|ast|alle)"
    r"|puoti|myymal|hyvity|rahat|rahoj|maksoi|maksu|lasku|hinta|hinna|hintoj|ale\b|alennu|alekoodi|tarjou|kuitti|takuu"
    r"|valikoim|varasto|palvelu|suosittel|huijau|huijar|arvostel|kokemuks|postiku|saapu|lahjakort|sovellu|klarna|posti"
    r"|euro|e\b|eur\b|tuote|tuotte|nettisiv|sivui|sivut|sivuil|uutiskir|vastaa|vastan|vastat|botti|chat"
    r"|order|bestal|deliver|parcel|package|refund|return|customer|support|ship|bought|buy|shop|store|website|checkout"
    r"|paket|leveran|levere|kund|retur|beställ|kopt|kop\b|kopa|butik|webb|fraktu|frakt|rabatt|faktur|betal|price|pris"
    r"|discount|voucher|sale\b|review|scam|ordrat|skick|reklamer|pengar|sold|sell|salj|sald)"
)
_TITLES_TEXT = """
    herra rouva neiti naapurin naapuri opettaja tohtori professori ministeri kansanedustaja mr mrs ms
    sir dr fru herr doktor granne perhe serkku eno setä täti mummo ukki pappa isä äiti
"""
_TITLES = frozenset(_TITLES_TEXT.split())
_SENTENCE_START = re.compile(r"(?:^|[.!?…:;\n\"”»(\[•*–—-])\s*[\"”'’(\[#@]*\Z")


_ACRONYM = re.compile(r"[A-ZÅÄÖ]{2,5}(?![A-ZÅÄÖ])|[A-ZÅÄÖ]&[A-ZÅÄÖ]")
_DOUBLE_NAME = re.compile(r"-[A-ZÄÖÅ](?![A-ZÄÖÅ])")


class Evidence(NamedTuple):
    """What was seen; every field is a number so that the sum is readable."""

    capital: float
    capital_inside: float
    lower: float
    all_lower: float
    shop_near: float
    shop_far: float
    person_near: float
    local_case: float
    inflected: float
    plural: float
    double_name: float
    other_word: float
    acronym: float
    frequency: float


WEIGHTS = Evidence(
    capital=0.5,
    capital_inside=1.2,
    lower=-2.0,
    all_lower=0.8,
    shop_near=1.4,
    shop_far=1.6,
    person_near=-3.0,
    local_case=1.1,
    inflected=0.5,
    plural=-1.5,
    double_name=-2.0,
    other_word=-3.0,
    acronym=2.0,
    frequency=-0.6,
)
MADE_UP, COMPOUND, PERSON, ORDINARY, OFTEN = 3.6, 2.4, -0.7, 0.9, -0.8
SHORT_NAME, SHORT_PERSON, MADE_UP_SHORT, TINY_NAME = -1.2, -2.0, 3.0, -2.5
WORDS_NEAR, NOT_WORDS, NAMED_ELSEWHERE, FULL_NAME_ELSEWHERE = 2.0, -5.0, 1.0, 2.5


def evidence(text: str, folded: str, reading: Reading, traits: Traits, lexicon: Lexicon) -> Evidence:
    """Look at a find and its surroundings; `text` and `folded` run side by side."""
    word = text[reading.start : reading.end]
    around = text[max(0, reading.start - CASE) : reading.end + CASE]
    shouted = around.isupper() and len(word) > 3 and len(around) > 2 * len(word) and not traits.made_up
    capital = word[:1].isupper() and not shouted
    starts = _SENTENCE_START.search(text[max(0, reading.start - 12) : reading.start]) is not None
    near = _shop_words(folded, reading.start - NEAR, reading.start) + _shop_words(
        folded, reading.end, reading.end + NEAR
    )
    return Evidence(
        capital=float(capital and starts),
        capital_inside=float(capital and not starts),
        lower=float(not word[:1].isupper() or shouted),
        all_lower=float(shouted or (word[:1].islower() and around.islower())),
        shop_near=float(min(near, 2)),
        shop_far=float(
            near == 0
            and _SHOP_WORDS.search(folded, max(0, reading.start - FAR), reading.end + FAR) is not None
        ),
        person_near=float(traits.person and _person_near(text, reading, lexicon)),
        local_case=float(
            any(case in reading.what for case in ("adessive", "ablative", "allative", "elative"))
        ),
        inflected=float(not reading.what.startswith("nominative") or "ending" in reading.what),
        plural=float("plural" in reading.what and reading.weight <= RARE),
        double_name=float(_DOUBLE_NAME.search(word) is not None),
        other_word=float(reading.weight < 1 and lexicon.frequency(word.lower()) > 0),
        acronym=float(_ACRONYM.match(word) is not None and not around.isupper()),
        frequency=math.log10(1 + lexicon.frequency(word.lower())),
    )


def _shop_words(folded: str, start: int, end: int) -> int:
    return len(_SHOP_WORDS.findall(folded, max(0, start), max(0, end)))


def _person_near(text: str, reading: Reading, lexicon: Lexicon) -> bool:
    before = re.search(r"([^\W\d_]+)[ -]\Z", text[max(0, reading.start - 25) : reading.start])
    after = re.match(r"[ -]([^\W\d_]+)", text[reading.end : reading.end + 25])
    if before and (
        (before[1].lower() in lexicon.given_names and before[1][0].isupper()) or before[1].lower() in _TITLES
    ):
        return True
    return bool(after and after[1][0].isupper() and _given(after[1].lower(), lexicon))


def _given(word: str, lexicon: Lexicon) -> bool:
    return any(word[:cut] in lexicon.given_names for cut in range(max(3, len(word) - 5), len(word) + 1))


def points(seen: Evidence, traits: Traits, short: bool, tiny: bool = False) -> float:
    """The sum that `certainty` turns into a probability; `short` for a part of a longer name, `tiny` for a
    name of one or two letters."""
    total = sum(value * weight for value, weight in zip(seen, WEIGHTS, strict=True))
    if not traits.made_up:
        found = total + _base(traits)
    elif short:
        found = MADE_UP_SHORT + total
    else:
        found = MADE_UP + max(-1.0, total * 0.3) + 2 * seen.other_word * WEIGHTS.other_word
    if short:
        return found + (SHORT_PERSON if traits.person else SHORT_NAME)
    return found + TINY_NAME if tiny else found


def _base(traits: Traits) -> float:
    if traits.person:
        return PERSON
    if traits.word:
        return ORDINARY + OFTEN * math.log10(1 + 3 * traits.per_million)
    return COMPOUND


def certainty(total: float) -> float:
    """Points to a probability."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def has_any(words: tuple[str, ...], folded: str) -> bool:
    """Whether one of the words, in any form, stands in the folded text."""
    flat = " " + " ".join(folded.split())
    return any(needle in flat for word in words for needle in _beginnings(word))


@lru_cache(maxsize=1024)
def _beginnings(word: str) -> tuple[str, ...]:
    """With what the forms of a word or phrase begin; a phrase inflects in its last word."""
    pieces = word.lower().split()
    head = "".join(" " + fold(piece) for piece in pieces[:-1])
    return tuple(f"{head} {' '.join(stem.split())}" for stem in stem_keys(pieces[-1])) if pieces else ()


def plus_minus(shop: Shop, texts: Sequence[str]) -> float:
    """What the shop's own words_near and not_words add, over all texts of a post."""
    if not (shop.words_near or shop.not_words):
        return 0.0
    folded = [fold(text) for text in texts]
    total = WORDS_NEAR if any(has_any(shop.words_near, text) for text in folded) else 0.0
    return total + (NOT_WORDS if any(has_any(shop.not_words, text) for text in folded) else 0.0)
