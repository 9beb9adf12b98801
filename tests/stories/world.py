"""A small world with a clock that stands still: posts appear, the service runs, mail arrives.

Everything is real (stages, rules, alerts, outbox, SQLite file, mail rendering) but the places people
write, the model and the post office.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from monitor import pipeline
from monitor.config import Config, parse_duration
from monitor.deadlines import policy_of
from monitor.domain import Batch, Match, Message, Post, Sentiment, Shop, Topic, Urgency, Verdict
from monitor.errors import SourceError, Temporary
from monitor.matching import Matcher
from monitor.store import Store, reads
from monitor.store.rows import AlertRow, DeliveryRow, EventRow
from monitor.telling import make_render
from monitor.text import LanguageDetector

HELSINKI = ZoneInfo("Europe/Helsinki")


class HeldClock:
    """A clock that moves only when told."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


@dataclass
class Place:
    """A site where people write; the cursor is how many posts were read."""

    posts: list[Post] = field(default_factory=list)
    trouble: SourceError | None = None

    def fetch(self, cursor: str | None) -> Batch:
        if self.trouble is not None:
            raise self.trouble
        start = int(cursor or 0)
        return Batch(tuple(self.posts[start:]), str(len(self.posts)))


@dataclass
class PostOffice:
    """Keeps what it is given, unless it is closed."""

    mailbox: list[Message] = field(default_factory=list)
    is_closed: bool = False
    tries: int = 0
    on_send: Callable[[], None] = lambda: None

    def try_out(self) -> None:
        if self.is_closed:
            raise Temporary("the post office is closed")

    def forget(self, before: datetime) -> int:
        return 0

    def send(self, message: Message) -> None:
        self.tries += 1
        if self.is_closed:
            raise Temporary("the post office is closed")
        self.mailbox.append(message)
        self.on_send()


@dataclass
class WordReader:
    """Stands in for the model: a few words decide."""

    model: str = "word-reader-1"
    on_assess: Callable[[], None] = lambda: None
    stumbles_over: str = ""
    asks: str = ""

    def assess(self, found: Sequence[tuple[Post, Match]]) -> list[Verdict]:
        self.on_assess()
        if self.stumbles_over and any(self.stumbles_over in post.text for post, _ in found):
            raise ZeroDivisionError(self.stumbles_over)
        return [self._judge(post) for post, _ in found]

    def negative_above(self, lang: str | None) -> float:
        return 0.6

    def _judge(self, post: Post) -> Verdict:
        text = post.text.lower()
        bad = any(word in text for word in ("rikki", "surkea", "pettymys", "rahat", "oikeuteen"))
        label = Sentiment.NEGATIVE if bad else Sentiment.NEUTRAL
        wants_answer = bad or bool(self.asks and self.asks in text)
        urgency = Urgency.CRITICAL if "oikeuteen" in text else Urgency.NORMAL if bad else Urgency.NONE
        scores = {one: 0.94 if one is label else 0.03 for one in Sentiment}
        topics = (Topic.PRODUCT_QUALITY,) if bad else ()
        return Verdict(self.model, scores, label, topics, urgency, wants_answer, 0.99, post.lang)


class World:
    """What a story talks to; it begins on a Wednesday at 14:00 in Helsinki."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self.clock = HeldClock(datetime(2026, 11, 25, 14, 0, tzinfo=HELSINKI).astimezone(UTC))
        self.config = make_config(folder, **settings)
        self.places = {"forum": Place(), "blog": Place()}
        self.office = PostOffice()
        self.reader = WordReader()
        self.store = Store(f"sqlite:///{folder}/world.db")
        self.store.migrate()
        self.is_stopping = False
        self.parts = self._parts()

    def _parts(self) -> pipeline.Parts:
        shops = {shop.slug: shop.to_shop() for shop in self.config.shops}
        return pipeline.Parts(
            config=self.config,
            store=self.store,
            clock=self.clock,
            matcher=_matcher(tuple(shops.values())),
            detector=_detector(),
            sources=self.places,
            assessor=self.reader,
            policy=policy_of(self.config.deadlines, HELSINKI),
            policies={
                shop.slug: policy_of(shop.deadlines, HELSINKI) for shop in self.config.shops if shop.deadlines
            },
            notifier=self.office,
            render=make_render(self.config),
            shops=shops,
            is_stopping=lambda: self.is_stopping,
        )

    def post(
        self,
        place: str,
        text: str,
        at: str | None = None,
        thread: str = "t1",
        author: str = "nimimerkki",
        post_id: str | None = None,
        days_ago: int = 0,
    ) -> None:
        """Somebody writes; `at` is a time of today in Helsinki, now when left out."""
        posts = self.places[place].posts
        posts.append(
            Post(
                source=place,
                external_id=post_id or f"{place}-{len(posts) + 1}",
                url=f"https://{place}.example/{thread}/{len(posts) + 1}",
                author=author,
                text=text,
                thread_key=thread,
                thread_title="Kokemuksia Lumopuodista",
                posted_at=(self._today(at) if at else self.clock.now()) - timedelta(days=days_ago),
                lang="fi",
            )
        )

    def _today(self, at: str) -> datetime:
        hour, minute = (int(part) for part in at.split(":"))
        local = self.clock.now().astimezone(HELSINKI)
        return local.replace(hour=hour, minute=minute, second=0).astimezone(UTC)

    def run_without_mail(self) -> None:
        """Collecting and assessing alone."""
        for place in self.places:
            pipeline.collect(self.parts, place)
        pipeline.assess_all(self.parts)

    def run(self) -> None:
        """Every stage once, as the schedule would."""
        self.run_without_mail()
        pipeline.sweep(self.parts)
        pipeline.deliver(self.parts)

    def advance(self, duration: str) -> None:
        """Let time pass, running the stages every ten minutes as the schedule would."""
        end = self.clock.moment + parse_duration(duration)
        while self.clock.moment < end:
            self.clock.moment = min(end, self.clock.moment + timedelta(minutes=10))
            self.run()

    @property
    def mailbox(self) -> list[Message]:
        return self.office.mailbox

    @property
    def alerts(self) -> list[AlertRow]:
        with self.store.reading() as session:
            return reads.open_alerts(session)

    @property
    def alert(self) -> AlertRow:
        (alert,) = self.alerts
        return alert

    def history(self, alert_id: int) -> list[EventRow]:
        with self.store.reading() as session:
            return reads.history(session, alert_id)

    def deliveries(self, alert_id: int) -> list[DeliveryRow]:
        with self.store.reading() as session:
            return reads.deliveries(session, alert_id)


@cache
def _matcher(shops: tuple[Shop, ...]) -> Matcher:
    """Made once for all worlds with these shops; it remembers nothing of what it read."""
    return Matcher(list(shops))


@cache
def _detector() -> LanguageDetector:
    return LanguageDetector()


def make_config(folder: Path, **settings: object) -> Config:
    """A shop with an owner and somebody who steps in; `settings` replace whole tables."""
    return Config.model_validate(
        {
            "shops": [
                {"slug": "lumopuoti", "name": "Lumopuoti", "handles": ["@lumopuoti"]},
                {"slug": "vinterbo", "name": "Vinterbo", "rival": True},
            ],
            "recipients": [
                {"slug": "owner", "name": "Omistaja", "email": "omistaja@lumopuoti.example"},
                {
                    "slug": "backup",
                    "name": "Varahenkilö",
                    "email": "vara@lumopuoti.example",
                    "escalation": True,
                },
            ],
            "folder": folder,
            **settings,
        }
    )
