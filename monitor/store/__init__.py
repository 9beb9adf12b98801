"""The database room: tables, the engine, writes and reads. Rows that leave are frozen."""

from monitor.store.engine import Store

__all__ = ["Store"]
