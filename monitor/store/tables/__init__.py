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
from monitor.store.tables.counted import Erasure, ExportRecord, HourCount, SiteCheck, StaleHour
from monitor.store.tables.heard import Assessment, Gap, Label, Letter, Mention, Run, Setting, SourceState
from monitor.store.tables.people import Person, Sample, SavedSearch, Visit

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
    "HourCount",
    "Label",
    "Letter",
    "Mention",
    "Mute",
    "Person",
    "ReadyReply",
    "Run",
    "Sample",
    "SavedSearch",
    "Setting",
    "ShopEvent",
    "Silence",
    "SiteCheck",
    "SourceState",
    "StaleHour",
    "Storm",
    "Visit",
]
