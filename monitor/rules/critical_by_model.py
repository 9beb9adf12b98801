"""The model finds the post critical, whatever the writer's mood."""

from monitor.domain import Facts, Reason, Urgency
from monitor.rules.aboutness import is_about_shop
from monitor.wording import N_


def critical_by_model(facts: Facts) -> Reason | None:
    """Urgency critical in the verdict."""
    if facts.verdict.urgency is not Urgency.CRITICAL or not is_about_shop(facts):
        return None
    return Reason(
        "critical_by_model",
        Urgency.CRITICAL,
        N_("Reads like something grave: danger, law, leaked data, press or fraud."),
    )
