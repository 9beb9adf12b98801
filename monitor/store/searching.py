"""Full-text search of mentions: an index of words and their roots beside the table of mentions.

The index is FTS5 in SQLite and GIN in PostgreSQL. It holds terms only (monitor.text.stems), never the
text; whoever stores, edits or erases a mention keeps it in step in the same transaction.
"""

import logging
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Boolean, ColumnElement, func, literal, select, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import Session, col

from monitor.store.tables import Mention, Setting
from monitor.text import clean_line
from monitor.text.stems import STEMS_VERSION, terms, wanted

_LOG = logging.getLogger(__name__)
_AT_ONCE = 500
_AT_ONCE_ANEW = 5_000
_FACT: Final = "search_index"

_PUT = {
    "sqlite": "INSERT INTO spoken (rowid, said, author) VALUES (:id, :said, :author)",
    "postgresql": (
        "INSERT INTO spoken (mention_id, said, whole) VALUES (:id,"
        " array_to_tsvector(array_remove(string_to_array(:said, ' '), '')),"
        " array_to_tsvector(array_remove(string_to_array(:said || ' ' || :author, ' '), '')))"
    ),
}
# An FTS5 index without content forgets a row only when it is told once more what it was told first.
_TAKE = {
    "sqlite": "INSERT INTO spoken (spoken, rowid, said, author) VALUES ('delete', :id, :said, :author)",
    "postgresql": "DELETE FROM spoken WHERE mention_id = :id",
}
_EMPTY = {"sqlite": "INSERT INTO spoken (spoken) VALUES ('delete-all')", "postgresql": "TRUNCATE spoken"}


class _Said(FunctionElement[bool]):
    """Whether an id is among those whose words fit: the id, the query of FTS5, the query of PostgreSQL."""

    type = Boolean()
    inherit_cache = True
    column = "said"


class _SaidOrBy(_Said):
    """The same with the author's name."""

    inherit_cache = True
    column = "whole"


@compiles(_Said, "sqlite")
def _in_sqlite(element: _Said, compiler: SQLCompiler, **more: Any) -> str:
    mention_id, query, _ = (compiler.process(part, **more) for part in element.clauses)
    return f"{mention_id} IN (SELECT rowid FROM spoken WHERE spoken MATCH {query})"


@compiles(_Said, "postgresql")
def _in_postgresql(element: _Said, compiler: SQLCompiler, **more: Any) -> str:
    mention_id, _, query = (compiler.process(part, **more) for part in element.clauses)
    found = f"SELECT mention_id FROM spoken WHERE {element.column} @@ CAST({query} AS tsquery)"
    return f"{mention_id} IN ({found})"


def says(search: str, with_authors: bool) -> Iterable[ColumnElement[bool]]:
    """Conditions on Mention: every word of a search is in its text or title, or else in its author's name.

    A word fits by its beginning, by any other form of it, and as a later part of a compound. What holds
    no letter or digit (an emoji) is looked for as it stands.
    """
    search = clean_line(search)
    words = wanted(search)
    if words:
        fits = _fts5(words) if with_authors else f"{{said}} : ({_fts5(words)})"
        element = _SaidOrBy if with_authors else _Said
        yield element(col(Mention.id), literal(fits), literal(_tsquery(words)))
    for odd in search.split():
        if not wanted(odd):
            yield col(Mention.text).contains(odd, autoescape=True)


def _fts5(words: Sequence[tuple[str, tuple[str, ...]]]) -> str:
    each = (" OR ".join([f'"{word}"*', *(f'"{root}"' for root in roots)]) for word, roots in words)
    return " AND ".join(f"({one})" for one in each)


def _tsquery(words: Sequence[tuple[str, tuple[str, ...]]]) -> str:
    each = (" | ".join([f"'{word}':*", *(f"'{root}'" for root in roots)]) for word, roots in words)
    return " & ".join(f"({one})" for one in each)


class Spoken(NamedTuple):
    """What of a mention is in the index."""

    id: int
    title: str
    text: str
    author: str


_COLUMNS = (col(Mention.id), col(Mention.title), col(Mention.text), col(Mention.author))


def spoken(session: Session, mention_ids: Sequence[int]) -> list[Spoken]:
    """What the index holds of these mentions; erased ones are not in it."""
    found: list[Spoken] = []
    for start in range(0, len(mention_ids), _AT_ONCE):
        some = col(Mention.id).in_(mention_ids[start : start + _AT_ONCE])
        found += _rows(session, some, col(Mention.erased_at).is_(None))
    return found


def put(session: Session, rows: Iterable[Spoken]) -> None:
    """Take mentions into the index; they must not be in it yet."""
    _tell(session, _PUT, rows)


def take(session: Session, rows: Iterable[Spoken]) -> None:
    """Take mentions out of the index, told as they were put in."""
    _tell(session, _TAKE, rows)


def _tell(session: Session, statements: dict[str, str], rows: Iterable[Spoken]) -> None:
    told = [
        {"id": row.id, "said": " ".join(terms(f"{row.title}\n{row.text}")), "author": _name(row.author)}
        for row in rows
    ]
    if told:
        session.connection().execute(text(statements[_dialect(session)]), told)


def _name(author: str) -> str:
    return " ".join(terms(author))


def _dialect(session: Session) -> str:
    return session.get_bind().dialect.name


def _rows(session: Session, *where: ColumnElement[bool], limit: int | None = None) -> list[Spoken]:
    query = select(*_COLUMNS).where(*where).order_by(col(Mention.id)).limit(limit)
    return [Spoken(mention_id or 0, *words) for mention_id, *words in session.execute(query)]


def catch_up(session: Session) -> bool:
    """Index some of the mentions from before the index or its way of cutting words; True when more wait.

    Called after migrating, before anything is written, until it says False.
    """
    version, done, until = _standing(session)
    if version != STEMS_VERSION:
        session.connection().execute(text(_EMPTY[_dialect(session)]))
        done, until = 0, _last(session)
    row_id = col(Mention.id)
    rows = _rows(
        session, row_id > done, row_id <= until, col(Mention.erased_at).is_(None), limit=_AT_ONCE_ANEW
    )
    put(session, rows)
    done = rows[-1].id if len(rows) == _AT_ONCE_ANEW else until
    session.merge(Setting(name=_FACT, value=f"{STEMS_VERSION} {done} {until}"))
    if rows:
        _LOG.info("The search has read the mentions up to %d of %d.", done, until)
    return done < until


def _standing(session: Session) -> tuple[int, int, int]:
    """Version of the roots, the last mention read anew, and the last one that has to be."""
    kept = session.get(Setting, _FACT, with_for_update=True)
    version, done, until = map(int, kept.value.split()) if kept else (0, 0, 0)
    return version, done, until


def _last(session: Session) -> int:
    return int(session.execute(select(func.coalesce(func.max(col(Mention.id)), 0))).scalar_one())
