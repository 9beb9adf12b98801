"""Names in other scripts: found as they are written, or with an ending behind a colon or apostrophe."""

from collections.abc import Iterator

from monitor.matching import tails
from monitor.matching.names import Name

CERTAINTY = 0.9


def spans(name: Name, text: str) -> Iterator[tuple[int, int]]:
    """Where a name stands in a lower-case text, endings behind a mark included."""
    wanted = name.written.lower()
    at = text.find(wanted)
    while at >= 0:
        end = at + len(wanted)
        if _is_whole(text, at, end):
            yield at, tails.marked_end(text, end)
        at = text.find(wanted, end)


def _is_whole(text: str, start: int, end: int) -> bool:
    """Word borders on both sides; scripts written without spaces have none to ask for."""
    if text[start] >= "\u2e80":
        return True
    return not (start and text[start - 1].isalnum()) and not text[end : end + 1].isalnum()
