"""A thread that grows fast: many read along, and the word spreads."""

from monitor.domain import Facts, Reason, Urgency
from monitor.wording import N_

_MANY_AN_HOUR = 8


def busy_thread(facts: Facts) -> Reason | None:
    """Negative, in a conversation with many posts within the hour."""
    if facts.thread_pace < _MANY_AN_HOUR or facts.verdict.negative <= facts.negative_above:
        return None
    return Reason(
        "busy_thread",
        Urgency.HIGH,
        N_("The conversation grows fast: {n} posts within an hour."),
        {"n": f"{facts.thread_pace}"},
    )
