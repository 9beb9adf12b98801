"""The tables. Rows are built only from validated domain objects; times are aware UTC.

Short strings that mirror an enum hold its value. JSON columns hold lists of plain strings or dicts.
"""

from monitor.store.tables.alerted import (
    Aftermath,
    Alert,
    AlertEvent,
    AlertMention,
    Delivery,
    Mute,
    ReadyReply,
    ShopEvent,
    Silence,
    Storm,
)
from monitor.store.tables.heard import Assessment, Gap, Label, Letter, Mention, Run, Setting, SourceState
from monitor.store.tables.ledgers import Erasure, ExportRecord

__all__ = [
    "Aftermath",
    "Alert",
    "AlertEvent",
    "AlertMention",
    "Assessment",
    "Delivery",
    "Erasure",
    "ExportRecord",
    "Gap",
    "Label",
    "Letter",
    "Mention",
    "Mute",
    "ReadyReply",
    "Run",
    "Setting",
    "ShopEvent",
    "Silence",
    "SourceState",
    "Storm",
]
