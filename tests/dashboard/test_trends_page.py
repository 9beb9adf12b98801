"""Trends: honest figures, in charts and in the table."""

import csv
import io
from datetime import date

from dashboard import tables
from monitor.trends import Point
from tests.dashboard.conftest import shown


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


def test_download_holds_zero_and_unknown_apart():
    points = [
        Point(date(2026, 11, 1), "lumopuoti", "", 0, 0, 0, 0, 0, True),
        Point(date(2026, 11, 2), "lumopuoti", "", 2, 0, 1, 1, 0, False),
    ]
    rows = list(csv.DictReader(io.StringIO(tables.points(points).decode("utf-8-sig"))))
    assert rows[0]["share_negative"] == ""
    assert float(rows[1]["share_negative"]) == 0.0
    assert [row["finished"] for row in rows] == ["true", "false"]
