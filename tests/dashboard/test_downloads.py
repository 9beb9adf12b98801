"""Downloads: what the link of a page brings, to whom, and what it leaves in the record of exports."""

import asyncio
import csv
import io
import json
import re
import resource
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import duckdb
import httpx
import pytest
import streamlit as st
from openpyxl import load_workbook
from sqlmodel import select
from starlette.applications import Starlette

from dashboard import data, door, taking, wishes
from dashboard.wishes import Wish
from monitor import export
from monitor.export import Format, Subject, Wanted
from monitor.people import Role, hashed, mark
from monitor.store import people, reads, visits
from monitor.store.tables import ExportRecord
from tests.dashboard import seed
from tests.dashboard.conftest import shown
from tests.dashboard.test_auth import OIDC

PAGES = {"mentions": Subject.MENTIONS, "inbox": Subject.ALERTS, "trends": Subject.TRENDS}


@pytest.fixture
def take() -> Callable[..., httpx.Response]:
    """Press a link as a browser with that cookie would."""

    def pressed(address: str, token: str = "") -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(Starlette(routes=taking.routes()))
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as browser:
                if token:
                    browser.cookies.set(door.cookie_name(data.config()), token)
                return await browser.get(address)

        return asyncio.run(ask())

    return pressed


@pytest.fixture
def staffed(place):
    """People of each role, each with a visit whose token is the name of the role."""
    with place.store.transaction() as session:
        for role in Role:
            found = people.add_person(session, f"{role} person", role, None, hashed("lumi sataa"), place.now)
            visits.begin_visit(session, mark("cookie", role.value), found.name, place.now, person_id=found.id)
    return place


def links(at) -> dict[str, str]:
    """The links of the downloads of a page, by what they say."""
    found = re.findall(r'<a href="(/take[^"]+)">([^<]+)</a>', shown(at))
    return {unescape(label): unescape(address) for address, label in found}


def sealed(wish: Wish, format: Format = Format.CSV) -> str:
    return taking.address(wishes.seal(data.config(), wish), format)


def wish_of(subject: Subject = Subject.MENTIONS, **more) -> Wish:
    return Wish(subject, data.now(), "en", who="Maija", **more)


def rows_of(answer: httpx.Response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def records(place) -> list[ExportRecord]:
    with place.store.reading() as session:
        return list(session.execute(select(ExportRecord)).scalars())


@pytest.mark.parametrize("page", PAGES)
def test_page_offers_every_format_and_what_the_columns_mean(place, visit, take, page):
    found = links(visit(page))
    assert list(found) == [
        "CSV", "CSV for Finnish Excel", "Excel workbook", "Parquet", "JSON Lines", "What the columns mean",
    ]  # fmt: skip
    for label, address in found.items():
        answer = take(address)
        assert answer.status_code == 200, (label, answer.text)
        assert answer.headers["content-disposition"].startswith(f'attachment; filename="{PAGES[page].value}')
        assert answer.headers["cache-control"] == "no-store"
        if label != "What the columns mean":
            assert int(answer.headers["content-length"]) == len(answer.content)
    told = rows_of(take(found["What the columns mean"]))
    assert [row["column"] for row in told] == list(export.names(PAGES[page]))


def test_formats_hold_the_same_rows(place, take, tmp_path):
    wish = wish_of(wanted=Wanted(words="Kide-lamppu"))
    ids = [row["id"] for row in rows_of(take(sealed(wish)))]
    lines = take(sealed(wish, Format.JSONL)).text.splitlines()
    assert [str(json.loads(line)["id"]) for line in lines] == ids
    book = load_workbook(io.BytesIO(take(sealed(wish, Format.XLSX)).content), read_only=True)
    table = list(book["mentions"].iter_rows(values_only=True))
    assert [str(row[table[0].index("id")]) for row in table[1:]] == ids
    (tmp_path / "m.parquet").write_bytes(take(sealed(wish, Format.PARQUET)).content)
    found = duckdb.sql(f"select id from '{tmp_path}/m.parquet'").fetchall()
    assert [str(row[0]) for row in found] == ids
    assert len(ids) > 1


def test_link_of_a_page_brings_what_its_filter_shows(place, visit, take):
    rows = rows_of(take(links(visit("mentions", q="Kide-lamppu"))["CSV"]))
    assert {row["source"] for row in rows} == {"kotifoorumi", "kotiblogi"}
    assert all(row["author"].startswith("author-") for row in rows)
    assert rows[0]["sentiment"] in ("negative", "neutral", "positive")


def test_alerts_taken_along_are_those_listed(place, visit, take):
    with place.store.reading() as session:
        listed = reads.open_alerts(session)
    taken = [json.loads(line) for line in take(links(visit())["JSON Lines"]).text.splitlines()]
    assert sorted(row["id"] for row in taken) == sorted(row.id for row in listed)


@pytest.mark.parametrize("subject", Subject)
def test_trends_offer_every_subject_for_their_period(place, visit, take, subject):
    at = visit("trends", days="30")
    at.selectbox(key="download-what").set_value(subject).run()
    rows = rows_of(take(links(at)["CSV"]))
    assert rows or subject is Subject.LABELS
    if subject is Subject.ALERTS:
        assert {row["shop"] for row in rows} == {"lumopuoti"}


@pytest.mark.parametrize("format", Format)
def test_download_is_written_down(place, take, format):
    answer = take(sealed(wish_of(wanted=Wanted(words="Kide-lamppu")), format))
    assert answer.status_code == 200
    (record,) = records(place)
    assert (record.what, record.via, record.names, record.who) == ("mentions", "dashboard", False, "Maija")
    assert record.filters["format"] == format
    assert record.rows > 1


def test_download_defuses_what_a_spreadsheet_would_run(bare, take):
    with bare.store.transaction() as session:
        seed.hostile(session, bare.now)
    rows = csv.reader(io.StringIO(take(sealed(wish_of())).content.decode("utf-8-sig"), newline=""))
    cells = [cell for row in rows for cell in row]
    assert any(cell.startswith("'=HYPERLINK") for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "@"))]


