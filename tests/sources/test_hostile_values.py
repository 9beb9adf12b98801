"""Every value of every recorded answer, one after the other, replaced by something odd.

Nothing but a SourceError may come of it, and a row that is spoilt takes no other row with it.
"""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from monitor.domain import Batch
from monitor.errors import SourceError
from tests.sources.support import Site, recording
from tests.sources.test_contract import CASES, Case, source_of

ODD: tuple[Any, ...] = (None, 10**300, {"x": [None]}, "\x00²\u202e")
Path = tuple[str | int, ...]
each_json_kind = pytest.mark.parametrize(
    "case", [case for case in CASES if case.speaks_json], ids=lambda case: case.kind
)


def places(answer: Any, path: Path = ()) -> Iterator[Path]:
    """The way to every value inside of an answer."""
    steps = (
        answer.items() if isinstance(answer, dict) else enumerate(answer) if isinstance(answer, list) else ()
    )
    for step, value in steps:
        yield (*path, step)
        yield from places(value, (*path, step))


def spoilt(answer: Any, path: Path, odd: Any) -> bytes:
    answer = copy.deepcopy(answer)
    inner = answer
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = odd
    return json.dumps(answer).encode()


def fetched(case: Case, part: str, content: bytes) -> Batch:
    routes = {key: recording(case.kind, name) for key, name in case.routes.items()}
    return source_of(case, Site({**routes, part: content})).fetch(None)


@each_json_kind
def test_fetch_survives_any_odd_value(case: Case) -> None:
    for part, name in case.routes.items():
        answer = json.loads(recording(case.kind, name))
        for path in places(answer):
            for odd in ODD:
                try:
                    batch = fetched(case, part, spoilt(answer, path, odd))
                except SourceError:
                    continue
                assert all("\x00" not in post.text for post in batch.posts), path


@each_json_kind
def test_fetch_loses_no_good_post_beside_a_spoilt_row(case: Case) -> None:
    (part,) = [part for part, name in case.routes.items() if name == "page.json"]
    answer = json.loads(recording(case.kind, "page.json"))
    whole = {post.external_id for post in fetched(case, part, json.dumps(answer).encode()).posts}
    rows = [path for path in places(answer) if isinstance(path[-1], int) and len(path) <= 3]
    for path in rows:
        left = {post.external_id for post in fetched(case, part, spoilt(answer, path, "odd")).posts}
        assert left <= whole
        assert len(whole) - len(left) <= 3, path  # the row itself, and what hangs on it
