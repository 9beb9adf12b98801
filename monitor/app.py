"""Composition root: Config -> App. The only file that picks concrete classes, and closes them."""

import functools
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import make_url
from starlette.applications import Starlette

from monitor import deadlines, outbox, schedule
from monitor import pipeline as stages
from monitor.assessor import Assessor, ModelAssessor
from monitor.clock import Clock, SystemClock
from monitor.config import Config, SecretRef, SourceConfig, load_config, own_key, read_secret
from monitor.demo.server import DemoServer
from monitor.domain import Message, Shop
from monitor.errors import ConfigError, Permanent
from monitor.http import Http
from monitor.links import LinkSigner
from monitor.matching import Matcher
from monitor.notifiers import Notifier, NotifierSetup, make_notifier
from monitor.notifiers.buttons import ButtonPlace
from monitor.notifiers.notice import SourceNews, render_notice
from monitor.notifiers.render import Links, render_alert
from monitor.notifiers.views import Reader
from monitor.pipeline import Letter, Notice, Parts
from monitor.pipeline.parts import Render
from monitor.score import Scorer
from monitor.sources import SOURCES, Source, SourceContext
from monitor.store import Store, reads, writes
from monitor.text import LanguageDetector
from monitor.web import Clients, Pulse, WebParts, WebServer, make_site
from monitor.wording import Wording, load_wording

_log = logging.getLogger(__name__)
_DEMO_STARTED = "demo_started_at"


@dataclass(frozen=True, slots=True)
class App:
    """Everything that runs, ready to be asked."""

    config: Config
    store: Store
    parts: Parts
    pulse: Pulse

    def scheduler(self) -> BackgroundScheduler:
        """The jobs of this configuration, not started."""
        with self.store.reading() as session:
            states = reads.source_states(session)
        sources = {source.slug: source for source in self.config.sources if source.enabled}
        return schedule.build(
            sources,
            states,
            self.parts.clock.now(),
            functools.partial(stages.collect_due, self.parts),
            functools.partial(stages.wanted, self.parts),
            {
                "assess": self.pulse.watch("assess", functools.partial(stages.assess_all, self.parts)),
                "deliver": self.pulse.watch("deliver", functools.partial(stages.deliver, self.parts)),
                "sweep": self.pulse.watch("sweep", functools.partial(stages.sweep, self.parts)),
                "recheck": functools.partial(stages.recheck, self.parts),
            },
        )

    @contextmanager
    def web_serving(self) -> Iterator[str | None]:
        """Serve the web endpoint while it is open; gives its address, None where there is none."""
        web = self.config.web
        if web is None:
            yield None
            return
        server = WebServer(
            make_web(self.config, self.store, self.parts.clock, self.pulse), web.address, web.port
        )
        server.start()
        try:
            yield web.base_url
        finally:
            server.stop()


def read_config(path: Path) -> Config:
    """Load config.toml with the options of every source kind there is. Raises ConfigError."""
    return load_config(path, {name: kind.settings for name, kind in SOURCES.items()})


def open_store(config: Config) -> Store:
    """Open the database of the configuration, without migrating it."""
    url = make_url(config.database.url)
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        url = url.set(database=str(config.path(Path(url.database))))
    if config.database.password is not None:
        url = url.set(password=read_secret(config.database.password, config.folder))
    return Store(url.render_as_string(hide_password=False))


def all_secrets(config: Config) -> list[str]:
    """Every secret that is used (a source switched off uses none), so that logs can blot them out."""
    refs = [config.mail.password, config.database.password, config.dashboard.password]
    refs += [client.secret for client in (config.web.tokens if config.web else ())]
    for source in (one for one in config.sources if one.enabled):
        settings = SOURCES[source.kind].settings.model_validate(source.options)
        refs += [value for _, value in settings if isinstance(value, SecretRef)]
    return [read_secret(ref, config.folder) for ref in refs if ref is not None]


@contextmanager
def open_app(
    config: Config,
    clock: Clock | None = None,
    assessor: Assessor | None = None,
    demo: bool = True,
    is_stopping: Callable[[], bool] = lambda: False,
) -> Iterator[App]:
    """Open everything, migrate the database, start the demo's server; closes it all at the end.

    A demo server that runs already (of a service in another terminal) is used as it is.
    """
    clock = clock or SystemClock()
    with ExitStack() as closing:
        store = open_store(config)
        closing.callback(store.close)
        store.migrate()
        if demo and config.demo is not None:
            _start_demo(config.demo.port, store, clock, closing)
        http = Http(_user_agent(config), clock, pace=config.http.pace)
        closing.callback(http.close)
        parts = replace(_parts(config, store, clock, http, assessor), is_stopping=is_stopping)
        yield App(config, store, parts, Pulse(clock))


def make_scorer(config: Config | None) -> Scorer:
    """What `mainevahti score` uses; the database is not opened."""
    shops = [shop.to_shop() for shop in config.shops] if config else []
    model = config.model if config else None
    return Scorer(
        shops=shops,
        assessor=ModelAssessor(model.name if model else None, model.threads if model else None),
        detector=LanguageDetector(),
        urgent_words=config.alerts.urgent_words if config else (),
        negative_above=config.alerts.negative_above if config else None,
    )


