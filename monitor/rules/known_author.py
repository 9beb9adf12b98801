"""Somebody who has complained before: a second complaint weighs more than a first."""

from monitor.domain import Facts, Reason, Urgency
from monitor.wording import N_

_GRAVE_FROM = 2


def known_author(facts: Facts) -> Reason | None:
    """Negative, by a writer whose earlier posts opened alerts; grave from the second of them on."""
    if not facts.author_alerts or facts.verdict.negative <= facts.negative_above:
        return None
    return Reason(
        "known_author",
        Urgency.HIGH if facts.author_alerts >= _GRAVE_FROM else Urgency.NORMAL,
        N_("The same writer has complained about {shop} before: {n} times in half a year."),
        {"shop": facts.match.shop.name, "n": f"{facts.author_alerts}"},
    )
