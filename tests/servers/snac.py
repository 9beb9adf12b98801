"""snac, a small server with Mastodon's API, out of Debian's backports; unpacked, not installed."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.servers.commands import NotToBeHad
from tests.servers.installing import debian, debian_files, shelf
from tests.servers.running import HOST, Stand, answers, free_port, stand

_SUITE = "bookworm"
_NOWHERE = "urn:ietf:wg:oauth:2.0:oob"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account on the server."""

    url: str
    name: str
    password: str
    token: str

    def post(self, text: str, answers: str = "", visibility: str = "public") -> dict[str, Any]:
        """Write a status; returns it as the server shows it."""
        form = {"status": text, "visibility": visibility, **({"in_reply_to_id": answers} if answers else {})}
        return self._ask("POST", "/api/v1/statuses", form)

    def edit(self, status: str, text: str) -> dict[str, Any]:
        """Change a status by its id; returns it as it is now, with the id it has now."""
        return self._ask("PUT", f"/api/v1/statuses/{status}", {"status": text})

    def delete(self, uri: str) -> None:
        """Press the button under a status; the API of this server cannot delete."""
        form = {"id": uri, "actor": f"{self.url}/{self.name}", "action": "Delete"}
        page = f"{self.url}/{self.name}/admin/action"
        answer = httpx.post(page, data=form, auth=(self.name, self.password), timeout=60, trust_env=False)
        assert answer.status_code == 303, (answer.status_code, answer.text)

    def _ask(self, method: str, path: str, form: dict[str, str]) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        # Connections that idle are dropped without a word, so each request has one of its own.
        answer = httpx.request(
            method, self.url + path, data=form, headers=headers, timeout=60, trust_env=False
        )
        assert answer.is_success, (answer.status_code, answer.text)
        return answer.json()


@dataclass(frozen=True, slots=True)
class Snac:
    """A running server and two people on it."""

    url: str
    one: Person
    other: Person


@contextmanager
def snac() -> Iterator[Snac]:
    """Install and start a new server; it ends with it."""
    program = _program()
    with stand("snac") as place:
        port = free_port()
        url, home = f"http://{HOST}:{port}", str(place.folder / "home")
        _found(place, program, home, port)
        passwords = {name: _registered(place, program, home, name) for name in ("matti", "liisa")}
        place.start("snac", [program, "httpd", home], lambda: answers(f"{url}/api/v1/instance"))
        people = [Person(url, name, word, _token(url, name, word)) for name, word in passwords.items()]
        yield Snac(url, *people)


def _program() -> str:
    """Return the path of the program, fetched from the backports of the machine's own mirror."""
    debian("libcurl4", "libssl3")
    books = shelf("snac")
    debian_files(books / "files", "snac2", sources=_backports(books / "sources"))
    return str(books / "files/usr/bin/snac")


def _backports(folder: Path) -> Path:
    """Write down, as apt reads it, where the mirror of this machine keeps the backports."""
    folder.mkdir(exist_ok=True)
    written = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]
    for path in (one for one in written if one.suffix in (".list", ".sources") and one.is_file()):
        text = path.read_text(encoding="utf-8", errors="replace")
        found = _suite_lines(text) if path.suffix == ".list" else _suite_paragraph(text)
        if found:
            (folder / f"backports{path.suffix}").write_text(found, encoding="utf-8")
            return folder
    raise NotToBeHad(f"snac comes out of Debian's {_SUITE}-backports, and this is no Debian {_SUITE}.")


def _suite_lines(text: str) -> str:
    lines = re.findall(rf"(?m)^deb\s.*\s{_SUITE}\s.*$", text)
    return "".join(
        re.sub(rf"\s{_SUITE}\s", f" {_SUITE}-backports ", line, count=1) + "\n" for line in lines[:1]
    )


def _suite_paragraph(text: str) -> str:
    for paragraph in re.split(r"\n\s*\n", text):
        bare = "\n".join(line for line in paragraph.splitlines() if not line.startswith("#"))
        if re.search(rf"(?mi)^Suites:.*\b{_SUITE}(\s|$)", bare):
            return re.sub(r"(?mi)^Suites:.*$", f"Suites: {_SUITE}-backports", bare) + "\n"
    return ""


def _found(place: Stand, program: str, home: str, port: int) -> None:
    """Set up the server's folder; it asks for host, port, its own address, title and mail on a terminal."""
    place.run([program, "init", home], typed=f"{HOST}\n{port}\n{HOST}:{port}\n\n\n")
    settings = Path(home) / "server.json"
    server = json.loads(settings.read_text(encoding="utf-8"))
    server |= {"host": f"{HOST}:{port}", "address": HOST, "port": port, "protocol": "http"}
    server |= {"show_instance_timeline": True, "disable_email_notifications": True, "num_threads": 24}
    settings.write_text(json.dumps(server), encoding="utf-8")


def _registered(place: Stand, program: str, home: str, name: str) -> str:
    """Make an account and return its password."""
    said = place.run([program, "adduser", home, name])
    password = re.search(r"password is (\S+)", said)
    assert password is not None, said
    return password[1]


def _token(url: str, name: str, password: str) -> str:
    """Log in as a program does and return its token."""

    def ask(path: str, **form: str) -> httpx.Response:
        return httpx.post(url + path, data=form, timeout=60, trust_env=False).raise_for_status()

    app = ask("/api/v1/apps", client_name="tests", redirect_uris=_NOWHERE, scopes="read write").json()
    asked = {"redir": _NOWHERE, "cid": app["client_id"], "state": ""}
    code = ask("/oauth/x-snac-login", login=name, passwd=password, **asked).text.strip()
    program = {"client_id": app["client_id"], "client_secret": app["client_secret"], "scope": "read write"}
    grant = {"grant_type": "authorization_code", "code": code, "redirect_uri": _NOWHERE}
    return str(ask("/oauth/token", **grant, **program).json()["access_token"])
