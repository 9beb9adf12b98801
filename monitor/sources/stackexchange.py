"""The kind "stackexchange": questions and answers of one site of Stack Exchange with a shop's name.

https://api.stackexchange.com/docs (search/excerpts, then questions and answers by their ids). Comments are
not searched there; deleted posts do not come. Terms: texts are CC BY-SA, to be shown with author and
link; 300 requests a day from one address, 10,000 with a key; its requests to wait are obeyed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from monitor.config import SecretRef
from monitor.domain import Batch, Post
from monitor.errors import SourceBusy
from monitor.sources.contract import Address, Kind, Pages, SourceContext, SourceSettings, Word, host_of
from monitor.sources.moments import parse_moment
from monitor.sources.quota import Quota, ledger_name
from monitor.sources.reading import BatchMaker, Foreign, rows_of
from monitor.sources.rechecking import all_at_once, readable
from monitor.sources.searching import Page, Searches, SearchPosition, Way, Window, epoch
from monitor.text import html_to_line, html_to_text

_PAGE = 100
_MOST_WAITING = 1_000
_WITHOUT_KEY, _WITH_KEY = 300, 10_000


class StackExchangeSettings(SourceSettings):
    """`site` is a name such as "stackoverflow"; `terms` are searched for, or the shops' names."""

    url: Address = "https://api.stackexchange.com"
    site: Word
    terms: tuple[Word, ...] = ()
    key: SecretRef | None = None
    pages: Pages = 3


class StackExchangePosition(SearchPosition):
    """`waiting` are posts found and not read yet: question and answer (0 for the question itself)."""

    waiting: tuple[tuple[int, int], ...] = ()


class _Hit(Foreign):
    """A row of the search; its text is cut and names no author, so only the ids count."""

    question_id: int
    answer_id: int = 0


class _Owner(Foreign):
    display_name: str = ""


class _Written(Foreign):
    question_id: int
    answer_id: int = 0
    title: str = ""
    body: str
    link: str = ""
    owner: _Owner = _Owner()
    creation_date: int = 0
    last_edit_date: int = 0
    view_count: int | None = None

    @property
    def own_id(self) -> int:
        return self.answer_id or self.question_id


class _Shown(Foreign):
    """A question or an answer, asked for by its id."""

    post_id: int
    body: str
    last_edit_date: int = 0


