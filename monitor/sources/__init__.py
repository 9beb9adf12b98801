"""The drawer of sources: one file per kind, and this table of them.

To add a kind, write its file, its row here, its recordings and its test; a guard test says
what is missing.
"""

from monitor.sources import bluesky, discourse, feed, file, mastodon, wordpress
from monitor.sources.contract import Kind, Source, SourceContext, SourceSettings

_KINDS = (
    feed.KIND,
    discourse.KIND,
    mastodon.KIND,
    wordpress.KIND,
    bluesky.KIND,
    file.KIND,
)
SOURCES: dict[str, Kind] = {kind.name: kind for kind in _KINDS}

__all__ = ["SOURCES", "Kind", "Source", "SourceContext", "SourceSettings"]
