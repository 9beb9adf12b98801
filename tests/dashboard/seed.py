"""A store filled by hand, through the same writes as the service uses, for tests and screenshots.

The shop, its rivals and all that is said about them are made up.
"""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from monitor import alerts, quality
from monitor.domain import Facts, Match, Post, SendReason, Sentiment, Shop, Topic, Urgency, Verdict
from monitor.rules import judge
from monitor.store import Store, deliveries, notes, reads, searches, writes
from monitor.store.tables import Run, Sample
from monitor.text import fingerprint

CONFIG = """
language = "{language}"
timezone = "Europe/Helsinki"

[[shops]]
slug = "lumopuoti"
name = "Lumopuoti"
domains = ["lumopuoti.fi"]
handles = ["@lumopuoti"]

[[shops]]
slug = "kotihelmi"
name = "Kotihelmi"
rival = true

[[shops]]
slug = "vinterbo"
name = "Vinterbo"
rival = true

[[recipients]]
slug = "owner"
name = "Maija Mallikas"
email = "maija@lumopuoti.example"

[[recipients]]
slug = "backup"
name = "Otto Esimerkki"
email = "otto@lumopuoti.example"
escalation = true

[[sources]]
slug = "kotifoorumi"
kind = "discourse"
url = "https://forum.example"

[[sources]]
slug = "mastodon"
kind = "mastodon"
url = "https://social.example"

[[sources]]
slug = "kotiblogi"
kind = "feed"
url = "https://blog.example/feed.xml"
late_after = "2d"

[database]
url = "sqlite:///store.db"
{more}
"""

SHOPS = {
    "lumopuoti": Shop("lumopuoti", "Lumopuoti", domains=("lumopuoti.fi",), handles=("@lumopuoti",)),
    "kotihelmi": Shop("kotihelmi", "Kotihelmi", rival=True),
    "vinterbo": Shop("vinterbo", "Vinterbo", rival=True),
}
MODEL = "seed-1"


@dataclass(frozen=True)
class Said:
    """One post as the tests tell it: how long ago, where, by whom, what, and how the model reads it."""

    minutes: float
    source: str
    author: str
    text: str
    words: tuple[str, ...] = ("Lumopuoti",)
    scores: tuple[float, float, float] = (0.9, 0.08, 0.02)
    topics: tuple[Topic, ...] = ()
    urgency: Urgency = Urgency.NONE
    needs_reply: bool = True
    title: str = ""
    thread: str = ""
    lang: str = "fi"
    reach: int | None = None
    rating: float | None = None
    left: float | None = None
    parent: str = ""
    url: str = ""
    shop: str = "lumopuoti"


HOSTILE = (
    '<script>document.title="owned"</script><img src="http://evil.example/x.png" onerror="x()"> Lumopuoti',
    "[click](javascript:alert(1)) ![x](http://evil.example/y.png) **Lumopuoti** <b>bold</b> $x^2$ :red[no]",
    "\u202eituopomuL\u202c Lumopuoti \u2066isolated\u2069 \u200bhidden",
    "Lumopuoti e" + "\u0301" * 1000 + " piled",
    "Lumopuoti " + "a" * 3000,
    '=HYPERLINK("http://evil.example";"Lumopuoti")',
    "</bdi></p></article><style>*{display:none}</style> Lumopuoti \x00\x1b[31m",
    "Lumopuoti " + "😀" * 400 + "\n" * 80 + "end",
)


def spoken() -> list[Said]:
    """A morning about the shop, written by hand."""
    return [_said(row) for row in _rows("spoken.jsonl")]


def _said(row: dict[str, Any]) -> Said:
    row["topics"] = tuple(Topic(topic) for topic in row.get("topics", ()))
    row["urgency"] = Urgency(row.get("urgency", "none"))
    row["words"] = tuple(row.get("words", ("Lumopuoti",)))
    row["scores"] = tuple(row.get("scores", (0.9, 0.08, 0.02)))
    return Said(**row)