@pytest.mark.parametrize("role", Role)
def test_role_is_asked_when_the_link_is_pressed(staffed, visit, take, role):
    address = links(visit("mentions", visit="owner"))["CSV"]
    with staffed.store.transaction() as session:
        people.set_role(session, people.person_named(session, "owner person").id, role)
    answer = take(address, "owner")
    if role is Role.OPERATOR:
        assert (answer.status_code, records(staffed)) == (403, [])
        assert "Your role does not allow this." in answer.text
    else:
        assert answer.status_code == 200
        assert records(staffed)[0].who == "owner person"


def test_operator_is_offered_nothing(staffed, visit):
    for page in PAGES:
        assert links(visit(page, visit="operator")) == {}


def test_names_are_for_the_owner_and_only_when_asked_for(staffed, visit, take):
    for role in (Role.STAFF, Role.ANALYST):
        assert not [one for one in visit("mentions", visit=role.value).toggle if one.key == "download-names"]
    at = visit("mentions", visit="owner", q="Kide-lamppu")
    assert all(row["author"].startswith("author-") for row in rows_of(take(links(at)["CSV"], "owner")))
    at.toggle(key="download-names").set_value(True).run()
    address = links(at)["CSV"]
    named = rows_of(take(address, "owner"))
    assert named
    assert not [row for row in named if row["author"].startswith("author-")]
    assert [record.names for record in records(staffed)] == [False, True]
    with staffed.store.transaction() as session:
        people.set_role(session, people.person_named(session, "owner person").id, Role.STAFF)
    assert take(address, "owner").status_code == 403


def test_link_is_of_no_use_without_the_visit_it_was_made_in(staffed, visit, take):
    address = links(visit("mentions", visit="owner"))["CSV"]
    for token in ("", "staff", "nonsense"):
        answer = take(address, token)
        assert (answer.status_code, "Your visit has ended. Log in again." in answer.text) == (403, True)
    with staffed.store.transaction() as session:
        visits.end_visit(session, mark("cookie", "owner"), data.now())
    assert take(address, "owner").status_code == 403
    assert records(staffed) == []


def test_link_that_was_changed_or_is_old_brings_nothing(place, take):
    good = sealed(wish_of())
    (text,) = parse_qs(urlsplit(good).query)["wish"]
    body, _, seal = text.partition(".")
    other = wishes.seal(data.config(), wish_of(with_names=True)).partition(".")[0]
    old = sealed(replace(wish_of(), made_at=data.now() - timedelta(hours=17)))
    early = sealed(replace(wish_of(), made_at=data.now() + timedelta(hours=1)))
    bad = ["", ".", body, f"{other}.{seal}", f"{body}.{seal[:-2]}AA", "é.ü", "x" * 60_000, f"{body}A.{seal}"]
    for address in [old, early, *(f"/take?wish={one}&format=csv" for one in bad), good.replace("csv", "doc")]:
        answer = take(address)
        assert (answer.status_code, "too old" in answer.text) == (403, True), address[:80]
        assert answer.headers["content-security-policy"] == "default-src 'none'"
    assert records(place) == []


def test_full_disk_is_told_and_nothing_is_written_down(place, take):
    address = sealed(wish_of())
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        answer = take(address)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (answer.status_code, "whether the disk is full" in answer.text) == (507, True)
    assert records(place) == []


def test_file_is_gone_when_it_was_sent_or_the_receiver_left(place, take):
    assert take(sealed(wish_of())).status_code == 200
    request, folder = wish_of().request(data.config()), place.folder / "var"
    found = export.spool(place.store, request, Format.CSV, folder, data.now())
    sending = export.pieces(found)
    next(sending)
    sending.close()
    assert found.out.closed
    assert [one.name for one in folder.iterdir() if not one.name.endswith(".key")] == []


def test_person_of_a_provider_takes_along_what_their_role_allows(place, visit, take, monkeypatch):
    monkeypatch.setenv("OIDC", "a secret of the tests only")
    seed.config_file(place.folder, language="en", more=OIDC)
    st.cache_resource.clear()
    with place.store.transaction() as session:
        found = people.add_person(session, "Aino", Role.ANALYST, "aino@lumopuoti.example", None, place.now)
        visits.begin_visit(session, "a key of the provider", "Aino", place.now, person_id=found.id)
    address = sealed(wish_of(provided="a key of the provider"))
    assert take(address).status_code == 200
    assert records(place)[0].who == "Aino"
    assert take(sealed(wish_of(visit="a key of the provider"))).status_code == 403
    with place.store.transaction() as session:
        people.set_role(session, found.id, Role.OPERATOR)
    assert take(address).status_code == 403
