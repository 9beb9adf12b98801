"""Golden exports opened by LibreOffice without a window: `make test-office`."""

import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

from monitor.export import COLUMNS, Format, Subject, Type
from monitor.store import Store
from tests.exports.support import FORMULA, ask, exported

pytestmark = pytest.mark.office
INSTALL = [Path(__file__).parents[2] / ".ci/apt", "libreoffice-calc"]
# Separators, quotes, UTF-8, from the first line on; nothing guessed but numbers and times.
AS_FINNISH_CSV = "CSV:59,34,76,1,,1035,false,true"
# LibreOffice keeps truth values as calls of these functions.
TRUTHS = ("=TRUE()", "=FALSE()")
AS_CSV = "CSV:44,34,76,1,,1033,false,true"


@pytest.fixture(scope="session")
def office() -> str:
    found = shutil.which("soffice")
    if found is None and subprocess.run(INSTALL, check=False).returncode == 0:
        found = shutil.which("soffice")
    return found or pytest.skip("LibreOffice cannot be installed here")


@pytest.fixture(scope="session")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("profile")


@pytest.fixture
def opened(office: str, profile: Path, store: Store, tmp_path: Path) -> "Opener":
    return Opener(office, profile, store, tmp_path)


class Opener:
    """Lets LibreOffice read an export and write what it understood as a workbook of its own."""

    def __init__(self, office: str, profile: Path, store: Store, folder: Path) -> None:
        self._office, self._profile, self._store, self._folder = office, profile, store, folder

    def __call__(self, subject: Subject, format: Format) -> openpyxl.worksheet.worksheet.Worksheet:
        given = self._folder / f"given{format.ending}"
        given.write_bytes(exported(self._store, ask(subject), format))
        reading = {Format.CSV: [f"--infilter={AS_CSV}"], Format.EXCEL: [f"--infilter={AS_FINNISH_CSV}"]}
        out = self._folder / "understood"
        command = [
            self._office, f"-env:UserInstallation=file://{self._profile}", "--headless", "--norestore",
            *reading.get(format, []), "--convert-to", "xlsx", "--outdir", out, given,
        ]  # fmt: skip
        run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=180)
        assert run.returncode == 0, run.stderr
        return openpyxl.load_workbook(out / "given.xlsx").active


@pytest.mark.parametrize("format", [Format.CSV, Format.EXCEL, Format.XLSX])
def test_libreoffice_understands_mentions(opened: Opener, format: Format) -> None:
    rows = list(opened(Subject.MENTIONS, format).iter_rows())
    names = [cell.value for cell in rows[0]]
    assert names == [column.name for column in COLUMNS[Subject.MENTIONS]]
    by_id = {row[0].value: dict(zip(names, row, strict=True)) for row in rows[1:]}
    assert set(by_id) == {1, 2, 3, 4}
    first = by_id[1]
    assert first["text"].value == (FORMULA if format is Format.XLSX else "'" + FORMULA)
    assert (first["negative"].value, first["reach"].value) == (0.75, 1200)
    assert first["negative"].data_type == "n"
    assert first["title"].value == 'Väärä, "lasku"'
    assert by_id[2]["text"].value == "Rivi yksi\nrivi kaksi; ja 😡 – ”lainaus”"
    assert by_id[3]["text"].value == "مرحبا Lumo"
    assert not [cell for row in rows for cell in row if cell.data_type == "f" and cell.value not in TRUTHS]
    if format is not Format.CSV:
        assert first["posted_at"].is_date
        assert f"{first['posted_at'].value:%Y-%m-%d %H:%M:%S}" == "2026-11-25 11:00:00"


@pytest.mark.parametrize("subject", Subject)
def test_libreoffice_opens_every_workbook_with_its_types(opened: Opener, subject: Subject) -> None:
    rows = list(opened(subject, Format.XLSX).iter_rows())
    assert len(rows) > 1
    for row in rows[1:]:
        for column, cell in zip(COLUMNS[subject], row, strict=False):
            if cell.value is None:
                continue
            expected = {
                Type.TRUTH: "f", Type.TEXT: "s", Type.TEXTS: "s", Type.MOMENT: "d", Type.DAY: "d"
            }.get(column.type, "n")  # fmt: skip
            assert cell.data_type == expected, column.name
            assert column.type is not Type.TRUTH or cell.value in TRUTHS