def _rows(name: str) -> list[dict[str, Any]]:
    lines = (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def config_file(folder: Path, language: str = "fi", more: str = "") -> Path:
    """Write a small config.toml; returns its path."""
    path = folder / "config.toml"
    path.write_text(CONFIG.format(language=language, more=more), encoding="utf-8")
    return path


def open_store(folder: Path) -> Store:
    """The migrated store of `config_file`."""
    store = Store(f"sqlite:///{folder / 'store.db'}")
    store.migrate()
    return store


def fill(store: Store, now: datetime) -> None:
    """A morning's worth of alerts, a month of talk, and sources in good and bad health."""
    with store.transaction() as session:
        for number, said in enumerate(spoken()):
            tell(session, said, now, number)
        _done(session, now)
        _month(session, now)
        _sources(session, now)
        _mails(session, now)


def tell(session: Session, said: Said, now: datetime, number: int) -> int | None:
    """Store one post with its verdict, and alert about it as the service would; returns the alert's id."""
    found_at = now - timedelta(minutes=max(said.minutes - 4, 0))
    post = _post(said, now, number)
    shop = SHOPS[said.shop]
    match = Match(shop, said.words, 1.0)
    stored = writes.add_mentions(session, [(post, match, fingerprint(post.text))], found_at)
    verdict = _verdict(said)
    reasons = judge(Facts(post, match, verdict, found_at, negative_above=0.7))
    writes.add_assessment(session, stored.new[0], verdict, True, reasons, found_at)
    if said.minutes > 1440:
        return None
    mention = reads.mention(session, stored.new[0])
    assert mention is not None
    due_at = now + timedelta(minutes=said.left if said.left is not None else 200)
    change = alerts.open_or_extend(session, mention, reasons, due_at, found_at)
    return change.alert.id if change else None


def _post(said: Said, now: datetime, number: int) -> Post:
    return Post(
        source=said.source,
        external_id=f"post-{number}",
        url=said.url or f"https://{said.source}.example/p/{number}",
        author=said.author,
        title=said.title,
        text=said.text,
        posted_at=now - timedelta(minutes=said.minutes),
        thread_key=said.thread or f"post-{number}",
        thread_title=said.title,
        parent_text=said.parent,
        reach=said.reach,
        rating=said.rating,
        lang=said.lang,
    )


def _verdict(said: Said) -> Verdict:
    scores = dict(zip(Sentiment, said.scores, strict=True))
    return Verdict(
        model=MODEL,
        scores=scores,
        label=max(scores, key=lambda label: scores[label]),
        topics=said.topics,
        urgency=said.urgency,
        needs_reply=said.needs_reply,
        lang=said.lang,
    )


def _done(session: Session, now: datetime) -> None:
    """One alert is in somebody's hands, and one was answered this morning."""
    second = reads.open_alerts(session)[1]
    alerts.take(session, second.id, "Otto Esimerkki", now - timedelta(minutes=9), second.version)
    said = Said(
        170, "mastodon", "hamyhetki", "Lumopuodin paketti on taas hukassa, kolmas kerta.", ("Lumopuodin",)
    )
    alert_id = tell(session, said, now, 500)
    assert alert_id is not None, "an unhappy post opens an alert"
    alerts.answer(session, alert_id, "Maija Mallikas", now - timedelta(minutes=55), 1)


def _month(session: Session, now: datetime) -> None:
    """Thirty days of everyday talk about the shop and its rivals, the same at every call."""
    chance = random.Random(7)
    number = 1000
    for day in range(1, 31):
        crowd = {"lumopuoti": 5 + (9 if day in (8, 9) else 0), "kotihelmi": 4, "vinterbo": 2}
        for shop, usual in crowd.items():
            for _ in range(chance.randint(max(usual - 3, 0), usual + 3)):
                number += 1
                tell(session, _usual(chance, shop, day), now, number)


def _usual(chance: random.Random, shop: str, day: int) -> Said:
    everyday = _rows("usual.jsonl")
    gloomy = [row for row in everyday if row["scores"][0] > 0.5]
    row = chance.choice(gloomy if day in (8, 9) and chance.random() < 0.6 else everyday)
    words = {"lumopuoti": "Lumopuo", "kotihelmi": "Kotihelm", "vinterbo": "Vinterbo"}
    return Said(
        day * 1440 + chance.randint(5, 600),
        chance.choice(("kotifoorumi", "kotifoorumi", "mastodon", "kotiblogi")),
        chance.choice(("kaarnavene", "myskofta", "teatowel", "saimi", "rautanaula", "hamyhetki")),
        row["text"].replace("Lumopuo", words[shop]),
        (words[shop],),
        tuple(row["scores"]),
        tuple(Topic(topic) for topic in row["topics"]),
        lang=row["lang"],
        needs_reply=False,
        shop=shop,
    )


def _sources(session: Session, now: datetime) -> None:
    for source, delay in (("kotifoorumi", 240.0), ("mastodon", 65.0)):
        for step in range(6, -1, -1):
            ended = now - timedelta(minutes=10 * step + 1)
            run = _run(source, ended, "ok", posts=30 + step, new=2, delay=delay + 30 * step)
            writes.save_run(session, run, f"cursor-{step}", now - timedelta(minutes=38))
    for step in (40, 3):
        error = "kotiblogi answered 503 (Service Unavailable). It asks us to wait 10 minutes."
        ended = now - timedelta(minutes=step)
        outcome = "ok" if step == 40 else "busy"
        run = _run(
            "kotiblogi", ended, outcome, posts=12, new=1, delay=900.0, error=None if step == 40 else error
        )
        writes.save_run(session, run, "cursor", now - timedelta(minutes=205))


def _run(
    source: str, ended: datetime, outcome: str, posts: int, new: int, delay: float, error: str | None = None
) -> Run:
    return Run(
        source=source,
        started_at=ended - timedelta(seconds=2),
        ended_at=ended,
        outcome=outcome,
        posts=posts,
        mentions=new,
        new=new,
        median_delay=delay,
        warnings=["Post 4711 has no text."] if source == "kotifoorumi" else [],
        error=error,
    )


def _mails(session: Session, now: datetime) -> None:
    """The most urgent alert was mailed; a reminder of it could not be handed over yet."""
    alert = reads.open_alerts(session)[0]
    first = _planned(alert.id, "owner", SendReason.FIRST, now - timedelta(minutes=90))
    later = _planned(alert.id, "backup", SendReason.REMINDER, now - timedelta(minutes=6))
    deliveries.plan(session, [first, later], now - timedelta(minutes=90))
    for delivery in reads.deliveries(session, alert.id):
        if delivery.reason is SendReason.FIRST:
            deliveries.mark_sent(session, delivery.id, now - timedelta(minutes=90))
        else:
            deliveries.claim(session, now, "seed", timedelta(minutes=5))
            error = "mail.example refused the address (450 mailbox busy)."
            deliveries.mark_retry(session, delivery.id, error, now + timedelta(minutes=4))


def _planned(alert_id: int, recipient: str, reason: SendReason, due_at: datetime) -> deliveries.Planned:
    key = f"{alert_id}/{recipient}/{reason.value}"
    return deliveries.Planned(key, alert_id, recipient, reason, due_at, f"<{key}@lumopuoti.example>")


def hostile(session: Session, now: datetime) -> Sequence[int]:
    """Alerts about posts that try to break the page, in text, name, title and address."""
    made = []
    for number, text in enumerate(HOSTILE):
        said = Said(
            10 + number,
            "kotifoorumi",
            '<img src=x onerror="document.title=2">\u202eadmin',
            text,
            title="<h1 onclick=alert(1)>Lumopuoti</h1> [x](javascript:alert(2))",
            parent="<iframe src=http://evil.example></iframe>",
            url="javascript:alert(3)" if number % 2 else 'https://evil.example/"><script>alert(4)</script>',
        )
        made.append(tell(session, said, now, 9000 + number))
    return [alert_id for alert_id in made if alert_id is not None]


def hostile_colleague(session: Session, now: datetime, alert_ids: Sequence[int]) -> None:
    """What somebody who logs in may write: notes, searches, corrections; and hostile posts to judge."""
    week, *_ = quality.last_whole_week(now.astimezone(ZoneInfo("Europe/Helsinki")).date())
    for number, alert_id in enumerate(alert_ids):
        row = reads.alert(session, alert_id)
        assert row is not None
        text = HOSTILE[number]
        mention_id = row.first.id
        session.add(Sample(week=week, mention_id=mention_id, model=MODEL, said="negative"))
        notes.add_note(session, alert_id, text[:40], text, now)
        searches.save(session, text[:60].replace("\x00", ""), f"q={text[:100]}", text[:40], now)
        alerts.correct_mentions(session, [mention_id], text[:40], now, "sentiment", "neutral")
