"""The sites of shops are looked at once a week, on demand, and told in the weekly report."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from monitor import pipeline
from monitor.cli import main
from monitor.pipeline.weekly import gather
from monitor.reachability import Look
from monitor.store import sites
from monitor.store.sites import Finding, SiteRow
from tests.reachability.site import page, running, whole
from tests.stories.world import HELSINKI, World

SITE = "https://lumopuoti.example"
FINDING = Finding("No telephone number was found on {page}.", "Mend the link or the page.", {"page": SITE})


def a_world(folder: Path, seen: Callable[[str], Look], **more: object) -> World:
    shops = [
        {"slug": "lumopuoti", "name": "Lumopuoti", "site": SITE},
        {"slug": "tuikku", "name": "Tuikkumaa"},
    ]
    world = World(folder, shops=shops, **more)
    world.parts = replace(world.parts, look_at_site=seen)
    return world


def last(world: World) -> SiteRow | None:
    with world.store.reading() as session:
        return sites.last_check(session, "lumopuoti")


def test_site_is_looked_at_once_a_week_and_only_where_there_is_one(tmp_path: Path) -> None:
    asked: list[str] = []

    def seen(site: str) -> Look:
        asked.append(site)
        return Look(site, (FINDING,))

    world = a_world(tmp_path, seen)
    for _ in range(15):
        pipeline.look_at_sites(world.parts)
        world.clock.moment += timedelta(days=1)
    assert asked == [SITE] * 3
    row = last(world)
    assert row is not None
    assert row.findings == (FINDING,)


def test_grave_trouble_is_looked_at_again_the_same_day(tmp_path: Path) -> None:
    asked: list[str] = []

    def seen(site: str) -> Look:
        asked.append(site)
        return Look(site, (replace(FINDING, is_grave=len(asked) == 1),))

    world = a_world(tmp_path, seen)
    for _ in range(48):
        pipeline.look_at_sites(world.parts)
        world.clock.moment += timedelta(hours=1)
    assert len(asked) == 2
    row = last(world)
    assert row is not None
    assert not row.findings[0].is_grave


@pytest.mark.parametrize(
    ("site", "at", "told"),
    [
        (SITE, "2026-11-29T23:59+02:00", True),
        (f"{SITE}/vanha", "2026-11-28T10:00+02:00", False),
        (SITE, "2026-11-30T00:01+02:00", False),
    ],
)
def test_report_tells_of_the_site_that_is_the_shops_as_it_was_in_that_week(
    tmp_path: Path, site: str, at: str, told: bool
) -> None:
    world = a_world(tmp_path, lambda site: Look(site, ()))
    with world.store.transaction() as session:
        sites.add_check(session, "lumopuoti", site, (FINDING,), datetime.fromisoformat(at).astimezone(UTC))
        (week, _) = gather(world.parts, session, None, date(2026, 11, 23), world.clock.now())
    assert (week.site is not None) is told


def test_changed_address_is_looked_at_at_once(tmp_path: Path) -> None:
    asked: list[str] = []
    world = a_world(tmp_path, lambda site: asked.append(site) or Look(site, ()))  # type: ignore[func-returns-value]
    pipeline.look_at_sites(world.parts)
    shops = [{"slug": "lumopuoti", "name": "Lumopuoti", "site": f"{SITE}/uusi"}]
    world.parts = replace(world.parts, config=World(tmp_path / "b", shops=shops).config)
    pipeline.look_at_sites(world.parts)
    assert asked == [SITE, f"{SITE}/uusi"]


def test_old_looks_are_thrown_away(tmp_path: Path) -> None:
    world = a_world(tmp_path, lambda site: Look(site, ()))
    with world.store.transaction() as session:
        for number in range(80):
            sites.add_check(session, "lumopuoti", f"{SITE}/{number}", (), world.clock.now())
        sites.add_check(session, "tuikku", SITE, (), world.clock.now())
        rows = session.connection().exec_driver_sql("select shop, count(*) from sitecheck group by shop")
        assert sorted(tuple(row) for row in rows) == [("lumopuoti", 60), ("tuikku", 1)]
    row = last(world)
    assert row is not None
    assert row.site == f"{SITE}/79"


def test_report_tells_what_keeps_customers_away_with_the_remedy(tmp_path: Path) -> None:
    person = {"slug": "owner", "name": "Omistaja", "email": "omistaja@lumopuoti.example", "weekly": True}
    world = a_world(tmp_path, lambda site: Look(site, (FINDING,)), recipients=[person])
    world.run()
    pipeline.look_at_sites(world.parts)
    world.clock.moment = datetime(2026, 11, 30, 8, 1, tzinfo=HELSINKI).astimezone(UTC)
    world.run()
    (mail,) = [mail for mail in world.mailbox if "viikko 48" in mail.subject]
    assert f"Sivulta {SITE} ei löytynyt puhelinnumeroa. Korjaa linkki tai sivu." in mail.text


CONFIG = """
[[shops]]
slug = "lumopuoti"
name = "Lumopuoti"
site = "{url}"
[[shops]]
slug = "tuikku"
name = "Tuikkumaa"
[database]
url = "sqlite:///reach.db"
[http]
pace = "0s"
[reach]
allow_private = true
"""


def test_command_looks_now_and_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "config.toml"
    with running(whole(yhteystiedot=page("<p>Kirjoita meille.</p>"))) as site:
        config.write_text(CONFIG.format(url=site.url), encoding="utf-8")
        assert main(["--config", str(config), "reach", "--lang", "sv"]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "Inget telefonnummer hittades" in said
    assert "en butik utan nummer" in said
    assert main(["--config", str(config), "reach", "lumopuoti"]) == 1
    assert "ei aukea" in " ".join(capsys.readouterr().err.split())


def test_command_wants_a_shop_with_a_site(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "config.toml"
    config.write_text(CONFIG.format(url=SITE), encoding="utf-8")
    assert main(["--config", str(config), "reach", "tuikku"]) == 2
    config.write_text(CONFIG.replace('site = "{url}"\n', ""), encoding="utf-8")
    assert main(["--config", str(config), "reach"]) == 2
    assert "no shop has a site" in " ".join(capsys.readouterr().err.split())
