"""The drawer of sources: what a new kind must bring with it."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from monitor.sources import SOURCES

_TESTS = Path(__file__).parent
_RECORDINGS = _TESTS.parent / "recordings"
_NAMESPACES = (".w3.org", "purl.org", "jsonfeed.org", "search.yahoo.com", "schema.org")
_PLATFORMS = (
    "www.google.com",
    "reddit.com",
    "redd.it",
    "bsky.app",
    "bsky.social",
    "youtube.com",
    "lemmy.world",
)
each_kind = pytest.mark.parametrize("name", sorted(SOURCES))


@each_kind
def test_kind_has_a_file_that_names_its_terms(name: str) -> None:
    assert "Terms:" in (import_module(f"monitor.sources.{name}").__doc__ or "")


@each_kind
def test_kind_has_recordings_of_good_empty_and_broken_answers(name: str) -> None:
    stems = {path.stem for path in (_RECORDINGS / name).iterdir()}
    assert {"page", "empty", "broken"} <= stems


@each_kind
def test_kind_has_tests_that_parse_its_recordings(name: str) -> None:
    tests = (_TESTS / f"test_{name}.py").read_text()
    assert len(re.findall(rf"^def test_{name}_", tests, re.MULTILINE)) >= 5
    assert "recording(" in tests


@each_kind
def test_kind_tells_the_readme_what_it_is(name: str) -> None:
    kind = SOURCES[name]
    assert kind.name == name
    for text in (kind.reads, kind.needs, kind.speed, kind.cannot_see, kind.terms):
        assert 0 < len(text) < 110
        assert "|" not in text


@each_kind
def test_kind_refuses_unknown_options(name: str) -> None:
    with pytest.raises(ValueError, match="Extra inputs are not permitted"):
        SOURCES[name].settings.model_validate({"ulr": "https://a.example"})


def test_recordings_name_no_hosts_but_made_up_ones_and_platforms() -> None:
    """Recordings are written by us; the address of a real site would be somebody's data."""
    hosts: set[str] = set()
    for path in _RECORDINGS.rglob("*.*"):
        hosts |= set(re.findall(r"https?://([^/\s\"'<>\\&%]+)", path.read_text("latin-1")))
    assert {host for host in hosts if not host.endswith((".example", *_NAMESPACES, *_PLATFORMS))} == set()
