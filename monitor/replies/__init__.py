"""Ready-made replies and advice for whoever answers. A person reads, changes and posts them; nothing is sent.

The shipped ones lie in replies.toml; those that people changed or added are rows of the store and go first.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from monitor.domain import Sentiment, Topic, Urgency
from monitor.wording import N_

BLANK = "[…]"
BLANKS = ("name", "shop", "contact", "order", "deadline")
_FILE = Path(__file__).parent / "replies.toml"
_MOST_TOPICS = 2


@dataclass(frozen=True, slots=True)
class Reply:
    """One ready-made reply in one language; `topic` is None where it fits any."""

    slug: str
    lang: str
    topic: Topic | None
    title: str
    text: str

    def fill(self, values: Mapping[str, str]) -> str:
        """The text with its blanks filled; what is not known stays a visible gap."""
        text = self.text
        for blank in BLANKS:
            value = values.get(blank) or ("" if blank == "name" else BLANK)
            text = text.replace(f"{{{blank}}}", value)
        return text.replace(" ,", ",")


@cache
def shipped() -> tuple[Reply, ...]:
    """The replies that come with the program, in every language."""
    rows = tomllib.loads(_FILE.read_text(encoding="utf-8"))["reply"]
    return tuple(
        Reply(row["slug"], lang, Topic(row["topic"]) if "topic" in row else None, **row[lang])
        for row in rows
        for lang in ("fi", "sv", "en")
    )


def known(changed: Sequence[Reply], retired: frozenset[tuple[str, str]] = frozenset()) -> list[Reply]:
    """All replies: those that people changed in the place of the shipped ones; retired ones are left out."""
    mine = {(reply.slug, reply.lang): reply for reply in (*shipped(), *changed)}
    return [reply for key, reply in mine.items() if key not in retired]


def fitting(replies: Sequence[Reply], topics: Sequence[Topic], lang: str, unhappy: bool) -> list[Reply]:
    """The replies for a post in its language, the best first: by its topics, then the general ones."""
    here = [reply for reply in replies if reply.lang == lang]
    here = here or [reply for reply in replies if reply.lang == "en"]
    wanted: list[Topic | None] = list(topics[:_MOST_TOPICS]) if unhappy else [None, *topics[:1]]
    if unhappy and not any(reply.topic in wanted for reply in here):
        wanted.append(Topic.CUSTOMER_SERVICE)
    return [reply for topic in wanted for reply in here if reply.topic == topic]


def advice(
    stance: Sentiment | None, urgency: Urgency, rules: Sequence[str], topics: Sequence[Topic]
) -> list[str]:
    """Message ids of what to bear in mind with such a post, the gravest first; three at most."""
    found = []
    if urgency is Urgency.CRITICAL:
        found.append(N_("Do not answer this alone: tell the owner first. Write only what you know is true."))
    if "campaign" in rules:
        found.append(N_("Answer once, where most people read, and link to that answer from elsewhere."))
    if Topic.PRIVACY in topics or Topic.PAYMENT in topics:
        found.append(N_("Ask for no personal or payment details in public; give a private channel."))
    if stance is Sentiment.NEGATIVE:
        found.append(N_("Begin with understanding. Explain in one sentence, without excuses."))
        found.append(
            N_("Offer no compensation in public. Move to a private channel; come back when it is settled.")
        )
    else:
        found.append(N_("Answer the question itself first; thank for it, and sell nothing."))
    return found[:3]


class Judged(Protocol):
    """What a model said of a post; AssessmentRow has it."""

    @property
    def label(self) -> Sentiment | None: ...
    @property
    def topics(self) -> Sequence[Topic]: ...


class Spoken(Protocol):
    """The first post of an alert; MentionRow has it."""

    @property
    def lang(self) -> str | None: ...
    @property
    def assessment(self) -> Judged | None: ...


class Alerted(Protocol):
    """An alert that somebody is to answer; AlertRow has it."""

    @property
    def first(self) -> Spoken: ...
    @property
    def urgency(self) -> Urgency: ...
    @property
    def reasons(self) -> Sequence[Mapping[str, Any]]: ...


def replies_to(alert: Alerted, replies: Sequence[Reply], language: str) -> list[Reply]:
    """The replies for an alert, the best first, in the language of the post; else in `language`."""
    judged = alert.first.assessment
    unhappy = judged is not None and judged.label is Sentiment.NEGATIVE
    return fitting(replies, judged.topics if judged else (), alert.first.lang or language, unhappy)


def advice_on(alert: Alerted) -> list[str]:
    """Message ids of what to bear in mind when answering an alert."""
    judged = alert.first.assessment
    rules = [str(reason["rule"]) for reason in alert.reasons]
    return advice(judged.label if judged else None, alert.urgency, rules, judged.topics if judged else ())
