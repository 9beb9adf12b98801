"""An unhappy post that many people may see: the word spreads while nobody answers."""

from monitor.domain import Facts, Reason, Urgency
from monitor.wording import N_

_MANY = 5000


def wide_reach(facts: Facts) -> Reason | None:
    """Negative, and followed by thousands; an unknown reach is not a wide one."""
    reach = facts.post.reach
    if reach is None or reach < _MANY or facts.verdict.negative <= facts.negative_above:
        return None
    return Reason(
        "wide_reach",
        Urgency.HIGH,
        N_("Many may see it: {reach} people follow the writer or the place."),
        {"reach": f"{reach}"},
    )
