"""Which message is due to whom, when and why, and when to try again. Decides only; sends nothing.

An alert that opens or gets worse is mailed at once. Further posts are collected. One reminder goes
out before the deadline and, after it, one call to the people who step in; both are dropped as soon
as somebody has taken, answered, snoozed or dismissed the alert, and planned anew when it is open again.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from monitor.audience import listeners as listeners
from monitor.audience import serves as serves
from monitor.audience import stand_ins as stand_ins
from monitor.audience import wants as wants
from monitor.config.schema import RecipientConfig
from monitor.domain import AlertAction, AlertState, DeliveryState, SendReason, Urgency

MAX_ATTEMPTS = 30
# A claim held for so long belongs to a worker that died.
STALE_CLAIM = timedelta(minutes=5)
_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30, 60))
_JITTER = 0.2
# What was mailed within this time need not be called to mind yet.
_A_MOMENT = timedelta(minutes=15)
_COLLECTING = (SendReason.FIRST, SendReason.WORSE, SendReason.MORE)
_NOT_PLAIN = re.compile(r"[^a-z0-9-]+")


class OpenAlert(Protocol):
    """What planning must know of an alert; AlertRow has it."""

    @property
    def id(self) -> int: ...
    @property
    def shop(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def state(self) -> AlertState: ...
    @property
    def urgency(self) -> Urgency: ...
    @property
    def clock_started_at(self) -> datetime: ...
    @property
    def opened_at(self) -> datetime: ...
    @property
    def due_at(self) -> datetime: ...


class Change(Protocol):
    """What happened to an alert; AlertChange of monitor.alerts has it."""

    @property
    def action(self) -> AlertAction: ...
    @property
    def worse(self) -> bool: ...
    @property
    def mention_id(self) -> int | None: ...
    @property
    def alert(self) -> OpenAlert: ...


class Planned(Protocol):
    """A message that the outbox holds already; DeliveryRow has it."""

    @property
    def key(self) -> str: ...
    @property
    def recipient(self) -> str: ...
    @property
    def reason(self) -> SendReason: ...
    @property
    def due_at(self) -> datetime: ...


class Kept(Planned, Protocol):
    """A message of the outbox and what became of it; DeliveryRow has it."""

    @property
    def state(self) -> DeliveryState: ...
    @property
    def planned_at(self) -> datetime: ...
    @property
    def sent_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Timing:
    """Moments that the deadlines give for one alert, and how long further posts are collected."""

    remind_at: datetime
    escalate_at: datetime
    more_every: timedelta


@dataclass(frozen=True, slots=True)
class Due:
    """A message to put into the outbox. `key` is the same for the same message, however often planned."""

    key: str
    alert_id: int
    recipient: str
    reason: SendReason
    due_at: datetime
    message_id: str


def plan(
    change: Change,
    recipients: Sequence[RecipientConfig],
    second: Sequence[RecipientConfig],
    earlier: Sequence[Planned],
    timing: Timing,
    now: datetime,
    domain: str,
) -> list[Due]:
    """Say what a change of an alert sends to whom.

    `recipients` hear of the alert (see `listeners`), `second` step in after the deadline (see
    `stand_ins`), `earlier` are the alert's messages so far, `domain` ends the Message-IDs.
    """
    write = _Writer(change.alert, domain)
    due: list[Due | None]
    if change.mention_id is None:
        which = _call_again(change.alert, now)
        due = [write(SendReason.REMINDER, who.slug, now, which) for who in recipients]
    else:
        due = [_news(change, who.slug, earlier, timing, now, write) for who in recipients]
        due += _calls(SendReason.REMINDER, recipients, timing.remind_at, now, write)
    due += _calls(SendReason.ESCALATION, second, timing.escalate_at, now, write)
    known = {message.key for message in earlier}
    return [message for message in due if message is not None and message.key not in known]


def plan_again(
    alert: OpenAlert,
    since: datetime,
    recipients: Sequence[RecipientConfig],
    second: Sequence[RecipientConfig],
    earlier: Sequence[Kept],
    timing: Timing,
    now: datetime,
    domain: str,
) -> list[Due]:
    """Say who is called about an alert that is open again since then, for what was dropped meanwhile.

    A reminder whose time has passed goes out at once. Asking again later gives nothing new.
    """
    write, which = _Writer(alert, domain), _call_again(alert, since)
    calls = [(SendReason.REMINDER, who.slug, max(timing.remind_at, now)) for who in recipients]
    calls += [(SendReason.ESCALATION, who.slug, timing.escalate_at) for who in second]
    return [
        write(reason, person, at, which)
        for reason, person, at in calls
        if not any(_calls_already(message, alert, reason, person, since) for message in earlier)
    ]


def _calls_already(message: Kept, alert: OpenAlert, reason: SendReason, person: str, since: datetime) -> bool:
    """Tell whether a message makes another one of this reason needless: it still will go out, or just did."""
    if (message.reason, message.recipient) != (reason, person):
        return False
    waits = message.state in (DeliveryState.DUE, DeliveryState.CLAIMED) and _is_of_deadline(message, alert)
    was_sent = message.sent_at is not None and message.sent_at >= since
    return waits or was_sent or message.planned_at >= since


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes messages of one alert; `which` tells apart several of the same reason."""

    alert: OpenAlert
    domain: str

    def __call__(self, reason: SendReason, person: str, at: datetime, which: str = "") -> Due:
        key = delivery_key(self.alert.id, reason, person, which)
        return Due(key, self.alert.id, person, reason, at, message_id(key, self.alert.opened_at, self.domain))