class StackExchangeSource:
    """Searches one site."""

    def __init__(self, settings: StackExchangeSettings, context: SourceContext) -> None:
        self._settings, self._context = settings, context
        self._base = settings.url.rstrip("/")
        self._host = host_of(self._base)
        key = context.secret(settings.key) if settings.key else ""
        self._key = {"key": key} if key else {}
        limit, name = _WITH_KEY if key else _WITHOUT_KEY, ledger_name(self._host, key)
        title = f"The allowance of {self._host}"
        self._quota = Quota(title, name, limit, UTC, context.clock, context.ledger, context.zone)
        self._quiet_until: dict[str, datetime] = {}

    def fetch(self, cursor: str | None) -> Batch:
        """Return what the search finds, with whole texts; an answer comes with its question."""
        of = f"{self._base} {self._settings.site}"
        position, now = StackExchangePosition.read(cursor, of=of), self._context.clock.now()
        maker = BatchMaker(self._context.slug, now, self._host)
        chosen = self._settings
        searches = Searches(position, maker, _created, now=now, backfill=chosen.backfill, pages=chosen.pages)
        waiting = self._take(position.waiting, searches.oldest, maker)
        try:
            rows = searches.rows(tuple(self._ways()))
        except SourceBusy as busy:
            if len(waiting) == len(position.waiting):
                raise
            maker.warn(f"{busy} The search is asked with the next fetch.")
            return maker.batch(position.model_copy(update={"waiting": waiting}))
        hits = [(hit.question_id, hit.answer_id) for hit in maker.valid(rows, _Hit)]
        new = [hit for hit in dict.fromkeys(hits) if hit not in position.waiting]
        waiting = (*waiting, *self._take(new, searches.oldest, maker))[:_MOST_WAITING]
        return maker.batch(searches.position().model_copy(update={"waiting": waiting}))

    def _take(
        self, hits: Sequence[tuple[int, int]], oldest: datetime, maker: BatchMaker
    ) -> tuple[tuple[int, int], ...]:
        """Read the whole texts of what was found; return what must wait for the next fetch."""
        questions: Mapping[int, _Written] = {}
        answers: Mapping[int, _Written] = {}
        waiting: tuple[tuple[int, int], ...] = ()
        try:
            questions = self._written("questions", {question for question, _ in hits}, maker)
            answers = self._written("answers", {answer for _, answer in hits if answer}, maker)
        except SourceBusy as busy:
            maker.warn(f"{busy} What was found is read with the next fetch.")
            waiting = tuple(hit for hit in hits if hit[1] or not questions)
        found = {answer or question for question, answer in hits if (question, answer) not in waiting}
        known = {**questions, **answers}
        wanted = [known[number] for number in sorted(found & known.keys())]
        maker.read(wanted, lambda one: self._parse(one, questions, oldest, maker))
        return waiting

    def again(self, posts: Sequence[Post]) -> Batch:
        """Return the posts as they read now, and those that were deleted."""
        names = [post.external_id for post in posts]
        maker = BatchMaker(self._context.slug, self._context.clock.now(), self._host)
        there: dict[str, Post | None] = {}
        for start in range(0, len(names), _PAGE):
            path = f"posts/{';'.join(names[start : start + _PAGE])}"
            rows = rows_of(self._json(path, {"filter": "withbody"}), "items", host=self._host)
            there |= {str(row["post_id"]): None for row in rows if isinstance(row, dict) and "post_id" in row}
            shown = maker.valid(rows, _Shown)
            there |= {str(one.post_id): readable(partial(_as_now, maker=maker), one) for one in shown}
        return all_at_once(names, there).batch(posts, self._host)

    def _ways(self) -> Iterator[Way]:
        for term in self._settings.terms or self._context.names():
            yield Way(f"search {term}", partial(self._page, term))

    def _page(self, term: str, window: Window, more: str | None) -> Page:
        number = int(more or 1)
        params: dict[str, str | int] = {
            "q": '"' + term.replace('"', " ").strip() + '"',
            "sort": "creation",
            "order": "desc",
            "fromdate": int(window.since.timestamp()),
            "page": number,
        }
        if window.until:
            params["todate"] = int(window.until.timestamp()) + 1
        answer = self._json("search/excerpts", params)
        rows = rows_of(answer, "items", host=self._host)
        return Page(rows, str(number + 1) if answer.get("has_more") is True else None)

    def _written(self, name: str, numbers: Iterable[int], maker: BatchMaker) -> Mapping[int, _Written]:
        found: dict[int, _Written] = {}
        ordered = sorted(numbers)
        for start in range(0, len(ordered), _PAGE):
            ids = ";".join(str(number) for number in ordered[start : start + _PAGE])
            answer = self._json(f"{name}/{ids}", {"filter": "withbody"})
            rows = rows_of(answer, "items", host=self._host)
            found |= {one.own_id: one for one in maker.valid(rows, _Written, name)}
        return found

    def _json(self, path: str, params: Mapping[str, str | int]) -> Any:
        now, method = self._context.clock.now(), path.partition("/")[0]
        wait = (self._quiet_until.get(method, now) - now).total_seconds()
        if wait > 0:
            raise SourceBusy(f"{self._host} asked us to wait a little longer.", wait)
        self._quota.take()
        query = {**params, "site": self._settings.site, "pagesize": _PAGE, **self._key}
        answer = self._context.get(f"{self._base}/2.3/{path}", params=query).json()
        if isinstance(answer, dict):
            self._note(method, answer, now)
        return answer

    def _note(self, method: str, answer: Mapping[str, Any], now: datetime) -> None:
        """Remember what the answer says of our next requests; a backoff is about the same method."""
        backoff = answer.get("backoff")
        if isinstance(backoff, int) and 0 < backoff < 86_400:
            self._quiet_until[method] = now + timedelta(seconds=backoff)
        if answer.get("quota_remaining") == 0:
            self._quota.use_up()

    def _parse(
        self, one: _Written, questions: Mapping[int, _Written], oldest: datetime, maker: BatchMaker
    ) -> Post | None:
        written = parse_moment(epoch(one.last_edit_date) or epoch(one.creation_date))
        if written and written < oldest:
            return None
        question = questions.get(one.question_id)
        title = html_to_line(one.title or (question.title if question else ""))
        is_answer = one.answer_id != 0
        place = question.link.partition("/questions/")[0] if question else ""
        return maker.post(
            str(one.own_id),
            maker.text_of(one.body, f"post {one.own_id}"),
            url=one.link or f"{place}/a/{one.answer_id}",  # answers come without a link
            author=html_to_line(one.owner.display_name),
            title="" if is_answer else title,
            posted_at=epoch(one.creation_date),
            edited_at=epoch(one.last_edit_date),
            thread_key=str(one.question_id),
            thread_title=title,
            parent_text=html_to_text(question.body) if question and is_answer else "",
            reach=one.view_count if not is_answer else None,
        )


def _as_now(one: _Shown, maker: BatchMaker) -> Post | None:
    text = maker.text_of(one.body, f"post {one.post_id}")
    return maker.post(str(one.post_id), text, edited_at=epoch(one.last_edit_date)) if text else None


def _created(row: Any) -> datetime | None:
    return parse_moment(epoch(row.get("creation_date"))) if isinstance(row, dict) else None


KIND = Kind(
    name="stackexchange",
    settings=StackExchangeSettings,
    build=StackExchangeSource,
    reads="questions and answers of a Stack Exchange site with a shop's name, with edits",
    needs="the site's name; a free key for more than 300 requests a day",
    speed="one request a name, two more for the texts found",
    cannot_see="comments, inflected names",
    terms="CC BY-SA: author and link are shown; its requests to wait are obeyed",
)
