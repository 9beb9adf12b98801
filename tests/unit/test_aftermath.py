"""What an answer brought about: outcomes, saved customers, shares by the time to the first answer."""

from collections.abc import Sequence

import pytest

from monitor.aftermath import Outcome, Seen, outcome, shares
from monitor.domain import Sentiment

NEG, NEU, POS = Sentiment.NEGATIVE, Sentiment.NEUTRAL, Sentiment.POSITIVE


def seen(
    later: Sequence[Sentiment | None] = (),
    edited: bool = False,
    now: Sentiment | None = NEG,
    stars: tuple[float | None, float | None] = (None, None),
    gone: bool = False,
) -> Seen:
    return Seen(*stars, is_edited=edited, stance_now=now, later=later, is_gone=gone)


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        (seen(), None),
        (seen([POS]), (Outcome.CALMED, True)),
        (seen([NEG, NEU]), (Outcome.CALMED, True)),
        (seen([POS, NEG]), (Outcome.ANGRIER, False)),
        (seen([None]), None),
        (seen(edited=True, now=NEU), (Outcome.EDITED, True)),
        (seen(edited=True, now=NEG), (Outcome.EDITED, False)),
        (seen(edited=True, now=None), None),
        (seen(edited=True, gone=True, now=NEU), None),
        (seen(stars=(1, 4)), (Outcome.RAISED_STARS, True)),
        (seen(stars=(4, 1)), None),
        (seen(stars=(None, 4)), None),
    ],
)
def test_outcome_is_what_the_writer_did(what: Seen, expected: tuple[Outcome, bool] | None) -> None:
    assert outcome(what, time_is_up=False) == expected


def test_silence_saves_nobody() -> None:
    assert outcome(seen(), time_is_up=True) == (Outcome.SILENT, False)


def test_shares_are_told_apart_by_the_time_to_the_first_answer() -> None:
    found = [
        (60.0, "calmed", True),
        (3599.0, "silent", False),
        (3600.0, None, None),
        (90000.0, "edited", True),
    ]
    hour, four, day, later = shares(found)
    assert (hour.answered, hour.decided, hour.saved, hour.share) == (2, 2, 1, 0.5)
    assert (four.answered, four.decided, four.share) == (1, 0, None)
    assert (day.answered, later.saved, later.within) == (0, 1, None)
