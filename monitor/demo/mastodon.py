"""The social feed of the demo in the JSON of the Mastodon API.

Paging follows docs.joinmastodon.org/api/guidelines: max_id walks back, min_id walks forward without
gaps, since_id gives the newest above an id. Unlike a real server it searches texts for anybody.
"""

import re
import zlib
from collections.abc import Sequence
from datetime import timedelta
from html import escape
from urllib.parse import quote, urlencode

from monitor.demo.answers import Answer, Question, iso, json_answer
from monitor.demo.stream import Place
from monitor.demo.timeline import Dated, Timeline

NAME = "Pihapiiri"
HOST = "pihapiiri.example"

_FIRST_ID = 115_000_000_000_000_000
_FIRST_ACCOUNT = 110_000_000_000_000_000
_USUAL_LIMIT = 20
_LARGEST_LIMIT = 40
_TAG = re.compile(r"(?<![\w&/])#(\w+)")
_MENTION = re.compile(r"(?<![\w/])@(\w+)")

Json = dict[str, object]


class Mastodon:
    """Answers of one Mastodon server; `base` is the address of the server without a final slash."""

    def __init__(self, timeline: Timeline, base: str) -> None:
        self._timeline = timeline
        self._base = base

    def public(self, question: Question) -> Answer:
        """`/api/v1/timelines/public`: everything but replies to others, as Mastodon keeps it."""
        everything = self._all()
        return self._page(question, [one for one in everything if not _answers_another(one, everything)])

    def tag(self, question: Question, tag: str) -> Answer:
        """`/api/v1/timelines/tag/<tag>`, replies included, in any case of letters."""
        return self._page(question, [status for status in self._all() if tag.casefold() in tags(status)])

    def search(self, question: Question) -> Answer:
        """`/api/v2/search?q=&type=statuses`: statuses that hold every word."""
        words = re.findall(r"\w+", question.word("q").casefold())
        asked = question.word("type", "statuses") == "statuses"
        found = [status for status in self._all() if asked and _holds(status, words)]
        skipped = question.number("offset") or 0
        shown = _between(question, found)[::-1][skipped : skipped + _limit(question)]
        return json_answer({"accounts": [], "statuses": [self._status(one) for one in shown], "hashtags": []})

    def lookup(self, question: Question) -> Answer:
        """`/api/v1/accounts/lookup?acct=`: one account by its name."""
        name = question.word("acct").removeprefix("@").removesuffix(f"@{HOST}")
        known = [status for status in self._all() if status.post.author == name]
        return json_answer(self._account(known[-1])) if known else not_found()

    def account_statuses(self, question: Question, account_id: int) -> Answer:
        """`/api/v1/accounts/<id>/statuses`, with exclude_replies."""
        everything = self._all()
        own = [status for status in everything if _account_id(status.post.author) == account_id]
        if not own:
            return not_found()
        if question.word("exclude_replies") in ("1", "true"):
            own = [status for status in own if not _answers_another(status, everything)]
        return self._page(question, own)

    def status(self, wanted: int) -> Answer:
        """`/api/v1/statuses/<id>`."""
        found = self._find(wanted)
        return json_answer(self._status(found)) if found else not_found()

    def context(self, wanted: int) -> Answer:
        """`/api/v1/statuses/<id>/context`: what it answers and what answers it."""
        found = self._find(wanted)
        if found is None:
            return not_found()
        thread = [status for status in self._all() if status.post.thread == found.post.thread]
        above = [self._status(status) for status in thread if status.number < found.number]
        below = [self._status(status) for status in thread if status.number > found.number]
        return json_answer({"ancestors": above, "descendants": below})

    def _all(self) -> list[Dated]:
        return self._timeline.visible(Place.MASTODON)

    def _find(self, wanted: int) -> Dated | None:
        return next((status for status in self._all() if status_id(status) == wanted), None)

    def _page(self, question: Question, statuses: Sequence[Dated]) -> Answer:
        page = _cut(question, statuses)
        links = self._links(question, page)
        return json_answer([self._status(status) for status in page], headers=links)

    def _links(self, question: Question, page: list[Dated]) -> tuple[tuple[str, str], ...]:
        if not page:
            return ()
        limit = _limit(question)
        links = [self._link(question, "prev", limit, "min_id", page[0])]
        if len(page) == limit:
            links.insert(0, self._link(question, "next", limit, "max_id", page[-1]))
        return (("Link", ", ".join(links)),)

    def _link(self, question: Question, rel: str, limit: int, name: str, edge: Dated) -> str:
        query = urlencode({"limit": limit, name: status_id(edge)})
        return f'<{self._base}{quote(question.path)}?{query}>; rel="{rel}"'

    def _status(self, dated: Dated) -> Json:
        post = dated.post
        thread = [other for other in self._all() if other.post.thread == post.thread]
        parent = next((other for other in thread if other.post.id == post.parent), None)
        names = ([parent.post.author] if parent else []) + _MENTION.findall(post.text)
        return {
            "id": str(status_id(dated)),
            "created_at": iso(dated.posted_at),
            "in_reply_to_id": str(status_id(parent)) if parent else None,
            "in_reply_to_account_id": str(_account_id(parent.post.author)) if parent else None,
            "sensitive": False,
            "spoiler_text": "",
            "visibility": "public",
            "language": post.lang,
            "uri": f"https://{HOST}/users/{post.author}/statuses/{status_id(dated)}",
            "url": f"{self._base}/@{post.author}/{status_id(dated)}",
            "replies_count": sum(other.post.parent == post.id for other in thread),
            "reblogs_count": 0,
            "favourites_count": 0,
            "edited_at": iso(dated.edited_at) if dated.edited_at else None,
            "content": self._content(post.text, parent),
            "reblog": None,
            "account": self._account(dated),
            "media_attachments": [],
            "mentions": [self._mention(name) for name in dict.fromkeys(names)],
            "tags": [{"name": tag, "url": f"{self._base}/tags/{quote(tag)}"} for tag in tags(dated)],
            "emojis": [],
            "card": None,
            "poll": None,
        }

    def _content(self, text: str, parent: Dated | None) -> str:
        named = f"@{parent.post.author} {text}" if parent else text
        html = _MENTION.sub(self._mention_html, escape(named, quote=False))
        html = _TAG.sub(self._tag_html, html)
        return "".join(f"<p>{part.replace(chr(10), '<br />')}</p>" for part in html.split("\n\n"))

    def _mention_html(self, found: re.Match[str]) -> str:
        link = f'<a href="{self._base}/@{quote(found[1])}" class="u-url mention">@<span>{found[1]}</span></a>'
        return f'<span class="h-card" translate="no">{link}</span>'

    def _tag_html(self, found: re.Match[str]) -> str:
        address = f"{self._base}/tags/{quote(found[1].casefold())}"
        return f'<a href="{address}" class="mention hashtag" rel="tag">#<span>{found[1]}</span></a>'

    def _mention(self, name: str) -> Json:
        address = f"{self._base}/@{quote(name)}"
        return {"id": str(_account_id(name)), "username": name, "url": address, "acct": name}

    def _account(self, dated: Dated) -> Json:
        name = dated.post.author
        own = [status for status in self._all() if status.post.author == name]
        joined = own[0].posted_at.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=700)
        return {
            "id": str(_account_id(name)),
            "username": name,
            "acct": name,
            "display_name": name,
            "locked": False,
            "bot": False,
            "discoverable": True,
            "indexable": True,
            "group": False,
            "created_at": iso(joined),
            "note": "",
            "url": f"{self._base}/@{name}",
            "uri": f"https://{HOST}/users/{name}",
            "avatar": f"{self._base}/avatar.svg",
            "avatar_static": f"{self._base}/avatar.svg",
            "header": "",
            "header_static": "",
            "followers_count": dated.post.reach or 0,
            "following_count": (dated.post.reach or 0) // 2,
            "statuses_count": len(own),
            "last_status_at": own[-1].posted_at.date().isoformat(),
            "emojis": [],
            "fields": [],
        }


