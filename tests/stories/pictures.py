"""Pictures of the mails, light and dark, in Chromium, and of the PDF: `python -m tests.stories.pictures`."""

import sys
import tempfile
from base64 import b64encode
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pypdfium2
from playwright.sync_api import Browser

from monitor.config.schema import RecipientConfig
from monitor.domain import EventKind, Message
from monitor.notifiers.render import Links
from monitor.notifiers.views import Reader
from monitor.notifiers.weekly import render_weekly
from monitor.store import storms
from monitor.store.tables import SourceState
from monitor.wording import load_wording
from tests.dashboard import running
from tests.stories.world import HELSINKI, World
from tests.unit import weeks
from tests.unit.rows import delivery

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
_OWNER: dict[str, Any] = {
    "slug": "owner",
    "name": "Kauppias",
    "email": "kauppias@lumopuoti.example",
    "weekly": True,
}
_SHOP = {
    "slug": "lumopuoti",
    "name": "Lumopuoti",
    "handles": ["@lumopuoti"],
    "contact": "asiakaspalvelu@lumopuoti.example",
}
_WIDTH, _HEIGHT = 700, 900


def main(arguments: Sequence[str]) -> None:
    """Let the stories happen, and write a picture of each mail in both colours into the folder."""
    folder = Path(arguments[0]) if arguments else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    mails = {"alert": _alert(), "summary": _summary(), "storm": _storm(), "week": _week()}
    _print(mails["week"], folder / "week-pdf.png")
    with running.browser() as browser:
        for name, mail in mails.items():
            for scheme in ("light", "dark"):
                _take(browser, mail, scheme, folder / f"mail-{name}-{scheme}.png")


def _take(browser: Browser, mail: Message, scheme: str, path: Path) -> None:
    context, asked = running.fenced(browser, width=_WIDTH, height=_HEIGHT, scheme=scheme)
    page = context.new_page()
    page.set_content(_shown(mail))
    page.screenshot(path=path, full_page=True)
    context.close()
    assert not asked, f"the mail loads from outside: {asked}"


def _world() -> World:
    folder = Path(tempfile.mkdtemp(prefix="mainevahti-pictures-"))
    web = {"address": "127.0.0.1", "port": 8502}
    world = World(folder, shops=[_SHOP], recipients=[_OWNER], web=web)
    world.run()
    with world.store.transaction() as session:
        for slug in world.places:
            session.get_one(SourceState, slug).listening_since = world.clock.now() - timedelta(weeks=20)
    return world


def _alert() -> Message:
    world = _world()
    world.post("forum", "Lumopuoti oli viimeksikin pettymys.", thread="t0", author="vuokko", days_ago=3)
    world.post("forum", "Lumopuodista tuli lamppu rikki, eikä kukaan vastaa viesteihin.", author="vuokko")
    world.run()
    return world.mailbox[-1]


def _summary() -> Message:
    world = _world()
    things = ("lamppu", "peili", "matto", "tuoli", "verho", "kello")
    for number, thing in enumerate(things):
        world.post(
            "forum",
            f"Lumopuodin {thing} oli rikki jo avatessa.",
            thread=f"t{number}",
            author=f"asiakas{number}",
            days_ago=1,
        )
    world.run()
    return world.mailbox[-1]


def _storm() -> Message:
    world = _world()
    with world.store.transaction() as session:
        storms.add_event(
            session,
            shop="lumopuoti",
            kind=EventKind.DEPLOY,
            title="uusi kassa",
            at=world.clock.now() - timedelta(minutes=55),
            until=None,
            who="julkaisija",
            via="webhook",
            key="1",
        )
    for number in range(7):
        text = f"Lumopuodin tilaus {number + 101} meni rikki kassalla, surkea kokemus."
        world.post("forum", text, thread=f"t{number}", author=f"kävijä{number}", at=f"13:{40 + number}")
    world.run()
    world.advance("10m")
    return next(mail for mail in world.mailbox if "Poikkeuksellisen" in mail.subject)


def _week() -> Message:
    """A full week, so that every part of the page can be seen."""
    reader = Reader(load_wording("fi"), HELSINKI, weeks.NOW)
    links, names = Links("https://vahti.example"), {"lumopuoti": "Lumopuoti"}
    return render_weekly([weeks.usual()], delivery(), RecipientConfig(**_OWNER), names, reader, links)


def _shown(mail: Message) -> str:
    """The mail's HTML with its pictures in it, as a mail reader puts them there."""
    html = mail.html
    for one in mail.enclosed:
        inline = f"data:{one.kind};base64,{b64encode(one.content).decode()}"
        html = html.replace(f"cid:{one.cid}", inline) if one.cid else html
    return html


def _print(mail: Message, path: Path) -> None:
    """The first page of the mail's PDF."""
    (sheet,) = [one for one in mail.enclosed if not one.cid]
    document = pypdfium2.PdfDocument(sheet.content)
    document[0].render(scale=1.6).to_pil().save(path, optimize=True)
    document.close()


if __name__ == "__main__":
    main(sys.argv[1:])
