"""The two requests behind a mail's button: GET shows and never changes anything, POST does it."""

from collections.abc import Mapping
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from monitor.config.schema import RecipientConfig
from monitor.errors import StoreError
from monitor.links import ButtonLink
from monitor.notifiers.inert import web_link
from monitor.notifiers.views import Reader
from monitor.web import page
from monitor.web.deeds import Outcome, Press, before_press, perform, standing
from monitor.web.parts import WebParts

_MOST_BODY = 16_384
_MOST_VERSION_DIGITS = 18


class Buttons:
    """Endpoints under /do/."""

    def __init__(self, parts: WebParts) -> None:
        self._parts = parts

    def show(self, request: Request) -> Response:
        """GET: the question, with the button that does."""
        found = self._who_asks(request.path_params["link"])
        if isinstance(found, Response):
            return found
        link, person, reader = found
        with self._parts.store.reading() as session:
            now = standing(session, link)
        if now is None:
            return page.sorry_page(self._parts, page.GONE, 410, reader)
        outcome = before_press(now.alert, link.action, person.name)
        return page.alert_page(self._parts, link, person, now, outcome, reader)

    async def press(self, request: Request) -> Response:
        """POST: do it, and show how the alert stands then."""
        form = await _form(request)
        return await run_in_threadpool(self._press, request.path_params["link"], form)

    def _press(self, written: str, form: Mapping[str, str]) -> Response:
        found = self._who_asks(written)
        if isinstance(found, Response):
            return found
        link, person, reader = found
        url = form.get("answer_url", "").strip()
        is_address = not url or web_link(url) is not None
        outcome: Outcome | None = Outcome.ASKED
        if is_address:
            press = Press(person.name, self._parts.clock.now(), _number(form.get("seen", "")), url or None)
            try:
                outcome = perform(self._parts.store, link, press)
            except StoreError:
                return page.sorry_page(self._parts, page.TROUBLE, 503, reader)
        with self._parts.store.reading() as session:
            now = standing(session, link)
        if now is None or outcome is None:
            return page.sorry_page(self._parts, page.GONE, 410, reader)
        problem = "" if is_address else reader.wording.say(page.NO_ADDRESS)
        return page.alert_page(self._parts, link, person, now, outcome, reader, problem)

    def _who_asks(self, written: str) -> tuple[ButtonLink, RecipientConfig, Reader] | Response:
        """The link, its recipient and their language; or the page that says why it is refused."""
        link = self._parts.signer.read(written)
        if link is None:
            return page.sorry_page(self._parts, page.UNKNOWN, 404, self._reader(None))
        people = self._parts.config.recipients
        person = next((one for one in people if one.slug == link.recipient), None)
        reader = self._reader(person)
        if person is None:
            return page.sorry_page(self._parts, page.NOT_YOURS, 410, reader)
        if link.expires_at <= reader.now:
            return page.sorry_page(self._parts, page.EXPIRED, 410, reader)
        return link, person, reader

    def _reader(self, person: RecipientConfig | None) -> Reader:
        config = self._parts.config
        language = (person.language if person else None) or config.language
        return Reader(self._parts.wordings[language], config.zone, self._parts.clock.now())


async def _form(request: Request) -> dict[str, str]:
    """The fields of a small form; HTTPException when it is none."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BODY:
            raise HTTPException(413, "This form is too large.")
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=20)
    except ValueError as error:
        raise HTTPException(400, "This form cannot be read.") from error
    return {name: values[0] for name, values in fields.items()}


def _number(written: str) -> int | None:
    is_number = written.isascii() and written.isdigit() and len(written) <= _MOST_VERSION_DIGITS
    return int(written) if is_number else None
