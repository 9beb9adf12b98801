"""What the stages work with; put together once by monitor.app."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.assessor import Assessor
from monitor.clock import Clock
from monitor.config import Config, SourceConfig
from monitor.deadlines import Policy
from monitor.domain import Match, Message, Shop
from monitor.health import Hearing
from monitor.matching import Matcher
from monitor.notifiers import Notifier
from monitor.reachability import Look
from monitor.replies import Reply
from monitor.report import WeekReport
from monitor.sources import Source
from monitor.store import Store
from monitor.store.rows import AlertRow, DeliveryRow, MentionRow, SourceRow
from monitor.store.storms import EventRow as ShopEventRow
from monitor.store.storms import StormRow
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
    replies: Sequence[Reply] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """A message to the operator about one source, and how that is heard as it is written.

    `thread_id` is the Message-ID of the message about the beginning of the trouble; `others` are told of
    in the same mail.
    """

    delivery: DeliveryRow
    source: SourceConfig
    state: SourceRow
    heard: Hearing
    thread_id: str
    others: tuple["Notice", ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """Several alerts in one message: what waited for somebody together, or the digest of a day.

    `letters` are those whose own messages are told with it; `alerts` further ones that had none.
    """

    delivery: DeliveryRow
    letters: tuple[Letter, ...]
    alerts: tuple[AlertRow, ...] = ()


@dataclass(frozen=True, slots=True)
class StormNews:
    """A message about a storm: its example posts, what the shop did or met just before, and how many of its
    alerts wait. `thread_id` is the Message-ID of the mail about its beginning.
    """

    delivery: DeliveryRow
    storm: StormRow
    examples: tuple[MentionRow, ...]
    events: tuple[ShopEventRow, ...]
    waiting: int
    thread_id: str
    folds: bool = True


@dataclass(frozen=True, slots=True)
class Folded:
    """A message that is left to the mails of a storm."""

    storm_id: int


@dataclass(frozen=True, slots=True)
class Wait:
    """A message that is not to go before then."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Weekly:
    """The page about a week, a part for each shop of the recipient."""

    delivery: DeliveryRow
    weeks: tuple[WeekReport, ...]


AnyLetter = Letter | Notice | Summary | StormNews | Weekly
Render = Callable[[AnyLetter, datetime], Message]


@dataclass(frozen=True, slots=True)
class Parts:
    """The concrete parts behind the stages; `shops` maps slugs to what is listened for.

    `look_at_site` says what keeps customers from reaching a shop by its own site.

    `reaching_back` makes a source anew that begins that far in the past. `is_stopping` is asked between
    two steps of long work, so that a stop does not wait for all of it.
    """

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
    reaching_back: Callable[[str, timedelta], Source] | None = None
    is_stopping: Callable[[], bool] = lambda: False
    policies: Mapping[str, Policy] = field(default_factory=dict)
    look_at_site: Callable[[str], Look] | None = None

    def policy_of(self, shop: str) -> Policy:
        """The deadlines of a shop: its own, or those of all."""
        return self.policies.get(shop, self.policy)

    def match_of(self, mention: MentionRow) -> Match:
        """The match that a stored mention came from; a shop that left the configuration keeps its slug."""
        shop = self.shops.get(mention.shop) or Shop(slug=mention.shop, name=mention.shop)
        return Match(shop, mention.words, mention.certainty, mention.found_where)
