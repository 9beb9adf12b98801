"""The rows that a Discourse forum sends, as far as we read them. Asks for nothing."""

from monitor.sources.reading import Foreign

_REGULAR = 1


class ForumPost(Foreign):
    """A row of posts.json, or of the stream of a topic."""

    id: int
    topic_id: int
    cooked: str
    post_number: int = 1
    post_type: int = _REGULAR
    username: str = ""
    user_id: int = 0
    created_at: str = ""
    updated_at: str = ""
    version: int = 1
    topic_title: str = ""
    topic_slug: str = ""
    reply_to_post_number: int = 0
    staff: bool = False
    admin: bool = False
    moderator: bool = False
    hidden: bool = False
    user_deleted: bool = False
    deleted_at: str = ""
    reads: int | None = None

    @property
    def is_speech(self) -> bool:
        """Whether a person wrote this for others to read."""
        is_gone = self.hidden or self.user_deleted or self.deleted_at
        return self.post_type == _REGULAR and self.user_id >= 0 and self.username != "system" and not is_gone

    @property
    def is_by_staff(self) -> bool:
        """Whether the writer runs the forum."""
        return self.staff or self.admin or self.moderator


class Hit(Foreign):
    """A row of search.json; its text is cut, so only the place counts."""

    id: int
    topic_id: int
    post_number: int = 1
