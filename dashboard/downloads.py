"""What a page shows, to take along in the format that a person chooses; authors are pseudonyms.

Rows, columns and formats are those of monitor.export, and every download stands in the record of exports.
"""

import functools
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime

import streamlit as st

from dashboard import auth, data, widgets
from dashboard.language import say
from monitor import export, trends
from monitor.config import own_key
from monitor.export import Format, Request, Subject, Wanted
from monitor.export.requests import Batch
from monitor.people import Deed
from monitor.store.privacy import record_export
from monitor.store.reads import MentionFilter
from monitor.store.rows import AlertRow
from monitor.wording import N_

_NAMES: Mapping[Format, str] = {
    Format.CSV: "CSV",
    Format.EXCEL: N_("CSV for Finnish Excel"),
    Format.XLSX: N_("Excel workbook"),
    Format.PARQUET: "Parquet",
    Format.JSONL: "JSON Lines",
}
Take = Callable[[Format], bytes]


def offer(subject: Subject, take: Take) -> None:
    """A button behind which the formats are; nothing for those who may not take anything along."""
    if not auth.allows(Deed.EXPORT):
        return
    with st.popover(say("Download"), icon=":material/download:", type="tertiary", key="downloads"):
        for format, name in _NAMES.items():
            st.download_button(
                say(name),
                data=functools.partial(take, format),
                file_name=f"{subject.value}{format.ending}",
                mime=format.media_type,
                on_click="ignore",
                type="tertiary",
                key=f"download-{format.value}",
            )
        widgets.draw(widgets.paragraph(say("What the filter shows; authors are pseudonyms."), "note"))


def mentions(wanted: MentionFilter) -> Take:
    """The mentions that pass a filter, all of them, oldest first."""
    return of(
        Request(
            Subject.MENTIONS,
            data.config().zone,
            own_key(data.config(), "pseudonym"),
            Wanted(
                shops=wanted.shops,
                sources=wanted.sources,
                labels=wanted.labels,
                topics=wanted.topics,
                languages=wanted.languages,
                words=wanted.words,
                words_in_authors=True,
                about_only=wanted.about_only,
                handled=wanted.handled,
                author=wanted.author,
                since=wanted.since,
                until=wanted.until,
            ),
        )
    )


def trend(shops: tuple[str, ...], since: date, until: date, step: trends.Step, narrow: trends.Narrow) -> Take:
    """The figures of some shops by source, between days (`until` excluded)."""
    zone = data.config().zone
    wanted = Wanted(
        shops=shops,
        sources=narrow.sources,
        languages=narrow.languages,
        topics=(narrow.topic,) if narrow.topic else (),
        since=trends.midnight(since, zone),
        until=trends.midnight(until, zone),
    )
    return of(Request(Subject.TRENDS, zone, None, wanted, step=step))


def of(request: Request) -> Take:
    """The rows of a request."""
    return functools.partial(_requested, request, auth.who() or "")


def alerts(rows: Sequence[AlertRow]) -> Take:
    """The alerts of a list, as they are listed."""
    return functools.partial(_listed, tuple(rows), auth.who() or "")


def _requested(request: Request, who: str, format: Format) -> bytes:
    now = data.now()
    with data.store().reading() as session:
        return _written(request, export.batches(session, request, now), who, format, now)


def _listed(rows: Sequence[AlertRow], who: str, format: Format) -> bytes:
    key = own_key(data.config(), "pseudonym")
    request = Request(Subject.ALERTS, data.config().zone, key)
    batch = [tuple(export.alert_fields(row, key).values()) for row in rows]
    return _written(request, [batch], who, format, data.now())


def _written(request: Request, batches: Iterable[Batch], who: str, format: Format, now: datetime) -> bytes:
    out, name = io.BytesIO(), request.subject.value
    # The mark tells a spreadsheet that this is UTF-8: most who press a button open the file with one.
    written = export.write(batches, request.table, format, out, name=name, bom=True)
    with data.store().transaction() as session:
        record_export(
            session,
            what=name,
            file="download",
            rows=written.rows,
            names=False,
            who=who,
            via="dashboard",
            filters=export.told(request, format),
            now=now,
        )
    return out.getvalue()
