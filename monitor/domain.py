"""The nouns of the service: frozen, with aware UTC times, and no I/O.

Post is validated by Pydantic because it is built from what strangers send;
everything else is built by our own code and is a plain dataclass.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints


class Sentiment(StrEnum):
    """How the writer feels toward one named shop."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class Urgency(StrEnum):
    """How soon a person must look; ordered by `rank`."""

    NONE = "none"
    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        return list(Urgency).index(self)


class Topic(StrEnum):
    """What a post is about; a post may have several."""

    DELIVERY = "delivery"
    PRODUCT_QUALITY = "product_quality"
    RETURNS_REFUNDS = "returns_refunds"
    CUSTOMER_SERVICE = "customer_service"
    PAYMENT = "payment"
    TRUST = "trust"
    PRICE = "price"
    WEBSITE = "website"
    AVAILABILITY = "availability"
    PRIVACY = "privacy"
    SAFETY = "safety"


class SendReason(StrEnum):
    """Why a message goes out."""

    FIRST = "first"
    WORSE = "worse"
    MORE = "more"
    REMINDER = "reminder"
    ESCALATION = "escalation"
    DIGEST = "digest"
    WEEKLY = "weekly"
    STORM = "storm"
    TROUBLE = "trouble"
    RECOVERY = "recovery"


class EventKind(StrEnum):
    """What a shop did or met, as people write it down."""

    CAMPAIGN = "campaign"
    DEPLOY = "deploy"
    COURIER = "courier"
    STOCK_OUT = "stock_out"
    OTHER = "other"


class AlertState(StrEnum):
    """Where an alert stands; the first three are open."""

    OPEN = "open"
    TAKEN = "taken"
    SNOOZED = "snoozed"
    ANSWERED = "answered"
    DISMISSED = "dismissed"

    @property
    def is_open(self) -> bool:
        return self in (AlertState.OPEN, AlertState.TAKEN, AlertState.SNOOZED)


class AlertAction(StrEnum):
    """What was done to an alert; one row of its history."""

    OPENED = "opened"
    EXTENDED = "extended"
    TAKEN = "taken"
    ANSWERED = "answered"
    DISMISSED = "dismissed"
    SNOOZED = "snoozed"
    REOPENED = "reopened"
    CORRECTED = "corrected"
    REMINDED = "reminded"
    ESCALATED = "escalated"


class Handled(StrEnum):
    """Whether a mention is in an alert that waits for somebody, only in some that are done, or in none."""

    WAITING = "waiting"
    DONE = "done"
    UNALERTED = "unalerted"


class DismissReason(StrEnum):
    """Why an alert needs no answer; the last two are also corrections of the model."""

    NO_REPLY_NEEDED = "no_reply_needed"
    HANDLED_ELSEWHERE = "handled_elsewhere"
    DUPLICATE = "duplicate"
    NOT_ABOUT_US = "not_about_us"
    NOT_NEGATIVE = "not_negative"


class DeliveryState(StrEnum):
    """Where a message of the outbox stands."""

    DUE = "due"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


def _to_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


