"""Posts of a real Bluesky network as its stream tells of them, over our bridge from firehose to Jetstream."""

from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus

import pytest

from monitor.domain import Sentiment
from tests.servers.bluesky import Network
from tests.servers.conftest import Listen
from tests.servers.jetstream import collections_asked, jetstream
from tests.servers.service import Service
from tests.sources.jetstream_server import POST, StreamServer

pytestmark = [pytest.mark.servers, pytest.mark.weights]

COMPLAINT = "Lumopuoti lähetti rikkinäisen lampun eikä vastaa mihinkään. Surkea palvelu!"
PRAISE = "Lumopuoti hyvitti kaiken heti. Ihana kauppa, kiitos nopeasta ja ystävällisestä palvelusta!"


@pytest.fixture(scope="module")
def stream(network: Network) -> Iterator[StreamServer]:
    with jetstream(network.url) as server:
        yield server


def opened(network: Network, stream: StreamServer, listen: Listen) -> Service:
    return listen(f'kind = "jetstream"\nurl = "{stream.url}"\nappview = "{network.view}"')


def said(stream: StreamServer, uri: str) -> bool:
    """Whether the bridge has heard of a post."""
    return any(uri.rpartition("/")[2].encode() in message for _, message in stream.said)


def test_post_is_stored_edited_and_deleted_as_the_stream_says(
    network: Network, stream: StreamServer, listen: Listen
) -> None:
    service = opened(network, stream, listen)
    with service.hearing():
        other = network.one.post("Kävin torilla.")["uri"]
        uri = network.one.post(COMPLAINT)["uri"]
        service.wait_until(lambda: uri in service.by_id)
        found = service.by_id[uri]
        assert other not in service.by_id
        assert (found.shop, found.words, found.text) == ("lumopuoti", ("Lumopuoti",), COMPLAINT)
        assert (found.author, found.lang) == (network.one.did, "fi")
        assert found.url == f"https://bsky.app/profile/{network.one.did}/post/{uri.rpartition('/')[2]}"
        assert abs(found.found_at - found.spoken_at) < timedelta(minutes=10)
        service.assess()
        assert service.label(uri) is Sentiment.NEGATIVE

        network.one.edit(uri, PRAISE)
        service.wait_until(lambda: service.by_id[uri].text == PRAISE)
        assert service.by_id[uri].id == found.id
        service.assess()
        assert service.label(uri) is Sentiment.POSITIVE

        network.one.delete(uri)
        service.wait_until(lambda: service.by_id[uri].gone_at)
    gone = service.by_id[uri]
    assert (gone.text, gone.author, gone.url) == ("", "", "")
    assert collections_asked(stream) == {POST}


def test_answer_is_in_the_thread_of_what_it_answers(
    network: Network, stream: StreamServer, listen: Listen
) -> None:
    service = opened(network, stream, listen)
    with service.hearing():
        asked = network.one.post("Mistä lamppuja? Kokemuksia?")
        answer = network.other.post(f"{COMPLAINT} Älä osta.", answers=asked)["uri"]
        service.wait_until(lambda: answer in service.by_id)
    assert service.by_id[answer].thread_key == asked["uri"]


def test_nothing_of_a_break_is_lost(network: Network, stream: StreamServer, listen: Listen) -> None:
    service = opened(network, stream, listen)
    with service.hearing():
        edited, deleted = (network.one.post(f"{COMPLAINT} {word}.")["uri"] for word in ("Yksi", "Kaksi"))
        service.wait_until(lambda: {edited, deleted} <= set(service.by_id))
        before = stream.cursors[-1]
        stream.answer = (HTTPStatus.SERVICE_UNAVAILABLE, {})
        stream.hang_up()
        network.one.edit(edited, PRAISE)
        network.one.delete(deleted)
        written = network.other.post(f"{COMPLAINT} Kolme.")["uri"]
        service.wait_until(lambda: said(stream, written))
        stream.answer = None
        service.wait_until(lambda: written in service.by_id)
        service.wait_until(lambda: service.by_id[edited].text == PRAISE)
        service.wait_until(lambda: service.by_id[deleted].gone_at)
        after = network.other.post(f"{COMPLAINT} Neljä.")["uri"]
        service.wait_until(lambda: after in service.by_id)
    assert before is not None
    assert stream.cursors[-1] is not None
    assert stream.cursors[-1] > before


def test_posts_of_a_deleted_account_go_here_too(
    network: Network, stream: StreamServer, listen: Listen
) -> None:
    service = opened(network, stream, listen)
    with service.hearing():
        left = network.leaver.post(COMPLAINT)["uri"]
        kept = network.one.post(COMPLAINT)["uri"]
        service.wait_until(lambda: {left, kept} <= set(service.by_id))
        network.dismiss(network.leaver)
        service.wait_until(lambda: service.by_id[left].gone_at)
    assert service.by_id[left].text == ""
    assert service.by_id[kept].text == COMPLAINT


def test_deletion_that_the_stream_did_not_tell_is_seen_a_day_later(
    network: Network, stream: StreamServer, listen: Listen
) -> None:
    service = opened(network, stream, listen)
    with service.hearing():
        uri, kept = (network.one.post(f"{COMPLAINT} {word}.")["uri"] for word in ("Viisi", "Kuusi"))
        service.wait_until(lambda: {uri, kept} <= set(service.by_id))
    service.wait_until(lambda: network.shows(kept))
    network.one.delete(uri)
    service.wait_until(lambda: not network.shows(uri))
    service.recheck()
    assert service.by_id[uri].gone_at is not None
    assert service.by_id[kept].text == f"{COMPLAINT} Kuusi."
