"""The label sets of the model, in the order of its outputs; the stored weights depend on this order."""

from typing import Final

SENTIMENTS: Final = ("negative", "neutral", "positive")
URGENCIES: Final = ("none", "normal", "high", "critical")
TOPICS: Final = (
    "delivery",
    "product_quality",
    "returns_refunds",
    "customer_service",
    "payment",
    "trust",
    "price",
    "website",
    "availability",
    "privacy",
    "safety",
)
HARD_TAGS: Final = (
    "sarcasm",
    "irony",
    "understatement",
    "negation",
    "other_target",
    "comparison",
    "mixed",
)
LANGUAGES: Final = ("fi", "sv", "en")

# Outputs of each head: the first two pick one of several, the others answer yes or no one by one.
HEADS: Final[dict[str, int]] = {
    "stance": len(SENTIMENTS),
    "urgency": len(URGENCIES),
    "topics": len(TOPICS),
    "about_shop": 1,
    "needs_reply": 1,
}
CHOICE_HEADS: Final = ("stance", "urgency")
