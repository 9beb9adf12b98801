"""The week on one page: on Mondays by mail, and on demand; and deadlines of a shop's own."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader

from monitor import alerts, report
from monitor.cli import main
from monitor.domain import EventKind, Topic
from monitor.pipeline.weekly import gather
from monitor.store import storms
from tests.stories.world import HELSINKI, World
from tests.unit import weeks

PERSON = {"slug": "owner", "name": "Omistaja", "email": "omistaja@lumopuoti.example", "weekly": True}
MONDAY = datetime(2026, 11, 30, 8, 1, tzinfo=HELSINKI).astimezone(UTC)


def a_week(world: World) -> None:
    """A complaint that is answered, praise, an event, and a source that fell silent."""
    world.post("forum", "Lumopuodista tuli lamppu rikki.", at="13:30", author="vuokko")
    world.post("forum", "Lumopuoti toimi mukavasti.", thread="t2")
    world.run()
    alert = world.alert
    with world.store.transaction() as session:
        alerts.answer(session, alert.id, "Maija", world.clock.now(), alert.version)
        now = world.clock.now()
        storms.open_gap(session, "blog", now - timedelta(hours=5), "deaf")
        storms.add_event(
            session,
            shop="lumopuoti",
            kind=EventKind.CAMPAIGN,
            title="syysale",
            at=now,
            until=None,
            who="Maija",
            via="cli",
            key="1",
        )


def test_report_comes_on_monday_about_the_week_that_is_over(tmp_path: Path) -> None:
    world = World(tmp_path, recipients=[PERSON], sources=[{"slug": "blog", "kind": "feed"}])
    a_week(world)
    before = len(world.mailbox)
    world.clock.moment = MONDAY
    world.run()
    (mail,) = [mail for mail in world.mailbox[before:] if "viikko" in mail.subject]
    assert mail.subject == "Lumopuoti: viikko 48"
    for said in (
        "2 viestiä kaupasta.",
        "Tyytymättömiä: 50",
        "tuotteen laatu: tyytymättömiä viestejä 1\n",
        "1 / 1 keskusteluun vastattiin, niistä 1 ajoissa.",
        "Puolet vastauksista tuli ajassa 30 min.",
        "”syysale”",
        "blog: kuulumattomissa 4 pv 15 t, yhä edelleen.",
        "lamppu rikki",
    ):
        assert said in mail.text
        assert said.strip() in mail.html
    assert "edellisellä viikolla" not in mail.text + mail.html  # nobody listened then
    world.advance("1h")
    assert len([mail for mail in world.mailbox if "viikko 48" in mail.subject]) == 1


def test_surveys_are_counted_apart(tmp_path: Path) -> None:
    sources = [{"slug": "blog", "kind": "survey", "options": {"folder": "x"}}]
    world = World(tmp_path, sources=sources)
    world.post("forum", "Lumopuodista tuli lamppu rikki.")
    world.post("blog", "Lumopuodista tuli peili rikki.", author="LP-1")
    posts = world.places["blog"].posts
    posts[:] = [post.model_copy(update={"rating": 2.0, "url": ""}) for post in posts]
    world.run()
    with world.store.reading() as session:
        (week,) = gather(world.parts, session, None, date(2026, 11, 23), world.clock.now())
    assert week.this is not None
    assert (week.this.mentions, sum(point.mentions for point in week.days if point)) == (1, 1)
    assert [change.now for change in week.topics] == [1]
    assert week.survey == report.Survey(1, 1, 2.0, None)
    assert {post.source for post in week.worst} == {"forum", "blog"}


def test_deaf_times_are_added_up_and_overlap_once(world: World) -> None:
    monday = datetime(2026, 11, 23, tzinfo=HELSINKI)
    spans = ((-5, 3), (1, 4), (10, 11))
    with world.store.transaction() as session:
        for begun, ended in spans:
            storms.open_gap(session, "forum", monday + timedelta(hours=begun), "deaf")
            storms.close_gap(session, "forum", monday + timedelta(hours=ended))
        storms.open_gap(session, "blog", world.clock.now() - timedelta(hours=2), "deaf")
        week = report.gather(session, "lumopuoti", date(2026, 11, 23), HELSINKI, world.clock.now())
    assert week.deaf == (
        report.Deaf("forum", timedelta(hours=5), False),
        report.Deaf("blog", timedelta(hours=2), True),
    )


@pytest.mark.parametrize(
    ("now", "before", "change"),
    [
        ((30, 70), (10, 90), 1),
        ((10, 90), (30, 70), -1),
        ((3, 7), (1, 9), 0),
        ((0, 9), (0, 9), 0),
        ((9, 0), (9, 0), 0),
    ],
)
def test_change_is_called_one_only_beyond_chance(
    now: tuple[int, int], before: tuple[int, int], change: int
) -> None:
    week = weeks.usual(this=weeks.point(*now, 0), before=weeks.point(*before, 0))
    assert week.change == change
    assert weeks.usual(this=weeks.point(*now, 0), before=None).change is None


@pytest.mark.parametrize(
    ("now", "before", "risen"), [(21, 3, True), (4, 0, True), (3, 0, False), (9, 6, False)]
)
def test_topic_has_risen_only_beyond_its_up_and_down(now: int, before: int, risen: bool) -> None:
    assert report.TopicChange(Topic.DELIVERY, now, before).has_risen is risen


def test_report_comes_only_to_those_who_want_it(tmp_path: Path) -> None:
    world = World(tmp_path)
    a_week(world)
    world.clock.moment = MONDAY
    world.run()
    assert not [mail for mail in world.mailbox if "viikko" in mail.subject]


def test_empty_week_is_said_plainly(tmp_path: Path) -> None:
    world = World(tmp_path, recipients=[PERSON])
    world.run()
    world.clock.moment = MONDAY
    world.run()
    (mail,) = [mail for mail in world.mailbox if "viikko" in mail.subject]
    assert "Kaupasta ei kirjoitettu tällä viikolla." in mail.text
    assert "Jokaista lähdettä kuultiin koko viikon." in mail.text


def test_report_tells_who_was_won_back_by_how_fast_the_answer_came(tmp_path: Path) -> None:
    world = World(tmp_path, recipients=[PERSON])
    a_week(world)
    world.advance("1h")
    world.post("forum", "Kiitos Lumopuoti, uusi lamppu tuli jo.", author="vuokko")
    world.run()
    world.clock.moment = MONDAY
    world.run()
    (mail,) = [mail for mail in world.mailbox if "viikko 48" in mail.subject]
    assert "Vastaus ajassa 1 t: 1 / 1 asiakasta saatiin takaisin (100" in mail.text


def test_week_before_the_first_start_is_no_report(tmp_path: Path) -> None:
    world = World(tmp_path, recipients=[PERSON])
    world.clock.moment = MONDAY
    world.run()
    assert not [mail for mail in world.mailbox if "viikko" in mail.subject]


def test_unfinished_week_says_so(tmp_path: Path) -> None:
    world = World(tmp_path)
    a_week(world)
    with world.store.reading() as session:
        week = report.gather(session, "lumopuoti", date(2026, 11, 23), HELSINKI, world.clock.now())
    assert not week.is_finished
    assert week.this is not None
    assert not week.this.is_finished
    assert [point.mentions if point else 0 for point in week.days] == [0, 0, 2, 0, 0, 0, 0]


@pytest.mark.parametrize(
    "written", ["2026-W60", "2026-47", "next", "", "W47", "0001-W01", "9999-W52", "2026-W47-W1"]
)
def test_week_written_otherwise_is_told(written: str) -> None:
    with pytest.raises(ValueError, match="2026-W47"):
        report.week_of(written)


def test_week_keeps_its_name() -> None:
    assert report.name_of(report.week_of("2026-W53")) == "2026-W53"
    assert report.week_of("2026-W48") == date(2026, 11, 23)


def test_report_is_written_on_demand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        '[[shops]]\nslug = "lumopuoti"\nname = "Lumopuoti"\n[database]\nurl = "sqlite:///week.db"\n',
        encoding="utf-8",
    )
    page = tmp_path / "week.html"
    command = ["--config", str(config), "report", "--week", "2026-W47"]
    assert main([*command, "--language", "sv", "--out", str(page)]) == 0
    assert "Lumopuoti: vecka 47" in page.read_text(encoding="utf-8")
    assert main(command) == 0
    assert "Lumopuoti: viikko 47" in capsys.readouterr().out
    sheet = tmp_path / "week.pdf"
    assert main([*command, "--lang", "en", "--pdf", str(sheet)]) == 0
    assert "Week 47" in PdfReader(sheet).pages[0].extract_text()
    assert capsys.readouterr().out == ""
    assert main([*command[:-1], "soon"]) == 2


def test_week_that_has_not_begun_is_no_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[[shops]]\nslug = "lumopuoti"\nname = "Lumopuoti"\n', encoding="utf-8")
    assert main(["--config", str(config), "report", "--week", "2190-W47"]) == 2
    assert "has not begun" in " ".join(capsys.readouterr().err.split())


def test_shop_may_have_deadlines_of_its_own(tmp_path: Path) -> None:
    shops = [
        {"slug": "lumopuoti", "name": "Lumopuoti", "deadlines": {"normal": "2h"}},
        {"slug": "tuikku", "name": "Tuikkumaa"},
    ]
    world = World(tmp_path, shops=shops)
    world.post("forum", "Lumopuodista tuli lamppu rikki.", thread="a", at="13:00")
    world.post("forum", "Tuikkumaasta tuli peili rikki.", thread="b", at="13:00")
    posts = world.places["forum"].posts
    posts[:] = [post.model_copy(update={"thread_title": ""}) for post in posts]
    world.run()
    due = {alert.shop: alert.due_at - alert.clock_started_at for alert in world.alerts}
    assert due["lumopuoti"] == timedelta(hours=2)
    assert due["tuikku"] == timedelta(hours=4)
