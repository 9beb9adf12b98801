"""Finding listed phrases in a text, at word borders and with any ending.

A phrase is written as words: `lakimie*` takes every ending, `…` stands for up to three words, and a
phrase in CAPITALS is found only in capitals (ARN), also with a Finnish case ending (KKV:n).
"""

import re
from collections.abc import Sequence
from functools import lru_cache

# Finnish "en" (I do not) is also the Swedish "a", and English "no" the Finnish "well": both only in company.
_NEGATION = re.compile(
    r"\b(?:ei|et|emme|ette|eivät|eikä|enkä|en\W+(?:ole|oo)|ilman|inte|ingen|inget|inga|aldrig|utan"
    r"|not|never|without|no\W+such|(?:is|are|was|do|did|does)n['’]t)(?:\W+\w+){0,1}\W*$",
    re.IGNORECASE,
)
_LOOK_BACK = 40
_BETWEEN = r"(?:\W+\w+){0,3}?\W+"


def find_phrases(text: str, phrases: Sequence[str], *, deny: bool = True) -> tuple[str, ...]:
    """Return what the text says of the phrases, as written there, without repeats.

    With `deny`, a phrase right behind a negation ("ei ole huijaus") does not count.
    """
    found: dict[str, str] = {}
    for match in _pattern(tuple(phrases)).finditer(text) if phrases else ():
        if deny and _NEGATION.search(text, max(0, match.start() - _LOOK_BACK), match.start()):
            continue
        said = " ".join(match[0].split())
        found.setdefault(said.casefold(), said)
    return tuple(found.values())


def phrase_of_word(word: str) -> str:
    """Turn a word that a person configured into a phrase that takes the usual endings.

    The last letters of a long word may change when it is inflected (tietovuoto: tietovuodon).
    """
    if word.isupper() or "*" in word or "…" in word:
        return word
    *head, last = word.split()
    cut = 2 if len(last) >= 7 else 1 if len(last) >= 5 else 0
    return " ".join([*head, f"{last[: len(last) - cut]}*" if len(last) >= 4 else last])


@lru_cache(maxsize=64)
def split_list(listed: str) -> tuple[str, ...]:
    """Split phrases that are written with commas between them."""
    return tuple(phrase for part in listed.split(",") if (phrase := " ".join(part.split())))


@lru_cache(maxsize=64)
def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    # Longest first, so that the phrase that says more is the one found.
    ordered = sorted(phrases, key=len, reverse=True)
    short = [_body(phrase) for phrase in ordered if _is_abbreviation(phrase)]
    words = [_body(phrase) for phrase in ordered if not _is_abbreviation(phrase)]
    # A group that cannot match stands in for an empty one.
    return re.compile(rf"\b(?:(?:{'|'.join(short) or '(?!)'})(?::\w+)?|(?i:{'|'.join(words) or '(?!)'}))\b")


def _is_abbreviation(phrase: str) -> bool:
    return phrase.isupper() and phrase.isalpha()


def _body(phrase: str) -> str:
    return _BETWEEN.join(_words(part) for part in phrase.split("…"))


def _words(part: str) -> str:
    return r"[\s\-]+".join(re.escape(word).replace(r"\*", r"\w*") for word in part.split())