UtcTime = Annotated[AwareDatetime, AfterValidator(_to_utc)]
Identifier = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class Post(BaseModel):
    """One thing somebody wrote, as a source found it.

    `external_id` is stable for the same post over fetches of the same source. `thread_key` is the
    id of the conversation at the source (the post's own id where it stands alone). `text` is plain
    text, never HTML. `posted_at` is None when the source does not say. `reach` counts followers or
    readers, `rating` is in stars 1-5; None means unknown, which is not zero.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Identifier
    external_id: Identifier
    url: str = ""
    author: str = ""
    title: str = ""
    text: str
    posted_at: UtcTime | None = None
    edited_at: UtcTime | None = None
    thread_key: Identifier
    thread_title: str = ""
    parent_text: str = ""
    reach: int | None = None
    rating: float | None = None
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What one fetch brought: posts, the cursor for the next fetch, and what could not be parsed.

    The cursor is opaque to everybody but the source that made it. A warning is one sentence that
    names the post or line it is about; it never carries a secret or the whole text. `unreadable`
    counts rows that could not be parsed, `left_out` those that are no posts for us; `gone` are ids of
    posts that were deleted where they stood, from sources that say so, `gone_authors` writers who left
    with all they wrote. Streams do not hand on what nobody wants: `passed` counts those posts, `newest` is
    the time of the newest post that came, and `answered` says that the other side is there though nothing
    came. `more` says that the next fetch goes on at once.
    """

    posts: tuple[Post, ...] = ()
    cursor: str | None = None
    warnings: tuple[str, ...] = ()
    unreadable: int = 0
    left_out: int = 0
    gone: tuple[str, ...] = ()
    gone_authors: tuple[str, ...] = ()
    passed: int = 0
    newest: datetime | None = None
    more: bool = False
    answered: bool = False

    @property
    def heard(self) -> int:
        """How many posts came, those that were not handed on included."""
        return len(self.posts) + self.passed


@dataclass(frozen=True, slots=True)
class Shop:
    """A name to listen for, with everything that helps to recognise it.

    A rival is matched, assessed and trended like our own shop but never alerts.
    """

    slug: str
    name: str
    aliases: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    handles: tuple[str, ...] = ()
    words_near: tuple[str, ...] = ()
    not_words: tuple[str, ...] = ()
    case_sensitive: bool = False
    languages: tuple[str, ...] = ("fi", "sv", "en")
    rival: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """A shop found in a post.

    `words` are the strings of the text (or of the thread title or parent) that named it, as written.
    `certainty` lies in 0..1: 1 for a domain or handle, lower for a typing error, an ordinary word,
    or a name that only the thread title or the parent carries.
    `where` says which part carried the match: "text", "title", "thread" or "parent".
    """

    shop: Shop
    words: tuple[str, ...]
    certainty: float
    where: str = "text"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the model reads one post toward one shop.

    `scores` maps each Sentiment to a probability (sum 1), or is empty when `not_scored` says why
    there is no verdict. `about_shop` is the probability that the post is about the shop at all,
    None when the model has no such head.
    """

    model: str
    scores: Mapping[Sentiment, float] = field(default_factory=dict)
    label: Sentiment | None = None
    topics: tuple[Topic, ...] = ()
    urgency: Urgency = Urgency.NONE
    needs_reply: bool | None = None
    about_shop: float | None = None
    lang: str | None = None
    not_scored: str | None = None

    @property
    def negative(self) -> float:
        """Probability that the writer is negative toward the shop; 0.0 when not scored."""
        return self.scores.get(Sentiment.NEGATIVE, 0.0)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a rule may know about one post and one shop.

    `author_alerts` counts alerts that earlier posts of the writer opened in other threads within half a year,
    `thread_pace` the posts of the conversation within the hour before this one, itself included.
    """

    post: Post
    match: Match
    verdict: Verdict
    now: datetime
    negative_above: float
    urgent_words: tuple[str, ...] = ()
    author_alerts: int = 0
    thread_pace: int = 0


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an alert exists: the rule that says so, how grave, and a sentence for the shop owner.

    `sentence` is a message id of the language catalogue with `values` to fill in, so that the same
    reason can be read in Finnish, Swedish or English; see monitor.wording.
    """

    rule: str
    severity: Urgency
    sentence: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that goes with a message; `cid` is set for a picture that its HTML shows (as "cid:...")."""

    name: str
    kind: str
    content: bytes = field(repr=False)
    cid: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """Something ready to be sent: one recipient, both bodies, and where it hangs.

    `message_id` is stable over retries; `thread_id` is the message_id of the first mail of the
    same alert (equal to `message_id` for that first mail itself). `facts` are what programs read.
    """

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    thread_id: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    enclosed: tuple[Enclosure, ...] = ()
