"""How many there are: figures for supervisors, each by one query."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlmodel import Session, col

from monitor.store.reads import OPEN_STATES
from monitor.store.tables import Alert, Assessment, Delivery, Mention, Run


@dataclass(frozen=True, slots=True)
class Fetches:
    """The fetches of one source in a period; `newest` is the id of the last one."""

    number: int = 0
    failed: int = 0
    new: int = 0
    newest: int | None = None


def mentions_by_shop(session: Session) -> dict[str, int]:
    """Stored mentions of each shop, rivals too."""
    query = select(col(Mention.shop), func.count()).group_by(col(Mention.shop))
    return {shop: number for shop, number in session.execute(query)}


def open_alerts(session: Session) -> dict[tuple[str, str], int]:
    """Open alerts by shop and urgency."""
    query = select(col(Alert.shop), col(Alert.urgency), func.count()).where(col(Alert.state).in_(OPEN_STATES))
    grouped = query.group_by(col(Alert.shop), col(Alert.urgency))
    return {(shop, urgency): number for shop, urgency, number in session.execute(grouped)}


def overdue_alerts(session: Session, now: datetime) -> dict[str, int]:
    """Open alerts of each shop whose deadline has passed."""
    query = select(col(Alert.shop), func.count()).where(
        col(Alert.state).in_(OPEN_STATES), col(Alert.due_at) <= now
    )
    return {shop: number for shop, number in session.execute(query.group_by(col(Alert.shop)))}


def deliveries_by_state(session: Session) -> dict[str, int]:
    """Messages of the outbox by state."""
    query = select(col(Delivery.state), func.count()).group_by(col(Delivery.state))
    return {state: number for state, number in session.execute(query)}


def overdue_deliveries(session: Session, now: datetime) -> int:
    """Messages that should have left by now and have not."""
    query = select(func.count()).select_from(Delivery)
    return int(
        session.execute(
            query.where(col(Delivery.state).in_(("due", "claimed")), col(Delivery.due_at) <= now)
        ).scalar_one()
    )


def last_assessed_at(session: Session) -> datetime | None:
    """When the newest verdict was stored; None when there is none."""
    query = select(col(Assessment.assessed_at)).order_by(col(Assessment.id).desc()).limit(1)
    return session.execute(query).scalar_one_or_none()


def fetches_by_source(session: Session, since: datetime) -> dict[str, Fetches]:
    """Fetches of each source since then."""
    failed = func.sum(case((col(Run.outcome) == "ok", 0), else_=1))
    query = select(col(Run.source), func.count(), failed, func.sum(col(Run.new)), func.max(col(Run.id)))
    grouped = query.where(col(Run.started_at) >= since).group_by(col(Run.source))
    return {source: Fetches(*figures) for source, *figures in session.execute(grouped)}


def delays(session: Session, source: str, since: datetime, limit: int) -> list[float]:
    """Median delays in seconds of a source's newest fetches since then that brought something new."""
    delay = col(Run.median_delay)
    query = select(delay).where(col(Run.source) == source, col(Run.started_at) >= since, delay.is_not(None))
    return [seconds for seconds in session.execute(query.order_by(col(Run.id).desc()).limit(limit)).scalars()]


def warnings_of(session: Session, run_id: int) -> tuple[str, ...]:
    """What one fetch warned of."""
    query = select(col(Run.warnings)).where(col(Run.id) == run_id)
    return tuple(session.execute(query).scalar_one_or_none() or ())
