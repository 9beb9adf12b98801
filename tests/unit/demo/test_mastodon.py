"""The Mastodon answers: shapes, paging and search."""

from typing import Any

import httpx
import pytest

from monitor.demo import DemoServer, Place, load_stream
from tests.unit.demo.conftest import StillClock

TAG = "/api/v1/timelines/tag/lumopuoti"


def ids(statuses: list[dict[str, Any]]) -> list[int]:
    return [int(status["id"]) for status in statuses]


def test_mastodon_status_has_the_fields_of_mastodon(client: httpx.Client, server: DemoServer) -> None:
    status = client.get(TAG).json()[0]
    assert status["created_at"].endswith("Z")
    assert status["edited_at"] is None
    assert status["reblog"] is None
    assert status["url"].startswith(f"{server.url}/@{status['account']['acct']}/")
    assert (
        status["uri"]
        == f"https://pihapiiri.example/users/{status['account']['acct']}/statuses/{status['id']}"
    )
    assert status["content"].startswith("<p>")
    assert (
        f'<a href="{server.url}/tags/lumopuoti" class="mention hashtag" rel="tag">#<span>'
        in status["content"]
    )
    assert "lumopuoti" in [tag["name"] for tag in status["tags"]]
    assert status["account"]["followers_count"] > 0
    assert status["language"] in ("fi", "sv", "en")


def test_mastodon_reply_mentions_whom_it_answers(client: httpx.Client) -> None:
    found = client.get("/api/v2/search", params={"q": "goottiristiäiset"}).json()["statuses"][0]
    assert found["in_reply_to_id"]
    parent = client.get(f"/api/v1/statuses/{found['in_reply_to_id']}").json()
    assert found["in_reply_to_account_id"] == parent["account"]["id"]
    assert [mention["acct"] for mention in found["mentions"]] == [parent["account"]["acct"]]
    assert f"@<span>{parent['account']['acct']}</span>" in found["content"]
    assert parent["replies_count"] == 1


def test_mastodon_context_gives_the_whole_conversation(client: httpx.Client) -> None:
    reply = client.get("/api/v2/search", params={"q": "goottiristiäiset"}).json()["statuses"][0]
    context = client.get(f"/api/v1/statuses/{reply['id']}/context").json()
    assert ids(context["ancestors"]) == [int(reply["in_reply_to_id"])]
    assert len(context["descendants"]) == 1


def test_mastodon_tag_is_found_in_any_case(client: httpx.Client) -> None:
    assert client.get("/api/v1/timelines/tag/LumoPuoti").json() == client.get(TAG).json()


def test_mastodon_links_are_plain_ascii_for_a_tag_that_is_not(client: httpx.Client) -> None:
    answer = client.get("/api/v1/timelines/tag/bedrägeri")
    assert len(answer.json()) == 1
    assert "/tag/bedr%C3%A4geri?limit=20&min_id=" in answer.headers["link"]


def test_mastodon_unknown_tag_has_an_empty_timeline(client: httpx.Client) -> None:
    answer = client.get("/api/v1/timelines/tag/xyzzy")
    assert answer.json() == []
    assert "link" not in answer.headers


def test_mastodon_next_links_lead_through_everything_once(client: httpx.Client, clock: StillClock) -> None:
    clock.advance(4 * 3600)
    answer = client.get(TAG, params={"limit": 7})
    seen = ids(answer.json())
    while "next" in answer.links:
        answer = client.get(answer.links["next"]["url"])
        seen += ids(answer.json())
    tagged = [
        post for post in load_stream() if post.place is Place.MASTODON and "#lumopuoti" in post.text.lower()
    ]
    assert len(seen) == len(tagged) > 20
    assert seen == sorted(set(seen), reverse=True)


def test_mastodon_prev_link_waits_for_what_is_new(client: httpx.Client, clock: StillClock) -> None:
    newest = client.get(TAG)
    ahead = newest.links["prev"]["url"]
    assert client.get(ahead).json() == []
    clock.advance(60)
    assert min(ids(client.get(ahead).json())) > max(ids(newest.json()))


def test_mastodon_min_id_walks_forward_where_since_id_jumps(client: httpx.Client) -> None:
    everything = sorted(ids(client.get(TAG, params={"limit": 40}).json()))
    start = everything[0]
    forward = ids(client.get(TAG, params={"min_id": start, "limit": 3}).json())
    jumped = ids(client.get(TAG, params={"since_id": start, "limit": 3}).json())
    assert forward == everything[1:4][::-1]
    assert jumped == everything[-3:][::-1]


@pytest.mark.parametrize(("asked", "given"), [("1", 1), ("0", 20), ("-3", 20), ("x", 20), ("500", 40)])
def test_mastodon_limit_has_bounds(client: httpx.Client, clock: StillClock, asked: str, given: int) -> None:
    clock.advance(4 * 3600)
    assert len(client.get("/api/v1/timelines/public", params={"limit": asked}).json()) == given


def test_mastodon_public_timeline_keeps_replies_to_others_out(client: httpx.Client) -> None:
    statuses = client.get("/api/v1/timelines/public", params={"limit": 40}).json()
    assert all(status["in_reply_to_account_id"] in (None, status["account"]["id"]) for status in statuses)


def test_mastodon_search_wants_every_word(client: httpx.Client) -> None:
    both = client.get("/api/v2/search", params={"q": "lumopuoti huijaus", "type": "statuses"}).json()
    assert both["accounts"] == both["hashtags"] == []
    assert both["statuses"]
    assert all("huijaus" in status["content"] for status in both["statuses"])


def test_mastodon_search_goes_on_by_offset(client: httpx.Client) -> None:
    first = client.get("/api/v2/search", params={"q": "lumopuoti", "limit": 5}).json()["statuses"]
    second = client.get("/api/v2/search", params={"q": "lumopuoti", "limit": 5, "offset": 5}).json()[
        "statuses"
    ]
    assert len(first) == len(second) == 5
    assert min(ids(first)) > max(ids(second))


def test_mastodon_search_for_accounts_gives_no_statuses(client: httpx.Client) -> None:
    found = client.get("/api/v2/search", params={"q": "lumopuoti", "type": "accounts"}).json()
    assert found == {"accounts": [], "statuses": [], "hashtags": []}


@pytest.mark.parametrize("name", ["korpikuusi", "@korpikuusi", "korpikuusi@pihapiiri.example"])
def test_mastodon_lookup_leads_to_the_statuses_of_an_account(client: httpx.Client, name: str) -> None:
    account = client.get("/api/v1/accounts/lookup", params={"acct": name}).json()
    statuses = client.get(f"/api/v1/accounts/{account['id']}/statuses").json()
    assert account["statuses_count"] == len(statuses) > 1
    assert {status["account"]["acct"] for status in statuses} == {"korpikuusi"}


def test_mastodon_account_statuses_can_leave_replies_out(client: httpx.Client) -> None:
    account = client.get("/api/v1/accounts/lookup", params={"acct": "korpikuusi"}).json()
    path = f"/api/v1/accounts/{account['id']}/statuses"
    own = client.get(path, params={"exclude_replies": "true"}).json()
    assert 0 < len(own) < len(client.get(path).json())


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/accounts/lookup?acct=nobody",
        "/api/v1/accounts/1/statuses",
        "/api/v1/statuses/1",
        "/api/v1/statuses/1/context",
    ],
)
def test_mastodon_answers_404_as_json_for_what_is_not_there(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json() == {"error": "Record not found"}
