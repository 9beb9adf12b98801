"""What a weekly look at a shop's own site finds, on real servers of this machine."""

import ssl
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from monitor.clock import SystemClock
from monitor.http import Http
from monitor.reachability import Look, SiteChecker
from tests.reachability.site import CONTACT, GREETING, LINKS, Answer, page, running, whole


@pytest.fixture
def http() -> Iterator[Http]:
    client = Http("Mainevahti test", SystemClock(), pace=timedelta(0), connect=5, read=5, total=20)
    yield client
    client.close()


def look(http: Http, url: str, **options: object) -> Look:
    return SiteChecker(http, SystemClock(), allow_private=True, **options).look(url)  # type: ignore[arg-type]


def found(http: Http, pages: Mapping[str, Answer]) -> list[str]:
    """What is wrong with a site besides that it runs over plain HTTP."""
    with running(pages) as site:
        seen = look(http, site.url)
    return [one.sentence for one in seen.findings if "not encrypted" not in one.sentence]


def test_site_without_fault_has_no_finding(http: Http) -> None:
    assert found(http, whole()) == []


def test_site_in_plain_http_is_told(http: Http) -> None:
    with running(whole()) as site:
        (finding,) = look(http, site.url).findings
    assert "is not encrypted" in finding.sentence
    assert finding.values["site"].startswith(site.url)


SWEDISH = """<p>Välkommen! Hos oss hittar du lampor, filtar och ljus för den mörka årstiden, varje dag.</p>
<a href="/k">Kontakta oss</a> <a href="/l">Leveransvillkor</a> <a href="/r">Ångerrätt och returer</a>"""
SWEDISH_CONTACT = """<p>Ab Lumo Oy, FO-nummer 1572860-0. Ring 040-123 4567, vardagar 9–16.</p>
<form><textarea name="meddelande"></textarea></form>"""
ENGLISH = """<p>Welcome to Lumopuoti, where you find lamps, blankets and candles for the dark of the year.</p>
<a href="/c"><img src="/x.png" alt="Contact us"></a> <a href="/s">Shipping</a> <a href="/r">Returns</a>"""
ENGLISH_CONTACT = """<p>Lumo Oy, VAT FI15728600,
<a href="tel:+358401234567">call us</a>, Mon-Fri 9:00 to 16:00,
or write to help (at) lumopuoti.example</p>"""


@pytest.mark.parametrize(
    ("front", "path", "contact"),
    [(SWEDISH, "/k", SWEDISH_CONTACT), (ENGLISH, "/c", ENGLISH_CONTACT)],
    ids=["sv", "en"],
)
def test_site_is_read_in_other_languages(http: Http, front: str, path: str, contact: str) -> None:
    assert found(http, {"/": page(front), path: page(contact)}) == []


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        ("Puhelin 09 123 4567, ", "telephone number"),
        ("asiakaspalvelu@lumopuoti.example", "e-mail address nor a form"),
        (", arkisin klo 9–16", "opening hours"),
        (", Y-tunnus 1572860-0", "business id"),
    ],
)
def test_what_the_contact_page_lacks_is_told(http: Http, gone: str, said: str) -> None:
    (sentence,) = found(http, whole(yhteystiedot=page(CONTACT.replace(gone, ""))))
    assert said in sentence


def test_wrong_business_id_is_told_with_its_digits(http: Http) -> None:
    with running(whole(yhteystiedot=page(CONTACT.replace("1572860-0", "1572806-0")))) as site:
        findings = look(http, site.url).findings
    (finding,) = [one for one in findings if "business id" in one.sentence]
    assert finding.values["written"] == "1572806-0"


def test_what_stands_on_the_front_page_counts_too(http: Http) -> None:
    pages = whole(yhteystiedot=page("<p>Kirjoita meille.</p>"), **{"": page(GREETING + LINKS + CONTACT)})
    assert found(http, pages) == []


def test_front_page_without_a_way_is_told(http: Http) -> None:
    front = page(GREETING + LINKS.replace("Yhteystiedot", "Lue lisää").replace("/yhteystiedot", "/muuta"))
    sentences = found(http, whole(**{"": front}))
    assert "No contact page is linked from the front page {site}." in sentences
    assert any("telephone" in one for one in sentences)


def test_contact_page_that_is_gone_is_told(http: Http) -> None:
    sentences = found(http, whole(yhteystiedot=(404, {}, b"")))
    assert "The contact page {page} cannot be opened." in sentences


