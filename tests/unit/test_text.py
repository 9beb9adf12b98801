"""Strangers' text: HTML, hidden characters, addresses, charsets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text import (
    canonical_url,
    clean,
    clean_line,
    decode,
    fingerprint,
    html_to_line,
    html_to_text,
    safe_url,
)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>Yksi</p><p>Kaksi</p>", "Yksi\n\nKaksi"),
        ("Yksi<br>kaksi<br/>kolme", "Yksi\nkaksi\nkolme"),
        ("a <a href='https://x.example'>linkki</a> b", "a linkki b"),
        ("Tom &amp; Jerry &#038; &lt;b&gt; &auml;", "Tom & Jerry & <b> ä"),
        ("2 < 3 & 4 > 1", "2 < 3 & 4 > 1"),
        ("a<script>alert(1)</script><style>p{}</style><!-- x -->b", "ab"),
        ("<blockquote><p>Huono</p></blockquote><p>Eri mieltä</p>", "> Huono\n\nEri mieltä"),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>c", "> a\n> b\n\nc"),
        ('<div class="bbCodeBlock bbCodeBlock--quote">Matti sanoi</div>vastaus', "> Matti sanoi\nvastaus"),
        ('x <img class="emoji" alt=":rage:"> <img src="y" alt="kuva">', "x :rage:"),
        ("<pre>a\n  b</pre>", "a\nb"),
        ("<table><tr><td>1</td><td>2</td></tr></table>", "1 2"),
        ('<span class="invisible">https://</span><span>a.example</span>', "https://a.example"),
        ('<?xml version="1.0" encoding="latin1"?><p>ä</p>', "ä"),
        ("<p>ei loppua <b>lihava", "ei loppua lihava"),
        ("<!-- vain huomautus -->", ""),
        ("", ""),
        ("   ", ""),
    ],
)
def test_html_to_text_reads(markup: str, text: str) -> None:
    assert html_to_text(markup) == text


def test_html_to_text_reads_very_deep_nesting() -> None:
    assert html_to_text("<div>" * 5000 + "pohjalla") == "pohjalla"


def test_html_to_text_cuts_what_is_too_long() -> None:
    text = html_to_text("<p>sana </p>" * 100_000)
    assert len(text) <= 20_000
    assert text.endswith("…")


def test_html_to_line_reads_titles_with_and_without_tags() -> None:
    assert html_to_line("<b>Lumo</b>puoti\navaa") == "Lumopuoti avaa"
    assert html_to_line("Lumopuoti\u202e avaa") == "Lumopuoti avaa"


@pytest.mark.parametrize(
    ("dirty", "cleaned"),
    [
        ("a\u200bb\ufeffc\u00add", "abcd"),
        ("maksu \u202ednufer\u202c", "maksu dnufer"),
        ("a\x00b\x1b[31mc", "ab[31mc"),
        ("a\ud800b", "ab"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("a\n\n\n\n\nb", "a\n\nb"),
        ("a\u00a0\u3000  b", "a b"),
        ("👩\u200d💻 ja 🏳️\u200d🌈", "👩\u200d💻 ja 🏳️\u200d🌈"),
        ("kau\u200dppa", "kauppa"),
        ("z" + "\u0301" * 40, "ź\u0301\u0301\u0301"),
        ("a\u0308", "ä"),
    ],
)
def test_clean_removes_what_hides(dirty: str, cleaned: str) -> None:
    assert clean(dirty) == cleaned


def test_clean_line_can_stand_in_a_mail_header() -> None:
    assert clean_line("Otsikko\r\nBcc: kaikki@a.example\n\n") == "Otsikko Bcc: kaikki@a.example"
    assert len(clean_line("x" * 1000)) == 300


@given(st.text())
def test_clean_changes_nothing_the_second_time(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    once.encode("utf-8")


@given(st.text(alphabet="<>/abp&;#x\"'= \n!-[]"))
def test_html_to_text_takes_anything(markup: str) -> None:
    html_to_text(markup).encode("utf-8")


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://Kauppa.example/Polku?a=1#osa", "https://kauppa.example/Polku?a=1#osa"),
        ("https://kauppa.example", "https://kauppa.example/"),
        ("https://kauppa.example:443/", "https://kauppa.example/"),
        ("https://matti:salasana@kauppa.example/", "https://kauppa.example/"),
        ('https://kauppa.example/"><script>', "https://kauppa.example/%22%3E%3Cscript%3E"),
        ("https://kauppa.example/a b", "https://kauppa.example/a%20b"),
        ("https://ääni.example/", "https://ääni.example/"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("java\nscript:alert(1)", ""),
        ("//kauppa.example/", ""),
        ("http://[::1", ""),
        ("http://a.example:99999/", ""),
        ("http://a<b>.example/", ""),
        ("https://a.example/" + "x" * 3000, ""),
        ("", ""),
    ],
)
def test_safe_url_lets_only_links_through(url: str, safe: str) -> None:
    assert safe_url(url) == safe


def test_canonical_url_is_equal_for_the_same_page() -> None:
    plain = "https://kauppa.example/polku?id=3"
    assert canonical_url(f"{plain}&utm_source=x&fbclid=y#p4") == plain
    assert canonical_url("https://kauppa.example/?utm_medium=a") == "https://kauppa.example/"
    assert canonical_url("https://kauppa.example/?q=%20a&b") == "https://kauppa.example/?q=%20a&b"
    assert canonical_url("mailto:a@b.example") == ""


@given(st.text())
def test_safe_url_changes_nothing_the_second_time(url: str) -> None:
    once = safe_url(f"https://{url}")
    assert safe_url(once) == once


def test_fingerprint_sees_through_case_punctuation_and_links() -> None:
    one = fingerprint("Lumopuoti EI vastaa!!! https://a.example/1")
    assert one == fingerprint("lumopuoti ei vastaa … https://b.example/2")
    assert one != fingerprint("Lumopuoti vastaa")
    assert len(one) == 16


def test_fingerprint_of_nothing_is_nothing() -> None:
    assert [fingerprint(text) for text in ("", "😡", "https://a.example/", "...")] == [""] * 4


@pytest.mark.parametrize(
    ("raw", "declared", "text"),
    [
        ("ääni".encode(), None, "ääni"),
        ("ääni".encode(), "iso-8859-1", "ääni"),
        ("ääni".encode("latin-1"), "utf-8", "ääni"),
        ("ääni".encode("latin-1"), None, "ääni"),
        ("“ääni”".encode("cp1252"), "iso-8859-1", "“ääni”"),
        ("звук".encode("koi8-r"), "koi8-r", "звук"),
        (
            b'<?xml version="1.0" encoding="windows-1251"?>' + "звук".encode("cp1251"),
            None,
            '<?xml version="1.0" encoding="windows-1251"?>звук',
        ),
        ("\ufeffääni".encode(), None, "ääni"),
        ("ääni".encode("utf-16"), None, "ääni"),
        (b"\xe4\x81", "nonsense-8", "ä\ufffd"),
        (b"\xe4", "base64", "ä"),
        (b"\xe4", "unicode_escape", "ä"),
        (b"", None, ""),
    ],
)
def test_decode_finds_the_charset(raw: bytes, declared: str | None, text: str) -> None:
    assert decode(raw, declared) == text


@given(st.binary(), st.text(max_size=12))
def test_decode_takes_anything(raw: bytes, declared: str) -> None:
    assert isinstance(decode(raw, declared), str)
