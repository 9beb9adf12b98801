"""The rules about who writes and where: a writer who complained before, a conversation that grows fast."""

import pytest

from monitor.domain import Sentiment, Urgency
from monitor.rules.busy_thread import busy_thread
from monitor.rules.known_author import known_author
from tests.rules.facts import make_facts


@pytest.mark.parametrize(
    ("before", "severity"), [(0, None), (1, Urgency.NORMAL), (2, Urgency.HIGH), (9, Urgency.HIGH)]
)
def test_known_author_weighs_more_with_each_complaint(before: int, severity: Urgency | None) -> None:
    reason = known_author(make_facts("Taas Lumopuoti mokasi", author_alerts=before))
    assert (reason.severity if reason else None) is severity


def test_known_author_is_silent_when_they_are_content_this_time() -> None:
    assert known_author(make_facts("Kiitos!", label=Sentiment.POSITIVE, author_alerts=5)) is None


@pytest.mark.parametrize(("pace", "speaks"), [(0, False), (7, False), (8, True), (80, True)])
def test_busy_thread_speaks_when_many_write_at_once(pace: int, speaks: bool) -> None:
    reason = busy_thread(make_facts("Lumopuoti ei vastaa", thread_pace=pace))
    assert (reason is not None) is speaks
    assert reason is None or reason.values["n"] == str(pace)


def test_busy_thread_is_silent_about_content_posts() -> None:
    assert busy_thread(make_facts("Kiitos!", label=Sentiment.POSITIVE, thread_pace=50)) is None
