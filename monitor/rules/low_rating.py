"""The writer gave one or two stars."""

from monitor.domain import Facts, Reason, Urgency
from monitor.wording import N_

_LOW = 2.0


def low_rating(facts: Facts) -> Reason | None:
    """Two stars of five or fewer; no rating is not a low rating."""
    rating = facts.post.rating
    if rating is None or rating > _LOW:
        return None
    return Reason(
        "low_rating", Urgency.NORMAL, N_("Gave {shop} {stars}/5 stars."),
        {"shop": facts.match.shop.name, "stars": f"{rating:g}"},
    )  # fmt: skip
