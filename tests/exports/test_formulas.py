"""Which texts a spreadsheet might run, and that defusing can be undone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.export.formulas import as_written, defused, runs

STARTS = "=+-@＝＋－＠\t\r\n"
SKIPPED = " \xa0\u200b\ufeff\u3000\x01"


@pytest.mark.parametrize(
    "text",
    [
        "=1+1", "+358 40 123", "-5", "@SUM(A1)", "\t=1", "\rx", "\nx", "  =1", "\u00a0=1", "\ufeff=1",
        "\u200b@x", "＝1+1", " ＋1", "－1", "＠x", "\u3000=1", "\x01=1", "−1", "﹦1",
    ],
)  # fmt: skip
def test_text_that_a_spreadsheet_might_run_is_defused(text: str) -> None:
    assert runs(text)
    assert defused(text) == "'" + text
    assert as_written(defused(text)) == text


@pytest.mark.parametrize("text", ["", "Lumo", "5 - 3", "'t Hooft", "a=b", "1+1", "”=1”", "https://x/?a=1"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert not runs(text)
    assert defused(text) == text == as_written(text)


@pytest.mark.parametrize("text", ["'=1", "''=1", "' =1"])
def test_text_that_looks_defused_is_told_apart(text: str) -> None:
    assert defused(text) == "'" + text
    assert as_written(defused(text)) == text


@given(st.text(alphabet=st.sampled_from(STARTS + SKIPPED + "'ab") | st.characters(codec="utf-8")))
def test_defused_text_runs_never_and_can_be_read_back(text: str) -> None:
    cell = defused(text)
    assert not cell.lstrip(SKIPPED).startswith(tuple(STARTS))
    assert not runs(cell)
    assert as_written(cell) == text
