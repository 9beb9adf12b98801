"""Posts appear when their time has come, and the days before the start have nights."""

from datetime import UTC, datetime, timedelta

import pytest

from monitor.demo import Place, load_stream
from monitor.demo.timeline import Timeline
from tests.unit.demo.conftest import START, StillClock

EVERY_HOUR = [datetime(2026, 11, 25, hour, 17, 5, tzinfo=UTC) for hour in range(24)]


def test_timeline_shows_a_post_from_its_moment_on() -> None:
    clock = StillClock(START)
    timeline = Timeline(load_stream(), START, clock)
    first = min(post.posted_after for post in load_stream() if post.posted_after > 0)
    before = sum(len(timeline.visible(place)) for place in Place)
    clock.advance(first - 1)
    assert sum(len(timeline.visible(place)) for place in Place) == before
    clock.advance(1)
    assert sum(len(timeline.visible(place)) for place in Place) == before + 1


def test_timeline_shows_everything_in_the_end() -> None:
    timeline = Timeline(load_stream(), START, StillClock(START + timedelta(hours=4)))
    assert sum(len(timeline.visible(place)) for place in Place) == len(load_stream())


@pytest.mark.parametrize("start", EVERY_HOUR)
def test_timeline_keeps_the_order_of_the_stream_whenever_it_starts(start: datetime) -> None:
    timeline = Timeline(load_stream(), start, StillClock(start + timedelta(hours=4)))
    everything = [dated for place in Place for dated in timeline.visible(place)]
    everything.sort(key=lambda dated: dated.post.id)
    moments = [dated.posted_at for dated in everything]
    assert moments == sorted(moments)
    assert start - timedelta(hours=49) < moments[0] < start - timedelta(hours=40)
    assert all(dated.posted_at < dated.edited_at < start for dated in everything if dated.edited_at)


@pytest.mark.parametrize("start", EVERY_HOUR)
def test_timeline_has_few_posts_at_night_whenever_it_starts(start: datetime) -> None:
    timeline = Timeline(load_stream(), start, StillClock(start))
    past = [dated for place in Place for dated in timeline.visible(place)]
    at_night = [dated for dated in past if (dated.posted_at + timedelta(hours=2)).hour in range(0, 6)]
    in_the_evening = [dated for dated in past if (dated.posted_at + timedelta(hours=2)).hour in range(17, 23)]
    assert len(at_night) < len(past) / 12
    assert len(in_the_evening) > len(past) / 4


def test_timeline_counts_posts_within_their_thread() -> None:
    timeline = Timeline(load_stream(), START, StillClock(START + timedelta(hours=4)))
    posts = timeline.visible(Place.FORUM)
    thread = [dated for dated in posts if dated.post.thread == posts[0].post.thread]
    assert [dated.number for dated in thread] == list(range(1, len(thread) + 1))
