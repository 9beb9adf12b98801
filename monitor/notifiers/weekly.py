"""Writes the page about a week for the owner: as a mail with its PDF, or as HTML, text or PDF to look at."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.config.schema import RecipientConfig
from monitor.domain import Enclosure, Message
from monitor.notifiers.charts import NARROW, days_chart, topics_chart
from monitor.notifiers.pagepdf import weeks_pdf
from monitor.notifiers.papers import templates
from monitor.notifiers.render import Links
from monitor.notifiers.views import Reader
from monitor.notifiers.weekparts import Week, WeekView
from monitor.notifiers.weekview import day_line, topic_line, week_view
from monitor.store.rows import DeliveryRow

_DOMAIN = "mainevahti"
_ON_SCREEN = 536  # CSS pixels of a chart at most


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart: its PNG, and the words for those who do not see it."""

    name: str
    png: bytes
    alt: str

    @property
    def cid(self) -> str:
        """What a mail calls it by."""
        return f"{self.name}@{_DOMAIN}"

    @property
    def inline(self) -> str:
        """The picture itself as an address, for a page that stands alone."""
        return f"data:image/png;base64,{b64encode(self.png).decode('ascii')}"


@dataclass(frozen=True, slots=True)
class Paper:
    """A page in every form, its headline, and the pictures that the mail's HTML shows."""

    headline: str
    text: str
    html: str
    page: str
    pdf: bytes
    pictures: tuple[Picture, ...]


def render_weekly(
    weeks: Sequence[Week],
    delivery: DeliveryRow,
    recipient: RecipientConfig,
    shops: Mapping[str, str],
    reader: Reader,
    links: Links,
) -> Message:
    """The weekly mail to one recipient, a part for each shop, with the same as a PDF."""
    paper = weekly_paper(weeks, shops, reader, links, recipient.name)
    pictures = [Enclosure(f"{one.name}.png", "image/png", one.png, one.cid) for one in paper.pictures]
    return Message(
        to=recipient.address,
        subject=paper.headline,
        text=paper.text,
        html=paper.html,
        message_id=delivery.message_id,
        thread_id=delivery.message_id,
        facts={"type": "weekly", "inbox_url": links.base_url, "settings_url": links.settings},
        enclosed=(*pictures, Enclosure(file_name(weeks), "application/pdf", paper.pdf)),
    )


def file_name(weeks: Sequence[Week]) -> str:
    """What the PDF is called, such as mainevahti-2026-W47.pdf."""
    year, number, _ = weeks[0].start.isocalendar()
    return f"mainevahti-{year}-W{number:02d}.pdf"


def weekly_paper(
    weeks: Sequence[Week], shops: Mapping[str, str], reader: Reader, links: Links, name: str = ""
) -> Paper:
    """The page about a week of some shops in the reader's language."""
    wording = reader.wording
    number = weeks[0].start.isocalendar().week
    names = wording.listing([shops.get(week.shop, week.shop) for week in weeks])
    headline = wording.say("{shops}: week {number}", shops=names, number=number)
    views = [week_view(week, shops.get(week.shop, week.shop), reader) for week in weeks]
    charts = [_charts(view, place, reader) for place, view in enumerate(views)]
    shown = {
        "say": wording.say,
        "language": wording.language,
        "headline": headline,
        "inbox": links.base_url,
        "trends": f"{links.base_url}/trends",
        "recipient": name,
        "width": _ON_SCREEN,
    }
    in_mail, alone = (_parts(views, charts, is_mail, reader) for is_mail in (True, False))
    pages = [(view, _narrow(view, reader)) for view in views]
    return Paper(
        headline,
        templates().get_template("weekly.txt.jinja").render(shown, weeks=in_mail),
        templates().get_template("weekly.html.jinja").render(shown, weeks=in_mail),
        templates().get_template("weekly.html.jinja").render(shown, weeks=alone),
        weeks_pdf(pages, headline, wording.language, wording.say),
        tuple(one for drawn in charts for one in drawn),
    )


def _charts(view: WeekView, place: int, reader: Reader) -> tuple[Picture, ...]:
    """The chart of the days, and that of the topics where there are some."""
    say = reader.wording.say
    days, heading = "; ".join(day_line(day, say) for day in view.days), say("Posts by day")
    drawn = [Picture(f"days-{place}", days_chart(view.days, say), f"{heading}. {days}")]
    if view.topics:
        told = "; ".join(topic_line(topic, say) for topic in view.topics)
        name = say("What unhappy people wrote about")
        drawn.append(Picture(f"topics-{place}", topics_chart(view.topics, say), f"{name}. {told}"))
    return tuple(drawn)


def _narrow(view: WeekView, reader: Reader) -> tuple[bytes, bytes | None]:
    """The same charts for a column of the PDF."""
    say = reader.wording.say
    topics = topics_chart(view.topics, say, NARROW) if view.topics else None
    return days_chart(view.days, say, NARROW), topics


def _parts(
    views: Sequence[WeekView], charts: Sequence[tuple[Picture, ...]], is_mail: bool, reader: Reader
) -> list[dict[str, Any]]:
    """What the templates show of each week; in a mail pictures are named, alone they are part of the page."""
    say = reader.wording.say
    return [
        {
            "view": view,
            "pictures": [
                {"src": f"cid:{one.cid}" if is_mail else one.inline, "alt": one.alt} for one in drawn
            ],
            "days": [day_line(day, say) for day in view.days],
            "topics": [topic_line(topic, say) for topic in view.topics],
        }
        for view, drawn in zip(views, charts, strict=True)
    ]
