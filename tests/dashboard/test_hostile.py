"""Every view with posts that try to break it: what they bring stays text."""

import html.parser
import re

import pytest

from tests.dashboard import seed
from tests.dashboard.conftest import shown

# Where a link may lead: to a web page, or to a download of ours, whose address is sealed.
LINK = re.compile(r"https?://|/take\?wish=[\w.-]+&format=\w+(?:&columns=1)?$")
FORBIDDEN_TAGS = {"script", "img", "iframe", "style", "object", "embed", "form", "input", "h1-from-post"}


class _Checker(html.parser.HTMLParser):
    """Collects what must not be there."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag in FORBIDDEN_TAGS or any(name.startswith("on") for name in named):
            self.wrong.append(f"{tag} {attrs}")
        if tag == "a" and not LINK.match(str(named.get("href"))):
            self.wrong.append(f"link to {named.get('href')}")


@pytest.fixture
def alert_ids(bare):
    with bare.store.transaction() as session:
        return seed.hostile(session, bare.now)


@pytest.mark.parametrize("page", ["inbox", "mentions", "trends", "sources"])
def test_hostile_posts_are_inert_on_each_page(alert_ids, visit, page):
    assert len(alert_ids) == len(seed.HOSTILE)
    assert _Checker(shown(visit(page))).wrong == []


def test_hostile_posts_are_inert_on_their_own_page(alert_ids, visit):
    for alert_id in alert_ids[:4]:
        at = visit("alert", id=str(alert_id))
        told = shown(at)
        assert _Checker(told).wrong == []
        assert "&lt;img src=x onerror=" in told


def test_nothing_of_a_stranger_reaches_a_markdown_widget(alert_ids, visit):
    for page, query in (("inbox", {}), ("mentions", {}), ("alert", {"id": str(alert_ids[1])})):
        at = visit(page, **query)
        labels = [element.label for element in (*at.button, *at.expander, *at.toggle)]
        labels += [element.label for element in at.get("page_link")]
        written = [element.value for element in (*at.markdown, *at.caption, *at.warning, *at.info)]
        assert not [text for text in (*labels, *written) if "javascript" in text or "evil" in text]
