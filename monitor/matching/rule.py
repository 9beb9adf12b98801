"""The rule of decision: whether a mention counts as being about the shop. Written nowhere else."""

KEEP = 0.5
SURE = 0.9
CLEARLY_NOT = 0.15


def decide(match_certainty: float, about_shop: float | None) -> bool:
    """Keep the mention? `match_certainty` is Match.certainty, `about_shop` Verdict.about_shop; both 0..1.

    Without a model the match must be more likely right than wrong. With one, a sure match stands
    unless the model clearly says no; an unsure one needs the mean of the two to be above a half.
    """
    if about_shop is None:
        return match_certainty >= KEEP
    if match_certainty >= SURE:
        return about_shop >= CLEARLY_NOT
    return (match_certainty + about_shop) / 2 >= KEEP
