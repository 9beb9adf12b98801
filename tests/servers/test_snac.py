"""Statuses of a real server with Mastodon's API: hashtags, the public timeline, search, accounts."""

from datetime import timedelta

import pytest

from monitor.domain import Sentiment
from tests.servers.conftest import Listen
from tests.servers.snac import Snac

pytestmark = [pytest.mark.servers, pytest.mark.weights]

COMPLAINT = "Lumopuoti lähetti rikkinäisen lampun eikä vastaa mihinkään. Surkea palvelu!"
PRAISE = "Lumopuoti hyvitti kaiken heti. Ihana kauppa, kiitos nopeasta ja ystävällisestä palvelusta!"


def source(server: Snac, *lines: str) -> str:
    return "\n".join(['kind = "mastodon"', f'url = "{server.url}"', *lines])


def test_status_is_found_edited_and_deleted(server: Snac, listen: Listen) -> None:
    service = listen(source(server, 'hashtags = ["kaupat"]'))
    other = server.other.post("Kävin torilla. #kaupat")["uri"]
    status = server.one.post(f"{COMPLAINT} #kaupat")
    service.listen()
    found = service.by_id[status["uri"]]
    assert other not in service.by_id
    assert (found.shop, found.words) == ("lumopuoti", ("Lumopuoti",))
    assert (found.author, found.text, found.url) == ("matti", f"{COMPLAINT} #kaupat", status["url"])
    assert timedelta(0) <= found.found_at - found.spoken_at < timedelta(minutes=10)
    assert service.label(status["uri"]) is Sentiment.NEGATIVE

    server.one.edit(status["id"], f"{PRAISE} #kaupat")
    service.listen()
    edited = service.by_id[status["uri"]]
    assert (edited.id, edited.text) == (found.id, f"{PRAISE} #kaupat")
    assert service.label(status["uri"]) is Sentiment.POSITIVE

    server.one.delete(status["uri"])
    service.recheck()
    gone = service.by_id[status["uri"]]
    assert (gone.text, gone.author, gone.url) == ("", "", "")
    assert gone.gone_at is not None


def test_edit_of_the_only_status_is_seen(server: Snac, listen: Listen) -> None:
    service = listen(source(server, 'hashtags = ["ainoa"]'))
    status = server.one.post(f"{COMPLAINT} #ainoa")
    service.listen()
    server.one.edit(status["id"], f"{PRAISE} #ainoa")
    service.listen()
    assert service.texts == [f"{PRAISE} #ainoa"]


def test_timeline_goes_on_after_what_was_known_of_it_is_deleted(server: Snac, listen: Listen) -> None:
    service = listen(source(server, 'hashtags = ["uudestaan"]'))
    first = server.one.post(f"{COMPLAINT} Ensin. #uudestaan")
    service.listen()
    server.one.delete(first["uri"])
    server.other.post(f"{COMPLAINT} Taas. #uudestaan")
    service.listen()
    assert f"{COMPLAINT} Taas. #uudestaan" in service.texts


def test_answer_is_in_the_thread_of_what_it_answers(server: Snac, listen: Listen) -> None:
    service = listen(source(server, "public = true"))
    asked = server.one.post("Onko Lumopuoti luotettava?")
    answer = server.other.post("@matti Ei ole, rahat meni eikä mitään tullut!", answers=asked["id"])
    private = server.one.post("Lumopuoti on salaisuuteni.", visibility="private")
    service.listen()
    question, complaint = service.by_id[asked["uri"]], service.by_id[answer["uri"]]
    assert complaint.thread_key == question.thread_key
    assert complaint.parent_text == "Onko Lumopuoti luotettava?"
    assert private["uri"] not in service.by_id


def test_search_and_account_find_the_same_status_once(server: Snac, listen: Listen) -> None:
    lines = ('accounts = ["matti"]', "search = true", 'token = { file = "token" }')
    service = listen(source(server, *lines), token=server.one.token)
    status = server.one.post(f"{COMPLAINT} Etsitty.")
    other = server.other.post(f"@matti {COMPLAINT} Etsitty.")  # one finds what came to one's own timeline
    service.listen_until(lambda: other["uri"] in service.by_id)
    assert service.by_id[status["uri"]].text == f"{COMPLAINT} Etsitty."
    assert service.by_id[other["uri"]].text.endswith(f" {COMPLAINT} Etsitty.")
