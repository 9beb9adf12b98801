"""Figures over time, defined once for dashboard, export, report and mail.

A period is an hour, day, week or month in the shop's time zone; one that is not over yet says so. The
share of negative posts comes with its 95 % interval (Wilson) and its n: the scored posts.
"""

from monitor.store.tally import NO_LANGUAGE, NO_TOPIC, Narrow, Split, midnight
from monitor.trends.columns import COLUMNS, fields
from monitor.trends.periods import MOST_DAYS_BY_HOUR, Step, check, moment_of, next_start, start_of, starts
from monitor.trends.points import AnswerTimes, Deafness, Point, merge, quantile, total, wilson
from monitor.trends.series import answer_times, by_step, daily, places, totals

__all__ = [
    "COLUMNS",
    "MOST_DAYS_BY_HOUR",
    "NO_LANGUAGE",
    "NO_TOPIC",
    "AnswerTimes",
    "Deafness",
    "Narrow",
    "Point",
    "Split",
    "Step",
    "answer_times",
    "by_step",
    "check",
    "daily",
    "fields",
    "merge",
    "midnight",
    "moment_of",
    "next_start",
    "places",
    "quantile",
    "start_of",
    "starts",
    "total",
    "totals",
    "wilson",
]
