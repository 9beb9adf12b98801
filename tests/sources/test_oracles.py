"""Programs of others read the same answers as we do: same posts, same ids, same times, same words."""

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from html import escape
from typing import Any

import fastfeedparser
import feedparser
import httpx
import pytest
from atproto import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from mastodon import Mastodon

from monitor.domain import Batch
from monitor.sources import SOURCES
from monitor.text import html_to_text
from tests.sources.served import Served, real_context
from tests.sources.support import NOW, SECRET, TOKEN, Answerer, Site, context_for

Times = dict[str, datetime | None]


def times(batch: Batch) -> Times:
    return {post.external_id: post.posted_at for post in batch.posts}


def texts(batch: Batch) -> dict[str, str]:
    return {post.external_id: post.text for post in batch.posts}


def once(written: datetime | str) -> datetime:
    return (datetime.fromisoformat(written) if isinstance(written, str) else written).astimezone(UTC)


@dataclass(frozen=True)
class Article:
    """What a feed tells of."""

    number: int
    title: str
    text: str
    at: datetime

    @property
    def link(self) -> str:
        return f"https://blogi.example/{self.number}"


words = st.text(st.sampled_from("abcdefghijklmnoprstuvyäöåÄÖé &<>'\"0123456789€—🙂"), min_size=1, max_size=40)
zones = st.sampled_from([UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-5, minutes=-30))])
moments = st.builds(
    lambda seconds, zone: (NOW - timedelta(seconds=seconds)).astimezone(zone), st.integers(1, 500_000), zones
)
articles = st.lists(
    st.builds(
        lambda number, title, text, at: Article(number, f"t{title}t", f"a{text}z", at),
        st.integers(1, 10**6),
        words,
        words,
        moments,
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda article: article.number,
)


def rss(found: Sequence[Article]) -> str:
    rows = "".join(
        f"<item><title>{escape(one.title)}</title><link>{one.link}</link>"
        f'<guid isPermaLink="false">tunnus-{one.number}</guid>'
        f"<pubDate>{one.at:%a, %d %b %Y %H:%M:%S %z}</pubDate>"
        f"<description>{escape(f'<p>{escape(one.text)}</p>')}</description></item>"
        for one in found
    )
    return f'<rss version="2.0"><channel><title>t</title><link>https://blogi.example/</link>{rows}</channel></rss>'


def atom(found: Sequence[Article]) -> str:
    rows = "".join(
        f'<entry><id>tunnus-{one.number}</id><title>{escape(one.title)}</title><link href="{one.link}"/>'
        f"<published>{one.at.isoformat()}</published><updated>{one.at.isoformat()}</updated>"
        f'<content type="html">{escape(f"<p>{escape(one.text)}</p>")}</content></entry>'
        for one in found
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><id>x</id>{rows}</feed>'


def rdf(found: Sequence[Article]) -> str:
    rows = "".join(
        f'<item rdf:about="{one.link}"><title>{escape(one.title)}</title><link>{one.link}</link>'
        f"<dc:date>{one.at.isoformat()}</dc:date>"
        f"<description>{escape(f'<p>{escape(one.text)}</p>')}</description></item>"
        for one in found
    )
    return (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://blogi.example/"><title>t</title>'
        f"<link>https://blogi.example/</link></channel>{rows}</rdf:RDF>"
    )


def json_feed(found: Sequence[Article]) -> str:
    rows = [
        {
            "id": f"tunnus-{one.number}",
            "url": one.link,
            "title": one.title,
            "content_html": f"<p>{escape(one.text)}</p>",
            "date_published": one.at.isoformat(),
        }
        for one in found
    ]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": rows})


@pytest.mark.parametrize("write", [rss, atom, rdf, json_feed])
@given(found=articles)
@settings(max_examples=40, deadline=None)
def test_feed_agrees_with_another_reader(write: object, found: list[Article]) -> None:
    document = write(found)  # type: ignore[operator]
    source = SOURCES["feed"].make(
        {"url": "https://blogi.example/syote"}, context_for(Site({"": document.encode()}))
    )
    ours, theirs = source.fetch(None), fastfeedparser.parse(document).entries
    assert times(ours) == {row["id"]: once(row["published"]) for row in theirs}
    assert {post.external_id: post.url for post in ours.posts} == {row["id"]: row["link"] for row in theirs}
    assert texts(ours) == {row["id"]: _text(row) for row in theirs}


@pytest.mark.parametrize("write", [rss, atom, rdf])
@given(found=articles)
@settings(max_examples=20, deadline=None)
def test_feed_says_what_feedparser_alone_reads(write: object, found: list[Article]) -> None:
    document = write(found)  # type: ignore[operator]
    source = SOURCES["feed"].make(
        {"url": "https://blogi.example/syote"}, context_for(Site({"": document.encode()}))
    )
    ours, theirs = source.fetch(None), feedparser.parse(document).entries
    seconds = {name: at and at.replace(microsecond=0) for name, at in times(ours).items()}
    parsed = {row.get("id", row.link): row.get("published_parsed") or row.updated_parsed for row in theirs}
    assert seconds == {name: datetime(*at[:6], tzinfo=UTC) for name, at in parsed.items()}
    assert {post.external_id: post.url for post in ours.posts} == {
        row.get("id", row.link): row.link for row in theirs
    }
    assert texts(ours) == {
        row.get("id", row.link): _text({**row, "description": row.summary}) for row in theirs
    }


def _text(row: dict[str, Any]) -> str:
    return html_to_text(row["content"][0]["value"] if "content" in row else row["description"])


def statuses(number: int) -> list[dict[str, object]]:
    return [_status(n) for n in range(1, number + 1)]


def _status(number: int) -> dict[str, object]:
    at = (NOW - timedelta(minutes=500 - number)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    account = {"id": "7", "username": "matti", "acct": "matti", "display_name": "Matti", "followers_count": 3}
    return {
        "id": str(number),
        "uri": f"https://palvelin.example/users/matti/statuses/{number}",
        "url": f"https://palvelin.example/@matti/{number}",
        "created_at": at,
        "edited_at": at if number % 7 == 0 else None,
        "content": f"<p>Lumopuoti ei vastaa, {number}. kerta &amp; viimeinen</p>",
        "visibility": "public",
        "language": "fi",
        "in_reply_to_id": None,
        "reblog": None,
        "account": account,
        "tags": [],
        "mentions": [],
        "media_attachments": [],
        "emojis": [],
    }


def paged(rows: Sequence[dict[str, object]]) -> Answerer:
    """A list of Mastodon's API: newest first, 40 a page, with its Link header."""

    def answer(request: httpx.Request) -> httpx.Response:
        params, limit = request.url.params, min(int(request.url.params.get("limit", 20)), 40)
        end, start = int(params.get("max_id", 10**9)), int(params.get("min_id", 0))
        known = [row for row in rows if start < int(str(row["id"])) < end]
        page = (known[:limit] if start else known[-limit:])[::-1]
        if not page:
            return httpx.Response(200, json=[])
        path = f"http://{request.url.netloc.decode()}{request.url.path}"
        link = f'<{path}?limit={limit}&max_id={page[-1]["id"]}>; rel="next"'
        return httpx.Response(200, json=page, headers={"Link": link})

    return answer


INSTANCE = {
    "uri": "palvelin.example",
    "domain": "palvelin.example",
    "title": "p",
    "version": "4.5.0",
    "api_versions": {"mastodon": 7},
}


@pytest.fixture
def fediverse() -> Iterator[Served]:
    hashtag = statuses(130)
    told = [
        {"id": str(n), "type": "mention", "created_at": _status(n)["created_at"], "status": _status(n + 200)}
        for n in range(1, 60)
    ]
    found = {"accounts": [], "hashtags": [], "statuses": statuses(30)[::-1]}
    routes = {
        "/api/v1/timelines/tag/": paged(hashtag),
        "/api/v1/notifications": paged(told),
        "/api/v2/search": json.dumps(found).encode(),
        "/instance": json.dumps(INSTANCE).encode(),
    }
    with Served(Site(routes)) as server:
        yield server


def theirs_of(rows: Sequence[object]) -> tuple[Times, dict[str, str]]:
    return (
        {row.uri: once(row.created_at) for row in rows},  # type: ignore[attr-defined]
        {row.uri: html_to_text(row.content) for row in rows},  # type: ignore[attr-defined]
    )


@pytest.mark.parametrize(
    ("options", "number"),
    [
        ({"hashtags": ["lumopuoti"]}, 130),
        ({"mentions": True}, 59),
        ({"search": True, "terms": ["Lumopuoti"]}, 30),
    ],
)
def test_mastodon_agrees_with_another_client(
    fediverse: Served, options: dict[str, object], number: int
) -> None:
    made = SOURCES["mastodon"].make({"url": fediverse.url, "token": TOKEN, **options}, real_context())
    ours = made.fetch(None)
    api = Mastodon(api_base_url=fediverse.url, access_token=SECRET, version_check_mode="none")
    if "mentions" in options:
        rows = [one.status for one in api.fetch_remaining(api.notifications(types=["mention"], limit=40))]
    elif "search" in options:
        rows = list(api.search_v2("Lumopuoti", result_type="statuses").statuses)
    else:
        rows = list(api.fetch_remaining(api.timeline_hashtag("lumopuoti", limit=40)))
    assert len(ours.posts) == number
    assert (times(ours), texts(ours)) == theirs_of(rows)
    edited = {row.uri: once(row.edited_at) for row in rows if row.edited_at}
    assert {post.external_id: post.edited_at for post in ours.posts if post.edited_at} == edited


def _jwt(subject: str) -> str:
    parts = (
        {"alg": "HS256", "typ": "JWT"},
        {"sub": subject, "scope": "com.atproto.access", "exp": 4_000_000_000},
    )
    return (
        ".".join(base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in parts)
        + ".eA"
    )


DID = "did:plc:aaaabbbbccccddddeeeeffff"
CID = "bafyreidfayvfuwqa7qlnopdjiqrxzs6blmoeu4rujcjtnci5beludirz2a"


def _view(number: int) -> dict[str, object]:
    at = (NOW - timedelta(minutes=number)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    record = {
        "$type": "app.bsky.feed.post",
        "text": f"Lumopuoti ei vastaa {number}",
        "createdAt": at,
        "langs": ["fi"],
    }
    author = {"did": DID, "handle": "ilona.example"}
    uri = f"at://{DID}/app.bsky.feed.post/3n2{number:010}"
    return {"uri": uri, "cid": CID, "author": author, "record": record, "indexedAt": at}


@pytest.fixture
def network() -> Iterator[Served]:
    def search(request: httpx.Request) -> httpx.Response:
        start = int(request.url.params.get("cursor", 0))
        page = [_view(n) for n in range(start, min(start + 100, 230))]
        more = {"cursor": str(start + 100)} if start + 100 < 230 else {}
        return httpx.Response(200, json={"posts": page, **more})

    login = {
        "did": DID,
        "handle": "kauppias.example",
        "accessJwt": _jwt(DID),
        "refreshJwt": _jwt(DID),
        "active": True,
    }
    profile = {"did": DID, "handle": "ilona.example", "followersCount": 5}
    routes: dict[str, bytes | Answerer] = {
        "createSession": json.dumps(login).encode(),
        "searchPosts": search,
        "getProfiles": json.dumps({"profiles": [profile]}).encode(),
        "getProfile": json.dumps(profile).encode(),
    }
    with Served(Site(routes)) as server:
        yield server


def test_bluesky_agrees_with_another_client(network: Served) -> None:
    options = {"url": network.url, "handle": "kauppias.example", "password": TOKEN, "terms": ["Lumopuoti"]}
    ours = SOURCES["bluesky"].make(options, real_context()).fetch(None)
    client = Client(base_url=network.url)
    client.login("kauppias.example", SECRET)
    rows, cursor = [], None
    while True:
        page = client.app.bsky.feed.search_posts({"q": "Lumopuoti", "limit": 100, "cursor": cursor})
        rows += page.posts
        cursor = page.cursor
        if cursor is None:
            break
    assert len(ours.posts) == 230
    assert times(ours) == {row.uri: once(row.record.created_at) for row in rows}
    assert texts(ours) == {row.uri: row.record.text for row in rows}
    assert {post.author for post in ours.posts} == {row.author.handle for row in rows}
