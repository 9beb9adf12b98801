"""The drawer of sources: one file per kind, and this table of them.

To add a kind, write its file, its row here, its recordings and its test; a guard test says
what is missing.
"""

from monitor.sources import discourse, feed, file, mastodon
from monitor.sources.contract import Kind, Source, SourceContext, SourceSettings

SOURCES: dict[str, Kind] = {kind.name: kind for kind in (feed.KIND, discourse.KIND, mastodon.KIND, file.KIND)}

__all__ = ["SOURCES", "Kind", "Source", "SourceContext", "SourceSettings"]
