"""The drawer of sources: one file per kind, and this table of them.

To add a kind, write its file, its row here, its recordings and its test; a guard test says
what is missing.
"""

from monitor.sources import (
    appstore,
    bluesky,
    discourse,
    feed,
    file,
    forum,
    gdelt,
    googlereviews,
    hackernews,
    imap,
    jetstream,
    lemmy,
    mastodon,
    reddit,
    stackexchange,
    survey,
    telegram,
    trustpilot,
    webhook,
    wordpress,
    youtube,
)
from monitor.sources.contract import Kind, Rereads, Source, SourceContext, SourceSettings, Stream
from monitor.sources.rechecking import AllGone

_KINDS = (
    feed.KIND,
    discourse.KIND,
    mastodon.KIND,
    wordpress.KIND,
    forum.KIND,
    imap.KIND,
    telegram.KIND,
    bluesky.KIND,
    jetstream.KIND,
    reddit.KIND,
    lemmy.KIND,
    hackernews.KIND,
    stackexchange.KIND,
    gdelt.KIND,
    youtube.KIND,
    appstore.KIND,
    trustpilot.KIND,
    googlereviews.KIND,
    file.KIND,
    webhook.KIND,
    survey.KIND,
)
SOURCES: dict[str, Kind] = {kind.name: kind for kind in _KINDS}

__all__ = ["SOURCES", "AllGone", "Kind", "Rereads", "Source", "SourceContext", "SourceSettings", "Stream"]
