"""The search finds what stands in the mentions now, all of it, and not what was edited away or erased."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text as sql

from monitor.domain import Match, Post, Shop
from monitor.store import Store, erasing, paging, reads, searching, writes
from monitor.store.tables import Setting
from monitor.text.stems import terms, wanted

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SHOP = Shop(slug="lumo", name="Lumo")
WORDS = st.sampled_from(
    ["peitto", "torkkupeiton", "väri", "100 %", "kengät", "🙂", "Ä", "漢字", "a'b\"c*", "{said}"]
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    yield from opened(tmp_path)


def opened(folder: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{folder}/test.db")
    store.migrate()
    yield store
    store.close()


def add(store: Store, number: int, text: str, title: str = "", author: str = "Maija") -> None:
    post = Post(
        source="forum",
        external_id=str(number),
        title=title,
        text=text,
        author=author,
        thread_key="t",
        posted_at=NOW - timedelta(minutes=number),
    )
    with store.transaction() as session:
        writes.add_mentions(session, [(post, Match(SHOP, ("Lumo",), 1.0), f"{text[:8]}")], NOW)


def search(store: Store, words: str) -> list[str]:
    with store.reading() as session:
        return [row.external_id for row in reads.mentions(session, reads.MentionFilter(words=words))]


def search_api(store: Store, words: str) -> list[str]:
    with store.reading() as session:
        found = paging.mentions_after(session, reads.MentionFilter(words=words), None, 100)
    return [row.external_id for row in found]


def whole(store: Store) -> None:
    """FTS5's own check that its parts agree."""
    with store.transaction() as session:
        session.connection().execute(sql("INSERT INTO spoken (spoken) VALUES ('integrity-check')"))


def test_another_form_a_part_of_a_compound_and_a_title_are_found(store: Store) -> None:
    add(store, 1, "Torkkupeiton väri on ihan väärä.")
    add(store, 2, "Kiitos!", title="Kengät ja peitot")
    assert search(store, "peitto") == ["1", "2"]
    assert search(store, "kenkä kiitos") == ["2"]
    assert search(store, "VÄRI") == ["1"]
    assert search(store, "peili") == []


def test_an_author_is_found_by_people_but_not_through_the_api(store: Store) -> None:
    add(store, 1, "Lumo on hyvä.", author="Maija Meri")
    assert search(store, "meri hyvä") == ["1"]
    assert search_api(store, "meri") == []
    assert search_api(store, "hyvät") == ["1"]


def test_what_was_edited_away_is_not_found_any_more(store: Store) -> None:
    add(store, 1, "Peitto hajosi.")
    add(store, 1, "EDIT: hoitui, kiitos.")
    assert search(store, "peitto") == []
    assert search(store, "hoitui maija") == ["1"]
    whole(store)


@pytest.mark.parametrize(
    "erase",
    [
        lambda session: erasing.erase_author(session, "Maija", None, NOW),
        lambda session: erasing.erase_gone(session, "forum", ["1"], NOW),
        lambda session: erasing.erase_older_than(session, NOW + timedelta(days=1), NOW),
    ],
)
def test_what_was_erased_is_not_in_the_index(store: Store, erase) -> None:  # type: ignore[no-untyped-def]
    add(store, 1, "Peitto hajosi.")
    with store.transaction() as session:
        assert erase(session) == 1
    assert search(store, "peitto") == search(store, "maija") == []
    with store.reading() as session:
        assert (
            session.connection()
            .execute(sql("SELECT count(*) FROM spoken WHERE spoken MATCH 'peitto'"))
            .scalar()
            == 0
        )
    whole(store)


@pytest.mark.parametrize(
    "words", ["🙂", "%", "🙂 kiitos", "'", '"', "a:b*", "(", "{said} : x", "NOT", "\x00", "--"]
)
def test_no_search_breaks(store: Store, words: str) -> None:
    add(store, 1, "Kiitos 🙂 100 %")
    found = search(store, words)
    assert found == (["1"] if words in {"🙂", "%", "🙂 kiitos", "\x00"} else [])


def test_mentions_from_before_the_index_are_read_once(tmp_path: Path) -> None:
    for store in opened(tmp_path):
        add(store, 1, "Peitto hajosi.")
        add(store, 2, "Väri on väärä.")
        with store.transaction() as session:
            erasing.erase_gone(session, "forum", ["2"], NOW)
            session.connection().execute(sql("INSERT INTO spoken (spoken) VALUES ('delete-all')"))
            session.delete(session.get_one(Setting, "search_index"))
    for store in opened(tmp_path):
        assert search(store, "peitto") == ["1"]
        add(store, 3, "Toinen peitto.")
        store.migrate()
        assert search(store, "peitto") == ["1", "3"]
        whole(store)


def test_reading_goes_on_where_it_was_broken_off(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        add(store, number, "Peitto hajosi.")
    monkeypatch.setattr(searching, "_AT_ONCE_ANEW", 2)
    with store.transaction() as session:
        session.merge(Setting(name="search_index", value="0 0 0"))
    with store.transaction() as session:
        assert searching.catch_up(session)
    assert search(store, "peitto") == ["0", "1"]
    store.migrate()
    assert search(store, "peitto") == ["0", "1", "2", "3", "4"]
    whole(store)


DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["add", "erase"]), st.integers(0, 3), st.lists(WORDS, max_size=4).map(" ".join)
    ),
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS, words=st.lists(WORDS, min_size=1, max_size=2).map(" ".join))
def test_after_any_history_the_index_says_what_the_texts_say(
    tmp_path_factory: pytest.TempPathFactory, deeds: list[tuple[str, int, str]], words: str
) -> None:
    for store in opened(tmp_path_factory.mktemp("history")):
        for deed, number, text in deeds:
            if deed == "add":
                add(store, number, text)
            else:
                with store.transaction() as session:
                    erasing.erase_gone(session, "forum", [str(number)], NOW)
        with store.reading() as session:
            rows = reads.mentions(session, reads.MentionFilter())
        assert search_api(store, words) == [row.external_id for row in rows if says(row.text, words)]
        whole(store)


def says(text: str, words: str) -> bool:
    said = set(terms(text))
    fits = (
        any(term.startswith(word) for term in said) or bool(said & set(roots))
        for word, roots in wanted(words)
    )
    return all(fits) and all(odd in text for odd in words.split() if not wanted(odd))
