"""A real mailbox held open (IDLE over TLS): mail is stored as it comes, without being asked for."""

import pytest

from tests.servers.conftest import Listen
from tests.servers.mail import PASSWORD, PostOffice
from tests.servers.test_mail import COMPLAINT, mailbox

pytestmark = [pytest.mark.servers, pytest.mark.weights]


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_mail_is_stored_as_it_comes(
    office: PostOffice, listen: Listen, monkeypatch: pytest.MonkeyPatch, security: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(office.ca))
    box = f"vahti-{security}"
    first = office.write(box, "Tilaus 1", COMPLAINT)
    service = listen(mailbox(office, box, security), password=PASSWORD)
    with service.hearing():
        service.wait_until(lambda: service.mentions)
        second = office.write(box, "Tilaus 2", COMPLAINT)
        service.wait_until(lambda: len(service.mentions) == 2)
    assert [f"<{mention.external_id}>" for mention in service.mentions] == [first, second]
