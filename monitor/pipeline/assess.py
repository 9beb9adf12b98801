"""Stage two: judge mentions, let the rules speak, open or extend alerts, plan deliveries."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlmodel import Session

from monitor import alerts, outbox, rules
from monitor.domain import Facts, Reason, Verdict
from monitor.matching import decide
from monitor.pipeline.parts import Parts
from monitor.rules.complete import complete
from monitor.store import reads, writes
from monitor.store.rows import AlertRow, MentionRow

_AT_ONCE = 64


def assess(parts: Parts, limit: int = _AT_ONCE) -> int:
    """Judge mentions that this model has not judged yet, newest first; returns how many."""
    with parts.store.reading() as session:
        waiting = reads.unassessed(session, parts.assessor.model, limit)
    if not waiting:
        return 0
    verdicts = parts.assessor.assess([(mention.to_post(), parts.match_of(mention)) for mention in waiting])
    now = parts.clock.now()
    with parts.store.transaction() as session:
        for mention, verdict in zip(waiting, verdicts, strict=True):
            _judge(parts, session, mention, complete(mention.to_post(), verdict), now)
    return len(waiting)


def assess_all(parts: Parts, tell: Callable[[int], None] = lambda judged: None) -> int:
    """Judge until nothing waits; `tell` hears of each step. Returns how many were judged."""
    total = 0
    while judged := assess(parts):
        total += judged
        tell(judged)
    return total


def _judge(parts: Parts, session: Session, mention: MentionRow, verdict: Verdict, now: datetime) -> None:
    is_about = decide(mention.certainty, verdict.about_shop)
    is_first = not reads.has_assessment(session, mention.id)
    reasons = _reasons(parts, mention, verdict, now) if is_about else ()
    if not writes.add_assessment(session, mention.id, verdict, is_about, reasons, now):
        return
    # A new model judges old mentions again, but what was seen once does not alert once more.
    if is_first and is_about:
        _hear(parts, session, mention, verdict, reasons, now)


def _reasons(parts: Parts, mention: MentionRow, verdict: Verdict, now: datetime) -> tuple[Reason, ...]:
    settings = parts.config.alerts
    limit = settings.negative_above
    facts = Facts(
        post=mention.to_post(),
        match=parts.match_of(mention),
        verdict=verdict,
        now=now,
        negative_above=parts.assessor.negative_above(mention.lang) if limit is None else limit,
        urgent_words=settings.urgent_words,
    )
    reasons = rules.judge(facts)
    return reasons if settings.questions else tuple(one for one in reasons if one.rule != "question")


def _hear(
    parts: Parts,
    session: Session,
    mention: MentionRow,
    verdict: Verdict,
    reasons: Sequence[Reason],
    now: datetime,
) -> None:
    shop = parts.shops.get(mention.shop)
    if shop is None or shop.rival:
        return
    if alerts.is_own_post(mention.author, shop):
        alerts.answered_by_shop(session, mention, now)
        return
    if reasons and now - mention.spoken_at <= parts.config.alerts.ignore_older_than:
        _alert(parts, session, mention, verdict, reasons, now)


def _alert(
    parts: Parts,
    session: Session,
    mention: MentionRow,
    verdict: Verdict,
    reasons: Sequence[Reason],
    now: datetime,
) -> None:
    gravest = max((reason.severity for reason in reasons), key=lambda severity: severity.rank)
    due_at = parts.policy.due_at(mention.spoken_at, gravest)
    change = alerts.open_or_fold(session, mention, reasons, due_at, now)
    if change is not None:
        plan(parts, session, change, verdict, now)


def plan(
    parts: Parts, session: Session, change: alerts.AlertChange, verdict: Verdict | None, now: datetime
) -> None:
    """Put the messages that a change calls for into the outbox."""
    alert = change.alert
    shop = parts.config.shop(alert.shop)
    people = parts.config.recipients
    topics = verdict.topics if verdict else ()
    due = outbox.plan(
        change,
        outbox.listeners(people, shop, alert.urgency, topics, alert.source, alert.first.lang),
        outbox.stand_ins(people, shop),
        reads.deliveries(session, alert.id),
        _timing(parts, alert, now),
        now,
        outbox.mail_domain(parts.config.mail.sender),
    )
    writes.plan_deliveries(session, [writes.PlannedDelivery(**asdict(message)) for message in due], now)


def _timing(parts: Parts, alert: AlertRow, now: datetime) -> outbox.Timing:
    return outbox.Timing(
        remind_at=parts.policy.remind_at(alert.due_at, alert.urgency),
        escalate_at=parts.policy.escalate_at(alert.due_at, alert.urgency, now),
        more_every=parts.config.alerts.more_every,
    )
