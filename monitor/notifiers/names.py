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

# What happened, by the rule or its kind of urgent words: a name for the subject, a sentence to begin with.
_KINDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "phishing": (N_("fraud in the shop's name"), N_("Somebody may be using the shop's name for fraud.")),
        "data_leak": (N_("data leak"), N_("A post tells of leaked customer data.")),
        "danger": (N_("danger"), N_("A post tells of danger to people or of fire.")),
        "legal": (N_("legal threat"), N_("A post speaks of legal steps or the police.")),
        "authority": (N_("authority named"), N_("A post speaks of an authority.")),
        "press": (N_("press"), N_("The press may be taking this up.")),
        "boycott": (N_("call for a boycott"), N_("A post calls for a boycott.")),
        "warning": (N_("public warning"), N_("A post warns others about the shop.")),
        "money": (N_("money gone"), N_("A customer says that money is gone.")),
        "unanswered": (N_("no answer from the shop"), N_("A customer says that the shop does not answer.")),
        "listed": (N_("a word on your list"), N_("A post says a word on your list.")),
        "critical_by_model": (N_("grave matter"), N_("A post looks grave.")),
        "wide_reach": (N_("wide reach"), N_("Many people may see an unhappy post.")),
        "negative": (N_("unhappy writer"), N_("Somebody is unhappy with the shop.")),
        "campaign": (N_("possible campaign"), N_("Several writers post the same words.")),
        "known_author": (N_("complains again"), N_("Somebody who complained before is unhappy again.")),
        "busy_thread": (N_("fast-growing thread"), N_("An unhappy conversation grows fast.")),
        "low_rating": (N_("low rating"), N_("The shop got a low rating.")),
        "question": (N_("question"), N_("Somebody is waiting for an answer.")),
    }
)


def kind_name(reason: Mapping[str, Any]) -> str:
    """Message id that names a stored reason; a rule added later goes by its own name."""
    kind = _kind(reason)
    return _KINDS[kind][0] if kind in _KINDS else kind.replace("_", " ")


def kind_headline(reason: Mapping[str, Any]) -> str:
    """Message id of the sentence that tells what a stored reason found."""
    return _KINDS.get(_kind(reason), _KINDS["question"])[1]


def _kind(reason: Mapping[str, Any]) -> str:
    return str(reason["values"].get("kind") or reason["rule"])
