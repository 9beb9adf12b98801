"""Figures and posts out of the database, streamed: CSV, XLSX, Parquet or JSON Lines.

Authors leave as pseudonyms (keyed hash) unless the caller asks for names, and so do addresses: only
their host. What a spreadsheet would run as a formula is defused. A file appears under its name only when
it is complete, with a dictionary of its columns beside it.
"""

from monitor.export.columns import COLUMNS, Column, Subject, Type, names
from monitor.export.files import whole_bytes, whole_file
from monitor.export.requests import Request, Wanted, batches, count, default_period, told
from monitor.export.spool import Spooled, file_name, pieces, spool
from monitor.export.values import alert_fields, mention_fields, place, point_fields, pseudonym
from monitor.export.writing import Format, Written, write

__all__ = [
    "COLUMNS",
    "Column",
    "Format",
    "Request",
    "Spooled",
    "Subject",
    "Type",
    "Wanted",
    "Written",
    "alert_fields",
    "batches",
    "count",
    "default_period",
    "file_name",
    "mention_fields",
    "names",
    "pieces",
    "place",
    "point_fields",
    "pseudonym",
    "spool",
    "told",
    "whole_bytes",
    "whole_file",
    "write",
]
