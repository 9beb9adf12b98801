"""The weekly page as a PDF: one page of A4 for each shop. Draws what weekview tells; fetches nothing.

ReportLab is pure Python and shrinks what would not fit. The letters are DejaVu Sans, which matplotlib brings
along under a free licence; it has every sign of Finnish and Swedish.
"""

import io
import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from monitor.notifiers.views import PostView
from monitor.notifiers.weekparts import WeekView

Say = Callable[..., str]
Charts = tuple[bytes, bytes | None]
_BODY, _BOLD = "DejaVu", "DejaVu-Bold"
_MARGIN = 42
_BAD, _GOOD = "#b42318", "#067647"
_INK, _TEXT, _SOFT, _LINE, _GROUND = "#101828", "#344054", "#667085", "#e4e7ec", "#f9fafb"
_MOST_POST = 190
_BLANKS = re.compile(r"\s+")


def weeks_pdf(weeks: Sequence[tuple[WeekView, Charts]], headline: str, language: str, say: Say) -> bytes:
    """The pages, one for each week, as the bytes of a PDF with text that can be searched and copied."""
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import BaseDocTemplate, Frame, KeepInFrame, PageBreak, PageTemplate

    _letters()
    width, height = A4[0] - 2 * _MARGIN, A4[1] - 2 * _MARGIN
    story: list[Any] = []
    for number, (week, charts) in enumerate(weeks):
        page = _Page(week, charts, width, say).story()
        story += [PageBreak()] if number else []
        story.append(KeepInFrame(width, height - 1, page, mode="shrink"))
    out = io.BytesIO()
    frame = Frame(_MARGIN, _MARGIN, width, height, 0, 0, 0, 0)
    document = BaseDocTemplate(
        out, pagesize=A4, title=headline, author="Mainevahti", lang=language, invariant=1
    )
    document.addPageTemplates(PageTemplate(frames=[frame], onPageEnd=_foot(say)))
    document.build(story)
    return out.getvalue()


class _Page:
    """Sets one week, from the top to the bottom."""

    def __init__(self, week: WeekView, charts: Charts, width: float, say: Say) -> None:
        self._week, self._charts, self._width, self._say = week, charts, width, say

    def story(self) -> list[Any]:
        week, say = self._week, self._say
        days, topics = self._charts
        left = [self._heading(say("What was said")), self._picture(days)]
        right = [self._heading(say("What unhappy people wrote about")), self._picture(topics)]
        parts = [*self._head(), self._figures(), _gap(7), self._text(week.lead), _gap(3)]
        parts += [self._columns(left, right if topics else [])]
        if week.causes:
            parts += [self._heading(say("What happened, and the likely cause")), *self._bullets(week.causes)]
        parts.append(
            self._columns(
                self._posts(say("Unhappy"), week.worst, _BAD), self._posts(say("Happy"), week.best, _GOOD)
            )
        )
        survey = (week.survey,) if week.survey else ()
        parts.append(
            self._columns(
                [self._heading(say("Answers")), *self._bullets((*week.answers, *survey))],
                [self._heading(say("What we could not hear")), *self._bullets(week.unheard)],
            )
        )
        model = [self._heading(say("How good the model was")), *self._bullets(week.model)]
        site = [self._heading(week.site_head), *self._bullets(week.site)] if week.site else []
        return [*parts, self._columns(model, site)]

    def _head(self) -> list[Any]:
        told = " · ".join(filter(None, (self._week.period, self._week.unfinished)))
        return [
            _paragraph(self._week.shop, 19, _INK, bold=True, leading=24),
            _paragraph(told, 9, _SOFT, leading=13),
            _gap(8),
        ]

    def _figures(self) -> Any:
        from reportlab.lib.colors import HexColor
        from reportlab.platypus import Table

        cells = [
            [
                _paragraph(figure.number, 16, _INK, bold=True, leading=20),
                _paragraph(figure.name, 8, _TEXT, leading=11),
                _paragraph(figure.note or " ", 7, _SOFT, leading=10),
            ]
            for figure in self._week.figures
        ]
        style = [
            ("BACKGROUND", (0, 0), (-1, -1), HexColor(_GROUND)),
            ("LINEAFTER", (0, 0), (-2, -1), 0.7, HexColor(_LINE)),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 10),
            ("TOPPADDING", (0, 0), (-1, -1), 6),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 7),
        ]
        return Table([cells], colWidths=[self._width / len(cells)] * len(cells), style=style, hAlign="LEFT")

    def _columns(self, left: list[Any], right: list[Any]) -> Any:
        """Two columns side by side; one that is empty leaves its room to the other."""
        if not (left and right):
            return self._table([left or right or [_gap(1)]], [self._width])
        half = (self._width - 18) / 2
        return self._table([left, "", right], [half, 18, half])

    def _table(self, cells: list[Any], widths: list[float]) -> Any:
        """A row of cells; on a page that was shrunk it begins where the text does."""
        from reportlab.platypus import Table

        return Table([cells], colWidths=widths, style=_PLAIN, spaceBefore=10, hAlign="LEFT")

    def _picture(self, png: bytes | None) -> Any:
        from reportlab.lib.utils import ImageReader
        from reportlab.platypus import Image

        if png is None:
            return _gap(1)
        wide, high = ImageReader(io.BytesIO(png)).getSize()
        width = (self._width - 18) / 2
        return Image(io.BytesIO(png), width, width * high / wide)

    def _posts(self, name: str, posts: Sequence[PostView], colour: str) -> list[Any]:
        from reportlab.lib.colors import HexColor
        from reportlab.platypus import Table

        rows = []
        for post in posts:
            line = post.line if len(post.line) <= _MOST_POST else post.line[: _MOST_POST - 1].rstrip() + "…"
            rows.append(
                [[_paragraph(post.byline, 7, _SOFT, leading=10), _paragraph(line, 8, _TEXT, leading=11)]]
            )
        if not rows:
            return []
        style = [
            ("BACKGROUND", (0, 0), (-1, -1), HexColor(_GROUND)),
            ("LINEBEFORE", (0, 0), (0, -1), 2.5, HexColor(colour)),
            ("LINEBELOW", (0, 0), (-1, -2), 3, HexColor("#ffffff")),
            ("LEFTPADDING", (0, 0), (-1, -1), 8),
            ("TOPPADDING", (0, 0), (-1, -1), 4),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
        ]
        return [self._heading(name), Table(rows, style=style)]

    def _heading(self, words: str) -> Any:
        return _paragraph(words, 9, _INK, bold=True, leading=13, before=9, after=3)

    def _text(self, words: str) -> Any:
        return _paragraph(words, 9, _TEXT, leading=13)

    def _bullets(self, lines: Sequence[str]) -> list[Any]:
        return [_paragraph(line, 8, _TEXT, leading=11, after=2, bullet=True) for line in lines]


