"""Posts of a real Bluesky network, searched through an account's own server with an app password."""

from datetime import timedelta

import pytest

from monitor.domain import Sentiment
from tests.servers.bluesky import Network
from tests.servers.conftest import Listen
from tests.servers.service import Service

pytestmark = [pytest.mark.servers, pytest.mark.weights]

COMPLAINT = "Lumopuoti lähetti rikkinäisen lampun eikä vastaa mihinkään. Surkea palvelu!"
PRAISE = "Lumopuoti hyvitti kaiken heti. Ihana kauppa, kiitos nopeasta ja ystävällisestä palvelusta!"


def opened(network: Network, listen: Listen, *more: str) -> Service:
    lines = ('kind = "bluesky"', f'url = "{network.url}"', f'handle = "{network.other.handle}"', *more)
    source = "\n".join([*lines, 'password = { file = "app-password" }'])
    return listen(source, **{"app-password": network.other.app_password()})


def test_post_is_found_edited_and_deleted(network: Network, listen: Listen) -> None:
    service = opened(network, listen)
    other = network.one.post("Kävin torilla.")["uri"]
    uri = network.one.post(COMPLAINT)["uri"]
    service.listen_until(lambda: uri in service.by_id)
    found = service.by_id[uri]
    assert other not in service.by_id
    assert (found.shop, found.words) == ("lumopuoti", ("Lumopuoti",))
    assert (found.author, found.text, found.lang) == ("matti.test", COMPLAINT, "fi")
    assert found.url == f"https://bsky.app/profile/{network.one.did}/post/{uri.rpartition('/')[2]}"
    assert timedelta(0) <= found.found_at - found.spoken_at < timedelta(minutes=10)
    assert found.reach == 0
    assert service.label(uri) is Sentiment.NEGATIVE

    network.one.edit(uri, PRAISE)
    service.listen_until(lambda: service.by_id[uri].text != COMPLAINT)
    assert (service.by_id[uri].id, service.by_id[uri].text) == (found.id, PRAISE)
    assert service.label(uri) is Sentiment.POSITIVE

    network.one.delete(uri)
    service.wait_until(lambda: not network.shows(uri))
    service.recheck()
    gone = service.by_id[uri]
    assert (gone.text, gone.author, gone.url) == ("", "", "")
    assert gone.gone_at is not None


def test_answer_is_in_the_thread_of_what_it_answers(network: Network, listen: Listen) -> None:
    service = opened(network, listen)
    asked = network.one.post("Mistä lamppuja? Kokemuksia?")
    answer = network.other.post(f"{COMPLAINT} Älä osta.", answers=asked)["uri"]
    service.listen_until(lambda: answer in service.by_id)
    found = service.by_id[answer]
    assert (found.thread_key, found.parent_text) == (asked["uri"], "Mistä lamppuja? Kokemuksia?")


def test_inflected_names_are_found_when_they_are_searched_for(network: Network, listen: Listen) -> None:
    service = opened(network, listen, 'terms = ["Lumopuoti", "Lumopuodista"]')
    both = network.one.post("Tilasin Lumopuodista, ja Lumopuoti petti.")["uri"]
    uri = network.one.post("Lumopuodista tuli rikkinäinen peitto. Pettymys!")["uri"]
    service.listen_until(lambda: {uri, both} <= set(service.by_id))
    assert service.by_id[uri].words == ("Lumopuodista",)
    assert [mention.external_id for mention in service.mentions].count(both) == 1
