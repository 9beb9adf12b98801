"""What the stages work with; put together once by monitor.app."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.assessor import Assessor
from monitor.clock import Clock
from monitor.config import Config
from monitor.deadlines import Policy
from monitor.domain import Match, Message, Shop
from monitor.matching import Matcher
from monitor.notifiers import Notifier
from monitor.sources import Source
from monitor.store import Store
from monitor.store.rows import AlertRow, DeliveryRow, MentionRow
from monitor.text import LanguageDetector


@dataclass(frozen=True, slots=True)
class Letter:
    """All that a message tells of. `told_until` is when the newest post was found that this
    recipient knows of, None when there was no message yet.

    `author_before` is what the writer of the first post said in other threads.
    """

    delivery: DeliveryRow
    alert: AlertRow
    conversation: Sequence[MentionRow]
    author_before: Sequence[MentionRow]
    told_until: datetime | None


Render = Callable[[Letter, datetime], Message]


@dataclass(frozen=True, slots=True)
class Parts:
    """The concrete parts behind the stages; `shops` maps slugs to what is listened for."""

    config: Config
    store: Store
    clock: Clock
    matcher: Matcher
    detector: LanguageDetector
    sources: Mapping[str, Source]
    assessor: Assessor
    policy: Policy
    notifier: Notifier
    render: Render
    shops: Mapping[str, Shop]

    def match_of(self, mention: MentionRow) -> Match:
        """The match that a stored mention came from; a shop that left the configuration keeps its slug."""
        shop = self.shops.get(mention.shop) or Shop(slug=mention.shop, name=mention.shop)
        return Match(shop, mention.words, mention.certainty, mention.found_where)
