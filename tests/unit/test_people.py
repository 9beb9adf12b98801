"""Roles and passwords as they are, and visits and wrong tries as they are kept."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.people import (
    _OF_NOBODY,
    ALLOWED,
    LONGEST_PASSWORD,
    SHORTEST_PASSWORD,
    Deed,
    Role,
    fits,
    hashed,
    is_worn,
    mark,
    may,
    pause,
    weakness,
)
from monitor.store import Store, people, visits

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TABLE = {
    Role.OWNER: set(Deed),
    Role.STAFF: {Deed.READ, Deed.EXPORT, Deed.ACT, Deed.CORRECT, Deed.ARRANGE},
    Role.ANALYST: {Deed.READ, Deed.EXPORT},
    Role.OPERATOR: {Deed.READ, Deed.STEER, Deed.SEE_PEOPLE},
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path}/people.db")
    store.migrate()
    yield store
    store.close()


def added(store: Store, name: str, role: Role = Role.STAFF, **more: str) -> people.PersonRow | None:
    with store.transaction() as session:
        return people.add_person(session, name, role, more.get("email"), more.get("password"), NOW)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("deed", Deed)
def test_role_allows_what_the_table_says_and_nothing_else(role: Role, deed: Deed) -> None:
    assert may(role, deed) is (deed in TABLE[role])


def test_every_role_has_a_row() -> None:
    assert set(ALLOWED) == set(Role)


def test_password_fits_its_own_hash_only() -> None:
    kept = hashed("lumi sataa hiljaa")
    assert kept.startswith("$argon2id$")
    assert "lumi" not in kept
    assert fits("lumi sataa hiljaa", kept)
    assert not fits("lumi sataa kovaa", kept)
    assert not is_worn(kept)


@pytest.mark.parametrize("kept", [None, "", "not a hash"])
def test_nothing_fits_a_hash_that_is_none(kept: str | None) -> None:
    assert not fits("lumi sataa hiljaa", kept)


def test_unknown_name_costs_what_a_known_one_costs() -> None:
    # The same kind, memory, rounds and lanes: the time of checking tells nothing.
    assert _OF_NOBODY.split("$")[1:4] == hashed("anything at all").split("$")[1:4]


def test_hash_of_weaker_settings_is_told() -> None:
    assert is_worn("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$0vv9Oi9xyfMN2lmJ7RTEzQ")


@pytest.mark.parametrize(
    ("password", "is_weak"),
    [
        ("a" * (SHORTEST_PASSWORD - 1), True),
        ("lumi sataa hiljaa", False),
        ("x1y2" * 60, True),
        ("ab" * SHORTEST_PASSWORD, True),
        ("Maija Mallikas", True),
        ("maijamallikas", True),
        ("paljon muuta kuin nimi", False),
        ("x1y2z3" * (LONGEST_PASSWORD // 6), False),
    ],
)
def test_weak_passwords_are_refused_in_words(password: str, is_weak: bool) -> None:
    assert (weakness(password, "Maija  Mallikas") is not None) is is_weak


def test_pause_doubles_with_each_wrong_try_up_to_the_longest_and_ends() -> None:
    pauses = [pause(number, NOW, NOW, 5 * MINUTE).total_seconds() for number in range(12)]
    assert pauses[:3] == [0, 0, 0]
    assert pauses[3:7] == [8, 16, 32, 64]
    assert pauses[-1] == 300
    assert pause(12, NOW, NOW + 10 * MINUTE, 5 * MINUTE) == timedelta()


def test_name_and_address_are_taken_once(store: Store) -> None:
    assert added(store, "Maija Mallikas", email="maija@x.example") is not None
    assert added(store, "maija  mallikas") is None
    assert added(store, "Toinen", email="MAIJA@x.example") is None
    with store.reading() as session:
        found = people.person_named(session, " MAIJA MALLIKAS")
        assert found == people.person_with_email(session, "Maija@X.example")


def test_new_password_ends_every_visit_of_that_person_only(store: Store) -> None:
    maija, otto = added(store, "Maija", password="h1"), added(store, "Otto", password="h2")
    assert maija is not None
    assert otto is not None
    with store.transaction() as session:
        for key, person in (("a" * 64, maija), ("b" * 64, maija), ("c" * 64, otto)):
            visits.begin_visit(session, key, person.name, NOW, person_id=person.id)
        assert people.set_password(session, maija.id, "h3", NOW) == 2
        assert visits.visit(session, "a" * 64) is None
        assert visits.visit(session, "c" * 64) is not None


def test_removed_person_has_no_visit_left(store: Store) -> None:
    maija = added(store, "Maija", password="h1")
    assert maija is not None
    with store.transaction() as session:
        visits.begin_visit(session, "a" * 64, "Maija", NOW, person_id=maija.id)
        people.remove_person(session, maija.id)
        assert visits.visit(session, "a" * 64) is None
        assert people.people(session) == []


def test_visit_shows_the_person_as_they_stand_now(store: Store) -> None:
    maija = added(store, "Maija", role=Role.ANALYST)
    assert maija is not None
    with store.transaction() as session:
        visits.begin_visit(session, "a" * 64, "Maija", NOW, person_id=maija.id)
        people.set_role(session, maija.id, Role.OWNER)
        people.set_language(session, maija.id, "sv")
    with store.reading() as session:
        found = visits.visit(session, "a" * 64)
    assert found is not None
    assert (found.role, found.language) == (Role.OWNER, "sv")


def test_wrong_tries_are_counted_before_the_password_is_looked_at(store: Store) -> None:
    keys = {mark("name", "maija"): MINUTE, mark("address", "192.0.2.1"): 5 * MINUTE}
    waits = []
    for _ in range(5):
        with store.transaction() as session:
            waits.append(visits.knock(session, keys, NOW))
    assert waits[:3] == [timedelta()] * 3
    assert waits[3] == waits[4] == timedelta(seconds=8)


def test_wrong_tries_are_seen_by_another_process(store: Store, tmp_path: Path) -> None:
    keys = {mark("address", "192.0.2.1"): MINUTE}
    for _ in range(3):
        with store.transaction() as session:
            visits.knock(session, keys, NOW)
    other = Store(f"sqlite:///{tmp_path}/people.db")
    with other.transaction() as session:
        assert visits.knock(session, keys, NOW) > timedelta()
    other.close()


def test_right_password_forgets_the_name_but_not_the_address(store: Store) -> None:
    name, address = mark("name", "maija"), mark("address", "192.0.2.1")
    for _ in range(3):
        with store.transaction() as session:
            visits.knock(session, {name: MINUTE, address: MINUTE}, NOW)
    with store.transaction() as session:
        visits.opened(session, name, address)
        assert visits.knock(session, {name: MINUTE}, NOW) == timedelta()
        assert visits.knock(session, {address: MINUTE}, NOW) == timedelta()
        assert visits.knock(session, {address: MINUTE}, NOW) > timedelta()


def test_old_visits_and_tries_are_forgotten(store: Store) -> None:
    keys = {mark("address", "192.0.2.1"): timedelta(days=9)}
    with store.transaction() as session:
        visits.begin_visit(session, "a" * 64, "Maija", NOW - timedelta(days=8))
        for _ in range(9):
            visits.knock(session, keys, NOW - timedelta(days=2))
        visits.forget(session, NOW - timedelta(days=7), NOW)
        assert visits.visit(session, "a" * 64) is None
        assert visits.knock(session, keys, NOW - timedelta(days=2)) == timedelta()
