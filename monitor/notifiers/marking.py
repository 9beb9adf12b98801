"""Marks words in a post: those that name the shop, and those that made it an alert."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """Why a part of a text stands out."""

    NONE = ""
    SHOP = "shop"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of text with one mark."""

    text: str
    mark: Mark = Mark.NONE


def marked(text: str, shop_words: Collection[str], flagged: Collection[str]) -> tuple[Part, ...]:
    """Cut a text at the words; where both kinds fit, the flag wins. The parts joined are the text."""
    flags = {_key(word) for word in flagged if word.strip()}
    words = flags | {_key(word) for word in shop_words if word.strip()}
    if not words:
        return (Part(text),)
    return tuple(_parts(text, _pattern(words), flags))


def _parts(text: str, pattern: re.Pattern[str], flags: Collection[str]) -> Iterator[Part]:
    end = 0
    for found in pattern.finditer(text):
        if found.start() > end:
            yield Part(text[end : found.start()])
        yield Part(found[0], Mark.FLAG if _key(found[0]) in flags else Mark.SHOP)
        end = found.end()
    if end < len(text) or not text:
        yield Part(text[end:])


def _pattern(words: Collection[str]) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    choices = "|".join(r"\s+".join(map(re.escape, word.split())) for word in longest_first)
    return re.compile(rf"(?<!\w)(?:{choices})(?!\w)", re.IGNORECASE)


def _key(word: str) -> str:
    return " ".join(word.casefold().split())