def not_found() -> Answer:
    """Answer as Mastodon does for what is not there."""
    return json_answer({"error": "Record not found"}, status=404)


def status_id(dated: Dated) -> int:
    """Return the id of the status; it grows with time, as Mastodon's do."""
    return _FIRST_ID + dated.post.id


def _account_id(name: str) -> int:
    return _FIRST_ACCOUNT + zlib.crc32(name.encode())


def tags(dated: Dated) -> list[str]:
    """Return the hashtags of the status, in small letters, each once."""
    return list(dict.fromkeys(tag.casefold() for tag in _TAG.findall(dated.post.text)))


def _holds(dated: Dated, words: list[str]) -> bool:
    own = re.findall(r"\w+", dated.post.text.casefold())
    return bool(words) and all(word in own for word in words)


def _answers_another(status: Dated, everything: Sequence[Dated]) -> bool:
    authors = {other.post.id: other.post.author for other in everything}
    return status.post.parent is not None and authors.get(status.post.parent) != status.post.author


def _limit(question: Question) -> int:
    return min(max(question.number("limit") or _USUAL_LIMIT, 1), _LARGEST_LIMIT)


def _between(question: Question, statuses: Sequence[Dated]) -> list[Dated]:
    below, above, beyond = (question.number(name) for name in ("max_id", "since_id", "min_id"))
    low = max(above or 0, beyond or 0)
    return [one for one in statuses if status_id(one) > low and (below is None or status_id(one) < below)]


def _cut(question: Question, statuses: Sequence[Dated]) -> list[Dated]:
    """Return one page, newest first; `statuses` come oldest first. Only min_id counts from the old end."""
    left, limit = _between(question, statuses), _limit(question)
    return (left[:limit] if question.number("min_id") is not None else left[-limit:])[::-1]
