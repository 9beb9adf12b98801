"""From the mail to the page to the deed: looking changes nothing, one press does, the second is told."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import event, select, update
from sqlmodel import col

from monitor import alerts
from monitor.domain import AlertAction, AlertState, DismissReason
from monitor.links import LinkAction
from monitor.store import reads
from monitor.store.rows import AlertRow
from monitor.store.tables import Alert, Label
from tests.stories.world import World
from tests.web.visiting import ADDRESS, Visitor, buttons, link_to, open_world, visit

ACTIONS = list(LinkAction)


def complain(world: World) -> AlertRow:
    world.post("forum", "Lumopuodista tuli lamppu rikki.", at="13:52")
    world.run()
    return world.alert


def now(world: World, alert: AlertRow) -> AlertRow:
    with world.store.reading() as session:
        row = reads.alert(session, alert.id)
    assert row is not None
    return row


def words(html: str) -> str:
    return " ".join(BeautifulSoup(html, "lxml").get_text(" ").split())


def form_of(html: str) -> dict[str, str]:
    fields = BeautifulSoup(html, "lxml").select("form input")
    return {str(field["name"]): str(field.get("value", "")) for field in fields}


def press(visitor: Visitor, url: str, **fields: str) -> str:
    """Open the page and press its button, as a person does."""
    return visitor.post(url, data={**form_of(visitor.get(url).text), **fields}).text


def test_one_takes_it_from_the_mail_and_the_second_is_told(world: World) -> None:
    alert = complain(world)
    first, second = buttons(world, 0)[0], buttons(world, 1)[0]
    visitor = visit(world)

    page = visitor.get(first)
    assert page.status_code == 200
    assert "Otatko tämän?" in words(page.text)
    assert "lamppu rikki" in page.text
    assert "Kukaan ei ole vielä ottanut tätä." in words(page.text)
    assert now(world, alert) == alert
    assert [one.action for one in world.history(alert.id)] == [AlertAction.OPENED]

    world.clock.moment += timedelta(minutes=3)
    done = visitor.post(first, data=form_of(page.text))
    assert done.status_code == 200
    assert "Olet ottanut tämän" in words(done.text)
    assert BeautifulSoup(done.text, "lxml").find("form") is None
    assert now(world, alert).taken_by == "Omistaja"
    last = world.history(alert.id)[-1]
    assert (last.action, last.who, last.via) == (AlertAction.TAKEN, "Omistaja", "mail")

    late = visitor.post(second, data={"seen": "1"})
    assert late.status_code == 409
    assert "Någon annan hann före" in words(late.text)
    assert "Omistaja tog det, kl. 14:03." in words(late.text)
    assert now(world, alert).taken_by == "Omistaja"
    assert len(world.history(alert.id)) == 2


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
def test_looking_changes_nothing_however_often(world: World, method: str) -> None:
    alert, visitor = complain(world), visit(world)
    for action in ACTIONS:
        answer = visitor.ask(method, link_to(world, alert, action))
        assert answer.status_code == (200 if method in ("GET", "HEAD") else 405)
    assert now(world, alert) == alert
    assert len(world.history(alert.id)) == 1


@pytest.mark.parametrize(
    ("action", "state", "reason"),
    [
        (LinkAction.ANSWER, AlertState.ANSWERED, None),
        (LinkAction.DISMISS, AlertState.DISMISSED, DismissReason.NO_REPLY_NEEDED),
        (LinkAction.NOT_ABOUT_US, AlertState.DISMISSED, DismissReason.NOT_ABOUT_US),
        (LinkAction.NOT_NEGATIVE, AlertState.DISMISSED, DismissReason.NOT_NEGATIVE),
    ],
)
def test_each_button_does_what_it_says(
    world: World, action: LinkAction, state: AlertState, reason: DismissReason | None
) -> None:
    alert, visitor = complain(world), visit(world)
    url = buttons(world)[ACTIONS.index(action)]
    press(visitor, url)
    after = now(world, alert)
    assert (after.state, after.dismiss_reason) == (state, reason and reason.value)
    assert world.history(alert.id)[-1].via == "mail"


def test_correction_from_the_mail_is_kept_as_a_label(world: World) -> None:
    alert = complain(world)
    press(visit(world), link_to(world, alert, LinkAction.NOT_ABOUT_US))
    with world.store.reading() as session:
        labels = list(session.execute(select(col(Label.field), col(Label.value), col(Label.who))))
    assert labels == [("about_shop", "false", "Omistaja")]


def test_answer_keeps_the_address_of_the_answer(world: World) -> None:
    alert = complain(world)
    press(visit(world), link_to(world, alert, LinkAction.ANSWER), answer_url="https://forum.example/t1/2")
    assert now(world, alert).answer_url == "https://forum.example/t1/2"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "forum.example", "https://a b", "https://x" * 900])
def test_answer_refuses_what_is_no_address(world: World, url: str) -> None:
    alert, visitor = complain(world), visit(world)
    answer = visitor.post(link_to(world, alert, LinkAction.ANSWER), data={"answer_url": url})
    assert answer.status_code == 400
    assert "Tämä ei ole verkko-osoite." in words(answer.text)
    assert "javascript:" not in answer.text
    assert now(world, alert).state is AlertState.OPEN


def test_of_many_who_press_at_once_one_takes_it(world: World) -> None:
    alert, visitor = complain(world), visit(world)
    urls = [link_to(world, alert, LinkAction.TAKE, who) for who in ("owner", "maija")] * 6
    with ThreadPoolExecutor(len(urls)) as pool:
        answers = list(pool.map(visitor.post, urls))
    assert {answer.status_code for answer in answers} == {200, 409}
    assert [one.action for one in world.history(alert.id)] == [AlertAction.OPENED, AlertAction.TAKEN]
    assert now(world, alert).taken_by in ("Omistaja", "Maija")


def test_second_press_of_the_same_button_changes_nothing_more(world: World) -> None:
    alert, visitor = complain(world), visit(world)
    url = link_to(world, alert, LinkAction.TAKE)
    press(visitor, url)
    assert "Näin oli jo ennestään" in words(visitor.post(url, data={"seen": "1"}).text)
    assert len(world.history(alert.id)) == 2


def test_press_on_a_page_that_is_out_of_date_asks_again(world: World) -> None:
    alert, visitor = complain(world), visit(world)
    url = link_to(world, alert, LinkAction.DISMISS)
    old = form_of(visitor.get(url).text)
    world.post("forum", "Lumopuoti vei rahat, menen oikeuteen.", at="13:58")
    world.run()
    told = visitor.post(url, data=old)
    assert told.status_code == 409
    assert "on tapahtunut jotain" in words(told.text)
    assert now(world, alert).state is AlertState.OPEN
    visitor.post(url, data=form_of(told.text))
    assert now(world, alert).state is AlertState.DISMISSED


def test_press_without_a_form_acts_on_the_alert_as_it_is(world: World) -> None:
    alert = complain(world)
    assert visit(world).post(link_to(world, alert, LinkAction.TAKE)).status_code == 200
    assert now(world, alert).state is AlertState.TAKEN


def test_closed_alert_says_who_closed_it_and_offers_no_button(world: World) -> None:
    alert, visitor = complain(world), visit(world)
    with world.store.transaction() as session:
        alerts.answer(session, alert.id, "Maija", world.clock.now(), alert.version)
    page = visitor.get(link_to(world, alert, LinkAction.TAKE))
    assert "Maija vastasi tähän, klo 14.00." in words(page.text)
    assert BeautifulSoup(page.text, "lxml").find("form") is None
    assert "Du har redan skött" in words(visitor.get(link_to(world, alert, LinkAction.TAKE, "maija")).text)


def test_someone_may_answer_what_another_has_taken(world: World) -> None:
    alert, visitor = complain(world), visit(world)
    press(visitor, link_to(world, alert, LinkAction.TAKE))
    press(visitor, link_to(world, alert, LinkAction.ANSWER, "maija"))
    assert now(world, alert).state is AlertState.ANSWERED


def test_expired_link_says_so_and_leads_to_the_dashboard(world: World) -> None:
    alert, visitor = complain(world), visit(world)
    url = buttons(world)[0]
    world.clock.moment += timedelta(days=14)
    for answer in (visitor.get(url), visitor.post(url)):
        assert answer.status_code == 410
        assert "Linkki on vanhentunut" in words(answer.text)
        assert f'href="{world.config.dashboard.base_url}"' in answer.text
    assert now(world, alert).state is AlertState.OPEN


def changed_links(url: str) -> list[str]:
    head, _, token = url.rpartition("/")
    parts = token.split(".")
    other = {1: "999", 2: "maija", 3: "dismiss", 4: str(int(parts[4]) + 1), 5: str(int(parts[5]) + 9)}
    swapped = [".".join([*parts[:at], value, *parts[at + 1 :]]) for at, value in other.items()]
    flipped = ("A" if token[0] != "A" else "B") + token[1:]
    broken = [flipped, token[:-1], token[1:], token + "0", "x", token.upper(), "é" * 40]
    return [f"{head}/{one}" for one in (*swapped, *broken)]


def test_changed_link_is_refused(world: World) -> None:
    alert, visitor = complain(world), visit(world)
    for url in changed_links(buttons(world)[0]):
        for answer in (visitor.get(url), visitor.post(url)):
            assert answer.status_code == 404, url
            assert "Linkki ei ole kokonainen" in words(answer.text)
    assert now(world, alert) == alert


def test_link_to_an_alert_of_another_database_does_nothing(world: World) -> None:
    alert, visitor = complain(world), visit(world)
    with world.store.transaction() as session:
        session.execute(update(Alert).values(opened_at=alert.opened_at - timedelta(days=9)))
    answer = visitor.post(buttons(world)[0])
    assert answer.status_code == 410
    assert "Tätä hälytystä ei enää ole." in words(answer.text)
    assert len(world.history(alert.id)) == 1


def test_link_of_someone_who_left_does_nothing(world: World) -> None:
    alert = complain(world)
    answer = visit(world).post(link_to(world, alert, LinkAction.TAKE, "former"))
    assert answer.status_code == 410
    assert now(world, alert).state is AlertState.OPEN


def test_links_of_another_key_are_refused(world: World) -> None:
    complain(world)
    url = buttons(world)[0]
    (world.config.folder / "var/links.key").unlink()
    assert visit(world).post(url).status_code == 404


def test_key_is_for_the_service_only(world: World) -> None:
    assert (world.config.folder / "var/links.key").stat().st_mode & 0o777 == 0o600


HOSTILE = (
    'Lumopuoti rikki <script>alert(1)</script><img src="https://evil.example/x.png" onerror=alert(1)>'
    "</p></main><form action=https://evil.example><button>x</button></form> {{ 7*7 }} {% raw %} {shop}"
    " \x1b[31m \u202eolleh <style>*{display:none}</style>"
)


@pytest.mark.parametrize("action", ACTIONS)
def test_hostile_post_is_inert_on_the_page(world: World, action: LinkAction) -> None:
    world.post("forum", HOSTILE, author='<b onclick="x">nimi</b>')
    world.run()
    page = visit(world).get(link_to(world, world.alert, action))
    soup = BeautifulSoup(page.text, "lxml")
    assert soup.find(["script", "img", "iframe", "object", "b"], string=re.compile("alert|nimi")) is None
    assert len(soup.find_all("form")) == 1
    assert len(soup.find_all("button")) == 1
    assert len(soup.find_all("style")) == 1
    assert [tag for tag in soup.find_all(True) if any(name.startswith("on") for name in tag.attrs)] == []
    assert "&lt;script&gt;" in page.text
    assert "49" not in words(page.text)
    assert not set(page.text) & set("\x1b\u202e")


def test_page_loads_nothing_and_stays_unknown(world: World) -> None:
    page = visit(world).get(link_to(world, complain(world), LinkAction.TAKE))
    policy = page.headers["content-security-policy"]
    nonce = BeautifulSoup(page.text, "lxml").find("style")["nonce"]  # type: ignore[index]
    assert "default-src 'none'" in policy
    assert f"'nonce-{nonce}'" in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    assert "noindex" in page.headers["x-robots-tag"]
    assert re.findall(r"""\ssrc=|url\(|@import|<link""", page.text) == []


def test_form_that_is_too_large_is_refused(world: World) -> None:
    alert = complain(world)
    url = link_to(world, alert, LinkAction.ANSWER)
    assert visit(world).post(url, content=b"seen=" + b"1" * 20_000).status_code == 413
    assert visit(world).post(url, content=b"a=1&" * 100).status_code == 400
    assert now(world, alert).state is AlertState.OPEN


@pytest.mark.parametrize("seen", ["", "-1", "x", "9" * 400, "١"])
def test_strange_version_in_the_form_does_no_harm(world: World, seen: str) -> None:
    alert = complain(world)
    answer = visit(world).post(link_to(world, alert, LinkAction.TAKE), data={"seen": seen})
    assert answer.status_code in (200, 409)


def test_database_that_cannot_be_written_is_told_in_words(world: World) -> None:
    alert, visitor = complain(world), visit(world)
    url = link_to(world, alert, LinkAction.TAKE)

    def forbid(connection: Any, _record: object, _proxy: object) -> None:
        connection.execute("PRAGMA query_only = 1")

    event.listen(world.store.engine, "checkout", forbid)
    answer = visitor.post(url)
    assert answer.status_code == 503
    assert "mitään ei muutettu" in words(answer.text)
    event.remove(world.store.engine, "checkout", forbid)


def test_mail_has_buttons_in_its_readers_language_and_text(world: World) -> None:
    complain(world)
    mail, other = world.mailbox[0], world.mailbox[1]
    named = ["Otan tämän", "Vastattu", "Ei vaadi vastausta", "Ei koske meitä", "Ei ole kielteinen"]
    soup = BeautifulSoup(mail.html, "lxml")
    shown = [link for link in soup.find_all("a") if str(link["href"]).startswith(f"{ADDRESS}/do/")]
    assert [link.get_text() for link in shown] == named
    assert [str(link["href"]) for link in shown] == buttons(world)
    assert "Jag tar det" in other.text
    assert "ke 9.12." in mail.text
    assert max(len(line) for line in mail.text.splitlines()) < 250


def test_mail_without_a_web_endpoint_has_no_buttons(tmp_path: Path) -> None:
    world = World(tmp_path)
    complain(world)
    assert "/do/" not in world.mailbox[0].text + world.mailbox[0].html
    assert not (tmp_path / "var/links.key").exists()
    world.store.close()


def test_who_has_taken_it_is_not_asked_to_take_it_again(world: World) -> None:
    alert = complain(world)
    press(visit(world), link_to(world, alert, LinkAction.TAKE))
    world.post("forum", "Lumopuoti vei rahat, menen oikeuteen.", at="13:59")
    world.run()
    assert "Otan tämän" not in world.mailbox[2].text
    assert "Jag tar det" in world.mailbox[3].text


def test_reminders_stop_after_a_press(world: World) -> None:
    alert = complain(world)
    press(visit(world), link_to(world, alert, LinkAction.TAKE))
    before = len(world.mailbox)
    world.advance("6h")
    assert len(world.mailbox) == before


def test_english_page_for_an_english_reader(tmp_path: Path) -> None:
    people = [{"slug": "owner", "name": "Ann", "email": "ann@lumopuoti.example", "language": "en"}]
    world = open_world(tmp_path, recipients=people)
    page = visit(world).get(link_to(world, complain(world), LinkAction.NOT_NEGATIVE))
    assert "Is this not negative?" in words(page.text)
    assert 'lang="en"' in page.text
    world.store.close()
