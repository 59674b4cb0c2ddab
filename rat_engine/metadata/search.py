"""SQL of the search over everything: a few rows of each kind, the best first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, literal, select

from rat_engine.domain.search import Found, FoundKind
from rat_engine.metadata import tables as t
from rat_engine.metadata.facets import LAST_ID, SHORTEST_ID
from rat_engine.metadata.saved_tables import saved_query


def search(connection: Connection, words: Sequence[str], limit: int) -> Iterator[Found]:
    """At most ``limit`` of each kind whose name holds every one of ``words``, in lower case; a run is found by the beginning of its id."""
    pipeline, table, saved, space = t.pipeline.c, t.lake_table.c, saved_query.c, t.namespace.c
    live = select(_full_name(pipeline), _full_name(pipeline), pipeline.description).where(pipeline.deleted_at.is_(None))
    yield from _found(connection, FoundKind.PIPELINE, _best(live, _full_name(pipeline), pipeline.name, words, limit))
    published = select(_full_name(table), _full_name(table), table.description)
    yield from _found(connection, FoundKind.TABLE, _best(published, _full_name(table), table.name, words, limit))
    if len(words) == 1 and len(words[0]) >= SHORTEST_ID:
        yield from _found(connection, FoundKind.RUN, _runs(words[0], limit))
    kept = select(saved.id, saved.name, saved.description).where(saved.deleted_at.is_(None))
    yield from _found(connection, FoundKind.SAVED_QUERY, _best(kept, func.lower(saved.name), func.lower(saved.name), words, limit))
    yield from _found(connection, FoundKind.NAMESPACE, _best(select(space.name, space.name, space.description), space.name, space.name, words, limit))


def _found(connection: Connection, kind: FoundKind, query: Select[*tuple[Any, ...]]) -> Iterator[Found]:
    for key, title, more in connection.execute(query):
        yield Found(kind, key, title, more)


def _runs(prefix: str, limit: int) -> Select[*tuple[Any, ...]]:
    run = t.run.c
    # A range, not a pattern: it is read from the index however many runs there are.
    found = select(run.id, _full_name(run), run.status).where(run.id >= prefix, run.id < prefix + LAST_ID)
    return found.order_by(run.id.desc()).limit(limit)


def _full_name(columns: Any) -> ColumnElement[str]:
    return columns.namespace + "." + columns.layer + "." + columns.name


def _best(found: Select[*tuple[Any, ...]], whole: ColumnElement[str], last: ColumnElement[str], words: Sequence[str], limit: int) -> Select[*tuple[Any, ...]]:
    """``found`` where ``whole`` holds every word; first where ``last`` begins with the last of them, short before long."""
    for word in words:
        found = found.where(whole.contains(word, autoescape=True))
    first = case((last.startswith(words[-1], autoescape=True), 0), else_=1) if words else literal(0)
    return found.order_by(first, func.length(whole), whole).limit(limit)
