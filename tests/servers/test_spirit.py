"""Threads of a real forum that has neither feeds nor an API, read by its shipped profile."""

from datetime import timedelta

import pytest

from monitor.domain import Sentiment
from tests.servers.conftest import Listen
from tests.servers.spirit import Spirit

pytestmark = [pytest.mark.servers, pytest.mark.weights]

COMPLAINT = "Tilasin Lumopuodista lampun, ja se tuli rikki. Kukaan ei vastaa, surkea palvelu!"
PRAISE = "Lumopuoti hyvitti kaiken heti. Ihana kauppa, kiitos nopeasta ja ystävällisestä palvelusta!"
PAGE = 20  # posts that the forum puts on one page


def source(forum: Spirit) -> str:
    area = f'areas = ["{forum.area}"]'
    return f'kind = "forum"\nprofile = "spirit"\nurl = "{forum.url}"\n{area}\npace = "0s"'


def test_post_is_found_edited_and_deleted(forum: Spirit, listen: Listen) -> None:
    service = listen(source(forum))
    topic = forum.open_topic("Lampuista puhetta", "Kertokaa kokemuksia.")
    post = forum.answer(topic, COMPLAINT)
    service.listen()
    found = service.by_id[post]
    assert topic.opening not in service.by_id
    assert (found.shop, found.words) == ("lumopuoti", ("Lumopuodista",))
    assert (found.author, found.text, found.parent_text) == ("valvoja", COMPLAINT, "Kertokaa kokemuksia.")
    assert found.thread_title == "Lampuista puhetta"
    assert abs(found.found_at - found.spoken_at) < timedelta(minutes=10)
    assert service.label(post) is Sentiment.NEGATIVE

    forum.edit(post, PRAISE)
    forum.answer(topic, "Nyt aiheeseen.")  # what brings the thread to the top of its list again
    service.listen()
    assert (service.by_id[post].id, service.by_id[post].text) == (found.id, PRAISE)
    assert service.label(post) is Sentiment.POSITIVE

    forum.delete(post)
    service.recheck()
    gone = service.by_id[post]
    assert (gone.text, gone.author, gone.url) == ("", "", "")
    assert gone.gone_at is not None


def test_posts_of_a_deleted_topic_go_here_too(forum: Spirit, listen: Listen) -> None:
    service = listen(source(forum))
    kept = forum.open_topic("Lumopuodin hyvät puolet", PRAISE)
    topic = forum.open_topic("Kokemuksia Lumopuodista", COMPLAINT)
    service.listen()
    assert service.by_id[topic.opening].title == "Kokemuksia Lumopuodista"
    forum.delete_topic(topic)
    service.recheck()
    assert service.by_id[topic.opening].text == ""
    assert service.by_id[kept.opening].text == PRAISE


def test_long_topic_is_read_to_its_end(forum: Spirit, listen: Listen) -> None:
    service = listen(source(forum))
    topic = forum.open_topic("Pitkä juttu kaupoista", f"{COMPLAINT} Alku.")
    service.listen()
    answers = [forum.answer(topic, f"{COMPLAINT} Jatko {number}.") for number in range(2 * PAGE)]
    service.listen()
    assert {topic.opening, *answers} <= set(service.by_id)
    assert service.listen().posts == 0
    link = service.by_id[answers[-1]].url
    assert link == f"{forum.url}/comment/{answers[-1]}/find/"
