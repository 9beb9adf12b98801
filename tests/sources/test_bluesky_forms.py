"""Bluesky's search finds words as they are asked for: the usual forms of a name are asked for too."""

import json
from dataclasses import replace

import httpx
import pytest

from monitor.domain import Shop
from monitor.matching.usual import usual_forms
from monitor.sources import SOURCES, Source
from tests.sources.support import NOW, TOKEN, context_for, recording

LUMO = Shop("lumopuoti", "Lumopuoti")
VARPUNEN = Shop("varpunen", "Villa Varpunen", aliases=("Varpunen",))


class Network:
    """Finds only posts that hold the very word that is asked for."""

    def __init__(self, *texts: str) -> None:
        self.texts = texts
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if "createSession" in request.url.path:
            return httpx.Response(200, content=recording("bluesky", "login.json"))
        if "searchPosts" not in request.url.path:
            return httpx.Response(200, content=recording("bluesky", "empty.json"))
        word = request.url.params["q"].strip('"')
        self.asked.append(word)
        found = [self.view(number, text) for number, text in enumerate(self.texts) if word in text.split()]
        return httpx.Response(200, json={"posts": found})

    def view(self, number: int, text: str) -> dict[str, object]:
        about = {"text": text, "createdAt": NOW.isoformat()}
        uri = f"at://did:plc:kirjoittaja/app.bsky.feed.post/{number}"
        return {"uri": uri, "record": about, "indexedAt": NOW.isoformat()}


def bluesky(network: Network, *shops: Shop, **options: object) -> Source:
    context = replace(context_for(network, shops=shops or (LUMO,)), inflected=usual_forms)
    chosen = {"url": "https://palvelin.example", "handle": "kauppias.example", "password": TOKEN, **options}
    return SOURCES["bluesky"].make(chosen, context)


def test_bluesky_finds_posts_that_write_the_name_in_another_form() -> None:
    network = Network(
        "Tilasin Lumopuodista lampun", "Lumopuodin aspa ei vastaa", "Lumopuoti on ihana", "kissa"
    )
    assert len(bluesky(network).fetch(None).posts) == 3
    assert len(bluesky(network, forms=0).fetch(None).posts) == 1


def test_bluesky_asks_for_no_more_forms_than_it_may_and_for_all_in_turn() -> None:
    network = Network()
    source = bluesky(network, LUMO, VARPUNEN, forms=4, forms_at_once=5)
    cursor = None
    rounds: list[list[str]] = []
    for _ in range(5):
        network.asked.clear()
        cursor = source.fetch(cursor).cursor
        rounds.append(
            [word for word in network.asked if word not in ("Lumopuoti", "Villa Varpunen", "Varpunen")]
        )
    assert [len(words) for words in rounds] == [5] * 5
    assert len({word for words in rounds for word in words}) == 12
    assert rounds[0] != rounds[1]


def test_bluesky_remembers_where_the_forms_stand_that_rest() -> None:
    network = Network("Tilasin Lumopuodista lampun")
    source = bluesky(network, forms_at_once=2)
    start = source.fetch(None)
    after = source.fetch(start.cursor)
    for cursor in (start.cursor, after.cursor):
        assert json.loads(cursor or "")["reached"]["search Lumopuodista"]["newest"]


def test_bluesky_leaves_chosen_terms_as_they_are() -> None:
    network = Network()
    bluesky(network, terms=["Lumopuoti"]).fetch(None)
    assert network.asked == ["Lumopuoti"]


def test_bluesky_goes_on_with_the_form_that_had_to_stop() -> None:
    network = Network()
    calls = iter(range(100))

    def limited(request: httpx.Request) -> httpx.Response:
        if "searchPosts" in request.url.path and next(calls) == 3:
            return httpx.Response(429)
        return network(request)

    source = bluesky(limited, forms=8)  # type: ignore[arg-type]
    start = source.fetch(None)
    assert network.asked == ["Lumopuoti", "Lumopuodin", "Lumopuodista"]
    network.asked.clear()
    bluesky(network, forms=8).fetch(start.cursor)
    assert network.asked[0] == "Lumopuodilla"


@pytest.mark.parametrize(("name", "forms"), [("Ellos", "Elloksen"), ("XXL", "XXLin"), ("H&M", "H&Ms")])
def test_usual_forms_begin_with_whose_it_is(name: str, forms: str) -> None:
    assert usual_forms(name)[0] == forms
