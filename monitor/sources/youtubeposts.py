"""What YouTube's API sends: videos, threads of comments, and posts made of them. Fetches nothing."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from monitor.domain import Post
from monitor.sources.moments import parse_moment
from monitor.sources.reading import BatchMaker, Foreign
from monitor.sources.rechecking import readable
from monitor.sources.searching import dated

_WATCH = "https://www.youtube.com/watch?v="


class _Row(Foreign):
    model_config = ConfigDict(alias_generator=to_camel)


class _VideoText(_Row):
    title: str = ""
    description: str = ""
    channel_title: str = ""
    published_at: str = ""
    default_audio_language: str = ""


class _Statistics(_Row):
    view_count: int | None = None


class Video(_Row):
    """A row of videos.list."""

    id: str
    snippet: _VideoText = _VideoText()
    statistics: _Statistics = _Statistics()


class _CommentText(_Row):
    text_display: str
    author_display_name: str = ""
    published_at: str = ""
    updated_at: str = ""
    parent_id: str = ""


class Comment(_Row):
    """A comment or a reply."""

    id: str
    snippet: _CommentText


class _ThreadText(_Row):
    top_level_comment: Comment
    video_id: str = ""
    total_reply_count: int = 0


class _Replies(_Row):
    comments: tuple[Any, ...] = Field(default=())


class Thread(_Row):
    """A row of commentThreads.list: a comment and at most five of its replies."""

    id: str
    snippet: _ThreadText
    replies: _Replies = _Replies()


def written_at(row: Any) -> datetime | None:
    """The time by which threads are sorted: that of their first comment."""
    for name in ("snippet", "topLevelComment", "snippet"):
        row = row.get(name) if isinstance(row, Mapping) else None
    return dated(row.get("publishedAt")) if isinstance(row, Mapping) else None


def parse_video(video: Video, oldest: datetime, maker: BatchMaker) -> Post | None:
    """Return what the maker of a video says about it; None when it is too old."""
    about = video.snippet
    written = parse_moment(about.published_at)
    if written and written < oldest:
        return None
    if not (about.description or about.title):
        raise ValueError("it has neither title nor description")
    return maker.post(
        video.id,
        about.description or about.title,
        url=_WATCH + video.id,
        author=about.channel_title,
        title=about.title if about.description else "",
        posted_at=about.published_at,
        thread_title=about.title,
        reach=video.statistics.view_count,
        lang=about.default_audio_language,
    )


def parse_comment(
    comment: Comment, thread: Thread, video: Video | None, oldest: datetime, maker: BatchMaker
) -> Post | None:
    """Return the post of a comment or a reply; None when it is too old."""
    own, first = comment.snippet, thread.snippet.top_level_comment
    posted, updated = parse_moment(own.published_at), parse_moment(own.updated_at)
    is_edited = bool(posted and updated and updated > posted)
    spoken = updated if is_edited else posted
    if spoken and spoken < oldest:
        return None
    place = thread.snippet.video_id
    return maker.post(
        comment.id,
        own.text_display,
        url=f"{_WATCH}{place}&lc={comment.id}" if place else "",
        author=own.author_display_name,
        posted_at=own.published_at,
        edited_at=own.updated_at if is_edited else None,
        thread_key=thread.id,
        thread_title=video.snippet.title if video else "",
        parent_text=first.snippet.text_display if comment.id != first.id else "",
        reach=video.statistics.view_count if video else None,
    )


def as_now(path: str, rows: Iterable[Any], maker: BatchMaker) -> list[Post]:
    """Return the words of videos or comments, as they are asked for by their ids."""
    long_ago = datetime.min.replace(tzinfo=UTC)
    if path == "videos":
        videos = maker.valid(rows, Video, "video")
        found = [readable(partial(parse_video, oldest=long_ago, maker=maker), one) for one in videos]
    else:
        comments = maker.valid(rows, Comment, "comment")
        found = [readable(partial(_words, maker=maker), one) for one in comments]
    return [post for post in found if post is not None]


def _words(comment: Comment, maker: BatchMaker) -> Post:
    own = comment.snippet
    posted, updated = parse_moment(own.published_at), parse_moment(own.updated_at)
    edited_at = updated if posted and updated and updated > posted else None
    return maker.post(comment.id, own.text_display, posted_at=posted, edited_at=edited_at)
