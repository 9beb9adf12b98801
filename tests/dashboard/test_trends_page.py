"""Trends: honest figures, in charts and in the table."""

import csv
import io
from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from dashboard import axes, data, tables
from monitor.domain import EventKind, Sentiment, Verdict
from monitor.store import reads, storms, writes
from monitor.trends import Narrow, Point, Split, Step, starts
from tests.dashboard.conftest import shown

CHARTS = ["volume", "share", "answers", "topics", "sources", "languages", "rivals"]


def test_trends_say_n_and_interval_and_that_today_is_not_over(place, visit):
    told = shown(visit("trends"))
    assert "95 % interval" in told
    assert "n = " in told
    assert "not over yet" in told


def test_table_marks_the_unfinished_day_and_shows_every_day(place, visit):
    at = visit("trends")
    table = at.dataframe[0].value
    assert len(table) == 30
    assert [day for day in table["Beginning"] if day.endswith("*")] == [table["Beginning"].iloc[0]]


def test_period_and_step_come_from_the_address(place, visit):
    at = visit("trends", days="90", step="month")
    assert len(at.dataframe[0].value) in (3, 4)


def test_every_chart_has_its_table_and_its_download(place, visit):
    at = visit("trends")
    assert not at.exception
    assert len(at.get("vega_lite_chart")) == len(CHARTS)
    assert len(at.dataframe) == len(CHARTS)
    named = [button.proto.id.rsplit("-", 2)[-2] for button in at.get("download_button")]
    assert [name for name in named if name in CHARTS] == CHARTS


def test_week_by_hour_tells_each_hour(place, visit):
    table = visit("trends", days="7", step="hour").dataframe[0].value
    assert 6 * 24 - 1 <= len(table) <= 7 * 24 + 1
    assert table["Posts"].sum() > 0


@pytest.mark.parametrize("step", ["day", "week", "month"])
def test_large_figures_are_those_of_the_table(place, visit, step):
    at = visit("trends", step=step)
    table = at.dataframe[0].value
    assert f"<b>{table['Posts'].sum()}</b>" in shown(at)
    assert at.dataframe[-1].value["Posts"].iloc[0] == table["Posts"].sum()


def test_year_by_hour_is_refused_with_the_way_out(place, visit):
    at = visit("trends", days="365", step="hour")
    told = shown(at)
    assert "By hour, 31 days can be shown at most." in told
    assert "Choose a shorter period" in told
    assert not at.get("vega_lite_chart")


def test_share_of_voice_adds_up_to_the_whole(place, visit):
    table = visit("trends").dataframe[-1].value
    assert list(table["Shop"]) == ["Lumopuoti", "Kotihelmi", "Vinterbo"]
    shares = [int(share.rstrip("%\N{NO-BREAK SPACE} ")) for share in table["Share of voice"]]
    assert sum(shares) in (99, 100, 101)


def test_legend_names_what_is_drawn_and_nothing_else(place, visit):
    with place.store.transaction() as session:
        storms.add_event(
            session, shop="lumopuoti", kind=EventKind.CAMPAIGN, title="Sale <b>now</b>",
            at=place.now - timedelta(days=2), until=None, who="Maija", via="dashboard", key="k",
        )  # fmt: skip
        storms.open_gap(session, "mastodon", place.now - timedelta(days=3), "deaf")
        storms.open_gap(session, "forum", place.now - timedelta(days=4), "deaf")
        storms.close_gap(session, "forum", place.now - timedelta(days=3))
    told = shown(visit("trends"))
    assert "Shop event" in told
    assert "A source not heard" in told
    assert "Another model" not in told
    assert "<b>now</b>" not in told
    assert "mastodon not heard since then" in told
    assert "forum not heard, until" in told


