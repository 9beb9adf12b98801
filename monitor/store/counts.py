"""How many there are: figures for supervisors, each by one query."""

from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from monitor.store.reads import OPEN_STATES
from monitor.store.tables import Alert, Assessment, Delivery, Mention


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