@pytest.mark.parametrize(
    ("name", "said"), [("Toimitusehdot", "terms of delivery"), ("Palautukset", "return something")]
)
def test_missing_terms_are_told(http: Http, name: str, said: str) -> None:
    links = LINKS.replace(name, "Muuta").replace("/toimitus", "/a").replace("/palautus", "/b")
    (sentence,) = found(http, whole(**{"": page(GREETING + links)}))
    assert said in sentence


def test_page_of_terms_may_hold_delivery_and_returns(http: Http) -> None:
    links = '<a href="/yhteystiedot">Yhteystiedot</a> <a href="/ehdot">Sopimusehdot</a>'
    terms = page("<p>Toimitus kestää kolme päivää. Palauta tuote 14 päivän kuluessa.</p>")
    assert found(http, {**whole(**{"": page(GREETING + links)}), "/ehdot": terms}) == []


def test_robots_are_obeyed(http: Http) -> None:
    robots = (200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /\n")
    with running({**whole(), "/robots.txt": robots}) as site:
        (finding,) = look(http, site.url).findings
    assert "does not let programs read it" in finding.sentence
    assert not finding.is_grave
    assert site.asked == ["/robots.txt"]


def test_robots_that_cannot_be_had_just_now_do_not_make_a_site_down(http: Http) -> None:
    assert found(http, {**whole(), "/robots.txt": (503, {}, b"busy")}) == []


def test_foot_of_a_long_front_page_counts(http: Http) -> None:
    shelves = "<p>Lamppu, peitto ja tuoli edullisesti.</p>" * 5_000
    assert len(shelves) > 60_000
    assert found(http, whole(**{"": page(shelves + GREETING + LINKS)})) == []


def test_site_that_turns_programs_away_is_not_called_down(http: Http) -> None:
    (sentence,) = found(http, {"/": (403, {}, b"no")})
    assert "does not let programs read it" in sentence


def test_site_that_is_down_is_told(http: Http) -> None:
    with running({}) as site:
        url = site.url
    (finding,) = look(http, url).findings
    assert finding.is_grave
    assert "cannot be opened" in finding.sentence


def test_private_address_is_not_looked_at_unless_allowed(http: Http) -> None:
    with running(whole()) as site:
        (finding,) = SiteChecker(http, SystemClock()).look(site.url).findings
    assert "cannot be opened" in finding.sentence
    assert site.asked == []


def test_link_to_another_site_is_not_followed(http: Http) -> None:
    with running({"/apua": page(CONTACT)}) as other:
        away = other.url.replace("localhost", "127.0.0.1")
        links = LINKS.replace('"/yhteystiedot"', f'"{away}/apua"')
        assert any("telephone" in one for one in found(http, whole(**{"": page(GREETING + links)})))
    assert other.asked == []


def test_address_that_is_hidden_from_spammers_is_an_address(http: Http) -> None:
    hidden = '<a href="/cdn-cgi/l/email-protection#f09c" data-cfemail="f09c">[email&#160;protected]</a>'
    assert (
        found(http, whole(yhteystiedot=page(CONTACT.replace("asiakaspalvelu@lumopuoti.example", hidden))))
        == []
    )


def test_links_are_read_from_the_base_that_the_page_names(http: Http) -> None:
    base = '<base href="/fi/">' + GREETING + LINKS.replace('href="/', 'href="')
    assert found(http, {"/": page(base), "/fi/yhteystiedot": page(CONTACT)}) == []


def test_lenses_are_no_contact(http: Http) -> None:
    front = page('<a href="/a">Contact lenses</a> <a href="/b">Kontaktlinser</a>' + GREETING + LINKS)
    assert found(http, whole(**{"": front})) == []


@pytest.mark.parametrize("away", ["https://xn--a.fi/", "https://localhost:99999/", "//"])
def test_site_that_sends_us_nowhere_is_a_finding_and_no_crash(http: Http, away: str) -> None:
    assert found(http, whole(**{"": (302, {"Location": away}, b"")}))


def test_site_of_no_possible_name_is_a_finding_and_no_crash(http: Http) -> None:
    (finding,) = look(http, "https://xn--a.fi").findings
    assert "cannot be opened" in finding.sentence


LOOP: Answer = (302, {"Location": "/"}, b"")
HOSTILE: dict[str, Answer] = {
    "huge": (200, {"Content-Type": "text/html"}, b"<p>hei " * 1_000_000),
    "loop": LOOP,
    "no page": (200, {"Content-Type": "application/octet-stream"}, bytes(range(256)) * 100),
    "empty": (200, {"Content-Type": "text/html"}, b""),
    "wrong charset": (
        200,
        {"Content-Type": "text/html; charset=utf-16"},
        f"<html><body>{GREETING}{LINKS}</body></html>".encode("cp1252"),
    ),
    "nested": (200, {"Content-Type": "text/html"}, b"<div>" * 100_000 + b"<a href='/yhteystiedot'>x"),
    "many links": page("".join(f"<a href='/{n}'>kohde {n}</a>" for n in range(20_000))),
    "odd links": page(
        "<a href='http://[bad'>yhteystiedot</a><a href='javascript:x'>contact</a><a href>tuki</a>"
        "<a href='//'>kontakt</a><a href='http://a@b/'>contact</a>" + GREETING
    ),
    "scripts": page("<div id='app'></div><script>render()</script>"),
    "error": (500, {}, b"oops"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_front_page_is_a_finding_and_no_crash(http: Http, what: str) -> None:
    assert found(http, whole(**{"": HOSTILE[what]})) or what == "wrong charset"


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_contact_page_is_no_crash(http: Http, what: str) -> None:
    assert found(http, whole(yhteystiedot=HOSTILE[what]))


def test_page_that_needs_scripts_says_so(http: Http) -> None:
    (sentence,) = found(http, whole(**{"": HOSTILE["scripts"]}))
    assert "without JavaScript" in sentence


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """An authority that this process trusts."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    return authority


def tls(authority: trustme.CA, ends_in: timedelta, name: str = "localhost") -> "trustme.LeafCert":
    now = datetime.now(UTC)
    return authority.issue_cert(name, not_before=now - timedelta(days=90), not_after=now + ends_in)


def seen_over_tls(certificate: "trustme.LeafCert") -> tuple[list[str], list[bool], list[str]]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    # Made here, after the authority is known: what is trusted is read when a client is made.
    client = Http("Mainevahti test", SystemClock(), pace=timedelta(0), connect=5, read=5, total=20)
    try:
        with running(whole(), context) as site:
            findings = look(client, site.url, certificate_days=21).findings
    finally:
        client.close()
    return [one.sentence for one in findings], [one.is_grave for one in findings], site.asked


def test_good_certificate_is_no_finding(authority: trustme.CA) -> None:
    assert seen_over_tls(tls(authority, timedelta(days=60)))[0] == []


def test_certificate_that_ends_soon_is_told_and_the_pages_are_read(authority: trustme.CA) -> None:
    sentences, grave, asked = seen_over_tls(tls(authority, timedelta(days=9, hours=1)))
    assert sentences == ["The certificate of {site} ends in {days} days."]
    assert grave == [False]
    assert "/yhteystiedot" in asked


def test_certificate_of_the_address_that_answers_in_the_end_is_looked_at(authority: trustme.CA) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls(authority, timedelta(days=9, hours=1)).configure_cert(context)
    client = Http("Mainevahti test", SystemClock(), pace=timedelta(0), connect=5, read=5, total=20)
    try:
        with running(whole(), context) as site, running({"/": (301, {"Location": site.url}, b"")}) as old:
            findings = look(client, old.url).findings
    finally:
        client.close()
    assert [one.sentence for one in findings] == ["The certificate of {site} ends in {days} days."]


def test_expired_certificate_is_grave(authority: trustme.CA) -> None:
    sentences, grave, asked = seen_over_tls(tls(authority, timedelta(days=-1)))
    assert sentences == ["The certificate of {site} has expired: browsers warn every visitor."]
    assert grave == [True]
    assert asked == []


def test_certificate_of_another_name_is_grave(authority: trustme.CA) -> None:
    sentences, _, _ = seen_over_tls(tls(authority, timedelta(days=60), "muu.example"))
    assert sentences == ["The certificate of {site} is not trusted: browsers warn every visitor."]


def test_self_signed_certificate_that_ends_soon_is_told_twice() -> None:
    sentences, grave, asked = seen_over_tls(tls(trustme.CA(), timedelta(days=3)))
    assert [one.split(" ", 4)[-1] for one in sentences] == [
        "is not trusted: browsers warn every visitor.",
        "ends in {days} days.",
    ]
    assert grave == [True, False]
    assert asked == []
