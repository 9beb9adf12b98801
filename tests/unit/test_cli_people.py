"""`mainevahti people`, with passwords from a pipe."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.cli import main
from monitor.people import Role, fits
from monitor.store import people
from tests.dashboard import seed

PASSWORD = "lumi sataa hiljaa"


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Run the command, with a line in its pipe."""
    config = seed.config_file(tmp_path)

    def called(*words: str, typed: str = "") -> int:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed + "\n"))
        return main(["--config", str(config), "people", *words])

    return called


@pytest.fixture
def found(tmp_path: Path) -> Callable[[str], people.PersonRow | None]:
    def by_name(name: str) -> people.PersonRow | None:
        store = seed.open_store(tmp_path)
        with store.reading() as session:
            person = people.person_named(session, name)
        store.close()
        return person

    return by_name


def test_person_is_added_with_a_password_that_is_only_kept_as_a_hash(call, tmp_path):
    assert call("add", "Maija", "--role", "owner", typed=PASSWORD) == 0
    store = seed.open_store(tmp_path)
    with store.reading() as session:
        kept = people.password_of(session, "maija")
    store.close()
    assert kept is not None
    assert kept[0].role is Role.OWNER
    assert PASSWORD not in kept[1]
    assert fits(PASSWORD, kept[1])


def test_first_person_is_told_what_changes_for_all(call, capsys):
    call("add", "Maija", typed=PASSWORD)
    assert "everybody logs in with a name" in capsys.readouterr().err
    call("add", "Otto", typed=PASSWORD)
    assert "everybody logs in with a name" not in capsys.readouterr().err


def test_weak_password_adds_nobody_and_is_not_shown(call, found, capsys):
    assert call("add", "Maija", typed="kissa") == 2
    told = capsys.readouterr().err
    assert "10 to 200 characters" in told
    assert "kissa" not in told
    assert found("Maija") is None


@pytest.mark.parametrize("words", [("add", "Maija"), ("add", "MAIJA ")])
def test_name_that_is_taken_is_refused(call, words):
    assert call("add", "Maija", typed=PASSWORD) == 0
    assert call(*words, typed=PASSWORD) == 1


def test_person_of_the_provider_needs_an_address(call, found):
    assert call("add", "Maija", "--no-password") == 2
    assert call("add", "Maija", "--no-password", "--email", "maija@x.example") == 0
    assert not found("Maija").has_password


def test_role_password_and_removal(call, found, capsys):
    call("add", "Maija", typed=PASSWORD)
    assert call("role", "maija", "analyst") == 0
    assert found("Maija").role is Role.ANALYST
    assert call("passwd", "maija", typed="toinen salasana") == 0
    assert call("list") == 0
    assert "Maija\tanalyst\t\tyes" in capsys.readouterr().out
    assert call("remove", "maija") == 0
    assert found("Maija") is None


@pytest.mark.parametrize("words", [("passwd", "x"), ("remove", "x"), ("role", "x", "owner")])
def test_unknown_name_is_told(call, words, capsys):
    assert call(*words, typed=PASSWORD) == 1
    assert "There is nobody" in capsys.readouterr().err
