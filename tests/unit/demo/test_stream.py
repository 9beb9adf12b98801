"""The hand-written stream: is it whole, and is it what the demo promises?"""

import re
from collections import Counter, defaultdict
from itertools import pairwise

import pytest

from monitor.demo import DemoPost, Place, load_stream

NAMED = re.compile(r"lumopuo|kotihelm|vinterbo", re.IGNORECASE)


@pytest.fixture(scope="module")
def posts() -> tuple[DemoPost, ...]:
    return load_stream()


def test_stream_has_enough_of_each_language_and_place(posts: tuple[DemoPost, ...]) -> None:
    languages = Counter(post.lang for post in posts)
    places = Counter(post.place for post in posts)
    assert languages["fi"] >= 120
    assert languages["sv"] >= 40
    assert languages["en"] >= 40
    assert set(languages) == {"fi", "sv", "en"}
    assert min(places[place] for place in Place) >= 30


def test_stream_ids_are_unique_and_grow_with_time(posts: tuple[DemoPost, ...]) -> None:
    ids = [post.id for post in posts]
    assert ids == sorted(set(ids))
    moments = [post.posted_after for post in posts]
    assert moments == sorted(moments)


def test_stream_parents_stand_earlier_in_the_same_thread(posts: tuple[DemoPost, ...]) -> None:
    known: dict[int, DemoPost] = {}
    for post in posts:
        if post.parent is not None:
            assert known[post.parent].thread == post.thread
        known[post.id] = post


def test_stream_threads_keep_one_place_and_one_title(posts: tuple[DemoPost, ...]) -> None:
    threads: defaultdict[int, set[tuple[Place, str]]] = defaultdict(set)
    for post in posts:
        threads[post.thread].add((post.place, post.title))
    assert all(len(kinds) == 1 for kinds in threads.values())
    assert all(post.title for post in posts if post.place is not Place.MASTODON)


def test_stream_says_no_text_twice(posts: tuple[DemoPost, ...]) -> None:
    assert len({post.text for post in posts}) == len(posts)


def test_stream_spreads_over_two_days_before_and_three_hours_after(posts: tuple[DemoPost, ...]) -> None:
    after = [post.posted_after for post in posts if post.posted_after >= 0]
    assert len(posts) - len(after) >= 140
    assert -48 * 3600 <= posts[0].posted_after < -44 * 3600
    assert sum(moment <= 60 for moment in after) >= 4
    assert 2.5 * 3600 < after[-1] < 3.5 * 3600
    gaps = [later - earlier for earlier, later in pairwise(after)]
    assert max(gaps) < 600
    assert all(gap <= 90 for gap in gaps[:35])


def test_stream_has_posts_about_nobody(posts: tuple[DemoPost, ...]) -> None:
    threads: defaultdict[int, list[DemoPost]] = defaultdict(list)
    for post in posts:
        threads[post.thread].append(post)
    unnamed = [
        post
        for thread in threads.values()
        if not any(NAMED.search(f"{post.title} {post.text}") for post in thread)
        for post in thread
    ]
    assert 0.12 <= len(unnamed) / len(posts) <= 0.18


@pytest.mark.parametrize(
    "wanted",
    ["Lumopuoti", "Lumopuodista", "lumopuodilt ", "Lumopuotiin", "Lumopuodin", "Lumopuodissa", "#lumopuoti"],
)
def test_stream_names_the_shop_in_many_forms(posts: tuple[DemoPost, ...], wanted: str) -> None:
    assert any(wanted.lower() in post.text.lower() for post in posts)


def test_stream_has_replies_that_do_not_name_the_shop(posts: tuple[DemoPost, ...]) -> None:
    named = {post.thread for post in posts if NAMED.search(f"{post.title} {post.text}")}
    silent = [post for post in posts if post.thread in named and not NAMED.search(post.text)]
    assert len(silent) >= 40


@pytest.mark.parametrize(
    "pattern",
    [
        r"[\w.+-]+@[\w-]+\.\w+",  # e-mail address
        r"(?:\+358|\b0[45]\d)[\s-]?\d{3,}",  # phone number
        r"\b\d{6}[-+A]\d{3}[0-9A-Y]\b",  # Finnish personal identity code
        r"\bFI\d{2}(?:\s?\d{4}){3}",  # bank account
        r"https?://",
    ],
)
def test_stream_holds_nothing_that_looks_like_personal_data(
    posts: tuple[DemoPost, ...], pattern: str
) -> None:
    assert [post.id for post in posts if re.search(pattern, f"{post.title} {post.text}")] == []


def test_stream_is_plain_text(posts: tuple[DemoPost, ...]) -> None:
    assert all(post.text == post.text.strip() and "<" not in post.text for post in posts)
    assert all(character == "\n" or character.isprintable() for post in posts for character in post.text)


def test_stream_edits_come_after_the_post_and_before_the_start(posts: tuple[DemoPost, ...]) -> None:
    edited = [post for post in posts if post.edited_after is not None]
    assert edited
    assert all(post.posted_after < (post.edited_after or 0) < 0 for post in edited)


def test_stream_ratings_are_stars_of_reviews(posts: tuple[DemoPost, ...]) -> None:
    rated = [post for post in posts if post.rating is not None]
    assert {post.place for post in rated} == {Place.BLOG}
    assert {post.rating for post in rated} == {1, 2, 3, 4, 5}


def test_stream_authors_of_the_social_feed_have_plain_names_and_one_reach(
    posts: tuple[DemoPost, ...],
) -> None:
    reaches: defaultdict[str, set[int | None]] = defaultdict(set)
    for post in posts:
        if post.place is Place.MASTODON:
            assert re.fullmatch(r"[a-z0-9_]+", post.author)
            reaches[post.author].add(post.reach)
    assert all(len(reach) == 1 and None not in reach for reach in reaches.values())
