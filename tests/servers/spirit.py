"""A forum of web pages alone: Spirit, which runs on Django, in a Python environment of its own."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.servers.installing import python_packages, shelf
from tests.servers.running import HOST, answers, free_port, stand

_REQUIREMENTS = Path(__file__).parent / "forum" / "requirements.txt"
_WRITER = "valvoja"
_PASSWORD = "sanaton-sana"
_AREA = "Verkkokaupat"
_SETTINGS = """
ALLOWED_HOSTS = ["127.0.0.1"]
ST_RATELIMIT_ENABLE = False
ST_DOUBLE_POST_THRESHOLD_MINUTES = 0
"""
_MAKE_AREA = f"""
from spirit.category.models import Category
print(Category.objects.create(title={_AREA!r}, slug="verkkokaupat").get_absolute_url())
"""
_TOKEN = re.compile(r"""name=["']csrfmiddlewaretoken["'] value=["']([^"']+)""")


@dataclass(frozen=True, slots=True)
class Topic:
    """A thread: its number, its address, and the number of the post that opens it."""

    number: str
    url: str
    opening: str


class Spirit:
    """A running forum, used through its forms as a logged-in moderator does."""

    def __init__(self, url: str, area: str) -> None:
        self.url, self.area = url, area
        self._web = httpx.Client(base_url=url, timeout=60, trust_env=False, follow_redirects=True)
        self._submit("/user/login/", username=_WRITER, password=_PASSWORD)

    def open_topic(self, title: str, text: str) -> Topic:
        """Open a thread in the area of shops."""
        form = self._web.get("/topic/publish/").raise_for_status().text
        category = re.search(rf'<option value="(\d+)"[^>]*>[^<]*{_AREA}', form)
        assert category is not None
        page = self._submit("/topic/publish/", title=title, category=category[1], comment=text)
        return Topic(page.url.path.split("/")[2], str(page.url).partition("#")[0], self._newest(page))

    def answer(self, topic: Topic, text: str) -> str:
        """Answer in a thread; returns the post's number."""
        return self._newest(self._submit(f"/comment/{topic.number}/publish/", comment=text))

    def edit(self, post: str, text: str) -> None:
        self._submit(f"/comment/{post}/update/", comment=text)

    def delete(self, post: str) -> None:
        self._submit(f"/comment/{post}/delete/")

    def delete_topic(self, topic: Topic) -> None:
        self._submit(f"/topic/moderate/delete/{topic.number}/")

    def close(self) -> None:
        self._web.close()

    def _newest(self, page: httpx.Response) -> str:
        return re.findall(r'data-pk="(\d+)"', page.text)[-1]

    def _submit(self, path: str, **form: str) -> httpx.Response:
        page = self._web.get(path).raise_for_status()
        token = _TOKEN.search(page.text)
        assert token is not None, page.text
        headers = {"Referer": str(page.url)}
        answer = self._web.post(path, data={**form, "csrfmiddlewaretoken": token[1]}, headers=headers)
        assert answer.is_success, answer.text
        assert answer.history, f"{path} did not take what was written"
        return answer


@contextmanager
def spirit() -> Iterator[Spirit]:
    """Install and start a new forum; it ends with it."""
    python = python_packages(shelf("spirit") / "python", _REQUIREMENTS)
    with stand("spirit") as place:
        port = free_port()
        url = f"http://{HOST}:{port}"
        # The project's own scripts look for "python" on the path.
        env = {"PATH": f"{python.parent}:{os.environ['PATH']}", "DJANGO_SUPERUSER_PASSWORD": _PASSWORD}
        place.run([str(python.parent / "spirit"), "startproject", "puoti"], env)
        with (place.folder / "puoti/puoti/settings/dev.py").open("a", encoding="utf-8") as settings:
            settings.write(_SETTINGS)
        manage = [str(python), str(place.folder / "puoti/manage.py")]
        place.run([*manage, "spiritinstall"], env)
        who = ["--username", _WRITER, "--email", f"{_WRITER}@foorumi.example"]
        place.run([*manage, "createsuperuser", "--noinput", *who], env)
        area = place.run([*manage, "shell", "-c", _MAKE_AREA], env).split()[-1]
        server = [*manage, "runserver", "--noreload", f"{HOST}:{port}"]
        place.start("spirit", server, lambda: answers(f"{url}/"), env)
        forum = Spirit(url, area)
        try:
            yield forum
        finally:
            forum.close()
