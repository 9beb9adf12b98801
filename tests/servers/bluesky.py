"""A Bluesky network of its own: directory, the accounts' server, and the view that searches.

Its makers' package of npm runs all of it in one process, over a PostgreSQL of its own. Every start is a new,
empty network. Its search takes a phrase and knows neither times nor domains nor languages.
"""

import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from tests.servers.installing import debian, is_root, npm_packages, shelf
from tests.servers.running import HOST, Stand, free_port, listens, stand

_PROGRAM = Path(__file__).parent / "network" / "network.mjs"
_PACKAGE = "@atproto/dev-env@0.6.7"
_AS_OF = "2026-11-24"
_POSTGRES = Path("/usr/lib/postgresql/15/bin")
_PASSWORD = "sanaton-sana"
_ADMIN = ("admin", "admin-pass")  # so the package has it
_POSTS = "app.bsky.feed.post"
_PEOPLE = ("matti", "liisa", "pekka")


class Account:
    """Somebody with an account, logged in."""

    def __init__(self, url: str, name: str) -> None:
        self._url, self.handle, self._token = url, f"{name}.test", ""
        login = {"identifier": self.handle, "password": _PASSWORD}
        session = self._ask("com.atproto.server.createSession", login)
        self.did, self._token = str(session["did"]), str(session["accessJwt"])

    def post(self, text: str, answers: dict[str, str] | None = None) -> dict[str, str]:
        """Write a post; returns its address and the digest of its content."""
        record = self._record(text)
        if answers:
            record["reply"] = {"root": answers, "parent": answers}
        body = {"repo": self.did, "collection": _POSTS, "record": record}
        made = self._ask("com.atproto.repo.createRecord", body)
        return {"uri": made["uri"], "cid": made["cid"]}

    def edit(self, uri: str, text: str) -> None:
        """Put another post in the place of one."""
        self._ask("com.atproto.repo.putRecord", {**self._place(uri), "record": self._record(text)})

    def delete(self, uri: str) -> None:
        self._ask("com.atproto.repo.deleteRecord", self._place(uri))

    def app_password(self) -> str:
        """Make a password for a program, as the settings of an account do."""
        made = self._ask("com.atproto.server.createAppPassword", {"name": str(uuid4())})
        return str(made["password"])

    def _place(self, uri: str) -> dict[str, str]:
        return {"repo": self.did, "collection": _POSTS, "rkey": uri.rpartition("/")[2]}

    def _record(self, text: str) -> dict[str, Any]:
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {"$type": _POSTS, "text": text, "createdAt": now, "langs": ["fi"]}

    def _ask(self, method: str, body: dict[str, Any]) -> Any:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        url = f"{self._url}/xrpc/{method}"
        answer = httpx.post(url, json=body, headers=headers, timeout=120, trust_env=False)
        assert answer.is_success, answer.text
        return answer.json()


@dataclass(frozen=True, slots=True)
class Network:
    """A running network: the accounts' server, the view over all, two people, and one who will go."""

    url: str
    view: str
    one: Account
    other: Account
    leaver: Account

    def dismiss(self, account: Account) -> None:
        """The accounts' server deletes an account with all it wrote."""
        url = f"{self.url}/xrpc/com.atproto.admin.deleteAccount"
        answer = httpx.post(url, json={"did": account.did}, auth=_ADMIN, timeout=120, trust_env=False)
        assert answer.is_success, answer.text

    def shows(self, uri: str) -> bool:
        """Say whether the view shows a post; what was written needs a moment to get there."""
        address = f"{self.view}/xrpc/app.bsky.feed.getPosts"
        answer = httpx.get(address, params={"uris": uri}, timeout=120, trust_env=False).raise_for_status()
        return bool(answer.json()["posts"])


@contextmanager
def bluesky() -> Iterator[Network]:
    """Install and start a new network; it ends with it."""
    debian("postgresql-15", "python3", "make", "g++")
    programs = shelf("bluesky") / "files"
    node = npm_packages(programs, _AS_OF, _PACKAGE, compiled=["better-sqlite3"])
    shutil.copy(_PROGRAM, programs)
    with stand("bluesky") as place:
        port = start_database(place)
        env = {
            "DB_POSTGRES_URL": f"postgresql://verkko@{HOST}:{port}/postgres",
            "DB_POSTGRES_SCHEMA": "verkko",
            "REDIS_HOST": "none",  # asked for, and never used
            "TMPDIR": str(place.folder),
            "NODE_OPTIONS": "--dns-result-order=ipv4first",
            "LOG_ENABLED": "false",
        }
        people = [word for name in _PEOPLE for word in (name, _PASSWORD)]
        said = place.folder / "network.log"
        place.start(
            "network",
            [str(node), str(programs / _PROGRAM.name), *people],
            lambda: said.read_text(encoding="utf-8").endswith("ready\n"),
            env,
        )
        url, view = said.read_text(encoding="utf-8").split()[-3:-1]
        yield Network(url, view, *(Account(url, name) for name in _PEOPLE))


def start_database(place: Stand) -> int:
    """Start PostgreSQL, which refuses to run as root; returns its port."""
    folder, port = place.folder / "db", free_port()
    folder.mkdir(mode=0o700)
    if is_root():
        shutil.chown(folder, "postgres")
    made = [str(_POSTGRES / "initdb"), "-D", str(folder), "-U", "verkko", "--auth=trust", "-E", "UTF8"]
    place.run([*made, "--locale=C.UTF-8"], user="postgres")
    server = [str(_POSTGRES / "postgres"), "-D", str(folder), "-h", HOST, "-p", str(port)]
    server += ["-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "max_connections=200"]
    place.start("postgres", server, lambda: listens(port), user="postgres", end=signal.SIGINT)
    return port
