"""What the rules of the recipients would have mailed: past alerts run through them; nothing is sent.

Counts the first mail of each alert; further posts, reminders and joined summaries are left out.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlmodel import Session

from monitor import audience, calm
from monitor.config.schema import RecipientConfig
from monitor.domain import Urgency
from monitor.pipeline.parts import Parts
from monitor.pipeline.planning import listeners_of
from monitor.store import reads
from monitor.store.rows import AlertRow


@dataclass(slots=True)
class Foretold:
    """What one person would have got: mails by day, how many of them had to wait and why, and what not."""

    person: RecipientConfig
    by_day: Counter[date] = field(default_factory=Counter)
    waited: Counter[str] = field(default_factory=Counter)
    digest: int = 0
    untold: list[AlertRow] = field(default_factory=list)

    @property
    def mails(self) -> int:
        """Mails at once, those that had to wait included."""
        return sum(self.by_day.values())

    @property
    def most_a_day(self) -> int:
        """Mails of the fullest day."""
        return max(self.by_day.values(), default=0)


def preview(parts: Parts, session: Session, since: datetime) -> list[Foretold]:
    """Run the alerts opened since then through the rules as they are now; one result a recipient."""
    known = {shop.slug for shop in parts.config.shops}
    opened = [alert for alert in reads.alerts_opened(session, since) if alert.shop in known]
    people = [person for person in parts.config.recipients if not person.escalation]
    return [_foretell(parts, person, opened) for person in people or parts.config.recipients]


def _foretell(parts: Parts, person: RecipientConfig, opened: Sequence[AlertRow]) -> Foretold:
    told = Foretold(person)
    for alert in opened:
        if not audience.serves(person, parts.config.shop(alert.shop)):
            continue
        if person.slug in {one.slug for one in listeners_of(parts, alert)}:
            _mail(parts, told, alert)
        elif person.digest is not None:
            told.digest += 1
        else:
            told.untold.append(alert)
    return told


def _mail(parts: Parts, told: Foretold, alert: AlertRow) -> None:
    zone, now = parts.config.zone, alert.opened_at
    today = now.astimezone(zone).date()
    wait = calm.held(told.person, now, zone, None, told.by_day[today])
    if wait is None or alert.urgency is Urgency.CRITICAL:
        told.by_day[today] += 1
        return
    told.waited[wait.why] += 1
    told.by_day[wait.until.astimezone(zone).date()] += 1
