"""Short names of urgencies, topics and reasons, as message ids of the catalogue."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from monitor.domain import Topic, Urgency
from monitor.wording import N_

URGENCY_NAMES: Mapping[Urgency, str] = MappingProxyType(
    {
        Urgency.CRITICAL: N_("Critical"),
        Urgency.HIGH: N_("Urgent"),
        Urgency.NORMAL: N_("Needs an answer"),
        Urgency.NONE: N_("For your information"),
    }
)

TOPIC_NAMES: Mapping[Topic, str] = MappingProxyType(
    {
        Topic.DELIVERY: N_("delivery"),
        Topic.PRODUCT_QUALITY: N_("product quality"),
        Topic.RETURNS_REFUNDS: N_("returns and refunds"),
        Topic.CUSTOMER_SERVICE: N_("customer service"),
        Topic.PAYMENT: N_("payment"),
        Topic.TRUST: N_("trust"),
        Topic.PRICE: N_("price"),
        Topic.WEBSITE: N_("website"),
        Topic.AVAILABILITY: N_("availability"),
        Topic.PRIVACY: N_("privacy"),
        Topic.SAFETY: N_("safety"),
    }
)

# What happened, by the rule or by the kind of urgent words; the first that fits an alert names it.
_KIND_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "phishing": N_("fraud in the shop's name"),
        "data_leak": N_("data leak"),
        "danger": N_("danger"),
        "legal": N_("legal threat"),
        "authority": N_("authority named"),
        "press": N_("press"),
        "boycott": N_("call for a boycott"),
        "warning": N_("public warning"),
        "money": N_("money gone"),
        "unanswered": N_("no answer from the shop"),
        "listed": N_("a word on your list"),
        "critical_by_model": N_("grave matter"),
        "negative": N_("unhappy writer"),
        "low_rating": N_("low rating"),
        "question": N_("question"),
    }
)


def kind_name(reason: Mapping[str, Any]) -> str:
    """Message id that names a stored reason; a rule added later goes by its own name."""
    kind = reason.get("values", {}).get("kind") or reason["rule"]
    return _KIND_NAMES.get(kind, str(kind).replace("_", " "))
