"""The rule of decision: whether a mention counts as being about the shop. Written nowhere else."""

KEEP = 0.5
SHARE_OF_MATCH = 0.4


def decide(match_certainty: float, about_shop: float | None) -> bool:
    """Keep the mention? `match_certainty` is Match.certainty, `about_shop` Verdict.about_shop; both 0..1.

    Without a model the match must be at least as likely right as wrong. With one, the two are
    averaged, the model counting a little more: it reads the whole post. So a sure match stands
    unless the model clearly says no, and an unsure one falls unless the model is sure.
    """
    if about_shop is None:
        return match_certainty >= KEEP
    return SHARE_OF_MATCH * match_certainty + (1 - SHARE_OF_MATCH) * about_shop >= KEEP
