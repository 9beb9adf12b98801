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
from monitor.store.tables.counted import CountedDay, DayCount, StaleTime
from monitor.store.tables.drawn import Sample, SavedSearch
from monitor.store.tables.heard import Assessment, Gap, Label, Letter, Mention, Run, Setting, SourceState
from monitor.store.tables.ledgers import Erasure, ExportRecord
from monitor.store.tables.people import Knock, Note, Person, Visit
from monitor.store.tables.sites import SiteCheck

__all__ = [
    "Aftermath",
    "Alert",
    "AlertEvent",
    "AlertMention",
    "Assessment",
    "CountedDay",
    "DayCount",
    "Delivery",
    "Erasure",
    "ExportRecord",
    "Gap",
    "Knock",
    "Label",
    "Letter",
    "Mention",
    "Mute",
    "Note",
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
    "StaleTime",
    "Storm",
    "Visit",
]