def _news(
    change: Change, person: str, earlier: Sequence[Planned], timing: Timing, now: datetime, write: _Writer
) -> Due | None:
    """The message of the change itself: at once, or collected with others of the last minutes."""
    last = _last_news(person, earlier)
    if last is None or change.action is AlertAction.OPENED:
        return write(SendReason.FIRST, person, now)
    if change.worse:
        return write(SendReason.WORSE, person, now, _worsening(change))
    if change.action is AlertAction.REOPENED:
        return write(SendReason.MORE, person, now, _stamp(now))
    if last > now:
        return None
    return write(SendReason.MORE, person, max(now, last + timing.more_every), _stamp(now))


def _worsening(change: Change) -> str:
    """Tell one worsening from another: an answer and a new post may bring the same urgency back."""
    alert = change.alert
    return f"{alert.urgency.value}-{change.mention_id}-{_stamp(alert.clock_started_at)}"


def _last_news(person: str, earlier: Sequence[Planned]) -> datetime | None:
    news = (
        message.due_at for message in earlier if message.recipient == person and message.reason in _COLLECTING
    )
    return max(news, default=None)


def _calls(
    reason: SendReason, people: Sequence[RecipientConfig], at: datetime, now: datetime, write: _Writer
) -> list[Due | None]:
    """Messages tied to the deadline; one whose time has passed already would only repeat the news."""
    if at <= now or write.alert.state is not AlertState.OPEN:
        return []
    return [write(reason, who.slug, at, _stamp(write.alert.due_at)) for who in people]


def delivery_key(alert_id: int, reason: SendReason, recipient: str, which: str = "") -> str:
    """Name one message: the alert, why, to whom, and `which` where there can be several."""
    return ":".join(part for part in (str(alert_id), reason.value, recipient, which) if part)


def message_id(key: str, opened_at: datetime, domain: str) -> str:
    """Message-ID of a delivery: stable over retries, other in another database, without a machine's name."""
    digest = hashlib.sha256(f"{key} {_stamp(opened_at)}".encode()).hexdigest()[:12]
    return f"<{_NOT_PLAIN.sub('-', key.lower()).strip('-')}-{digest}@{domain}>"


def thread_id(alert: OpenAlert, recipient: str, domain: str) -> str:
    """Message-ID of the first mail about an alert to somebody, which all others hang on."""
    return message_id(delivery_key(alert.id, SendReason.FIRST, recipient), alert.opened_at, domain)


def mail_domain(sender: str) -> str:
    """Domain that ends our Message-IDs: the sender's own."""
    return sender.rpartition("@")[2]


def still_needed(message: Planned, alert: OpenAlert, news: int) -> bool:
    """Tell whether a message is worth sending now that its time has come.

    `news` counts the posts of the alert that this recipient was not told of yet.
    """
    if message.reason in (SendReason.REMINDER, SendReason.ESCALATION):
        return alert.state is AlertState.OPEN and _is_of_deadline(message, alert)
    if message.reason is SendReason.MORE:
        return alert.state in (AlertState.OPEN, AlertState.TAKEN) and news > 0
    if message.reason is SendReason.FIRST and news == 0:
        return False  # told meanwhile by a message that could not wait
    return alert.state.is_open


def repeats(message: Planned, earlier: Sequence[Kept], now: datetime) -> bool:
    """Tell whether a reminder would only repeat what the recipient was told of the alert a moment ago."""
    if message.reason is not SendReason.REMINDER:
        return False
    news = [one for one in earlier if one.recipient == message.recipient and one.reason in _COLLECTING]
    return any(one.sent_at is not None and now - one.sent_at < _A_MOMENT for one in news)


def _is_of_deadline(message: Planned, alert: OpenAlert) -> bool:
    """Tell whether a reminder or escalation speaks of the deadline as it is now."""
    current = delivery_key(alert.id, message.reason, message.recipient, _stamp(alert.due_at))
    return message.key == current or message.key.startswith(f"{current}-")


def _call_again(alert: OpenAlert, since: datetime) -> str:
    """Which call this is: of the deadline, for an alert that is open again since then."""
    return f"{_stamp(alert.due_at)}-{_stamp(since)}"


def backoff(attempts: int, key: str = "") -> timedelta:
    """Pause after that many failed attempts: 1 min, 2, 5, 15, 30, then an hour, each give or take a fifth.

    The same message gets the same pause each time it is asked; different ones spread.
    """
    pause = _PAUSES[min(max(attempts, 1), len(_PAUSES)) - 1]
    digest = hashlib.sha256(f"{key} {attempts}".encode()).digest()
    share = int.from_bytes(digest[:4], "big") / 2**32
    return pause * (1 + _JITTER * (2 * share - 1))


def retry_at(now: datetime, attempts: int, key: str, retry_after: float | None = None) -> datetime | None:
    """When to try again, None when it is time to give up; `retry_after` (seconds) is honoured when longer."""
    if attempts >= MAX_ATTEMPTS:
        return None
    asked = timedelta(seconds=min(retry_after or 0.0, 86400.0))
    return now + max(backoff(attempts, key), asked)


def _stamp(moment: datetime) -> str:
    return str(int(moment.timestamp()))
