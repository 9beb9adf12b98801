"""Links to take along what a page shows, in the format that a person chooses; see dashboard.taking.

Rows, columns and formats are those of monitor.export, and every download stands in the record of exports.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from html import escape

import streamlit as st

from dashboard import auth, data, taking, widgets, wishes
from dashboard.language import current, say
from dashboard.wishes import Wish
from monitor import trends
from monitor.export import Format, Subject, Wanted
from monitor.people import Deed
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
_SUBJECTS: Mapping[Subject, str] = {
    Subject.TRENDS: N_("The figures"),
    Subject.MENTIONS: N_("The mentions"),
    Subject.ALERTS: N_("The alerts"),
    Subject.EVENTS: N_("What was done about alerts"),
    Subject.LABELS: N_("Corrections by people"),
}
# As many numbers as an address can carry.
_MOST_LISTED = 3000


def offer(wish: Wish) -> None:
    """A button behind which the formats are; nothing for those who may not take anything along."""
    if auth.allows(Deed.EXPORT):
        with st.popover(say("Download"), icon=":material/download:", type="tertiary", key="downloads"):
            _links(wish)


def offer_all(wish: Callable[[Subject], Wish]) -> None:
    """The same with a choice of what."""
    if not auth.allows(Deed.EXPORT):
        return
    with st.popover(say("Download"), icon=":material/download:", type="tertiary", key="downloads"):
        subject = st.selectbox(
            say("What"), list(_SUBJECTS), format_func=lambda one: say(_SUBJECTS[one]), key="download-what"
        )
        _links(wish(subject))


def _links(wish: Wish) -> None:
    has_authors = wish.subject in (Subject.MENTIONS, Subject.ALERTS)
    if has_authors and auth.allows(Deed.SEE_NAMES):
        named = st.toggle(say("With the names of authors"), key="download-names")
        wish = replace(wish, with_names=named)
    sealed = wishes.seal(data.config(), wish)
    links = [_link(taking.address(sealed, format), say(name)) for format, name in _NAMES.items()]
    links.append(_link(taking.address(sealed, Format.CSV, columns=True), say("What the columns mean")))
    widgets.draw(f'<ul class="mv-downloads">{"".join(f"<li>{link}</li>" for link in links)}</ul>')
    note = (
        say("What the filter shows.")
        if wish.with_names
        else say("What the filter shows; authors are pseudonyms.")
    )
    more = say("A large file takes a while to begin.")
    widgets.draw(widgets.paragraph(escape(f"{note} {more}"), "note"))


def _link(address: str, label: str) -> str:
    return f'<a href="{escape(address, quote=True)}">{escape(label)}</a>'


def mentions(wanted: MentionFilter) -> Wish:
    """The mentions that pass a filter, all of them, oldest first."""
    return _wish(
        Subject.MENTIONS,
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


def period(
    shops: tuple[str, ...],
    own: str,
    span: tuple[date, date],
    step: trends.Step,
    narrow: trends.Narrow,
) -> Callable[[Subject], Wish]:
    """Figures of some shops between days (the second excluded), or what was said of and done for one."""
    zone = data.config().zone
    since, until = (trends.midnight(day, zone) for day in span)

    def of(subject: Subject) -> Wish:
        named = shops if subject is Subject.TRENDS else (own,)
        topics = (narrow.topic,) if narrow.topic else ()
        wanted = Wanted(
            shops=named,
            sources=narrow.sources,
            languages=narrow.languages,
            topics=topics,
            since=since,
            until=until,
        )
        return _wish(subject, wanted, step)

    return of


def alerts(rows: Sequence[AlertRow]) -> Wish:
    """The alerts of a list; of a very long one, those most urgent."""
    return _wish(Subject.ALERTS, Wanted(alerts_by_id=tuple(row.id for row in rows[:_MOST_LISTED])))


def _wish(subject: Subject, wanted: Wanted, step: trends.Step = trends.Step.DAY) -> Wish:
    visit, provided = auth.visit_keys()
    return Wish(
        subject=subject,
        made_at=data.now(),
        language=current(),
        who=auth.who() or "",
        visit=visit,
        provided=provided,
        wanted=wanted,
        step=step,
    )
