"""What happened to an alert, told in lines: its history and its mails."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape

from dashboard import widgets
from dashboard.language import moment, name, say, say_many
from monitor.domain import AlertAction, DeliveryState, DismissReason
from monitor.store.notes import NoteRow
from monitor.store.rows import DeliveryRow, EventRow

_KINDS = {
    DeliveryState.DUE: "plain",
    DeliveryState.CLAIMED: "plain",
    DeliveryState.SENT: "sent",
    DeliveryState.FAILED: "failed",
    DeliveryState.CANCELLED: "plain",
}
_SIGNS = {DeliveryState.SENT: "✓", DeliveryState.FAILED: "!", DeliveryState.DUE: "…"}


def history(events: Sequence[EventRow], notes: Sequence[NoteRow] = ()) -> str:
    """Every event and note as one line, the newest first."""
    lines = [(event.at, _event(event)) for event in events] + [(one.at, _noted(one)) for one in notes]
    lines.sort(key=lambda one: one[0])
    told = "".join(f"<li>{line}</li>" for _, line in reversed(lines))
    return f'<ul class="mv-story">{told}</ul>' if told else _nothing(say("Nothing was done yet."))


def note(one: NoteRow) -> str:
    """What somebody wrote down, with who and when."""
    by = f"{widgets.escaped(one.who)}, {escape(moment(one.at))}"
    return f'<div class="mv-jot">{widgets.folded(one.text)}<span class="mv-soft">{by}</span></div>'


def _noted(one: NoteRow) -> str:
    by = f"{widgets.escaped(one.who)}, {escape(moment(one.at))}"
    return f'{escape(say("A note was written"))}<br><span class="mv-soft">{by}</span>'


def _event(event: EventRow) -> str:
    what, note = escape(name(AlertAction(event.action))), _note(event)
    if event.action == AlertAction.TAKEN and event.note:
        what = escape(say("Given to {who}", who=event.note))
    detail = f": {note}" if note else ""
    by = f"{widgets.escaped(event.who)}, " if event.who else ""
    return f'{what}{detail}<br><span class="mv-soft">{by}{escape(moment(event.at))}</span>'


def _note(event: EventRow) -> str:
    """The note of an event as HTML; notes that only the program reads are left out or put in words."""
    action, note = AlertAction(event.action), event.note
    if not note or action in (AlertAction.OPENED, AlertAction.EXTENDED, AlertAction.TAKEN):
        return ""
    if action is AlertAction.DISMISSED and note in set(DismissReason):
        return escape(name(DismissReason(note)))
    if action is AlertAction.SNOOZED:
        return escape(_until(note))
    if action is AlertAction.REOPENED:
        return escape(say("the snooze is over")) if note == "snooze" else ""
    return widgets.link(note, say("Open the answer")) if note.startswith("http") else widgets.escaped(note)


def _until(note: str) -> str:
    try:
        return moment(datetime.fromisoformat(note))
    except ValueError:
        return note


def deliveries(rows: Sequence[DeliveryRow], names: Mapping[str, str]) -> str:
    """Every mail as one line: to whom, why, and what became of it."""
    told = "".join(f"<li>{delivery(row, names[row.recipient])}</li>" for row in rows)
    return f'<ul class="mv-story">{told}</ul>' if told else _nothing(say("No mail was due."))


def delivery(row: DeliveryRow, recipient: str) -> str:
    """One mail; a failure is told with what the server said."""
    state = widgets.tag(name(row.state), _KINDS[row.state], _SIGNS.get(row.state, ""))
    head = f"{escape(name(row.reason))} → {widgets.escaped(recipient)} {state}"
    when = moment(row.sent_at or row.due_at)
    tries = say_many("{n} try", "{n} tries", row.attempts) if row.attempts > 1 else ""
    trouble = f"<br>{widgets.escaped(row.last_error)}" if row.last_error else ""
    return f'{head}<br><span class="mv-soft">{escape(when)} {escape(tries)}{trouble}</span>'


def _nothing(told: str) -> str:
    return f'<p class="mv-soft">{escape(told)}</p>'
