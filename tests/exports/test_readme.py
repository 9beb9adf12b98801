"""The examples of the README for analysts run as they stand."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.exports.support import golden_store
from tests.exports.test_command import CONFIG

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SECTION = README.partition("## For analysts")[2].partition("\n## ")[0]
BLOCKS = re.findall(r"```(sh|python)\n(.*?)```", SECTION, re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("analyst")
    (folder / "var").mkdir()
    (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    golden_store(folder / "var/golden.db").close()
    return folder


def test_there_are_three_examples() -> None:
    assert [kind for kind, _ in BLOCKS] == ["sh", "python", "python"]


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (0, ["4 rows written to mentions.parquet"]),
        (1, ["2026-W48", "negative", "lumo"]),
        (2, ["price", "trust", "0.75"]),
    ],
)
def test_example_runs_as_it_stands(folder: Path, number: int, told: list[str]) -> None:
    """They build on each other, in their order."""
    kind, text = BLOCKS[number]
    bin_folder = str(Path(sys.executable).parent)
    command = (
        ["sh", "-ec", f'PATH="{bin_folder}:$PATH"\n{text}'] if kind == "sh" else [sys.executable, "-c", text]
    )
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    assert run.returncode == 0, run.stderr
    for words in told:
        assert words in run.stdout + run.stderr