def test_change_of_model_is_drawn_and_named(place, visit):
    with place.store.transaction() as session:
        (newest, *_) = reads.mentions(session, reads.MentionFilter(shops=("lumopuoti",)), 1)
        verdict = Verdict("other-2", dict.fromkeys(Sentiment, 1 / 3), Sentiment.NEUTRAL)
        writes.add_assessment(session, newest.id, verdict, True, (), place.now)
    told = shown(visit("trends"))
    assert "Another model" in told
    assert "From here on judged by other-2" in told


def test_only_posts_of_a_language_or_topic_are_counted(place, visit):
    everything = visit("trends").dataframe[0].value["Posts"].sum()
    swedish = visit("trends", language="sv").dataframe[0].value["Posts"].sum()
    delivery = visit("trends", topic="delivery").dataframe[0].value["Posts"].sum()
    assert 0 < swedish < everything
    assert 0 < delivery < everything


@pytest.mark.parametrize(
    ("name", "value"), [("topic", "weather"), ("source", "x"), ("language", "tlh"), ("step", "x")]
)
def test_nonsense_in_the_address_is_left_out(place, visit, name, value):
    assert len(visit("trends", **{name: value}).dataframe[0].value) == 30


def test_empty_store_says_what_to_do(bare, visit):
    told = shown(visit("trends"))
    assert "Nothing was said in this period." in told


@pytest.mark.parametrize("language", ["fi", "sv"])
@pytest.mark.parametrize("step", ["hour", "day", "week", "month"])
def test_page_is_told_in_every_language(place, visit, language, step):
    at = visit("trends", lang=language, days="7", step=step)
    assert not at.exception
    assert len(at.dataframe) == len(CHARTS)


def test_download_holds_zero_and_unknown_apart():
    points = [
        Point(date(2026, 11, 1), "lumopuoti", "", 0, 0, 0, 0, 0, True),
        Point(date(2026, 11, 2), "lumopuoti", "", 2, 0, 1, 1, 0, False),
    ]
    written = tables.points(points, ZoneInfo("Europe/Helsinki")).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(written)))
    assert rows[0]["share_negative"] == ""
    assert float(rows[1]["share_negative"]) == 0.0
    assert [row["finished"] for row in rows] == ["true", "false"]


def test_download_of_parts_tells_nothing_of_alerts_that_were_not_counted(place):
    zone, shop = data.config().zone, "lumopuoti"
    today = place.now.astimezone(zone).date()
    span = today - timedelta(days=30), today + timedelta(days=1)
    by_day = data.trend((shop,), *span, Step.DAY, Narrow())
    assert sum(point.alerts for point in by_day) > 0
    written = tables.parts(data.totals((shop,), *span, Narrow(), Split.SOURCE), zone).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(written)))
    assert sum(int(row["mentions"]) for row in rows) == sum(point.mentions for point in by_day)
    assert not {"alerts", "answered", "within_deadline", "saved"} & set(rows[0])


def test_download_of_voices_tells_shares_and_none_of_nothing():
    points = [
        Point(date(2026, 11, 1), "a", "", 3, 0, 0, 0, 3, True),
        Point(date(2026, 11, 1), "b", "", 1, 0, 0, 0, 1, True),
        Point(date(2026, 11, 2), "a", "", 0, 0, 0, 0, 0, True),
    ]
    rows = list(csv.DictReader(io.StringIO(tables.voices(points, ZoneInfo("UTC")).decode("utf-8-sig"))))
    assert [row["share_of_voice"] for row in rows] == ["0.75", "0.25", ""]


def test_doubled_hour_shares_its_room_and_is_told_apart(bare):
    zone = ZoneInfo("Europe/Helsinki")
    night = starts(date(2026, 10, 25), date(2026, 10, 26), Step.HOUR, zone)
    points = [Point(start, "a", "", 1, 0, 0, 0, 1, True) for start in night]
    rows = [times for _, times in axes.timed(points, Step.HOUR)]
    assert len(rows) == 25
    assert all(one["end"] <= after["start"] for one, after in pairwise(rows))
    assert len({one["called"] for one in rows}) == 25
