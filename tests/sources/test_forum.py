"""Forums that are only web pages: lists, threads, profiles, manners, and what is no forum page."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

import httpx
import pytest
from pydantic import ValidationError

from monitor.domain import Post
from monitor.errors import ConfigError, SourceBroken, SourceBusy
from monitor.http import Http
from monitor.sources import Source, SourceContext
from monitor.sources.forum import KIND
from monitor.sources.forum.dates import shown_moment
from monitor.sources.forum.profile import load_profile, shipped_profiles
from tests.sources.support import NOW, Answerer, Site, StillClock, context_for, gone_of, recording

BASE = "https://palvelin.example/polku"
AREA = "/forums/verkkokaupat.5/"
THREAD = "/threads/lumopuoti-kokemuksia.101/"


def page(name: str) -> bytes:
    return recording("forum", name)


def xenforo_site(changed: Mapping[str, bytes | Answerer] = MappingProxyType({})) -> Site:
    """The recorded forum; `changed` answers go before the recorded ones."""
    routes: dict[str, bytes | Answerer] = {
        "/robots.txt": page("robots.txt"),
        "/forums/verkkokaupat.5/page-2": page("empty.html"),
        "/forums/": page("list.html"),
        "/threads/lumopuoti-kokemuksia.101/page-2": page("page-2.html"),
        "/threads/lumopuoti-kokemuksia.101/": page("page.html"),
        "/threads/mista-kuksa.102/": page("page-kuksa.html"),
    }
    return Site({**changed, **{key: value for key, value in routes.items() if key not in changed}})


def forum(site: Answerer, clock: StillClock | None = None, **options: object) -> Source:
    settings = {"profile": "xenforo", "url": BASE, "areas": [AREA], "pace": "0s", **options}
    return KIND.make(settings, context_for(site, clock))


def posts_of(source: Source) -> dict[str, Post]:
    return {post.external_id: post for post in source.fetch(None).posts}


def paths(site: Site) -> list[str]:
    return [request.url.raw_path.decode().removeprefix("/polku") for request in site.asked]


def test_xenforo_reads_posts_of_all_pages_with_thread_and_quoted_post() -> None:
    posts = posts_of(forum(xenforo_site()))
    assert set(posts) == {"5001", "5002", "5004", "6001"}
    assert posts["5001"].text == "Onko kukaan tilannut Lumopuodista?\nHinta 2 < 3."
    assert posts["5001"].title == posts["5001"].thread_title == "Kokemus Lumopuoti – kokemuksia?"
    assert posts["5002"].parent_text == posts["5001"].text
    assert (
        posts["5002"].text
        == "> Säde sanoi:\n\n> Onko kukaan tilannut Lumopuodista?\n\nOlen, ja paketti oli rikki."
    )
    assert posts["5004"].thread_key == posts["5001"].thread_key == "101"
    assert posts["5004"].title == ""
    assert posts["5004"].posted_at == datetime(2026, 11, 23, 19, 30, tzinfo=UTC)
    assert posts["5002"].edited_at == datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
    assert posts["5002"].url == f"{BASE}/threads/lumopuoti-kokemuksia.101/post-5002"


def test_forum_opens_only_threads_that_changed() -> None:
    site = xenforo_site()
    start = forum(site).fetch(None)
    site.asked.clear()
    again = forum(site).fetch(start.cursor)
    assert paths(site) == ["/robots.txt", AREA]
    assert again.posts == ()


def test_forum_reads_a_known_thread_on_from_its_last_page() -> None:
    site = xenforo_site()
    start = forum(site).fetch(None)
    newer = page("list.html").replace(b"2026-11-23T21:30:00+0200", b"2026-11-24T11:00:00+0200")
    grown = page("page-2.html").replace(b"post-5004", b"post-5005").replace(b"23T21:30", b"24T11:00")
    later = Site({"/robots.txt": b"", "/forums/": newer, "/page-2": grown})
    again = forum(later).fetch(start.cursor)
    assert paths(later)[1:] == [AREA, f"{THREAD}page-2"]
    assert [post.external_id for post in again.posts] == ["5005"]


def test_forum_gone_names_posts_whose_address_leads_nowhere() -> None:
    site = xenforo_site({"/posts/5001/": page("page.html"), "/posts/5002/": page("page.html")})
    assert gone_of(forum(site), ["5001", "5004", "5002", "odd id"]) == ("5004",)
    assert paths(site) == ["/robots.txt", "/posts/5001/", "/posts/5004/"]


@pytest.mark.parametrize("answer", [page("broken.html"), page("captcha.html"), lambda r: httpx.Response(403)])
def test_forum_gone_claims_nothing_when_it_cannot_tell(answer: bytes | Answerer) -> None:
    with pytest.raises(SourceBroken):
        gone_of(forum(xenforo_site({"/posts/": answer})), ["5001"])


def test_forum_gone_doubts_a_site_that_knows_nothing_any_more() -> None:
    with pytest.raises(SourceBroken, match="shows none of 4 posts"):
        gone_of(forum(Site({})), ["1", "2", "3", "4"])


def test_forum_gone_is_empty_where_posts_have_no_pages() -> None:
    site = Site({})
    assert gone_of(forum(site, profile="jsonld"), ["1"]) == ()
    assert site.asked == []


def test_forum_survives_a_page_of_nothing_but_deleted_posts() -> None:
    marks = page("page.html").replace(b"message--post js-post", b"message--post message--deleted js-post")
    batch = forum(xenforo_site({"101/page-2": page("page-2.html"), ".101/": marks})).fetch(None)
    assert batch.gone == ("5001", "5002", "5003")
    assert {post.external_id for post in batch.posts} == {"5004", "6001"}


def test_forum_leaves_old_threads_closed() -> None:
    site = xenforo_site()
    forum(site).fetch(None)
    assert not [path for path in paths(site) if "vanha-ketju" in path or "saannot" in path]


def test_forum_keeps_for_next_time_what_its_pages_do_not_reach() -> None:
    site = xenforo_site()
    start = forum(site, pages=1).fetch(None)
    rest = forum(site, pages=1).fetch(start.cursor)
    assert [post.external_id for post in start.posts] == ["6001"]
    assert {post.external_id for post in rest.posts} == {"5001", "5002", "5004"}
    assert "waiting" not in json.loads(rest.cursor or "")


def test_forum_goes_on_down_a_long_list_with_the_next_fetch() -> None:
    def numbered(request: httpx.Request) -> httpx.Response:
        number = int(request.url.path.partition("page-")[2] or 1)
        rows = page("list.html").replace(b"/page-2", f"/page-{number + 1}".encode())
        for old, new in (
            (b".101/", f".{number}1/"),
            (b".102/", f".{number}2/"),
            (b"2026-10-01", "2026-11-20"),
        ):
            rows = rows.replace(old, new.encode())
        rows = rows.replace(b"ListItem-101", f"ListItem-{number}1".encode())
        rows = rows.replace(b"ListItem-102", f"ListItem-{number}2".encode())
        return httpx.Response(200, content=rows.replace(b"ListItem-90", f"ListItem-{number}3".encode()))

    site = Site({"/robots.txt": b"", "/forums/": numbered, "/threads/": page("page-kuksa.html")})
    start = forum(site, pages=4).fetch(None)
    assert list(json.loads(start.cursor or "")["deeper"].values()) == [f"{BASE}{AREA}page-4"]
    site.asked.clear()
    forum(site, pages=4).fetch(start.cursor)
    assert [path for path in paths(site) if "/forums/" in path] == [AREA, f"{AREA}page-4", f"{AREA}page-5"]


def test_forum_reads_a_long_new_thread_from_its_end_and_only_what_is_wanted() -> None:
    def numbered(request: httpx.Request) -> httpx.Response:
        number = int(request.url.path.partition("page-")[2] or 1)
        day = datetime(2026, 11, 4, tzinfo=UTC) + timedelta(days=number)
        before, after = number - 1, number + 1
        links = f'<a class="pageNav-jump--prev" href="page-{before}">e</a>' * (number > 1)
        links += f'<a class="pageNav-jump--next" href="page-{after}">s</a>' * (number < 20)
        links += '<div class="pageNav-main"><li class="pageNav-page"><a href="page-20">20</a></li></div>'
        time = f'<header class="message-attribution"><time datetime="{day.isoformat()}"></time></header>'
        text = f'{time}<div class="message-body">v{number}</div>'
        post = f'<article class="message--post" data-content="post-{number}">{text}</article>'
        return httpx.Response(200, text=f"<html><h1 class='p-title-value'>K</h1>{post}{links}</html>")

    site = Site({"/robots.txt": b"", "/forums/": page("list.html"), "/threads/": numbered})
    batch = forum(site, pages=60).fetch(None)
    assert {post.external_id for post in batch.posts} == {str(number) for number in range(14, 21)}
    read = [path for path in paths(site) if "101" in path]
    assert read == [THREAD, *(f"{THREAD}page-{number}" for number in range(20, 12, -1))]


def test_forum_knows_the_first_page_under_another_address() -> None:
    start = page("page-2.html").replace(
        THREAD.encode() + b'" class="pageNav-jump', THREAD.encode() + b'page-1" class="pageNav-jump'
    )
    first = page("page.html")
    last = b"101/page-3"
    site = xenforo_site(
        {
            f"{THREAD}page-3": start.replace(b"5004", b"5005").replace(b"page-1", b"page-2"),
            f"{THREAD}page-2": start,
            f"{THREAD}page-1": first,
            THREAD: first.replace(b'101/page-2">2', last + b'">3'),
        }
    )
    posts = posts_of(forum(site))
    assert posts["5001"].title
    assert set(posts) == {"5001", "5002", "5004", "5005", "6001"}


def test_forum_doubts_a_thread_that_shows_nothing_newer() -> None:
    stuck = page("page.html").replace(b"pageNav", b"nav")
    batch = forum(xenforo_site({THREAD: stuck})).fetch(None)
    assert any("thread 101 should hold newer posts" in warning for warning in batch.warnings)
    assert not any("102" in warning for warning in batch.warnings)


def test_forum_asks_robots_first_and_keeps_away_from_what_is_closed() -> None:
    site = xenforo_site()
    with pytest.raises(
        SourceBroken, match=r"robots\.txt of palvelin\.example asks programs not to read /polku/search"
    ):
        forum(site, areas=["/search/?q={name}"]).fetch(None)
    assert paths(site) == ["/robots.txt"]


def test_forum_leaves_out_pages_that_robots_closes() -> None:
    site = xenforo_site({"/robots.txt": b"User-agent: *\nDisallow: /*/page-"})
    batch = forum(site).fetch(None)
    assert {post.external_id for post in batch.posts} == {"5001", "5002", "6001"}
    assert not [path for path in paths(site) if "page-" in path]
    assert any("asks programs not to read" in warning for warning in batch.warnings)


@pytest.mark.parametrize(("rules", "pauses"), [(b"User-agent: *\nCrawl-delay: 7", 7.0), (b"", 3.0)])
def test_forum_waits_as_long_as_robots_asks(rules: bytes, pauses: float) -> None:
    slept: list[float] = []
    site = xenforo_site({"/robots.txt": rules})
    http = Http(
        "test", StillClock(), transport=httpx.MockTransport(site), sleep=slept.append, pace=timedelta(0)
    )
    settings = {"profile": "xenforo", "url": BASE, "areas": [AREA]}
    KIND.make(settings, SourceContext("forum", http, StillClock())).fetch(None)
    assert max(slept) == pytest.approx(pauses * len(slept), abs=0.5)


def test_forum_gives_up_where_robots_wants_minutes_between_pages() -> None:
    site = Site({"/robots.txt": b"User-agent: *\nCrawl-delay: 600"})
    with pytest.raises(SourceBroken, match="too slow to read it"):
        forum(site).fetch(None)


def test_forum_goes_on_without_robots_when_there_is_none() -> None:
    routes = {key: answer for key, answer in xenforo_site().routes.items() if key != "/robots.txt"}
    assert set(posts_of(forum(Site(routes)))) == {"5001", "5002", "5004", "6001"}


def test_forum_stays_out_when_robots_cannot_be_had() -> None:
    site = Site({"/robots.txt": lambda request: httpx.Response(500), **{"/forums/": page("list.html")}})
    with pytest.raises(SourceBroken, match="500"):
        forum(site).fetch(None)
    assert paths(site) == ["/robots.txt"]


@pytest.mark.parametrize(
    ("name", "sentence"), [("broken.html", "it wants a login"), ("captcha.html", "proof that we are human")]
)
def test_forum_is_broken_by_a_page_that_is_no_list(name: str, sentence: str) -> None:
    with pytest.raises(SourceBroken, match=sentence):
        forum(Site({"/robots.txt": b"", "/forums/": page(name)})).fetch(None)


def test_forum_is_broken_when_no_thread_of_several_can_be_read() -> None:
    rows = (
        page("list.html")
        .replace(b".90/", b".103/")
        .replace(b"-90", b"-103")
        .replace(b"2026-10-01", b"2026-11-20")
    )
    site = Site(
        {
            "/robots.txt": b"",
            "page-2": page("empty.html"),
            "/forums/": rows,
            "/threads/": page("captcha.html"),
        }
    )
    with pytest.raises(SourceBroken, match="proof that we are human"):
        forum(site).fetch(None)


def test_forum_is_broken_when_no_row_of_a_list_can_be_read() -> None:
    odd = page("list.html").replace(b"/polku/threads/", b"https://muualla.example/threads/")
    with pytest.raises(SourceBroken, match="none of them could be read"):
        forum(Site({"/robots.txt": b"", "/forums/": odd})).fetch(None)


@pytest.mark.parametrize(("status", "times"), [(404, 1), (410, 1), (403, 3), (500, 3)])
def test_forum_warns_of_a_closed_thread_and_soon_leaves_it_alone(status: int, times: int) -> None:
    closed = "/threads/mista-kuksa.102/"
    site = xenforo_site({closed: lambda request: httpx.Response(status)})
    cursor, warnings = None, []
    for _ in range(5):
        batch = forum(site).fetch(cursor)
        cursor, warnings = batch.cursor, [*warnings, *batch.warnings]
    assert paths(site).count(closed) == times
    assert sum("thread 102 was left out" in warning for warning in warnings) == times


def test_forum_reads_a_closed_thread_when_somebody_writes_in_it() -> None:
    start = forum(xenforo_site({"/threads/mista": lambda request: httpx.Response(404)})).fetch(None)
    newer = page("list.html").replace(b"2026-11-22T08:00:00+0200", b"2026-11-24T08:00:00+0200")
    again = forum(xenforo_site({"/forums/": newer})).fetch(start.cursor)
    assert [post.external_id for post in again.posts] == ["6001"]


def test_forum_asks_again_for_a_thread_it_could_not_understand() -> None:
    site = xenforo_site({"threads/mista-kuksa.102/": page("captcha.html")})
    start = forum(site).fetch(None)
    again = forum(xenforo_site()).fetch(start.cursor)
    assert [post.external_id for post in again.posts] == ["6001"]


def test_forum_keeps_what_it_read_when_the_server_gets_busy() -> None:
    site = xenforo_site({"threads/lumopuoti": lambda request: httpx.Response(429)})
    start = forum(site).fetch(None)
    assert [post.external_id for post in start.posts] == ["6001"]
    assert any("next fetch" in warning for warning in start.warnings)
    rest = forum(xenforo_site()).fetch(start.cursor)
    assert {post.external_id for post in rest.posts} == {"5001", "5002", "5004"}


def test_forum_is_busy_when_nothing_could_be_read_yet() -> None:
    site = xenforo_site({AREA: lambda request: httpx.Response(429, headers={"Retry-After": "60"})})
    with pytest.raises(SourceBusy) as caught:
        forum(site).fetch(None)
    assert caught.value.retry_after == 60


def test_forum_reads_the_other_areas_when_one_is_gone() -> None:
    batch = forum(xenforo_site(), areas=["/members-only/", AREA]).fetch(None)
    assert {post.external_id for post in batch.posts} == {"5001", "5002", "5004", "6001"}
    assert any("an area was left out" in warning for warning in batch.warnings)


def test_forum_starts_a_thread_over_when_its_last_page_is_gone() -> None:
    start = forum(xenforo_site()).fetch(None)
    newer = page("list.html").replace(b"2026-11-23T21:30:00+0200", b"2026-11-24T11:00:00+0200")
    alone = page("page.html").replace(b"pageNav", b"nav")
    site = Site(
        {"/robots.txt": b"", "/forums/": newer, "page-2": lambda request: httpx.Response(404), THREAD: alone}
    )
    again = forum(site).fetch(start.cursor)
    assert {post.external_id for post in again.posts} == {"5001", "5002"}


def test_forum_does_not_follow_a_forum_to_another_host() -> None:
    elsewhere = {"Location": "https://uusi.example/polku/forums/verkkokaupat.5/"}
    site = Site(
        {
            "robots.txt": b"",
            "palvelin.example": lambda r: httpx.Response(301, headers=elsewhere),
            "uusi": b"x",
        }
    )
    with pytest.raises(SourceBroken, match=r"has moved to uusi\.example"):
        forum(site).fetch(None)


def test_phpbb_reads_topics_without_session_ids() -> None:
    site = Site({"robots": b"", "viewforum": page("phpbb-list.html"), "viewtopic": page("phpbb-topic.html")})
    posts = posts_of(forum(site, profile="phpbb", areas=["/viewforum.php?f=2"]))
    assert set(posts) == {"7", "8"}
    assert paths(site)[-1] == "/viewtopic.php?t=3"
    assert posts["7"].url == f"{BASE}/viewtopic.php?p=7#p7"
    assert posts["7"].thread_title == posts["8"].thread_title == "Lumopuodin toimitus"
    assert posts["7"].edited_at == datetime(2026, 11, 24, 6, 15, tzinfo=UTC)
    assert posts["8"].posted_at == datetime(2026, 11, 24, 8, 20, tzinfo=UTC)
    assert posts["8"].author == "Oiva"
    assert posts["8"].text.endswith("\n\nSama täällä.")
    assert posts["8"].text.startswith("> ")
    assert posts["8"].parent_text == "Tilaus ei saapunut Lumopuodista."


def test_nodebb_reads_recent_topics_without_deleted_posts() -> None:
    site = Site({"robots": b"", "/recent": page("nodebb-list.html"), "/topic/12/": page("nodebb-topic.html")})
    batch = forum(site, profile="nodebb", areas=[]).fetch(None)
    posts = {post.external_id: post for post in batch.posts}
    assert set(posts) == {"31", "33", "34"}
    assert posts["34"].text == "Soitin, ei auttanut."
    assert posts["34"].parent_text == posts["33"].text == "Soita heille."
    assert posts["34"].url == "https://palvelin.example/post/34"
    assert batch.gone == ("32",)
    assert posts["31"].title == "Lumopuoti ei vastaa"
    assert posts["31"].edited_at == datetime(2026, 11, 23, 20, 15, tzinfo=UTC)
    assert posts["33"].edited_at is None
    assert posts["33"].parent_text == "Toimitus kesti kolme viikkoa, huono."
    assert posts["33"].thread_key == "12"


def test_spirit_reads_topics_in_the_time_zone_of_the_site() -> None:
    site = Site(
        {
            "robots": b"",
            "page=2": page("spirit-topic-2.html"),
            "/topic/4/": page("spirit-topic.html"),
            "/topic/active": page("spirit-list.html"),
        }
    )
    posts = posts_of(forum(site, profile="spirit", areas=["/topic/active/"], url="https://palvelin.example"))
    assert set(posts) == {"71", "72"}
    assert posts["71"].posted_at == datetime(2026, 11, 23, 19, 0, tzinfo=UTC)
    assert posts["72"].posted_at == datetime(2026, 11, 24, 8, 28, tzinfo=UTC)
    assert posts["72"].parent_text == posts["71"].text == "Savuttaako teilläkin?"
    assert posts["72"].url == f"{BASE}/comment/72/find/"


def test_spirit_knows_what_is_left_of_a_removed_post() -> None:
    left = b"""<div class="comments_list__item" data-pk="72"><i class="fa fa-trash-o"></i></div>
        <div class="comments_list__item" data-pk="73"><i class="fa fa-lock"></i></div>"""
    shown = page("spirit-topic-2.html").replace(b'data-pk="72"', b'data-pk="74"')
    frame = b'<div class="comments_list">'
    site = Site({"robots": b"", "/find/": shown.replace(frame, frame + left)})
    source = forum(site, profile="spirit", areas=["/topic/active/"], url="https://palvelin.example")
    assert gone_of(source, ["72", "73", "74"]) == ("72",)


def test_jsonld_reads_reviews_and_questions() -> None:
    site = Site({"robots": b"", "/kuksa": page("jsonld.html")})
    posts = forum(site, profile="jsonld", areas=["/kuksa"]).fetch(None).posts
    by_author = {post.author: post for post in posts}
    assert set(by_author) == {"Säde", "Oiva", "Aino", "Kauppa", "Tuisku"}
    assert by_author["Säde"].rating == pytest.approx(1.8)
    assert by_author["Säde"].text == "Haljennut\nperillä."
    assert by_author["Säde"].thread_title == "Kuksa & pussi"
    assert by_author["Oiva"].rating == 5
    assert by_author["Oiva"].text == "Kestää & tuoksuu."
    assert by_author["Oiva"].title == "Hyvä"
    assert by_author["Aino"].title == "Milloin kuksa toimitetaan?"
    assert by_author["Tuisku"].parent_text == "Tilasin Lumopuodista."
    assert by_author["Tuisku"].thread_key == by_author["Kauppa"].thread_key == "q-9"
    assert by_author["Kauppa"].external_id == "a-1"


def test_jsonld_knows_a_review_again_after_an_edit() -> None:
    edited = page("jsonld.html").replace("Kestää".encode(), "Ei kestä".encode())
    ids = [
        {
            post.external_id
            for post in forum(Site({"robots": b"", "/kuksa": body}), profile="jsonld", areas=["/kuksa"])
            .fetch(None)
            .posts
        }
        for body in (page("jsonld.html"), edited)
    ]
    assert ids[0] == ids[1]


@pytest.mark.parametrize("name", ["suomi24", "vauva"])
def test_finnish_sites_are_off_until_their_terms_are_accepted(name: str) -> None:
    site = Site({})
    with pytest.raises(SourceBroken, match="accept_terms = true"):
        KIND.make({"profile": name}, context_for(site)).fetch(None)
    assert site.asked == []


def test_suomi24_reads_threads_found_by_the_names_of_the_shops() -> None:
    site = Site({"robots": b"", "/haku": page("suomi24-list.html"), "/t/": page("suomi24-thread.html")})
    posts = posts_of(KIND.make({"profile": "suomi24", "accept_terms": True, "pace": "0s"}, context_for(site)))
    searched = [request.url.params["keyword"] for request in site.asked if "/haku" in request.url.path]
    assert searched == ["Lumopuoti", "lumopuoti.example"]
    assert set(posts) == {"thread-18000001", "comment-130000001", "comment-130000002"}
    opening = posts["thread-18000001"]
    assert opening.text == "Tilasin viikko sitten, mitään ei kuulu."
    assert opening.posted_at == datetime(2026, 11, 24, 7, 5, tzinfo=UTC)
    assert posts["comment-130000001"].text == "Soititko jo?"
    assert posts["comment-130000001"].parent_text == opening.text
    assert posts["comment-130000002"].text == "> Soititko jo?\n\nKyllä, ei vastata."
    assert posts["comment-130000002"].thread_title == "Lumopuoti huijaa?"


def test_vauva_reads_threads_with_quotes_marked() -> None:
    site = Site({"robots": b"", "/alue/": page("vauva-list.html"), "/5900001/": page("vauva-thread.html")})
    posts = posts_of(KIND.make({"profile": "vauva", "accept_terms": True, "pace": "0s"}, context_for(site)))
    assert set(posts) == {"node-5900001", "comment-31000001"}
    comment = posts["comment-31000001"]
    assert comment.text == "> Vierailija kirjoitti:\n\n> Sauma repesi ekassa pesussa.\n\nPalauta se!"
    assert comment.url == "https://www.vauva.fi/keskustelu/5900001/lumopuodin-potkupuku#31000001"
    assert comment.posted_at == datetime(2026, 11, 24, 9, 40, tzinfo=UTC)
    assert posts["node-5900001"].title == comment.thread_title == "Lumopuodin potkupuku"


def test_a_new_forum_is_a_profile_file_beside_the_configuration(tmp_path: Path) -> None:
    own = 'base = "xenforo"\ntitle = "Oma"\n[posts]\nauthor = "h4"\nat = { css = "i", match = "klo .*" }\n'
    (tmp_path / "oma.toml").write_text(own, encoding="utf-8")
    profile = load_profile("oma.toml", tmp_path, {"posts": {"title": "h2"}})
    assert profile.posts.post == "article.message--post"
    assert profile.posts.author[0].css == "h4"
    assert profile.posts.title[0].css == "h2"


def test_selectors_in_the_configuration_go_before_the_profile() -> None:
    posts = posts_of(forum(xenforo_site(), posts={"title": "footer"}))
    assert posts["5001"].thread_title == "Keksitty keskustelu"


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"profile": "olematon", "url": BASE}, "there is no profile 'olematon'"),
        ({"profile": "xenforo"}, "write url"),
        ({"profile": "xenforo", "url": BASE, "posts": {"text": "p["}}, "not a CSS selector"),
        ({"profile": "xenforo", "url": BASE, "posts": {"id": {"match": "("}}}, "not a pattern"),
        ({"profile": "xenforo", "url": BASE, "posts": {"body": "p"}}, "Extra inputs"),
    ],
)
def test_wrong_settings_are_told_with_the_remedy(options: dict[str, object], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        KIND.settings.model_validate(options)


def test_a_missing_profile_file_is_a_mistake_of_the_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"sources\.forum\.profile: there is no profile 'oma\.toml'"):
        KIND.make({"profile": "oma.toml", "url": BASE}, context_for(Site({}), folder=tmp_path))


@pytest.mark.parametrize("name", shipped_profiles())
def test_every_shipped_profile_says_its_terms(name: str) -> None:
    assert load_profile(name, Path(), {}).terms


HELSINKI = ZoneInfo("Europe/Helsinki")


@pytest.mark.parametrize(
    ("shown", "utc"),
    [
        ("tänään klo 14.02", "2026-11-24T12:02"),
        ("Eilen klo 12:30", "2026-11-23T10:30"),
        ("toissapäivänä 8.00", "2026-11-22T06:00"),
        ("12.11.2026 8:28", "2026-11-12T06:28"),
        ("27.07.2011 klo 21.36", "2011-07-27T18:36"),
        ("12:34 | 8.12.2024", "2024-12-08T10:34"),
        ("31.12. klo 12.05", "2025-12-31T10:05"),
        ("perjantaina klo 12:30", "2026-11-20T10:30"),
        ("tiistaina 12:00", "2026-11-17T10:00"),
        ("21. marraskuuta 2026", "2026-11-20T22:00"),
        ("5 minuuttia sitten", "2026-11-24T09:55"),
        ("tunti sitten", "2026-11-24T09:00"),
        ("juuri nyt", "2026-11-24T10:00"),
        ("Idag, 12:30", "2026-11-24T10:30"),
        ("igår 23:15", "2026-11-23T21:15"),
        ("för 3 timmar sedan", "2026-11-24T07:00"),
        ("3 maj 2026 kl. 08:15", "2026-05-03T05:15"),
        ("Today at 2:02 PM", "2026-11-24T12:02"),
        ("Sat Nov 21, 2026 7:26 pm", "2026-11-21T17:26"),
        ("Nov. 21, 2026, 12:28 a.m.", "2026-11-20T22:28"),
        ("Nov. 20, 2026, 7 p.m.", "2026-11-20T17:00"),
        ("Nov. 20, 2026, noon", "2026-11-20T10:00"),
        ("Nov. 20, 2026, midnight", "2026-11-19T22:00"),
        ("2011-07-27T21:36:02+0300", "2011-07-27T18:36"),
        ("1795289789550", "2026-11-21T19:36"),
    ],
)
def test_shown_moment_reads_what_forums_show(shown: str, utc: str) -> None:
    moment = shown_moment(shown, NOW, HELSINKI)
    assert moment is not None
    assert moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M") == utc


@pytest.mark.parametrize("shown", ["", "hei", "31.2.2026", "12:00", "99 kummaa sitten", "klo", "9" * 300])
def test_shown_moment_is_none_for_what_is_no_time(shown: str) -> None:
    assert shown_moment(shown, NOW, HELSINKI) is None
