"""Threads that a forum wanted us to wait for, and posts whose pages are opened again."""

import httpx
import pytest

from monitor.domain import Batch
from tests.sources.support import Site, again, stored
from tests.sources.test_forum import BASE, forum, page, paths, xenforo_site


def test_forum_keeps_the_list_it_read_and_begins_with_the_threads_next_time() -> None:
    asked: list[str] = []

    def busy(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(429)

    site = xenforo_site({"/threads/": busy})
    start = forum(site).fetch(None)
    assert start.posts == ()
    assert any("threads come with the next fetch" in warning for warning in start.warnings)
    assert len(asked) == 1
    site = xenforo_site()
    rest = forum(site).fetch(start.cursor)
    assert paths(site)[1].startswith("/threads/")
    assert "5001" in {post.external_id for post in rest.posts}


def edited(name: str) -> bytes:
    changed = page(name).replace(
        b"Onko kukaan tilannut", b"Onko asiakaspalvelu vastannut, kun on tilannut", 1
    )
    assert changed != page(name)
    return changed


def test_forum_again_sees_an_edit_in_a_thread_where_nobody_writes_any_more() -> None:
    source = forum(xenforo_site())
    known = {post.external_id: post for post in source.fetch(None).posts}
    later = xenforo_site({"/posts/": edited("page.html")})
    batch = again(forum(later), *(known[name] for name in ("5001", "5002")))
    now = {post.external_id: post for post in batch.posts}
    changed = [name for name, post in now.items() if post.text != known[name].text]
    assert set(now) == {"5001", "5002"}
    assert len(changed) == 1
    assert "asiakaspalvelu" in now[changed[0]].text
    assert now["5001"].model_copy(update={"text": ""}) == known["5001"].model_copy(update={"text": ""})
    assert paths(later) == ["/robots.txt", "/posts/5001/"]  # one page shows both


def test_forum_again_reads_pages_where_posts_have_no_address_of_their_own() -> None:
    site = Site({"robots": b"", "/kuksa": page("jsonld.html")})
    source = forum(site, profile="jsonld", areas=["/kuksa"])
    known = source.fetch(None).posts
    batch = again(source, *known)
    assert {post.external_id for post in batch.posts} == {post.external_id for post in known}


def test_forum_again_follows_a_deleted_page_where_posts_have_no_address_of_their_own() -> None:
    site = Site({"robots": b"", "/kuksa": page("jsonld.html")})
    source = forum(site, profile="jsonld", areas=["/kuksa"])
    known = source.fetch(None).posts
    lost = [stored(f"sha256:{number}", url=f"{BASE}/poistettu#{number}") for number in (1, 2)]
    batch = again(source, *lost, *known)
    assert {post.external_id for post in batch.posts} == {post.external_id for post in known}
    assert batch.gone == ("sha256:1", "sha256:2")
    assert sum("poistettu" in path for path in paths(site)) == 1


@pytest.mark.parametrize("last", ["?page=2", "/page-2", "/page/2"])
@pytest.mark.parametrize("is_there", [True, False])
def test_forum_again_claims_nothing_of_a_page_that_a_shorter_thread_has_no_more(
    last: str, is_there: bool
) -> None:
    def thread(request: httpx.Request) -> httpx.Response:
        shows = is_there and str(request.url) == f"{BASE}/lyhentyi"
        return httpx.Response(200, content=page("jsonld.html")) if shows else httpx.Response(404)

    site = Site({"robots": b"", "/kuksa": page("jsonld.html"), "/lyhentyi": thread})
    source = forum(site, profile="jsonld", areas=["/kuksa"])
    known = source.fetch(None).posts
    moved = stored("sha256:1", url=f"{BASE}/lyhentyi{last}#1")
    assert again(source, moved, *known).gone == (() if is_there else ("sha256:1",))


def test_forum_again_opens_no_more_pages_than_a_fetch_and_says_so() -> None:
    site = xenforo_site({"/posts/": page("page-kuksa.html")})
    posts = [stored(str(number)) for number in range(1, 10)]
    batch = again(forum(site, pages=2), *posts)
    assert batch.more
    assert len(site.asked) == 4  # robots.txt, two pages, and one for the area


def test_forum_again_leaves_other_hosts_alone() -> None:
    site = Site({"robots": b""})
    post = stored("sha256:1", url="https://muualla.example/kuksa")
    assert again(forum(site, profile="jsonld", areas=["/kuksa"]), post) == Batch()
    assert [request.url.host for request in site.asked] == ["palvelin.example"]
