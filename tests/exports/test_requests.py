"""Which rows an export holds: filters, periods in the shop's time zone, hidden authors."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import alerts, export, trends
from monitor.domain import AlertAction, AlertState, Match, Reason, Sentiment, Topic, Urgency
from monitor.export import Format, Subject
from monitor.store import Store, reads, writes
from tests.exports.support import (
    KEY,
    LUMO,
    NOW,
    ZONE,
    ask,
    exported,
    fields_of,
    golden_store,
    post,
    rows_of,
)

ALL = {1, 2, 3, 4}
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ({}, ALL),
        ({"shops": ("lumo",)}, {1, 2, 3}),
        ({"shops": ("lumo", "helmi")}, ALL),
        ({"sources": ("blogi",)}, {4}),
        ({"labels": (Sentiment.NEGATIVE,)}, {1, 2}),  # the second by a person's word
        ({"topics": (Topic.TRUST, Topic.SAFETY)}, {1}),
        ({"languages": ("sv",)}, {4}),
        ({"languages": ("und", "sv")}, {3, 4}),
        ({"words": "ihana"}, {4}),
        ({"words": "nimimerkki"}, set()),
        ({"words": "nimimerkki", "words_in_authors": True}, {1, 2}),
        ({"since": NOW - HOUR}, {1, 3}),
        ({"until": NOW - HOUR}, {2, 4}),
        ({"since": NOW + HOUR}, set()),
    ],
)
def test_mentions_are_filtered(store: Store, wanted: dict[str, Any], ids: set[int]) -> None:
    assert set(fields_of(rows_of(store, ask(Subject.MENTIONS, **wanted)), "id")) == ids


@pytest.mark.parametrize(
    ("subject", "wanted", "number"),
    [
        (Subject.ALERTS, {"states": (AlertState.ANSWERED,)}, 1),
        (Subject.ALERTS, {"states": (AlertState.OPEN,)}, 0),
        (Subject.ALERTS, {"urgencies": (Urgency.HIGH,), "shops": ("lumo",)}, 1),
        (Subject.ALERTS, {"until": NOW}, 0),
        (Subject.EVENTS, {"sources": ("forum",)}, 2),
        (Subject.EVENTS, {"shops": ("helmi",)}, 0),
        (Subject.EVENTS, {"since": NOW + HOUR}, 0),
        (Subject.LABELS, {"shops": ("lumo",), "since": NOW}, 1),
        (Subject.LABELS, {"until": NOW}, 0),
        (Subject.TRENDS, {"shops": ("helmi",)}, 1),
        (Subject.TRENDS, {"languages": ("fi",)}, 1),
        (Subject.TRENDS, {"sources": ("blogi",)}, 1),
    ],
)
def test_other_subjects_are_filtered(
    store: Store, subject: Subject, wanted: dict[str, Any], number: int
) -> None:
    assert len(rows_of(store, ask(subject, **wanted))) == number


def test_columns_come_in_the_order_in_which_they_were_asked_for(store: Store) -> None:
    request = export.Request(Subject.MENTIONS, ZONE, KEY, columns=("text", "id", "text"))
    assert tuple(rows_of(store, request)[0]) == ("text", "id")
    assert exported(store, request, Format.CSV).startswith(b"text,id\r\n")


@pytest.mark.parametrize("format", Format)
@pytest.mark.parametrize("subject", Subject)
def test_author_is_nowhere_in_an_export_without_names(store: Store, subject: Subject, format: Format) -> None:
    hidden = ask(subject, words="") if subject is Subject.MENTIONS else ask(subject)
    assert b"nimimerkki" not in exported(store, hidden, format)
    assert "nimimerkki" not in str(rows_of(store, hidden))


@pytest.mark.parametrize("subject", [Subject.MENTIONS, Subject.ALERTS, Subject.EVENTS])
def test_names_stand_where_they_are_asked_for(store: Store, subject: Subject) -> None:
    assert "nimimerkki" in str(rows_of(store, ask(subject, key=None)))


def test_notes_of_people_stay_and_ids_of_posts_do_not(tmp_path: Path) -> None:
    """The writer comes back after the answer; a snooze ends; at last a person opens the alert again."""
    store = golden_store(tmp_path / "told.db")
    urgent = (Reason("urgent_words", Urgency.HIGH, "Says the money is gone."),)
    with store.transaction() as session:
        for number, hours in ((7, 30), (8, 1)):
            at = NOW - hours * HOUR
            said = post(
                number, "Lumo!", external_id=f"at://nimimerkki/{number}", thread_key="t7", posted_at=at
            )
            (found,) = writes.add_mentions(session, [(said, Match(LUMO, ("Lumo",), 1.0), "f")], at).new
            mention = reads.mention(session, found)
            assert mention is not None
            change = alerts.open_or_extend(session, mention, urgent, NOW, at)
            assert change is not None
            alert = change.alert
            if change.action is AlertAction.OPENED:
                alerts.answer(session, alert.id, "Maija", at + HOUR, alert.version)
        alerts.snooze(session, alert.id, "Maija", NOW, alert.version, NOW + HOUR)
        (woken,) = alerts.wake(session, NOW + HOUR)
        alerts.reopen(session, alert.id, "Maija", NOW, woken.alert.version, note="p8 soitti")
        reply = replace(mention, author="lumo", url="https://foorumi.example/@nimimerkki/8#lumo")
        assert alerts.answered_by_shop(session, reply, NOW)
    rows = rows_of(store, ask(Subject.EVENTS))
    store.close()
    assert [row["note"] for row in rows if row["action"] == "reopened"] == ["", "snooze", "p8 soitti"]
    assert rows[-1]["note"] == "https://foorumi.example/"
    assert "nimimerkki" not in str(rows)


def test_pseudonym_is_the_same_in_every_export_and_another_with_another_key(store: Store) -> None:
    first, again = (fields_of(rows_of(store, ask(Subject.MENTIONS)), "author") for _ in range(2))
    other = fields_of(rows_of(store, ask(Subject.MENTIONS, key=b"other")), "author")
    assert first == again
    assert first[1] == first[2] != first[0]
    assert not {*first} & {*other} - {""}
    assert first[3] == ""


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://mastodon.example/@nimimerkki/113", "https://mastodon.example/"),
        ("http://maija@forum.example:8080/u/maija?as=maija#maija", "http://forum.example/"),
        ("https://[2001:db8::1]/maija", "https://[2001:db8::1]/"),
        ("at://maija.example/post/1", ""),
        ("mailto:maija@lumo.example", ""),
        ("/u/maija", ""),
        ("http://[maija", ""),
        ("", ""),
    ],
)
def test_nothing_but_the_host_of_an_address_is_kept(url: str, kept: str) -> None:
    assert export.place(url, KEY) == kept
    assert export.place(url, None) == url


@given(st.from_regex(r"(https?|HTTPS|ftp|at)://[a-zA-Z0-9.@:\[\]-]{1,12}([/?#].{0,5})?", fullmatch=True))
def test_address_that_needs_no_closer_look_is_kept_as_any_other(url: str) -> None:
    assert export.place(url, KEY) == export.place(f" {url}", KEY)


def test_rows_come_in_batches(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/many.db")
    store.migrate()
    with store.transaction() as session:
        writes.add_mentions(
            session, [(post(n, "Lumo"), Match(LUMO, (), 1.0), "f") for n in range(5_000)], NOW
        )
    with store.reading() as session:
        sizes = [len(batch) for batch in export.batches(session, ask(Subject.MENTIONS), NOW)]
    store.close()
    assert sizes == [2_000, 2_000, 1_000]


@pytest.fixture
def nights(tmp_path: Path) -> Iterator[Store]:
    """Posts around the night in which summer time ended, 25 October 2026 at 4:00 in Helsinki."""
    store = Store(f"sqlite:///{tmp_path}/nights.db")
    store.migrate()
    times = {
        "before the day": "2026-10-24T20:59:59",
        "first second": "2026-10-24T21:00:00",
        "3:30 in summer": "2026-10-25T00:30:00",
        "3:30 in winter": "2026-10-25T01:30:00",
        "last second": "2026-10-25T21:59:59",
        "after the day": "2026-10-25T22:00:00",
    }
    found = [
        (
            post(number, text, posted_at=datetime.fromisoformat(time).replace(tzinfo=UTC)),
            Match(LUMO, (), 1.0),
            "f",
        )
        for number, (text, time) in enumerate(times.items())
    ]
    with store.transaction() as session:
        writes.add_mentions(session, found, NOW)
    yield store
    store.close()


def night(subject: Subject, **more: Any) -> export.Request:
    day = date(2026, 10, 25)
    since, until = (trends.midnight(one, ZONE) for one in (day, day + timedelta(days=1)))
    return export.Request(subject, ZONE, KEY, export.Wanted(since=since, until=until), **more)


def test_day_of_twenty_five_hours_holds_all_of_them(nights: Store) -> None:
    inside = ["first second", "3:30 in summer", "3:30 in winter", "last second"]
    assert fields_of(rows_of(nights, night(Subject.MENTIONS)), "text") == inside
    (point,) = rows_of(nights, night(Subject.TRENDS))
    assert (point["day"], point["mentions"]) == (date(2026, 10, 25), 4)
    assert point["begins_at"] == datetime(2026, 10, 24, 21, tzinfo=UTC)


def test_the_hour_that_comes_twice_is_two_hours(nights: Store) -> None:
    rows = rows_of(nights, night(Subject.TRENDS, step=trends.Step.HOUR))
    at = {row["begins_at"]: row["mentions"] for row in rows}
    assert at[datetime(2026, 10, 25, 0, tzinfo=UTC)] == 1
    assert at[datetime(2026, 10, 25, 1, tzinfo=UTC)] == 1
    assert {row["day"] for row in rows} == {date(2026, 10, 25)}


@pytest.mark.parametrize("step", trends.Step)
def test_figures_told_apart_by_two_come_in_portions(store: Store, step: trends.Step) -> None:
    split = (trends.Split.SOURCE, trends.Split.LANGUAGE)
    days = 20 if step is trends.Step.HOUR else 100
    since, until = NOW - timedelta(days=days), NOW + timedelta(days=1)
    request = replace(ask(Subject.TRENDS, since=since, until=until), step=step, split=split)
    with store.reading() as session:
        batches = [list(batch) for batch in export.batches(session, request, NOW)]
        first, last = (moment.astimezone(request.zone).date() for moment in (since, until))
        whole = trends.by_step(
            session, (), first, last + timedelta(days=1), request.zone, NOW, step, split=split
        )
    told = [tuple(export.point_fields(point, request.zone).values()) for point in whole]
    assert [tuple(row) for batch in batches for row in batch] == told
    assert len(batches) > 2
    assert told
