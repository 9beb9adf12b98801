"""The kind "feed" against recordings of every format, and documents that mean harm."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError

from monitor.domain import Batch
from monitor.errors import SourceBroken
from monitor.http import Http
from monitor.sources import SOURCES, Source
from monitor.sources.feed import unwrapped
from tests.sources.support import SECRET, TOKEN, Answerer, Site, StillClock, by_id, context_for, recording

URL = "https://blogi.example/syote"


def feed(site: Answerer, clock: StillClock | None = None, **options: object) -> Source:
    return SOURCES["feed"].make({"url": URL, **options}, context_for(site, clock))


def read(document: bytes | str) -> Batch:
    raw = document.encode() if isinstance(document, str) else document
    return feed(Site({"syote": raw})).fetch(None)


def rss(inside: str) -> str:
    return f'<rss version="2.0"><channel><title>t</title><link>https://blogi.example/</link>{inside}</channel></rss>'


def test_feed_parse_takes_the_full_content_and_marks_quotes() -> None:
    post = by_id(read(recording("feed", "page.xml")))["https://blogi.example/?p=5#comment-12"]
    assert post.text == "> Hyvä kauppa\n\nLumopuoti ei vastaa & rahat meni."
    assert post.author == "Äijä"
    assert post.lang == "fi"
    assert post.posted_at == datetime(2026, 11, 24, 8, 15, tzinfo=UTC)


def test_feed_parse_puts_comments_of_one_page_into_one_thread() -> None:
    posts = by_id(read(recording("feed", "page.xml")))
    first, second = (posts[f"https://blogi.example/?p=5#comment-{number}"] for number in (12, 13))
    assert first.thread_key == second.thread_key == "https://blogi.example/lampputesti/"
    assert first.thread_title == "Lampputesti"


def test_feed_parse_takes_the_link_where_there_is_no_guid() -> None:
    post = by_id(read(recording("feed", "page.xml")))["https://blogi.example/kolmas/"]
    assert post.posted_at is None
    assert post.title == "Ilman tunnusta & ilman päivää"


def test_feed_parse_warns_of_an_impossible_date_and_keeps_the_post() -> None:
    batch = read(recording("feed", "page.xml"))
    assert by_id(batch)["vanha-1"].posted_at is None
    assert any("impossible date" in warning for warning in batch.warnings)


def test_feed_parse_warns_of_a_post_without_title_and_text() -> None:
    batch = read(recording("feed", "page.xml"))
    assert "tyhja-1" not in by_id(batch)
    assert any("neither title nor text" in warning for warning in batch.warnings)


def test_feed_parse_joins_the_topics_of_phpbb() -> None:
    answer, first = read(recording("feed", "forum.atom")).posts
    assert answer.thread_key == first.thread_key
    assert answer.thread_title == "Kokemuksia Lumopuodista"
    assert answer.text == "Sama täällä."
    assert answer.edited_at is not None
    assert first.edited_at is None


def test_feed_parse_unwraps_google_alerts() -> None:
    (post,) = read(recording("feed", "alerts.atom")).posts
    assert post.url == "https://uutiset.example/lumopuoti-avaa?id=7"
    assert post.text.startswith("Lumopuoti kertoo")
    assert post.external_id == "tag:google.com,2013:googlealerts/feed:111"


def test_unwrapped_leaves_other_links_alone() -> None:
    assert (
        unwrapped("https://blogi.example/url?url=https://x.example")
        == "https://blogi.example/url?url=https://x.example"
    )


def test_feed_parse_reads_json_feed() -> None:
    batch = read(recording("feed", "feed.json"))
    posts = by_id(batch)
    assert posts["7"].text == "Leveransen kom aldrig."
    assert (posts["7"].author, posts["7"].lang) == ("Siv", "sv")
    assert posts["7"].edited_at == datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    assert posts["8"].text == "2 < 3 & inga <b>taggar</b>"
    assert len(batch.posts) == 3
    assert any("not objects" in warning for warning in batch.warnings)


def test_feed_parse_reads_iso_8859_1() -> None:
    (post,) = read(recording("feed", "latin1.xml")).posts
    assert (post.title, post.text) == ("Päätyö", "Ääkköset säilyvät.")


def test_feed_parse_keeps_what_a_broken_document_still_says() -> None:
    batch = read(recording("feed", "broken.xml"))
    assert by_id(batch)["a1"].text == "Tämä tulee läpi & tämäkin."
    assert any("damaged" in warning for warning in batch.warnings)


def test_feed_asks_again_for_what_was_cut_off() -> None:
    site = Site(
        {
            "": lambda request: httpx.Response(
                200, content=recording("feed", "broken.xml"), headers={"ETag": '"1"'}
            )
        }
    )
    batch = feed(site).fetch(None)
    feed(site).fetch(batch.cursor)
    assert "If-None-Match" not in site.asked[-1].headers


def test_feed_says_what_it_knows_and_accepts_not_modified() -> None:
    def server(request: httpx.Request) -> httpx.Response:
        if request.headers.get("If-None-Match") == '"v1"':
            return httpx.Response(304)
        return httpx.Response(200, content=recording("feed", "page.xml"), headers={"ETag": '"v1"'})

    start = feed(server).fetch(None)
    again = feed(server).fetch(start.cursor)
    assert start.posts
    assert again.posts == ()
    assert feed(server).fetch(again.cursor).posts == ()


def test_feed_is_found_from_a_page() -> None:
    site = Site({"/kommentit.xml": recording("feed", "page.xml"), "/syote": recording("feed", "page.html")})
    start = feed(site).fetch(None)
    feed(site).fetch(start.cursor)
    assert len(start.posts) == 4
    paths = [request.url.path for request in site.asked]
    assert paths == ["/syote", "/robots.txt", "/kommentit.xml", "/kommentit.xml"]


def test_feed_does_not_read_a_page_that_robots_closes() -> None:
    closed = b"User-agent: *\nDisallow: /syote"
    pages = {"/robots.txt": closed, "/kommentit.xml": recording("feed", "page.xml")}
    site = Site({**pages, "/syote": recording("feed", "page.html")})
    with pytest.raises(
        SourceBroken, match=r"robots\.txt of .* not to read /syote\. Write the address of the feed"
    ):
        feed(site).fetch(None)
    assert [request.url.path for request in site.asked] == ["/syote", "/robots.txt"]


def test_feed_itself_is_there_for_programs_whatever_robots_says() -> None:
    site = Site({"/robots.txt": b"User-agent: *\nDisallow: /", "/syote": recording("feed", "page.xml")})
    assert len(feed(site).fetch(None).posts) == 4
    assert [request.url.path for request in site.asked] == ["/syote"]


def test_feed_pauses_after_a_page_as_robots_asks() -> None:
    slept: list[float] = []
    pages = {"/robots.txt": b"User-agent: *\nCrawl-delay: 7", "/kommentit.xml": recording("feed", "page.xml")}
    site = Site({**pages, "/syote": recording("feed", "page.html")})
    clock = StillClock()
    http = Http("t", clock, transport=httpx.MockTransport(site), sleep=slept.append, pace=timedelta(0))
    context = replace(context_for(site, clock), http=http)
    SOURCES["feed"].make({"url": URL}, context).fetch(None)
    assert [round(pause) for pause in slept] == [7]


def test_feed_looks_at_the_page_again_when_its_feed_has_moved() -> None:
    site = Site({"/kommentit.xml": recording("feed", "page.xml"), "/syote": recording("feed", "page.html")})
    start = feed(site).fetch(None)
    moved = recording("feed", "page.html").replace(b"/kommentit.xml", b"/uusi.xml")
    after = feed(Site({"/uusi.xml": recording("feed", "page.xml"), "/syote": moved})).fetch(start.cursor)
    assert len(after.posts) == 4


def test_feed_does_not_follow_the_links_of_a_login_page_in_its_place() -> None:
    start = feed(Site({"syote": recording("feed", "page.xml")})).fetch(None)
    site = Site({"/kommentit.xml": recording("feed", "page.xml"), "/syote": recording("feed", "page.html")})
    with pytest.raises(SourceBroken, match="web page instead of a feed"):
        feed(site).fetch(start.cursor)


def test_feed_keeps_a_secret_address_out_of_cursor_and_errors() -> None:
    secret = SOURCES["feed"].settings.model_validate({"secret_url": TOKEN})
    build = SOURCES["feed"].build
    source = build(secret, context_for(Site({"": b""})))
    with pytest.raises(SourceBroken) as caught:
        source.fetch(None)  # the stand-in secret is no address
    assert SECRET not in str(caught.value)


def test_feed_settings_want_exactly_one_address() -> None:
    for options in (
        {},
        {"url": URL, "secret_url": TOKEN},
        {"url": "ftp://x"},
        {"url": "https://a:b@x.example/"},
    ):
        with pytest.raises(ValidationError):
            SOURCES["feed"].settings.model_validate(options)


def test_feed_cuts_a_post_of_ten_megabytes_with_a_warning() -> None:
    text = "&lt;p&gt;Lumopuoti&lt;/p&gt;" * 400_000
    batch = read(
        rss(
            f"<item><guid>1</guid><description>{text}</description></item><item><guid>2</guid><title>b</title></item>"
        )
    )
    assert [post.external_id for post in batch.posts] == ["1", "2"]
    assert len(batch.posts[0].text) <= 20_000
    assert any("very long" in warning for warning in batch.warnings)


def test_feed_never_opens_a_file_that_a_document_names(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_bytes(recording("feed", "page.xml"))
    with pytest.raises(SourceBroken, match="not a feed"):
        read(str(path))


def test_feed_expands_no_entities(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("sesam")
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    outside = f'<!ENTITY f SYSTEM "{(tmp_path / "secret").as_uri()}">'
    document = f'<!DOCTYPE x [<!ENTITY l0 "ha">{lines}{outside}]>'
    for title in ("a &l9; b", "a &f; b"):
        (post,) = read(document + rss(f"<item><guid>1</guid><title>{title}</title></item>")).posts
        assert len(post.text) < 20
        assert "sesam" not in post.text


def test_feed_parse_survives_control_characters_and_half_surrogates() -> None:
    title = "a\x0bb&#xD800;&#99999999999;&#0;c\u202e & x"
    document = rss(f"<item><guid>1\x00</guid><title>{title}</title><description>x\x1by</description></item>")
    (post,) = read(document.encode("utf-8", "surrogatepass")).posts
    assert post.text == "xy"
    post.model_dump_json().encode()


def test_feed_clamps_dates_in_the_future() -> None:
    clock = StillClock()
    item = "<item><guid>1</guid><title>a</title><pubDate>Tue, 24 Nov 2026 20:00:00 GMT</pubDate></item>"
    batch = feed(Site({"syote": rss(item).encode()}), clock).fetch(None)
    assert batch.posts[0].posted_at == clock.now()
    assert any("future" in warning for warning in batch.warnings)


def test_feed_shortens_an_endless_id_the_same_way_each_time() -> None:
    document = rss(f"<item><guid>{'x' * 3000}</guid><title>a</title></item>")
    ids = {read(document).posts[0].external_id for _ in range(2)}
    assert len(ids) == 1
    assert len(ids.pop()) < 100


def test_feed_catches_up_after_an_outage_longer_than_the_backfill() -> None:
    clock = StillClock()
    start = feed(Site({"syote": recording("feed", "page.xml")}), clock).fetch(None)
    clock.advance(days=30)
    item = "<item><guid>9</guid><title>a</title><pubDate>Thu, 26 Nov 2026 10:00:00 GMT</pubDate></item>"
    after = feed(Site({"syote": rss(item).encode()}), clock).fetch(start.cursor)
    assert [post.external_id for post in after.posts] == ["9"]
