"""The door through which strangers' text becomes HTML."""

import html.parser

import pytest

from dashboard import widgets
from tests.dashboard.seed import HOSTILE

pytestmark = pytest.mark.usefixtures("bare")
ALLOWED = {"bdi", "mark"}


class _Tags(html.parser.HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, attrs))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_brings_no_tag_of_its_own(text):
    for made in (widgets.escaped(text), widgets.marked(text, ["Lumopuoti", "script", "img"])):
        assert all(tag in ALLOWED and not attributes for tag, attributes in _Tags(made).seen)


def test_direction_override_and_piled_accents_do_not_reach_the_page():
    made = widgets.escaped("\u202eabc\u202c e" + "\u0301" * 500)
    assert "\u202e" not in made
    assert made.count("\u0301") < 5


def test_marked_words_are_found_in_any_case_and_longest_first():
    made = widgets.marked("Lumopuodista ja LUMOPUOTI", ["lumopuoti", "lumopuodista"])
    assert made == "<bdi><mark>Lumopuodista</mark> ja <mark>LUMOPUOTI</mark></bdi>"


def test_marked_word_with_markup_stays_inert():
    assert widgets.marked("a <b> c", ["<b>"]) == "<bdi>a <mark>&lt;b&gt;</mark> c</bdi>"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt://example.com/%0aalert(1)",
        "data:text/html,<script>1</script>",
        "//example.com",
        "",
        "http://",
        "https://[::bad/",
        "vbscript:x",
        "https://\u202eexample.com",
        "http://" + "a" * 300 + ".example",
    ],
)
def test_link_that_is_not_plain_http_is_only_text(url):
    assert "<a " not in widgets.link(url, "Open")


def test_link_shows_the_real_host_in_ascii_spelling():
    made = widgets.link("https://ex\u0430mple.com/x", "Open")
    assert "xn--exmple-4nf.com" in made


def test_link_cannot_leave_its_attribute():
    made = widgets.link('https://example.com/"><script>alert(1)</script>', "Open")
    assert [tag for tag, _ in _Tags(made).seen] == ["a", "span"]


def test_excerpt_keeps_the_word_that_names_the_shop():
    text = "sana " * 100 + "Lumopuoti vei rahat " + "loppu " * 100
    made = widgets.excerpt(text, ["Lumopuoti"])
    assert "Lumopuoti" in made
    assert made.startswith("… ")
    assert made.endswith(" …")
    assert len(made) < 240


def test_long_text_is_folded_and_short_text_is_not():
    assert "<details" not in widgets.folded("short")
    assert "<details" in widgets.folded("word " * 400)


def test_text_that_was_erased_is_told():
    assert "no text" in widgets.folded("")


def test_label_for_markdown_has_no_live_signs():
    assert widgets.markdown_safe("[x](javascript:1) **b** :red[c]").count("\\") >= 8
