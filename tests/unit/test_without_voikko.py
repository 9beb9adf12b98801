"""Matching holds without libvoikko: its tests once more, with the library out of reach or not installed."""

import subprocess
import sys

import libvoikko
import pytest

from monitor.matching.morphology import BuiltIn, load_morphology

_HIDDEN = """
import sys
sys.modules["libvoikko"] = None
from monitor.matching.morphology import load_morphology
assert load_morphology().name == "built-in rules"
import pytest
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "tests/unit/matching"]))
"""


def test_every_test_of_matching_passes_on_the_built_in_rules() -> None:
    done = subprocess.run([sys.executable, "-c", _HIDDEN], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


def test_a_wrapper_without_its_library_is_no_voikko(monkeypatch: pytest.MonkeyPatch) -> None:
    def not_there(_name: str) -> None:
        raise OSError("libvoikko.so.1: cannot open shared object file")

    monkeypatch.setattr(libvoikko.VoikkoLibrary, "__init__", lambda self, name: not_there(name))
    load_morphology.cache_clear()
    assert isinstance(load_morphology(), BuiltIn)
    monkeypatch.undo()
    load_morphology.cache_clear()
