"""Makes the collectors of a configuration, with what the frame gives them; used by monitor.app alone."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from monitor.clock import Clock
from monitor.config import Config, SourceConfig, read_secret
from monitor.domain import Post, Shop
from monitor.http import Http
from monitor.matching.usual import usual_forms
from monitor.sources import SOURCES, Source, SourceContext
from monitor.sources.contract import anything, no_limit
from monitor.sources.quota import Quota
from monitor.sources.survey import SurveySettings
from monitor.sources.webhook import WebhookSettings
from monitor.store import Store
from monitor.store.letters import LetterRow, empty_letters, unread_letters
from monitor.store.quotas import StoredLedger
from monitor.web.parts import Hook


@dataclass(frozen=True, slots=True)
class Frame:
    """What every collector is made with."""

    config: Config
    shops: tuple[Shop, ...]
    clock: Clock
    http: Http
    store: Store
    names_a_shop: Callable[[Post], bool] = anything
    agent: str = "Mainevahti"

    def sources(self) -> dict[str, Source]:
        """The collectors that are switched on, by slug."""
        return {source.slug: self.source(source) for source in self.config.sources if source.enabled}

    def reaching_back(self, slug: str, length: timedelta) -> Source:
        """A configured collector that begins that far in the past."""
        source = next(one for one in self.config.sources if one.slug == slug)
        return self.source(source.model_copy(update={"options": {**source.options, "backfill": length}}))

    def source(self, source: SourceConfig) -> Source:
        """The collector of one configured source."""
        config, kind = self.config, SOURCES[source.kind]
        context = SourceContext(
            slug=source.slug,
            http=self.http,
            clock=self.clock,
            shops=self.shops,
            allow_private=source.allow_private,
            folder=config.folder,
            zone=config.zone,
            secret=lambda ref: read_secret(ref, config.folder),
            letters=self.letters,
            wanted=self.wanted(source),
            agent=self.agent,
            allowance=self.allowance(source),
            ledger=self.ledger,
            inflected=usual_forms,
        )
        return kind.build(kind.settings.model_validate(source.options), context)

    @property
    def ledger(self) -> StoredLedger:
        """Where allowances are counted, those of platforms and our own."""
        return StoredLedger(self.store)

    def allowance(self, source: SourceConfig) -> Callable[[], None]:
        """What counts the requests of a source that may make only so many a day."""
        if source.daily_quota is None:
            return no_limit
        title, name = f"The daily_quota of {source.slug}", f"source {source.slug}"
        zone = self.config.zone
        return Quota(title, name, source.daily_quota, zone, self.clock, self.ledger).take

    def wanted(self, source: SourceConfig) -> Callable[[Post], bool]:
        """What streams hand on: posts that name a shop, and those with the word that must occur."""
        if source.canary is None:
            return self.names_a_shop
        word = source.canary.casefold()
        return lambda post: word in post.text.casefold() or self.names_a_shop(post)

    def letters(self, source: str, done: Sequence[int], limit: int) -> Sequence[LetterRow]:
        """The letter box of the collectors that are pushed to."""
        with self.store.transaction() as session:
            empty_letters(session, source, done)
            return unread_letters(session, source, limit)


def hooks(config: Config) -> Iterator[tuple[str, Hook]]:
    """The sources that are pushed to, by slug. Raises ConfigError when a secret is missing."""
    for source in (one for one in config.sources if one.enabled):
        settings = SOURCES[source.kind].settings.model_validate(source.options)
        if isinstance(settings, WebhookSettings | SurveySettings) and settings.secret is not None:
            yield source.slug, Hook(read_secret(settings.secret, config.folder), settings.window)
