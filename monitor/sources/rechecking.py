"""Looking again at posts that were handed on: which of them are gone from where they stood.

A kind that can ask for posts by their ids has a method `gone(external_ids)`; what it cannot know it does
not claim, because the text of a post that is gone is removed for good.
"""

from collections.abc import Collection, Sequence

from monitor.errors import SourceBroken

REPLY = ":reply"  # ends the id of a shop's answer to a review
_FEW = 3


def missing(asked: Sequence[str], there: Collection[str], host: str) -> tuple[str, ...]:
    """Return the ids that are not there; SourceBroken when so many are missing that we doubt the answer."""
    lost = tuple(name for name in asked if name not in there)
    if len(lost) > _FEW and len(lost) == len(asked):
        raise SourceBroken(f"{host} shows none of {len(asked)} posts that it showed before.")
    return lost