_PLAIN = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 0),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
]


def _paragraph(
    words: str,
    size: float,
    colour: str,
    *,
    bold: bool = False,
    leading: float,
    before: float = 0,
    after: float = 0,
    bullet: bool = False,
) -> Any:
    """Words as they are: what strangers wrote is no markup, and signs without a letter show as …"""
    from reportlab.lib.colors import HexColor
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph

    style = ParagraphStyle(
        "plain",
        fontName=_BOLD if bold else _BODY,
        fontSize=size,
        leading=leading,
        textColor=HexColor(colour),
        spaceBefore=before,
        spaceAfter=after,
        leftIndent=10 if bullet else 0,
        bulletFontName=_BODY,
        bulletFontSize=size,
        bulletColor=HexColor(_SOFT),
        splitLongWords=1,
    )
    return Paragraph(escape(_shown(words)), style, bulletText="•" if bullet else None)


def _shown(words: str) -> str:
    """Words with the signs that the letters lack taken out, several in a row as one …"""
    known = _letters()
    kept = "".join(sign if ord(sign) in known else "\0" for sign in _BLANKS.sub(" ", words))
    return re.sub("\0(?:[\0 ]*\0)?", "…", kept)


def _gap(points: float) -> Any:
    from reportlab.platypus import Spacer

    return Spacer(1, points)


def _foot(say: Say) -> Callable[[Any, Any], None]:
    def draw(canvas: Any, document: Any) -> None:
        from reportlab.lib.colors import HexColor

        canvas.setFont(_BODY, 6.5)
        canvas.setFillColor(HexColor(_SOFT))
        words = say("Written by Mainevahti from what people posted; the model decides who is unhappy.")
        canvas.drawString(_MARGIN, _MARGIN - 16, _shown(words))

    return draw


@cache
def _letters() -> frozenset[int]:
    """Make the letters known to ReportLab, once; returns the signs that they have."""
    from matplotlib import get_data_path
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    folder = f"{get_data_path()}/fonts/ttf"
    for name, file in ((_BODY, "DejaVuSans.ttf"), (_BOLD, "DejaVuSans-Bold.ttf")):
        pdfmetrics.registerFont(TTFont(name, f"{folder}/{file}"))
    # Beyond the first plane ReportLab writes letters that other programs cannot read back.
    return frozenset(sign for sign in pdfmetrics.getFont(_BODY).face.charToGlyph if sign <= 0xFFFF)
