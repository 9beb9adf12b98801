"""Stage two: judge mentions, let the rules speak, open or extend alerts, plan deliveries."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlmodel import Session

from monitor import alerts, rules
from monitor.domain import Facts, Match, Post, Reason, Urgency, Verdict
from monitor.errors import MonitorError
from monitor.matching import decide
from monitor.pipeline.parts import Parts
from monitor.pipeline.planning import plan
from monitor.rules.complete import complete, heed_words
from monitor.store import reads, writes
from monitor.store.calm import is_muted
from monitor.store.rows import MentionRow
from monitor.store.standing import author_alerts, thread_pace
from monitor.wording import N_

_log = logging.getLogger(__name__)

_AT_ONCE = 64


def assess(parts: Parts, limit: int = _AT_ONCE) -> int:
    """Judge mentions that this model has not judged yet, newest first; returns how many.

    Each is judged in a transaction of its own. One that cannot be judged is stored as "not scored", so
    that it never holds up the others.
    """
    with parts.store.reading() as session:
        waiting = reads.unassessed(session, parts.assessor.model, limit)
    verdicts = _verdicts(parts, waiting)
    # Oldest first: the shop's own answer must find the alert of the complaint it answers.
    for mention, verdict in sorted(zip(waiting, verdicts, strict=True), key=lambda pair: _age(pair[0])):
        _judge_one(parts, mention, verdict)
    return len(waiting)


def assess_all(parts: Parts, tell: Callable[[int], None] = lambda judged: None) -> int:
    """Judge until nothing waits; `tell` hears of each step. Returns how many were judged."""
    total = 0
    while not parts.is_stopping() and (judged := assess(parts)):
        total += judged
        tell(judged)
    return total


def _age(mention: MentionRow) -> tuple[datetime, int]:
    return mention.spoken_at, mention.id


def _verdicts(parts: Parts, waiting: Sequence[MentionRow]) -> list[Verdict]:
    """One verdict each; when the model stumbles over the lot, they are read one by one."""
    pairs = [(mention.to_post(), parts.match_of(mention)) for mention in waiting]
    try:
        return parts.assessor.assess(pairs) if pairs else []
    except MonitorError:
        raise
    except Exception:  # noqa: BLE001 - one odd post must not keep all others from being judged
        _log.exception("the model stumbled over %d posts; reading them one by one", len(pairs))
    return [_verdict_of_one(parts, pair) for pair in pairs]


def _verdict_of_one(parts: Parts, pair: tuple[Post, Match]) -> Verdict:
    try:
        return parts.assessor.assess([pair])[0]
    except MonitorError:
        raise
    except Exception:  # noqa: BLE001 - as above
        _log.exception("the model cannot read post %s of %s", pair[0].external_id, pair[0].source)
        return _unreadable(parts)


def _unreadable(parts: Parts) -> Verdict:
    return Verdict(parts.assessor.model, not_scored=N_("The post could not be judged."))


def _judge_one(parts: Parts, mention: MentionRow, verdict: Verdict) -> None:
    now = parts.clock.now()
    try:
        with parts.store.transaction() as session:
            _judge(parts, session, mention, complete(mention.to_post(), verdict), now)
    except MonitorError:
        raise
    except Exception:  # noqa: BLE001 - as above
        _log.exception("mention %d could not be judged", mention.id)
        with parts.store.transaction() as session:
            writes.add_assessment(session, mention.id, _unreadable(parts), True, (), now)


def _judge(parts: Parts, session: Session, mention: MentionRow, verdict: Verdict, now: datetime) -> None:
    if not reads.reads_as_before(session, mention):
        # Edited while the model read it; the next round judges what stands there now.
        return
    is_about = decide(mention.certainty, verdict.about_shop)
    is_first = not reads.has_assessment(session, mention.id)
    reasons = _reasons(parts, session, mention, verdict, now) if is_about else ()
    verdict = heed_words(verdict, reasons)
    if not writes.add_assessment(session, mention.id, verdict, is_about, reasons, now):
        return
    # A new model judges old mentions again, but what was seen once does not alert once more.
    if is_first and is_about:
        _hear(parts, session, mention, verdict, reasons, now)


def _reasons(
    parts: Parts, session: Session, mention: MentionRow, verdict: Verdict, now: datetime
) -> tuple[Reason, ...]:
    settings = parts.config.alerts
    limit = settings.negative_above
    facts = Facts(
        post=mention.to_post(),
        match=parts.match_of(mention),
        verdict=verdict,
        now=now,
        negative_above=parts.assessor.negative_above(mention.lang) if limit is None else limit,
        urgent_words=settings.urgent_words,
        author_alerts=author_alerts(session, mention),
        thread_pace=thread_pace(session, mention),
    )
    return rules.judge(facts, rules.RULES if settings.questions else rules.rules_without_questions())


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
    if not reasons or now - mention.spoken_at > parts.config.alerts.ignore_older_than:
        return
    is_critical = any(reason.severity is Urgency.CRITICAL for reason in reasons)
    if is_critical or not is_muted(session, mention):
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
    due_at = parts.policy_of(mention.shop).due_at(mention.spoken_at, gravest)
    change = alerts.open_or_fold(session, mention, reasons, due_at, now)
    if change is not None:
        plan(parts, session, change, verdict, now)
