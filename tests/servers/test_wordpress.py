"""Comments of a real WordPress, by its REST API, by its comments feed, and by the feed an article names."""

from datetime import timedelta

import pytest

from monitor.domain import Sentiment
from tests.servers.conftest import Listen
from tests.servers.wordpress import Wordpress

pytestmark = [pytest.mark.servers, pytest.mark.weights]

COMPLAINT = "Tilasin Lumopuodista lampun, ja se tuli rikki. Kukaan ei vastaa, surkea palvelu!"
PRAISE = "Lumopuoti hyvitti kaiken heti. Ihana kauppa, kiitos nopeasta ja ystävällisestä palvelusta!"


def rest(site: Wordpress) -> str:
    return f'kind = "wordpress"\nurl = "{site.url}"'


def test_comment_is_found_edited_and_deleted(site: Wordpress, listen: Listen) -> None:
    article, link = site.publish("Valaisimet vertailussa")
    service = listen(rest(site))
    number = site.comment(article, COMPLAINT)
    other = site.comment(article, "Kävin eilen kahvilla torilla.")
    service.listen()
    found = service.by_id[number]
    assert other not in service.by_id
    assert (found.shop, found.words) == ("lumopuoti", ("Lumopuodista",))
    assert (found.author, found.text, found.thread_title) == ("Äijä", COMPLAINT, "Valaisimet vertailussa")
    assert found.url == f"{link}#comment-{number}"
    assert timedelta(0) <= found.found_at - found.spoken_at < timedelta(minutes=10)
    assert service.label(number) is Sentiment.NEGATIVE
    opened = {alert.id for alert in service.alerts if alert.first.id == found.id}
    assert len(opened) == 1

    site.edit(number, PRAISE)
    service.listen()
    assert (service.by_id[number].id, service.by_id[number].text) == (found.id, PRAISE)
    assert service.label(number) is Sentiment.POSITIVE

    site.delete(number)
    service.recheck()
    gone = service.by_id[number]
    assert (gone.text, gone.author, gone.url) == ("", "", "")
    assert gone.gone_at is not None
    assert opened <= {alert.id for alert in service.alerts}


def test_comment_taken_back_into_moderation_goes_here_too(site: Wordpress, listen: Listen) -> None:
    article, _ = site.publish("Peitot vertailussa")
    service = listen(rest(site))
    held, kept = (site.comment(article, f"{COMPLAINT} {number}") for number in (1, 2))
    service.listen()
    site.hold(held)
    service.recheck()
    assert service.by_id[held].text == ""
    assert service.by_id[kept].text == f"{COMPLAINT} 2"


def test_answer_comes_with_the_comment_it_answers(site: Wordpress, listen: Listen) -> None:
    article, _ = site.publish("Kokemuksia kaupoista")
    service = listen(rest(site))
    asked = site.comment(article, "Onko kukaan tilannut Lumopuodista verhoja?")
    answer = site.comment(article, "Olen, ja ne hajosivat heti. Pettymys!", answers=asked, author="Säde")
    service.listen()
    assert service.by_id[answer].parent_text == "Onko kukaan tilannut Lumopuodista verhoja?"
    assert service.by_id[answer].found_where == "parent"


def test_comments_feed_tells_the_same_as_rest(site: Wordpress, listen: Listen) -> None:
    article, _ = site.publish("Äänestä & voita: paras kauppa?")
    asked = site.comment(article, f"{COMPLAINT} <b>Sähly</b> & meteli")
    answer = site.comment(article, f"{PRAISE} 2 < 3", answers=asked)
    by_rest, by_feed = listen(rest(site)), listen(f"{rest(site)}\nfeed = true")
    by_rest.listen()
    by_feed.listen()
    for number in (asked, answer):
        one, other = by_rest.by_id[number], by_feed.by_id[number]
        for name in ("author", "text", "posted_at", "thread_key", "thread_title", "parent_text", "url"):
            assert getattr(one, name) == getattr(other, name), name


def test_edit_shows_in_the_comments_feed(site: Wordpress, listen: Listen) -> None:
    article, _ = site.publish("Verhot vertailussa")
    service = listen(f"{rest(site)}\nfeed = true")
    number = site.comment(article, COMPLAINT)
    service.listen()
    site.edit(number, PRAISE)
    service.listen()
    assert service.by_id[number].text == PRAISE


def test_comments_of_an_article_come_by_its_feed(site: Wordpress, listen: Listen) -> None:
    article, link = site.publish("Matot vertailussa")
    site.comment(article, COMPLAINT)
    service = listen(f'kind = "feed"\nurl = "{link}feed/"')
    service.listen()
    assert [(one.text, one.author, one.thread_key) for one in service.mentions] == [(COMPLAINT, "Äijä", link)]
    assert service.listen().new == 0
    site.comment(article, PRAISE)
    service.listen()
    assert service.texts == [COMPLAINT, PRAISE]


def test_article_and_its_edit_come_by_the_feed_that_the_front_page_names(
    site: Wordpress, listen: Listen
) -> None:
    article, link = site.publish("Viikon tilaus", f"<p>{COMPLAINT}</p>")
    service = listen(f'kind = "feed"\nurl = "{site.url}/"')
    service.listen()
    (found,) = service.mentions
    assert (found.title, found.text, found.url) == ("Viikon tilaus", COMPLAINT, link)
    assert service.label(found.external_id) is Sentiment.NEGATIVE
    site.rewrite(article, f"<p>{PRAISE}</p>")
    service.listen()
    assert service.texts == [PRAISE]
    assert service.label(found.external_id) is Sentiment.POSITIVE
