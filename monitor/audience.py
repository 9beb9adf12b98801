"""Who hears of an alert, by the rules of the recipients. Not when, nor what; that is monitor.outbox."""

from collections.abc import Sequence

from monitor.config.schema import RecipientConfig, ShopConfig
from monitor.domain import Topic, Urgency


def listeners(
    recipients: Sequence[RecipientConfig],
    shop: ShopConfig,
    urgency: Urgency,
    topics: Sequence[Topic],
    source: str,
    lang: str | None,
    is_negative: bool | None = None,
) -> list[RecipientConfig]:
    """Who hears of an alert at once: those who do not only step in later, by their rules.

    A critical one that nobody asked for goes to everybody of the shop.
    """
    people = [person for person in recipients if serves(person, shop)]
    people = [person for person in people if not person.escalation] or people
    chosen = [person for person in people if wants(person, shop, urgency, topics, source, lang, is_negative)]
    return chosen or (people if urgency is Urgency.CRITICAL else [])


def stand_ins(recipients: Sequence[RecipientConfig], shop: ShopConfig) -> list[RecipientConfig]:
    """Who is told when nobody answered in time."""
    return [person for person in recipients if person.escalation and serves(person, shop)]


def wants(
    recipient: RecipientConfig,
    shop: ShopConfig,
    urgency: Urgency,
    topics: Sequence[Topic],
    source: str,
    lang: str | None,
    is_negative: bool | None = None,
) -> bool:
    """Tell whether somebody's rules let this alert through; an empty rule lets everything through.

    What is unknown (no topics, no language) passes: better a mail too many than a post unseen.
    """
    return (
        serves(recipient, shop)
        and urgency.rank >= recipient.urgency_at_least.rank
        and (not recipient.topics or not topics or not set(topics).isdisjoint(recipient.topics))
        and (not recipient.sources or source in recipient.sources)
        and (not recipient.languages or lang is None or lang in recipient.languages)
        and (not recipient.only_negative or is_negative is not False or urgency is Urgency.CRITICAL)
    )


def serves(recipient: RecipientConfig, shop: ShopConfig) -> bool:
    """Tell whether somebody works for a shop: both sides may name the other, silence means all."""
    named_by_shop = not shop.recipients or recipient.slug in shop.recipients
    return named_by_shop and (not recipient.shops or shop.slug in recipient.shops)
