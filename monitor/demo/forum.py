"""The forum of the demo in the JSON of Discourse: latest posts, search, topics.

Shapes and paging follow Discourse's own controllers and serializers (posts#latest, search#show,
topics#show), as an anonymous reader of a public site sees them.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time
from html import escape

from monitor.demo.answers import Answer, Question, iso, json_answer
from monitor.demo.stream import Place
from monitor.demo.timeline import Dated, Timeline

NAME = "Kahvipöytä"

_POSTS_A_PAGE = 50
_TOPICS_A_PAGE = 30
_BLURB = 200
_CATEGORY = 5
_NOT_FOUND = {"errors": ["The requested URL or resource could not be found."], "error_type": "not_found"}

Json = dict[str, object]


class Forum:
    """Answers of one Discourse site."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline

    def posts(self, question: Question) -> Answer:
        """`/posts.json?before=`: the newest posts below an id, 50 at a time."""
        before = question.number("before")
        older = [post for post in self._newest() if not before or post.post.id < before]
        page = older[:_POSTS_A_PAGE]
        return json_answer({"latest_posts": [self._post(post, with_raw=True) for post in page]})

    def post(self, post_id: int) -> Answer:
        """`/posts/<id>.json`: one post with its raw text."""
        found = [post for post in self._newest() if post.post.id == post_id]
        return json_answer(self._post(found[0], with_raw=True)) if found else not_found()

    def latest(self, question: Question) -> Answer:
        """`/latest.json?page=`: topics, the one with the newest post first."""
        page = question.number("page") or 0
        topics: dict[int, list[Dated]] = {}
        for post in self._newest():
            topics.setdefault(post.post.thread, []).insert(0, post)
        end = (page + 1) * _TOPICS_A_PAGE
        shown = list(topics.values())[end - _TOPICS_A_PAGE : end]
        topic_list: Json = {"can_create_topic": False, "per_page": _TOPICS_A_PAGE}
        if len(topics) > end:
            topic_list["more_topics_url"] = f"/latest?page={page + 1}"
        topic_list["topics"] = [_topic(topic) for topic in shown]
        users = _users(post for topic in shown for post in topic)
        return json_answer({"users": users, "topic_list": topic_list})

    def search(self, question: Question) -> Answer:
        """`/search.json?q=&page=`: posts that hold every word, as a beginning of one of theirs."""
        term = question.word("q")
        page = max(question.number("page") or 1, 1)
        wanted = _wanted(term)
        found = [post for post in self._newest() if wanted(post)]
        shown = found[(page - 1) * _POSTS_A_PAGE : page * _POSTS_A_PAGE]
        topics = {post.post.thread: self._topic_posts(post.post.thread) for post in shown}
        return json_answer(
            {
                "posts": [_hit(post) for post in shown],
                "topics": [_topic(topic) for topic in topics.values()],
                **{kind: [] for kind in ("users", "categories", "tags", "groups")},
                "grouped_search_result": _grouped(term, shown, more=len(found) > page * _POSTS_A_PAGE),
            }
        )

    def topic(self, question: Question, topic_id: int) -> Answer:
        """`/t/<id>.json`: one topic with all its posts; `include_raw=1` adds the raw texts."""
        posts = self._topic_posts(topic_id)
        if not posts:
            return not_found()
        with_raw = question.word("include_raw") in ("1", "true")
        stream: Json = {"posts": [self._post(post, with_raw) for post in posts]}
        stream["stream"] = [post.post.id for post in posts]
        details = {"participants": _users(posts), "created_by": _user(posts[0].post.author)}
        return json_answer({"post_stream": stream, **_topic(posts), "details": details, "chunk_size": 20})

    def _newest(self) -> list[Dated]:
        return self._timeline.visible(Place.FORUM)[::-1]

    def _topic_posts(self, topic_id: int) -> list[Dated]:
        return [post for post in self._timeline.visible(Place.FORUM) if post.post.thread == topic_id]

    def _post(self, dated: Dated, with_raw: bool) -> Json:
        topic = self._topic_posts(dated.post.thread)
        post = dated.post
        parent = next((other for other in topic if other.post.id == post.parent), None)
        return {
            "id": post.id,
            **_user(post.author),
            "created_at": iso(dated.posted_at),
            "cooked": "\n".join(f"<p>{escape(part)}</p>" for part in post.text.split("\n\n")),
            **({"raw": post.text} if with_raw else {}),
            "post_number": dated.number,
            "post_type": 1,
            "posts_count": len(topic),
            "updated_at": iso(dated.edited_at or dated.posted_at),
            "reply_count": sum(other.post.parent == post.id for other in topic),
            "reply_to_post_number": parent.number if parent else None,
            **({"reply_to_user": _user(parent.post.author)} if parent else {}),
            "quote_count": 0,
            "incoming_link_count": 0,
            "reads": 9 + post.id * 7 % 53,
            "score": 0,
            "yours": False,
            "topic_id": post.thread,
            "topic_slug": slug(post.title),
            "topic_title": post.title,
            "category_id": _CATEGORY,
            "version": 2 if dated.edited_at else 1,
            "hidden": False,
            "trust_level": 1,
            "deleted_at": None,
            "user_deleted": False,
            "edit_reason": None,
            "wiki": False,
            "post_url": f"/t/{slug(post.title)}/{post.thread}/{dated.number}",
        }


