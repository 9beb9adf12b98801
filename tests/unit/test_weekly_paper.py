"""The page about a week in every form: mail with pictures, HTML alone, text, and a PDF of one page."""

import io
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pypdfium2
import pytest
from bs4 import BeautifulSoup
from PIL import Image
from pypdf import PdfReader

from monitor.domain import Message, SendReason, Topic
from monitor.notifiers.mail import build_mail
from monitor.notifiers.render import Links
from monitor.notifiers.views import Reader
from monitor.notifiers.weekly import Paper, render_weekly, weekly_paper
from monitor.report import Deaf, TopicChange, WeekReport
from monitor.store.sites import Finding, SiteRow
from monitor.trends import Deafness
from monitor.wording import load_wording
from tests.unit import weeks
from tests.unit.rows import delivery, recipient

LINKS = Links("https://vahti.example")
SHOPS = {"lumopuoti": "Lumopuoti", "tuikku": "Tuikkumaa"}


def reader(language: str) -> Reader:
    return Reader(load_wording(language), ZoneInfo("Europe/Helsinki"), weeks.NOW)


def paper(*reports: WeekReport, language: str = "fi") -> Paper:
    return weekly_paper(reports or (weeks.usual(),), SHOPS, reader(language), LINKS)


def pages(found: Paper) -> list[str]:
    """The text of each page, as another program reads it; a line break is a space."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(found.pdf)).pages]


def mail_of(report: WeekReport) -> tuple[Message, EmailMessage]:
    message = render_weekly(
        [report], delivery(reason=SendReason.WEEKLY), recipient(), SHOPS, reader("fi"), LINKS
    )
    return message, build_mail(message, "vahti@lumopuoti.example", weeks.NOW)


def month_of_gaps() -> WeekReport:
    deaf = tuple(Deaf(f"lähde-{number}", timedelta(days=7), True) for number in range(40))
    silent = tuple(Deafness(one.source, 86_400.0) for one in deaf)
    days = tuple(weeks.point(0, 0, 0, day=weeks.START + timedelta(days=at), deaf=silent) for at in range(7))
    return weeks.usual(deaf=deaf, days=days, this=weeks.point(0, 0, 0), topics=(), worst=(), best=())


def full() -> WeekReport:
    """As much of everything as there can be."""
    long = "Lumopuodin asiakaspalvelu ei ole vastannut viikkoihin yhteenkään viestiini. " * 40
    finding = Finding(
        "No telephone number was found on {page}.",
        "Write one there with its hours; a shop without a number looks like a swindle to many.",
        {"page": "https://lumopuoti.example/" + "polku/" * 60},
    )
    return weeks.usual(
        topics=tuple(TopicChange(topic, 9, 1) for topic in Topic),
        storms=(weeks.storm(),) * 9,
        events=(weeks.event("Kampanja " * 60),) * 30,
        worst=(weeks.bad(long), weeks.bad("x" * 5000)),
        best=(weeks.good(long), weeks.good("ä" * 5000)),
        deaf=month_of_gaps().deaf,
        site=SiteRow("lumopuoti", "https://lumopuoti.example", weeks.NOW, (finding,) * 12),
    )


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "fi",
            ("Viikko 47", "tyytymättömiä", "Mitä emme kuulleet", "pakettia näy", "päättyy 9 päivän päästä"),
        ),
        ("sv", ("Vecka 47", "missnöjda", "Vad vi inte kunde höra", "pakettia näy", "går ut om 9 dagar")),
        ("en", ("Week 47", "unhappy", "What we could not hear", "pakettia näy", "ends in 9 days")),
    ],
)
def test_pdf_holds_the_week_on_one_page_as_text(language: str, said: tuple[str, ...]) -> None:
    (text,) = pages(paper(language=language))
    for words in said:
        assert words in text


def test_pdf_names_itself_and_its_language() -> None:
    document = PdfReader(io.BytesIO(paper().pdf))
    assert document.metadata is not None
    assert document.metadata.title == "Lumopuoti: viikko 47"
    assert document.trailer["/Root"]["/Lang"] == "fi"


def test_pdf_of_the_same_week_is_the_same_file() -> None:
    assert paper().pdf == paper().pdf


@pytest.mark.parametrize("report", [weeks.empty(), month_of_gaps(), full()], ids=["empty", "gaps", "full"])
def test_pdf_stays_one_page(report: WeekReport) -> None:
    assert len(pages(paper(report))) == 1


def test_pdf_has_a_page_for_each_shop() -> None:
    first, second = pages(paper(weeks.usual(), replace(weeks.empty(), shop="tuikku")))
    assert "Lumopuoti" in first
    assert second.startswith("Tuikkumaa")


def test_empty_week_says_so_in_every_form() -> None:
    found = paper(weeks.empty())
    for form in (found.text, found.html, pages(found)[0]):
        assert "Kaupasta ei kirjoitettu tällä viikolla." in form
        assert "Jokaista lähdettä kuultiin koko viikon." in form


def test_month_of_gaps_names_some_and_counts_the_rest() -> None:
    found = paper(month_of_gaps())
    for form in (found.text, pages(found)[0]):
        assert "lähde-0: kuulumattomissa 7 pv, yhä edelleen." in form
        assert "Ja vielä 36." in form


def test_week_in_which_nothing_could_be_heard_is_not_called_silent() -> None:
    found = paper(month_of_gaps())
    for form in (found.text, pages(found)[0]):
        assert "Kaupasta ei kirjoitettu" not in form
        assert "kaikkialle ei päästy kuuntelemaan" in form


def test_first_week_is_compared_with_nothing() -> None:
    topics = (TopicChange(Topic.DELIVERY, 21, 0),)
    for found in (paper(weeks.usual(is_first=True, before=None, survey=None, topics=topics)),):
        for form in (found.text, found.html, pages(found)[0]):
            assert "edellisellä viikolla" not in form.lower()
            assert "nousi eniten" not in form


def test_change_is_told_with_its_chance() -> None:
    assert "eikä ero selity sattumalla" in paper().text
    same = weeks.usual(this=weeks.point(12, 40, 17), before=weeks.point(11, 40, 17))
    assert "Ero voi olla sattumaa." in paper(same).text


def test_model_that_changed_is_told() -> None:
    changed = weeks.usual(before=weeks.point(12, 40, 17, models=("mainevahti-2",)))
    assert "Malli on vaihtunut" in paper(changed).text
    assert "Malli on vaihtunut" not in paper().text


HOSTILE = (
    "<script>alert(1)</script> <b>Lumopuoti</b> &amp; <para><font size=90>",
    "{{ 7 * 7 }} {% raw %} {shop} %s $\\alpha$",
    "\u202eoidaL\u202c \x00\x07 \ud800 \U0001f621\U0001f621 日本語 مرحبا",
    "<img src=https://evil.example/x.png> https://evil.example",
    "=cmd|' /C calc'!A0",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_posts_are_words_and_nothing_else(text: str) -> None:
    post = weeks.bad(text, source=text[:60], url="javascript:alert(1)")
    report = weeks.usual(
        worst=(post,), events=(weeks.event(text),), deaf=(Deaf(text, timedelta(hours=1), False),)
    )
    found = paper(report, language="en")
    page = BeautifulSoup(found.html, "html.parser")
    assert page.find("script") is None
    assert {image["src"][:4] for image in page.find_all("img")} == {"cid:"}
    assert all(link["href"].startswith("https://") for link in page.find_all("a"))
    (shown,) = pages(found)
    assert "49" not in shown.split("Unhappy")[-1].split("Happy")[0]
    assert "\x00" not in found.text


def test_pdf_shows_markup_as_it_was_written_and_signs_it_lacks_as_dots() -> None:
    (text,) = pages(paper(weeks.usual(worst=(weeks.bad("<b>Rikki</b> \U0001f621\U0001f621 日本語 loppu"),))))
    assert "<b>Rikki</b> … loppu" in text


def test_mail_carries_its_pictures_and_the_pdf() -> None:
    message, mail = mail_of(weeks.usual())
    page = BeautifulSoup(message.html, "html.parser")
    wanted = {image["src"].removeprefix("cid:") for image in page.find_all("img")}
    parts = list(mail.walk())
    pictures = {str(part["Content-ID"]).strip("<>"): part for part in parts if part["Content-ID"]}
    assert wanted == set(pictures)
    assert len(wanted) == 2
    assert all(len(image["alt"]) > 40 for image in page.find_all("img"))
    (pdf,) = [part for part in parts if part.get_content_type() == "application/pdf"]
    assert pdf.get_filename() == "mainevahti-2026-W47.pdf"
    assert pdf.get_payload(decode=True)[:5] == b"%PDF-"  # type: ignore[index]
    assert mail.get_content_type() == "multipart/mixed"
    assert len(mail.as_bytes()) < 600_000


def test_no_form_loads_anything_from_outside() -> None:
    found = paper()
    for markup in (found.html, found.page):
        page = BeautifulSoup(markup, "html.parser")
        pictures = [one["src"] for one in page.find_all(src=True)]
        assert pictures
        assert all(one.startswith(("cid:", "data:image/png;base64,")) for one in pictures)
        assert not page.find_all(["link", "script", "iframe"]) + page.find_all(background=True)
        assert "url(" not in markup
    assert "cid:" not in found.page


def test_alternative_text_tells_what_the_chart_shows() -> None:
    page = BeautifulSoup(paper(language="en").html, "html.parser")
    days, topics = (image["alt"] for image in page.find_all("img"))
    assert "Thu 19 Nov: 24 (unhappy: 14)" in days
    assert "delivery: unhappy posts 21, the week before 3" in topics


def colours(png: bytes) -> set[tuple[int, int, int]]:
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    return {colour for count, colour in picture.getcolors(2**20) or [] if count > 300}


def test_charts_draw_what_was_counted() -> None:
    red, yellow = (180, 35, 24), (254, 240, 199)
    days, topics = paper().pictures
    assert {red, yellow} <= colours(days.png)
    assert red in colours(topics.png)
    calm = weeks.usual(days=tuple(weeks.point(0, 3, 1) for _ in range(7)))
    assert not {red, yellow} & colours(paper(calm).pictures[0].png)
    assert Image.open(io.BytesIO(days.png)).width == 860


def test_pdf_page_is_not_blank_and_keeps_its_margins() -> None:
    document = pypdfium2.PdfDocument(paper(full()).pdf)
    picture = document[0].render(scale=1).to_pil().convert("L")
    document.close()
    left, top, right, bottom = picture.point(lambda light: 255 if light < 250 else 0).getbbox()
    assert left >= 38
    assert top >= 38
    assert right <= picture.width - 38
    assert bottom <= picture.height - 20
