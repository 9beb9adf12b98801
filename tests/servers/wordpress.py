"""A WordPress site out of Debian's packages, on PHP's own web server and a MariaDB of its own."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.servers.installing import debian, debian_files, is_root, shelf
from tests.servers.running import HOST, Stand, answers, free_port, listens, stand

_SITE = Path(__file__).parent / "site"
_NEEDED = (
    "mariadb-server-core",
    "mariadb-client-core",
    *(f"php8.2-{part}" for part in ("cli", "mysql", "xml", "mbstring", "curl")),
)
# Unpacked, because installed they bring a web server that starts by itself.
_PACKAGES = ("wordpress", "wordpress-theme-twentytwentythree")
_PHP = ("php8.2", "-d", "display_errors=0", "-d", "sendmail_path=/bin/true")


@dataclass(frozen=True, slots=True)
class Wordpress:
    """A running site, and its owner's way in."""

    url: str
    owner: tuple[str, str]

    def publish(self, title: str, text: str = "Kerro kokemuksesi.") -> tuple[int, str]:
        """The owner publishes an article; returns its number and address."""
        article = {"title": title, "content": text, "status": "publish"}
        made = self._as_owner("POST", "/posts", article)
        return made["id"], made["link"]

    def rewrite(self, article: int, text: str) -> None:
        self._as_owner("POST", f"/posts/{article}", {"content": text})

    def comment(self, article: int, text: str, answers: str = "0", author: str = "Äijä") -> str:
        """A stranger comments by the form under the article; returns the comment's number."""
        form = {"comment_post_ID": article, "comment_parent": answers, "author": author, "comment": text}
        form["email"] = "aija@asiakas.example"
        answer = httpx.post(f"{self.url}/wp-comments-post.php", data=form, timeout=60, trust_env=False)
        assert answer.status_code == 302, answer.text
        return str(answer.headers["location"].rpartition("#comment-")[2])

    def edit(self, comment: str, text: str) -> None:
        self._as_owner("POST", f"/comments/{comment}", {"content": text})

    def hold(self, comment: str) -> None:
        """The owner takes a comment back into moderation."""
        self._as_owner("POST", f"/comments/{comment}", {"status": "hold"})

    def delete(self, comment: str) -> None:
        self._as_owner("DELETE", f"/comments/{comment}?force=true", None)

    def _as_owner(self, method: str, path: str, body: dict[str, str] | None) -> Any:
        url = f"{self.url}/wp-json/wp/v2{path}"
        answer = httpx.request(method, url, json=body, auth=self.owner, timeout=60, trust_env=False)
        assert answer.is_success, answer.text
        return answer.json()


@contextmanager
def wordpress() -> Iterator[Wordpress]:
    """Install and start a new site; it ends with it."""
    debian(*_NEEDED)
    programs = shelf("wordpress") / "files"
    debian_files(programs, *_PACKAGES)
    with stand("wordpress") as place:
        port, db_port = free_port(), free_port()
        url = f"http://{HOST}:{port}"
        surroundings = {"SITE_URL": url, "SITE_DB_PORT": str(db_port), "PHP_CLI_SERVER_WORKERS": "2"}
        root = _laid_out(place, programs)
        _start_database(place, db_port)
        said = place.run([*_PHP, str(_SITE / "first-run.php"), str(root)], surroundings)
        name, password = said.split()[-2:]
        server = [*_PHP, "-S", f"{HOST}:{port}", "-t", str(root), str(_SITE / "front-door.php")]
        place.start("php", server, lambda: answers(f"{url}/wp-json/"), surroundings)
        yield Wordpress(url, (name, password))


def _laid_out(place: Stand, programs: Path) -> Path:
    """Copy the site's files and put ours among them; returns its root."""
    root = place.folder / "site"
    # Links to what other packages would bring stay links, and lead nowhere.
    shutil.copytree(programs / "usr/share/wordpress", root, symlinks=True)
    config = root / "wp-config.php"
    config.unlink(missing_ok=True)
    shutil.copy(_SITE / "wp-config.php", config)
    plugins = root / "wp-content/mu-plugins"
    plugins.mkdir(exist_ok=True)
    shutil.copy(_SITE / "no-flood-limit.php", plugins)
    return root


def _start_database(place: Stand, port: int) -> None:
    folder = place.folder / "db"
    whose = ["--user=root"] if is_root() else []
    common = ["--no-defaults", f"--datadir={folder}", *whose]
    place.run(["mariadb-install-db", *common, "--auth-root-authentication-method=normal", "--skip-test-db"])
    server = ["mariadbd", *common, f"--port={port}", f"--bind-address={HOST}"]
    server += [
        f"--socket={place.folder}/db.sock",
        "--innodb-buffer-pool-size=32M",
        "--performance-schema=off",
    ]
    place.start("mariadb", server, lambda: listens(port))
    client = ["mariadb", "--no-defaults", "--protocol=TCP", f"--host={HOST}", f"--port={port}", "--user=root"]
    place.run([*client, "-e", "CREATE DATABASE wordpress CHARACTER SET utf8mb4"])