def pseudonym_key(config: Config) -> bytes:
    """The key behind authors' pseudonyms. Raises ConfigError."""
    return own_key(config, "pseudonym")


def make_web(config: Config, store: Store, clock: Clock, pulse: Pulse) -> Starlette:
    """The web endpoint as an ASGI application. Raises ConfigError."""
    clients = config.web.tokens if config.web else ()
    return make_site(
        WebParts(
            config=config,
            store=store,
            clock=clock,
            signer=LinkSigner(own_key(config, "links")),
            pulse=pulse,
            clients=Clients({one.name: read_secret(one.secret, config.folder) for one in clients}),
            wordings=_wordings(),
            pseudonym_key=pseudonym_key(config),
        )
    )


def _parts(config: Config, store: Store, clock: Clock, http: Http, assessor: Assessor | None) -> Parts:
    shops = {shop.slug: shop.to_shop() for shop in config.shops}
    return Parts(
        config=config,
        store=store,
        clock=clock,
        matcher=Matcher(list(shops.values())),
        detector=LanguageDetector(),
        sources=_sources(config, shops, clock, http),
        assessor=assessor or ModelAssessor(config.model.name, config.model.threads),
        policy=deadlines.policy_of(config.deadlines, config.zone),
        notifier=_notifier(config),
        render=make_render(config),
        shops=shops,
        reaching_back=functools.partial(_reaching_back, config, tuple(shops.values()), clock, http),
    )


def _reaching_back(
    config: Config, shops: tuple[Shop, ...], clock: Clock, http: Http, slug: str, length: timedelta
) -> Source:
    """Make a configured source that begins that far in the past."""
    source = next(one for one in config.sources if one.slug == slug)
    further = source.model_copy(update={"options": {**source.options, "backfill": length}})
    return build_source(further, config, shops, clock, http)


def _sources(config: Config, shops: Mapping[str, Shop], clock: Clock, http: Http) -> dict[str, Source]:
    return {
        source.slug: build_source(source, config, tuple(shops.values()), clock, http)
        for source in config.sources
        if source.enabled
    }


def build_source(
    source: SourceConfig, config: Config, shops: tuple[Shop, ...], clock: Clock, http: Http
) -> Source:
    """Make the collector of one configured source."""
    kind = SOURCES[source.kind]
    context = SourceContext(
        slug=source.slug,
        http=http,
        clock=clock,
        shops=shops,
        allow_private=source.allow_private,
        folder=config.folder,
        zone=config.zone,
        secret=lambda ref: read_secret(ref, config.folder),
    )
    return kind.build(kind.settings.model_validate(source.options), context)


def make_render(config: Config) -> Render:
    """What turns a claimed delivery into a mail in its recipient's language."""
    people = {person.slug: person for person in config.recipients}
    names = {shop.slug: shop.name for shop in config.shops}
    wordings = _wordings()
    web = config.web
    buttons = ButtonPlace(web.base_url, LinkSigner(own_key(config, "links"))) if web else None
    links = Links(config.dashboard.base_url, buttons)
    domain = outbox.mail_domain(config.mail.sender)

    def render(letter: Letter | Notice, now: datetime) -> Message:
        delivery = letter.delivery
        person = people.get(delivery.recipient)
        if person is None:
            raise Permanent(f'The configuration has no recipient "{delivery.recipient}" any more.')
        wording = wordings[person.language or config.language]
        if isinstance(letter, Notice):
            return render_notice(_news(letter), delivery, person, Reader(wording, config.zone, now), links)
        alert = letter.alert
        return render_alert(
            alert,
            letter.conversation,
            delivery,
            person,
            wording,
            shop=names.get(alert.shop, alert.shop),
            thread_id=outbox.thread_id(alert, person.slug, domain),
            links=links,
            zone=config.zone,
            now=now,
            since=letter.told_until,
            author_before=letter.author_before,
        )

    return render


def _wordings() -> dict[str, Wording]:
    return {language: load_wording(language) for language in ("fi", "sv", "en")}


def _news(notice: Notice) -> SourceNews:
    return SourceNews(
        source=notice.source.slug,
        sentence=notice.heard.sentence,
        values=notice.heard.values,
        last_success_at=notice.state.last_success_at,
        last_post_at=notice.state.last_post_at,
        trouble_at=notice.state.trouble_at,
        thread_id=notice.thread_id,
        others=tuple(_news(other) for other in notice.others),
    )


def _notifier(config: Config) -> Notifier:
    mail = config.mail
    password = read_secret(mail.password, config.folder) if mail.password else None
    return make_notifier(NotifierSetup(mail, config.path(mail.folder), password, SystemClock()))


def _user_agent(config: Config) -> str:
    contact = f" (+{config.http.contact})" if config.http.contact else ""
    return f"Mainevahti/{version('mainevahti')}{contact}"


def _start_demo(port: int, store: Store, clock: Clock, closing: ExitStack) -> None:
    """Serve the sample stream, going on where it was at the last start."""
    with store.transaction() as session:
        started = writes.remember(session, _DEMO_STARTED, clock.now().isoformat())
    server = DemoServer(port, clock, datetime.fromisoformat(started))
    try:
        server.start()
    except ConfigError as error:
        _log.info("%s Going on with what answers there.", error)
        return
    closing.callback(server.stop)
