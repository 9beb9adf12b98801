"""The shop's own posts: they never alert, and in a thread with an open alert they are the answer."""

from datetime import datetime

from sqlmodel import Session

from monitor.alerts.rows import BY_RULE, alert_of_thread, changed
from monitor.domain import AlertAction, AlertState, Shop
from monitor.store.rows import AlertRow, MentionRow
from monitor.store.tables import Alert


def is_own_post(author: str, shop: Shop) -> bool:
    """Tell whether an author is the shop itself: the name equals one of its handles, `@` and case aside.

    A handle with a server (@shop@mastodon.example) matches that server only.
    """
    name = _bare(author)
    return bool(name) and any(name == _bare(handle) for handle in shop.handles)


def answered_by_shop(session: Session, mention: MentionRow, now: datetime) -> AlertRow | None:
    """Close the thread's open alert with the shop's own post; None when there is none, or it is older."""
    alert = alert_of_thread(session, mention)
    if alert is None or not AlertState(alert.state).is_open or mention.spoken_at < alert.clock_started_at:
        return None
    _answer(alert, mention, now)
    return changed(session, alert, AlertAction.ANSWERED, mention.author, BY_RULE, now, mention.url)


def _answer(alert: Alert, mention: MentionRow, now: datetime) -> None:
    alert.state, alert.closed_at, alert.snoozed_until = AlertState.ANSWERED.value, now, None
    alert.answered_at, alert.answer_url = mention.spoken_at, mention.url or None


def _bare(name: str) -> str:
    return name.strip().lstrip("@").casefold()
