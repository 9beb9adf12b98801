"""Finnish consonant gradation, forwards (puoti: puodi-) and backwards (rengas: renkaa-).

Works on lower-case words with their diacritics; knows spelling only, no dictionary.
Rules: the descriptive grammar of Finnish (VISK) sections 41-48.
"""

VOWELS = "aeiouyäöå"

_PAIRS = {"mp": "mm", "nt": "nn", "nk": "ng", "lt": "ll", "rt": "rr", "lp": "lv", "rp": "rv", "ht": "hd"}
_DOUBLE = {"kk": "k", "pp": "p", "tt": "t"}
_STRONGER = {"mm": "mp", "nn": "nt", "ng": "nk", "ll": "lt", "rr": "rt", "lv": "lp", "rv": "rp", "hd": "ht"}
_SINGLE_STRONGER = {"d": "t", "v": "p", "k": "kk", "p": "pp", "t": "tt"}


def split_last_onset(stem: str) -> tuple[str, str, str] | None:
    """Cut a stem that ends in one vowel into (before, consonants, last vowel); None when it does not."""
    if len(stem) < 3 or stem[-1] not in VOWELS or stem[-2] in VOWELS:
        return None
    start = len(stem) - 1
    while start > 0 and stem[start - 1] not in VOWELS:
        start -= 1
    return (stem[:start], stem[start:-1], stem[-1]) if start > 0 else None


def weaken(stem: str) -> str:
    """The weak grade of a stem that ends in one vowel: kenkäpolku -> kenkäpolu, aitta -> aita."""
    cut = split_last_onset(stem)
    if cut is None:
        return stem
    before, onset, vowel = cut
    return before + _weak_onset(before, onset, vowel) + vowel


def _weak_onset(before: str, onset: str, vowel: str) -> str:
    head, tail = onset[:-2], onset[-2:]
    if tail in _DOUBLE:
        return head + _DOUBLE[tail]
    if tail in _PAIRS and len(onset) == 2:
        return _PAIRS[tail]
    if onset in ("lk", "rk"):
        return onset[0] + ("j" if vowel == "e" else "")
    if onset == "k":
        return "v" if before[-1] in "uy" and vowel == before[-1] and len(before) > 1 else ""
    return {"t": "d", "p": "v"}.get(onset, onset)


def strengthen(stem: str) -> tuple[str, ...]:
    """Possible strong grades of a weak stem, the most usual first; the stem itself where it may stay so."""
    cut = split_last_onset(stem)
    if cut is None:
        return (stem,)
    before, onset, vowel = cut
    found = [before + strong + vowel for strong in _strong_onsets(onset)]
    return tuple(found) if onset in ("k", "p", "t", "d") else (*found, stem)


def _strong_onsets(onset: str) -> list[str]:
    if onset in ("lj", "rj", "hj"):
        return [onset[0] + "k"]
    if onset in _STRONGER:
        return [_STRONGER[onset]]
    if onset in _SINGLE_STRONGER:
        return [_SINGLE_STRONGER[onset]]
    if len(onset) == 2 and onset[0] in "lrnm" and onset[1] in "kpt":
        return [onset + onset[1]]
    return []