def not_found() -> Answer:
    """Answer as Discourse does for what is not there."""
    return json_answer(_NOT_FOUND, status=404)


def slug(title: str) -> str:
    """Turn a topic's title into the words of its address."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain.lower())) or "topic"


def _user(name: str) -> Json:
    avatar = f"/letter_avatar_proxy/v4/letter/{name[0]}/{{size}}.png"
    return {"username": name, "name": None, "avatar_template": avatar}


def _users(posts: Iterable[Dated]) -> list[Json]:
    return [_user(name) for name in dict.fromkeys(post.post.author for post in posts)]


def _topic(posts: list[Dated]) -> Json:
    first, last = posts[0], posts[-1]
    return {
        "id": first.post.thread,
        "title": first.post.title,
        "fancy_title": escape(first.post.title),
        "slug": slug(first.post.title),
        "posts_count": len(posts),
        "reply_count": sum(post.post.parent is not None for post in posts),
        "highest_post_number": last.number,
        "created_at": iso(first.posted_at),
        "last_posted_at": iso(last.posted_at),
        "bumped": True,
        "bumped_at": iso(last.posted_at),
        "archetype": "regular",
        "pinned": False,
        "visible": True,
        "closed": False,
        "archived": False,
        "category_id": _CATEGORY,
        "tags": [],
        "last_poster_username": last.post.author,
    }


def _hit(dated: Dated) -> Json:
    text = " ".join(dated.post.text.split())
    return {
        "id": dated.post.id,
        **_user(dated.post.author),
        "created_at": iso(dated.posted_at),
        "like_count": 0,
        "blurb": text if len(text) <= _BLURB else text[: _BLURB - 3] + "...",
        "post_number": dated.number,
        "topic_id": dated.post.thread,
    }


def _grouped(term: str, shown: list[Dated], *, more: bool) -> Json:
    return {
        **dict.fromkeys(("more_posts", "more_users", "more_categories", "search_log_id", "error")),
        **{kind: [] for kind in ("user_ids", "category_ids", "tag_ids", "group_ids")},
        "term": term,
        "more_full_page_results": more or None,
        "can_create_topic": False,
        "post_ids": [post.post.id for post in shown],
    }


def _wanted(term: str) -> Callable[[Dated], bool]:
    """Read a search as Discourse does: words, and `name:value` filters of which the two dates are known."""
    filters = dict(re.findall(r"(\w+):(\S+)", term))
    words = re.findall(r"\w+", re.sub(r"\w+:\S+|[@#]\S+", " ", term).casefold())
    after, before = _day(filters.get("after", "")), _day(filters.get("before", ""))

    def wanted(dated: Dated) -> bool:
        moment = dated.posted_at
        in_time = not (after and moment < after) and not (before and moment >= before)
        return bool(words) and in_time and _holds(dated, words)

    return wanted


def _holds(dated: Dated, words: list[str]) -> bool:
    title = dated.post.title if dated.number == 1 else ""
    own = re.findall(r"\w+", f"{title} {dated.post.text}".casefold())
    return all(any(word.startswith(start) for word in own) for start in words)


def _day(text: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), time.min, tzinfo=UTC)
    except ValueError:
        return None
