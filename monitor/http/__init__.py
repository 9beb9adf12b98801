"""The one way out to other servers: polite, bounded in time and size, and never to our own network.

Knows nothing of posts or sources; each failure becomes SourceBusy or SourceBroken with one sentence.
"""

from monitor.http.answer import Answer
from monitor.http.client import MAX_BYTES, Http, OnRefusal
from monitor.http.guard import GuardedTransport

__all__ = ["MAX_BYTES", "Answer", "GuardedTransport", "Http", "OnRefusal"]
