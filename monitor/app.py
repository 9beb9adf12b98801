"""Composition root: Config -> App. The only file that picks concrete classes, and closes them."""

import functools
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import make_url
from starlette.applications import Starlette

from monitor import deadlines, schedule
from monitor import pipeline as stages
from monitor.assessor import Assessor, ModelAssessor
from monitor.clock import Clock, SystemClock
from monitor.config import Config, load_config, own_key, read_secret, secret_refs
from monitor.demo.server import DemoServer
from monitor.domain import Post
from monitor.errors import ConfigError
from monitor.http import Http
from monitor.links import LinkSigner
from monitor.listening import Frame, hooks
from monitor.matching import Matcher
from monitor.pipeline import Parts
from monitor.reachability import SiteChecker
from monitor.score import Scorer
from monitor.sources import SOURCES, Stream
from monitor.store import Store, reads, writes
from monitor.telling import all_wordings, make_post_office, make_render
from monitor.text import LanguageDetector
from monitor.web import Clients, Pulse, WebParts, WebServer, make_site

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
        streams = [slug for slug, source in self.parts.sources.items() if isinstance(source, Stream)]
        enabled = {source.slug: source for source in self.config.sources if source.enabled}
        scheduler = schedule.build(
            {slug: source for slug, source in enabled.items() if slug not in streams},
            states,
            self.parts.clock.now(),
            functools.partial(stages.collect_due, self.parts),
            functools.partial(stages.wanted, self.parts),
            {
                "assess": self.pulse.watch("assess", functools.partial(stages.assess_all, self.parts)),
                "deliver": self.pulse.watch("deliver", functools.partial(stages.deliver, self.parts)),
                "sweep": self.pulse.watch("sweep", functools.partial(stages.sweep, self.parts)),
                "recheck": functools.partial(stages.recheck, self.parts),
                "reach": functools.partial(stages.look_at_sites, self.parts),
            },
        )
        listening = {slug: functools.partial(stages.listen, self.parts, slug) for slug in streams}
        schedule.add_streams(scheduler, listening, self.parts.is_stopping)
        return scheduler

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
    return Store(database_url(config))


def database_url(config: Config) -> str:
    """The whole address of the database, its password included: never to be shown."""
    url = make_url(config.database.url)
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        url = url.set(database=str(config.path(Path(url.database))))
    if config.database.password is not None:
        url = url.set(password=read_secret(config.database.password, config.folder))
    return url.render_as_string(hide_password=False)


@contextmanager
def opened_store(config: Config) -> Iterator[Store]:
    """The database, brought up to date and closed again, for commands that need nothing else."""
    store = open_store(config)
    try:
        store.migrate()
        yield store
    finally:
        store.close()


def all_secrets(config: Config) -> list[str]:
    """Every secret that is used (a source switched off uses none), so that logs can blot them out."""
    refs = [config.mail.password, config.database.password, config.dashboard.password]
    refs.append(config.backup.passphrase)
    refs += [ref for one in config.channels for ref in (one.address, one.secret)]
    refs += [client.secret for client in (config.web.tokens if config.web else ())]
    refs += [ref for _, ref in secret_refs(config.login)]
    for source in (one for one in config.sources if one.enabled):
        settings = SOURCES[source.kind].settings.model_validate(source.options)
        refs += [ref for _, ref in secret_refs(settings)]
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
            clients=Clients(
                {one.name: read_secret(one.secret, config.folder) for one in clients},
                with_names=[one.name for one in clients if one.names],
            ),
            wordings=all_wordings(),
            pseudonym_key=pseudonym_key(config),
            hooks=dict(hooks(config)),
        )
    )


def _parts(config: Config, store: Store, clock: Clock, http: Http, assessor: Assessor | None) -> Parts:
    shops = {shop.slug: shop.to_shop() for shop in config.shops}
    matcher = Matcher(list(shops.values()))
    frame = Frame(
        config, tuple(shops.values()), clock, http, store, _names_a_shop(matcher), _user_agent(config)
    )
    return Parts(
        config=config,
        store=store,
        clock=clock,
        matcher=matcher,
        detector=LanguageDetector(),
        sources=frame.sources(),
        assessor=assessor or ModelAssessor(config.model.name, config.model.threads),
        policy=deadlines.policy_of(config.deadlines, config.zone),
        policies={
            shop.slug: deadlines.policy_of(shop.deadlines, config.zone)
            for shop in config.shops
            if shop.deadlines is not None
        },
        notifier=make_post_office(config),
        render=make_render(config),
        shops=shops,
        reaching_back=frame.reaching_back,
        look_at_site=SiteChecker(http, clock, config.reach.certificate_days, config.reach.allow_private).look,
    )


def _names_a_shop(matcher: Matcher) -> Callable[[Post], bool]:
    """What streams hand on of all that flows by."""
    find_shops = matcher.find_shops
    return lambda post: bool(find_shops(post))


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
