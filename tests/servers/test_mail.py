"""Complaints come out of a real mailbox, and alerts go out through a real mail server."""

import pytest

from monitor.domain import Sentiment
from monitor.errors import Temporary
from tests.servers.conftest import Listen
from tests.servers.mail import PASSWORD, SENDER, PostOffice
from tests.servers.service import OWNER, Service

pytestmark = [pytest.mark.servers, pytest.mark.weights]

COMPLAINT = "Paketti tuli rikki, eikä kukaan vastaa. Surkea asiakaspalvelu, rahat takaisin!"
WORSE = "Odotan yhä rahojani. Teen kuluttajariitalautakunnalle valituksen, tämä on huijausta."


def mailbox(office: PostOffice, box: str, security: str = "tls") -> str:
    port = office.imaps if security == "tls" else office.imap
    return f"""
kind = "imap"
host = "localhost"
port = {port}
security = "{security}"
user = "{box}"
password = {{ file = "password" }}
ca = "{office.ca}"
"""


def smtp(office: PostOffice, security: str = "starttls") -> str:
    port = office.smtps if security == "tls" else office.smtp
    return f"""
[mail]
transport = "smtp"
sender = "{SENDER}@lumopuoti.example"
host = "localhost"
port = {port}
security = "{security}"
user = "{SENDER}"
password = {{ file = "sending" }}
"""


@pytest.fixture(autouse=True)
def trust(office: PostOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine trusts the server's certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(office.ca))


def opened(listen: Listen, source: str, more: str = "", sending: str = PASSWORD) -> Service:
    return listen(source, more, password=PASSWORD, sending=sending)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_complaint_is_found_and_stays_unread(office: PostOffice, listen: Listen, security: str) -> None:
    box = f"palaute-{security}"
    service = opened(listen, mailbox(office, box, security))
    sent = office.write(box, "Tilaus 1234", COMPLAINT)
    service.listen()
    mention = service.mention
    assert f"<{mention.external_id}>" == sent
    assert (mention.shop, mention.found_where) == ("lumopuoti", "thread")
    assert (mention.author, mention.title, mention.text) == ("Äijä Asiakas", "Tilaus 1234", COMPLAINT)
    assert mention.thread_title == "Lumopuoti: Tilaus 1234"
    assert mention.assessment is not None
    assert mention.assessment.label is Sentiment.NEGATIVE
    assert office.unread(box) == 1


def test_alerts_arrive_as_mails_of_one_thread(office: PostOffice, listen: Listen) -> None:
    box = "palaute-ketju"
    service = opened(listen, mailbox(office, box), smtp(office))
    first = office.write(box, "Tilaus 1234", COMPLAINT)
    service.listen()
    office.write(box, "Re: Tilaus 1234", WORSE, answers=first)
    service.listen()
    assert [mention.thread_key for mention in service.mentions] == [first.strip("<>")] * 2
    sent = [one.message_id for one in service.deliveries if one.sent_at]
    assert len(sent) == 2
    for message_id in sent:
        office.wait_for(OWNER, message_id)
    opening, further = office.mails(OWNER)[-2:]
    assert [opening["Message-ID"].strip(), further["Message-ID"].strip()] == sent
    assert opening["In-Reply-To"] is None
    assert further["In-Reply-To"].strip() == further["References"].strip() == sent[0]
    assert "Lumopuoti" in opening["Subject"]
    assert opening["From"].addresses[0].addr_spec == f"{SENDER}@lumopuoti.example"
    assert opening["Auto-Submitted"] == "auto-generated"
    for kind in ("plain", "html"):
        assert COMPLAINT.split(".")[0] in opening.get_body((kind,)).get_content()
    assert "kuluttajariitalautakunnalle" in further.get_body(("plain",)).get_content()


def test_own_alerts_in_the_watched_mailbox_are_no_posts(office: PostOffice, listen: Listen) -> None:
    service = opened(listen, mailbox(office, OWNER), smtp(office))
    before = len(office.mails(OWNER))
    office.write(OWNER, "Tilaus 77", COMPLAINT)
    office.write(OWNER, "Poissa", "Olen lomalla Lumopuodin asioista.", Auto_Submitted="auto-replied")
    service.listen()
    office.wait_for(OWNER, service.deliveries[0].message_id)
    assert len(office.mails(OWNER)) == before + 3
    service.listen()
    assert service.texts == [COMPLAINT]


def test_mail_deleted_in_the_mailbox_stays_known(office: PostOffice, listen: Listen) -> None:
    service = opened(listen, mailbox(office, "palaute-pois"))
    sent = office.write("palaute-pois", "Tilaus 5", COMPLAINT)
    service.listen()
    office.remove("palaute-pois", sent)
    office.write("palaute-pois", "Tilaus 6", WORSE)
    service.listen()
    service.recheck()
    assert service.texts == [COMPLAINT, WORSE]


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_mail_server_is_tried_out(office: PostOffice, listen: Listen, security: str) -> None:
    opened(listen, mailbox(office, "kukaan"), smtp(office, security)).app.parts.notifier.try_out()


def test_wrong_password_is_told_and_the_mail_waits(office: PostOffice, listen: Listen) -> None:
    service = opened(listen, mailbox(office, "palaute-odottaa"), smtp(office), sending="arvaus")
    with pytest.raises(Temporary, match="does not accept our user name and password"):
        service.app.parts.notifier.try_out()
    office.write("palaute-odottaa", "Tilaus 8", COMPLAINT)
    service.listen()
    delivery = service.deliveries[0]
    assert (delivery.sent_at, delivery.attempts) == (None, 1)
    assert "does not accept our user name" in (delivery.last_error or "")
