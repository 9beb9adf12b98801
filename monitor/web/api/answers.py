"""Answers the API: each function takes what was asked and returns the JSON of the answer."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from monitor import export, health, trends
from monitor.domain import AlertState, Handled, Sentiment, Topic, Urgency
from monitor.export import Subject, names
from monitor.store import paging, reads
from monitor.web.api import cursors
from monitor.web.api.asking import Asked
from monitor.web.api.figures import figures_of
from monitor.web.parts import WebParts

Json = Mapping[str, Any]


def mentions(parts: WebParts, session: Session, asked: Asked) -> Json:
    """One page of mentions, newest post first; authors as pseudonyms, of addresses the host."""
    since, until = asked.period()
    wanted = reads.MentionFilter(
        shops=asked.texts("shop", _shops(parts)),
        sources=asked.texts("source"),
        labels=asked.choices("sentiment", Sentiment),
        topics=asked.choices("topic", Topic),
        languages=asked.texts("language"),
        since=since,
        until=until,
        words=asked.text("words"),
        about_only=asked.flag("about_only", True),
        handled=asked.choices("handled", Handled),
    )
    columns, limit = asked.columns(names(Subject.MENTIONS)), asked.limit()
    found = paging.mentions_after(session, wanted, cursors.read(asked.text("cursor")), limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    rows = [_only(export.mention_fields(row, parts.pseudonym_key), columns) for row in found[:limit]]
    return {"mentions": rows, "next": last and cursors.write(paging.Place(last.spoken_at, last.id))}


def alerts(parts: WebParts, session: Session, asked: Asked) -> Json:
    """One page of alerts, opened last first."""
    since, until = asked.period()
    wanted = paging.AlertFilter(
        shops=asked.texts("shop", _shops(parts)),
        sources=asked.texts("source"),
        states=asked.choices("state", AlertState),
        urgencies=asked.choices("urgency", Urgency),
        since=since,
        until=until,
    )
    columns, limit = asked.columns(names(Subject.ALERTS)), asked.limit()
    found = paging.alerts_after(session, wanted, cursors.read(asked.text("cursor")), limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    rows = [_only(export.alert_fields(row, parts.pseudonym_key), columns) for row in found[:limit]]
    return {"alerts": rows, "next": last and cursors.write(paging.Place(last.opened_at, last.id))}


def trend(parts: WebParts, session: Session, asked: Asked) -> Json:
    """Points by period, shop and what is told apart, oldest first."""
    now, zone = parts.clock.now(), parts.config.zone
    figures = figures_of(asked, now.astimezone(zone).date())
    shops = asked.texts("shop", _shops(parts))
    columns = asked.columns(names(Subject.TRENDS))
    points = trends.by_step(
        session,
        shops,
        figures.since,
        figures.until,
        zone,
        now,
        figures.step,
        narrow=figures.narrow,
        split=figures.split,
    )
    rows = [_only(export.point_fields(point, zone), columns) for point in points]
    last = figures.until - timedelta(days=1)
    return {"step": figures.step.value, "since": figures.since, "until": last, "points": rows}


def columns(parts: WebParts, session: Session, asked: Asked) -> Json:
    """What the columns of lists and exports mean."""
    wanted = asked.choices("subject", export.Subject) or tuple(export.Subject)
    rows = [
        {
            "subject": subject.value,
            "name": column.name,
            "type": column.type.value,
            "unit": column.unit,
            "may_be_unknown": column.optional,
            "values": list(column.choices),
            "meaning": column.tells,
        }
        for subject in wanted
        for column in export.COLUMNS[subject]
    ]
    return {"columns": rows}


def hearing(parts: WebParts, session: Session, asked: Asked) -> Json:
    """How well every source is heard, and when each stage of the service ended well last."""
    wording = parts.wordings["en"]
    report = health.report(session, parts.config.sources, parts.clock.now())
    sources = [
        {
            "source": one.slug,
            "kind": one.kind,
            "status": one.status.value,
            "sentence": wording.say(one.sentence, **one.values),
            "last_success_at": one.last_success_at,
            "last_post_at": one.last_post_at,
            "median_delay_s": one.median_delay,
            "p95_delay_s": one.p95_delay,
            "failures_in_row": one.failures_in_row,
            "fetches": one.fetches,
            "failed": one.failed,
            "mentions": one.mentions,
        }
        for one in report
    ]
    stages = [
        {"stage": stage, "last_success_at": beat.ended_at, "failures": beat.failures}
        for stage, beat in sorted(parts.pulse.beats().items())
    ]
    return {"sources": sources, "stages": stages}


def _shops(parts: WebParts) -> list[str]:
    return [shop.slug for shop in parts.config.shops]


def _only(row: Mapping[str, Any], columns: Sequence[str]) -> Json:
    return {column: row[column] for column in columns}
