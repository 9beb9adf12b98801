"""The lists of a server with Mastodon's API, read forward from where the last fetch ended. Makes no posts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor.errors import SourceBusy
from monitor.sources.moments import parse_moment
from monitor.sources.reading import identifier

_SHORT = 20  # a page with fewer statuses than any server's limit is the last one
_REMEMBERED = 20  # statuses read again each time, so that edits are seen


@dataclass(frozen=True, slots=True)
class Listing:
    """One list of statuses; `pages` is False where the server cannot page by id.

    `inside` names the field of a row that holds the status, where a row is not the status itself.
    """

    name: str
    path: str
    params: Mapping[str, str | int]
    keys: tuple[str, ...] = ()
    pages: bool = True
    inside: str = ""


class Reading:
    """One list in one fetch: `newer` are the rows from its top, `deeper` the id to read on below from."""

    def __init__(
        self,
        ask: Callable[[Listing, Mapping[str, str | int]], list[Any]],
        one: Listing,
        seen: tuple[str, ...],
        deeper: str,
        oldest: datetime,
    ) -> None:
        self._ask, self._list, self._seen, self._oldest = ask, one, seen, oldest
        self.newer: list[Any] = []
        self.deeper = deeper
        self.is_more = False
        self.busy: SourceBusy | None = None
        self._has_answered = False

    def rows(self, pages: int, has_answered: bool = False) -> list[Any]:
        """Return rows newer than those seen, walking forward; at first, backward to the back-fill's end.

        Once the server `has_answered`, its being `busy` is noted instead of raised.
        """
        self._has_answered = has_answered
        if not self._list.pages:
            self.newer = self._page({}) or []
            return self.newer
        # Nothing newer than the oldest known one: it is the only one, or the server has forgotten its id.
        self.newer = self._forward(pages) if self._seen else []
        older = self._backward(self.deeper, pages) if self.deeper and self.busy is None else []
        if not self.newer and self.busy is None:
            self.newer = self._backward("", pages)
        self.is_more = self.is_more or bool(self.deeper)
        return [*self.newer, *older]

    def _page(self, window: Mapping[str, str | int]) -> list[Any] | None:
        try:
            page = self._ask(self._list, window)
        except SourceBusy as busy:
            if not self._has_answered:
                raise
            self.busy = busy
            return None
        self._has_answered = True
        return page

    def _forward(self, pages: int) -> list[Any]:
        rows: list[Any] = []
        start = self._seen[0]
        for _ in range(pages):
            page = self._page({"min_id": start})
            if page is None:
                return rows
            rows = page + rows
            newest = _row_ids(page)[:1]
            if len(page) < _SHORT or not newest or newest[0] == start:
                return rows
            start = newest[0]
        self.is_more = True
        return rows

    def _backward(self, end: str, pages: int) -> list[Any]:
        """Walk down from an id, "" for the top; notes where the pages ran out."""
        rows: list[Any] = []
        for _ in range(pages):
            page = self._page({"max_id": end} if end else {})
            if page is None:
                break
            rows += page
            ids = _row_ids(page)
            if len(page) < _SHORT or not ids or _is_older(page[-1], self._oldest) or end == ids[-1]:
                self.deeper = ""
                return rows
            end = ids[-1]
        self.deeper = end
        return rows


def in_turn(lists: list[Listing], turn: str) -> list[Listing]:
    """Return the lists, beginning with the one whose turn it is."""
    names = [one.name for one in lists]
    start = names.index(turn) if turn in names else 0
    return [*lists[start:], *lists[:start]]


def statuses_of(rows: Sequence[Any], inside: str) -> list[Any]:
    """Return the statuses of rows; a mention that was deleted has none."""
    if not inside:
        return list(rows)
    return [row[inside] if isinstance(row, dict) else row for row in rows if _has_status(row, inside)]


def _has_status(row: Any, inside: str) -> bool:
    return not isinstance(row, dict) or (row.get("type") == "mention" and row.get(inside) is not None)


def _row_ids(rows: Sequence[Any]) -> list[str]:
    return [identifier(str(row["id"])) for row in rows if isinstance(row, dict) and row.get("id")]


def remembered(seen: tuple[str, ...], rows: Sequence[Any]) -> tuple[str, ...]:
    """Return the newest ids, oldest first; rows come newest first."""
    ids = [*seen, *(number for number in reversed(_row_ids(rows)) if number not in seen)]
    return tuple(ids[-_REMEMBERED:])


def _is_older(row: Any, oldest: datetime) -> bool:
    moment = parse_moment(row.get("created_at")) if isinstance(row, dict) else None
    return moment is not None and moment < oldest
