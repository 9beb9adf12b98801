"""Writes the mail to the operator about a source: that it is not heard any more, or is again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from monitor.config.schema import RecipientConfig
from monitor.domain import Message, SendReason
from monitor.notifiers.inert import one_line
from monitor.notifiers.papers import templates
from monitor.notifiers.render import Links
from monitor.notifiers.views import Reader
from monitor.store.rows import DeliveryRow

_MOST_SENTENCE = 600
_MOST_OTHERS = 50


@dataclass(frozen=True, slots=True)
class SourceNews:
    """How a source is heard: `sentence` is a message id of the catalogue with `values`.

    `trouble_at` is when the operator was told of the trouble; `thread_id` is the Message-ID of that mail.
    `others` are told of in the same one.
    """

    source: str
    sentence: str
    values: Mapping[str, str]
    last_success_at: datetime | None
    last_post_at: datetime | None
    trouble_at: datetime | None
    thread_id: str
    others: tuple["SourceNews", ...] = ()


def render_notice(
    news: SourceNews, delivery: DeliveryRow, recipient: RecipientConfig, reader: Reader, links: Links
) -> Message:
    """Write one mail about a source in the recipient's language."""
    say, is_recovery = reader.wording.say, delivery.reason is SendReason.RECOVERY
    headline = _headline(news, reader, is_recovery)
    shown = {
        "say": say,
        "say_many": reader.wording.say_many,
        "language": reader.wording.language,
        "headline": headline,
        "sentence": _sentence(news, reader),
        "others": [(other.source, _sentence(other, reader)) for other in news.others[:_MOST_OTHERS]],
        "left_out": max(len(news.others) - _MOST_OTHERS, 0),
        "is_recovery": is_recovery,
        "source": news.source,
        "read": reader.when(news.last_success_at) if news.last_success_at else None,
        "newest": reader.when(news.last_post_at) if news.last_post_at else None,
        "told": reader.when(news.trouble_at) if news.trouble_at else None,
        "page": f"{links.base_url}/sources",
        "recipient": recipient.name,
    }
    return Message(
        to=recipient.address,
        subject=headline,
        text=templates().get_template("notice.txt.jinja").render(shown),
        html=templates().get_template("notice.html.jinja").render(shown),
        message_id=delivery.message_id,
        thread_id=news.thread_id,
        facts={"type": f"source.{delivery.reason.value}", "source": news.source, "inbox_url": shown["page"]},
    )


def _headline(news: SourceNews, reader: Reader, is_recovery: bool) -> str:
    say, say_many, n = reader.wording.say, reader.wording.say_many, len(news.others) + 1
    if n == 1 and is_recovery:
        return say("{source} is heard again", source=news.source)
    if n == 1:
        return say("{source} is not heard any more", source=news.source)
    if is_recovery:
        return say_many("{n} source is heard again", "{n} sources are heard again", n)
    return say_many("{n} source is not heard any more", "{n} sources are not heard any more", n)


def _sentence(news: SourceNews, reader: Reader) -> str:
    return one_line(reader.wording.say(news.sentence, **news.values), _MOST_SENTENCE)
