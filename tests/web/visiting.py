"""A world with a web endpoint, and a visitor who asks it without a network in between."""

import asyncio
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from starlette.applications import Starlette

from monitor.app import make_web
from monitor.links import ButtonLink, LinkAction, LinkSigner
from monitor.store.rows import AlertRow
from monitor.web import Pulse
from tests.stories.world import World

TOKEN = "a-token-of-the-tests-only"
ADDRESS = "https://vahti.lumopuoti.example"
KEYS = {"reader": TOKEN, "other": "another-token-of-the-tests"}
PEOPLE = [
    {"slug": "owner", "name": "Omistaja", "email": "omistaja@lumopuoti.example", "language": "fi"},
    {"slug": "maija", "name": "Maija", "email": "maija@lumopuoti.example", "language": "sv"},
]


class Visitor:
    """Asks the endpoint as a browser or another program would."""

    def __init__(self, site: Starlette) -> None:
        self._site = site

    def get(self, url: str, **more: Any) -> httpx.Response:
        return self.ask("GET", url, **more)

    def post(self, url: str, **more: Any) -> httpx.Response:
        return self.ask("POST", url, **more)

    def ask(self, method: str, url: str, **more: Any) -> httpx.Response:
        return asyncio.run(self._ask(method, url, **more))

    def api(self, path: str, token: str = TOKEN, **query: Any) -> httpx.Response:
        """Ask the API with a token."""
        return self.get(f"/api/v1/{path}", params=query, headers={"Authorization": f"Bearer {token}"})

    async def _ask(self, method: str, url: str, **more: Any) -> httpx.Response:
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        transport = httpx.ASGITransport(self._site)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.request(method, path, **more)


def open_world(folder: Path, **settings: Any) -> World:
    """A world whose web endpoint has a public address and two clients."""
    for name, token in KEYS.items():
        (folder / f"{name}.token").write_text(token, encoding="utf-8")
    tokens = [{"name": name, "secret": {"file": f"{name}.token"}} for name in KEYS]
    web = {"url": ADDRESS, "tokens": tokens}
    return World(folder, **{"web": web, "recipients": PEOPLE, **settings})


def visit(world: World, pulse: Pulse | None = None) -> Visitor:
    """Open the endpoint of a world."""
    return Visitor(site_of(world, pulse))


def site_of(world: World, pulse: Pulse | None = None) -> Starlette:
    """The endpoint itself."""
    return make_web(world.config, world.store, world.clock, pulse or Pulse(world.clock))


def buttons(world: World, mail: int = 0) -> list[str]:
    """Addresses behind the buttons of a mail, in their order."""
    return re.findall(rf"^\s+({ADDRESS}/do/\S+)$", world.mailbox[mail].text, re.MULTILINE)


def link_to(world: World, alert: AlertRow, action: LinkAction, who: str = "owner", days: int = 14) -> str:
    """A button's address made with the world's own key."""
    key = (world.config.folder / "var/links.key").read_bytes()
    expires_at = world.clock.now() + timedelta(days=days)
    return f"/do/{LinkSigner(key).write(ButtonLink(alert.id, who, action, alert.opened_at, expires_at))}"
