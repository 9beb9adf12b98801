"""Makes what turns a claimed delivery into a message, and what sends it; used by monitor.app alone."""

from datetime import datetime

from monitor import outbox
from monitor.clock import SystemClock
from monitor.config import Config, own_key, read_secret
from monitor.config.channels import ChannelConfig
from monitor.domain import Message
from monitor.errors import Permanent
from monitor.links import LinkSigner
from monitor.notifiers import Notifier, NotifierSetup, make_notifier
from monitor.notifiers.buttons import ButtonPlace
from monitor.notifiers.chat import ChatNotifier
from monitor.notifiers.notice import SourceNews, render_notice
from monitor.notifiers.render import Links, render_alert
from monitor.notifiers.storm import Weather, render_storm
from monitor.notifiers.summary import Told, render_summary
from monitor.notifiers.switchboard import Channel, Switchboard
from monitor.notifiers.views import Reader
from monitor.notifiers.webhook import WebhookNotifier
from monitor.notifiers.weekly import render_weekly
from monitor.pipeline import Notice, Summary
from monitor.pipeline.parts import AnyLetter, Render, StormNews, Weekly
from monitor.wording import Wording, load_wording


def make_render(config: Config) -> Render:
    """What turns a claimed delivery into a mail in its recipient's language."""
    people = {person.slug: person for person in config.recipients}
    names = {shop.slug: shop.name for shop in config.shops}
    contacts = {shop.slug: shop.contact or "" for shop in config.shops}
    wordings = all_wordings()
    web = config.web
    buttons = ButtonPlace(web.base_url, LinkSigner(own_key(config, "links"))) if web else None
    links = Links(config.dashboard.base_url, buttons)
    domain = outbox.mail_domain(config.mail.sender)

    def render(letter: AnyLetter, now: datetime) -> Message:
        delivery = letter.delivery
        person = people.get(delivery.recipient)
        if person is None:
            raise Permanent(f'The configuration has no recipient "{delivery.recipient}" any more.')
        wording = wordings[person.language or config.language]
        if isinstance(letter, Notice):
            return render_notice(_news(letter), delivery, person, Reader(wording, config.zone, now), links)
        if isinstance(letter, StormNews):
            shop = names.get(letter.storm.shop, letter.storm.shop)
            weather = Weather(
                shop,
                letter.storm,
                letter.examples,
                letter.events,
                letter.waiting,
                letter.thread_id,
                letter.folds,
            )
            return render_storm(weather, delivery, person, Reader(wording, config.zone, now), links)
        if isinstance(letter, Weekly):
            reader = Reader(wording, config.zone, now)
            return render_weekly(letter.weeks, delivery, person, names, reader, links)
        if isinstance(letter, Summary):
            told = [Told(one.alert, one.told_until, one.conversation) for one in letter.letters]
            told += [Told(alert) for alert in letter.alerts]
            return render_summary(told, delivery, person, names, Reader(wording, config.zone, now), links)
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
            replies=letter.replies,
            contact=contacts.get(alert.shop, ""),
        )

    return render


def all_wordings() -> dict[str, Wording]:
    """The wordings of every language that people may choose."""
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


def make_post_office(config: Config) -> Notifier:
    """What sends, as the configuration wants it. Raises ConfigError."""
    mail = config.mail
    password = read_secret(mail.password, config.folder) if mail.password else None
    office = make_notifier(NotifierSetup(mail, config.path(mail.folder), password, SystemClock()))
    return Switchboard(office, {one.slug: _channel(one, config) for one in config.channels})


def _channel(channel: ChannelConfig, config: Config) -> Channel:
    if channel.kind == "webhook":
        assert channel.url is not None
        assert channel.secret is not None
        secret = read_secret(channel.secret, config.folder)
        return WebhookNotifier(channel.slug, channel.url, secret, SystemClock(), channel.allow_private)
    assert channel.address is not None
    return ChatNotifier(channel.slug, read_secret(channel.address, config.folder))
