"""The house keeps its shape: imports, file lengths, words that are not used, nothing at import."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for room in ("monitor", "dashboard", "models") for path in (ROOT / room).rglob("*.py"))
LONGEST = 320
DRAWERS_NOBODY_WANTS = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "handlers"}


def test_imports_keep_their_direction() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("package", ["monitor.cli", "monitor.app", "models.sentiment", "dashboard.data"])
def test_importing_does_not_load_the_model(package: str) -> None:
    code = f"import sys, {package}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize("path", SOURCES, ids=[str(path.relative_to(ROOT)) for path in SOURCES])
def test_file_is_short_and_well_named(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST
    assert path.stem not in DRAWERS_NOBODY_WANTS


def test_repository_names_no_machine_and_no_registry() -> None:
    wanted = ("*.py", "*.toml", "*.md", "*.txt", "Makefile", ".ci")
    command = ["git", "ls-files", "-co", "--exclude-standard", *wanted]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    tracked = [name for name in listed.stdout.splitlines() if (ROOT / name).exists()]
    forbidden = re.compile("|".join(("/work" + "/", "/root" + "/", "pypi" + r"\.org", "python" + "hosted")))
    named = [name for name in tracked if forbidden.search((ROOT / name).read_text(encoding="utf-8"))]
    assert named == []
