"""The kind "bluesky": posts with a word, with a link to a domain, or that mention an account.

https://docs.bsky.app/docs/api/app-bsky-feed-search-posts, asked through the account's own server with an
app password. An edit keeps the address of a post and changes its text; reposts are not posts and do not
come. Terms: Bluesky's developer guidelines; the search is for moderate use, the whole network's posts
come with its stream.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import batched_or_none
