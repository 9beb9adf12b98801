"""The model is sure enough that the writer is unhappy with the shop."""

from monitor.domain import Facts, Reason, Urgency
from monitor.wording import N_


def negative(facts: Facts) -> Reason | None:
    """Negative above the threshold; as grave as the model finds it urgent, and normal at least."""
    score = facts.verdict.negative
    if score <= facts.negative_above:
        return None
    return Reason(
        "negative",
        max(facts.verdict.urgency, Urgency.NORMAL, key=lambda urgency: urgency.rank),
        N_("The writer is unhappy with {shop}, the model is {percent}% sure of it."),
        {"shop": facts.match.shop.name, "percent": f"{min(round(score * 100), 99)}"},
    )
