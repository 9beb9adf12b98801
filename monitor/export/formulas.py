"""Which texts a spreadsheet would run as a formula, and how they are kept from it and turned back."""

import re

# What counts is the first sign that a spreadsheet sees: it skips spaces and marks that show nothing, and
# takes full-width forms for the plain ones. A tab or a line break at the start can split a cell.
_SEEN_AS_NOTHING = (
    r"\s\x00-\x20\x7f-\xa0\u00ad\u034f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3000\ufeff"
)
_STARTS = r"=+\-@＝＋－＠﹢﹣﹦﹫−"
_RUNS = re.compile(rf"(?:[\t\r\n]|[{_SEEN_AS_NOTHING}]*[{_STARTS}])")
# A text that looks as if it had been defused gets one more mark, so that the mark can be taken off again.
_NEEDS_MARK = re.compile(rf"'*{_RUNS.pattern}")


def runs(text: str) -> bool:
    """Tell whether a spreadsheet might run this text."""
    return _RUNS.match(text) is not None


def defused(text: str) -> str:
    """The text with a ' before it where a spreadsheet might run it."""
    return "'" + text if _NEEDS_MARK.match(text) else text


def as_written(cell: str) -> str:
    """The text of a cell that was defused."""
    return cell[1:] if cell.startswith("'") and _NEEDS_MARK.match(cell) else cell
