"""SQL of the search over everything: each kind by itself, the best first."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, literal, select

from rat_engine.domain.search import Found, FoundKind
from rat_engine.metadata import tables as t
from rat_engine.metadata.facets import LAST_ID, SHORTEST_ID
from rat_engine.metadata.saved_tables import saved_query


def search(connection: Connection, words: Sequence[str], size: int) -> Iterator[Iterator[Found]]:
    """What has every one of ``words``, in lower case, in its name, kind by kind, the best first; a run is found by the beginning of its id.

    Rows are read ``size`` at a time, as far as somebody goes on.
    """
    pipeline, table, saved, space = t.pipeline.c, t.lake_table.c, saved_query.c, t.namespace.c
    live = select(_full_name(pipeline), _full_name(pipeline), pipeline.description).where(pipeline.deleted_at.is_(None))
    yield _found(connection, FoundKind.PIPELINE, _best(live, _full_name(pipeline), pipeline.name, words), size)
    published = select(_full_name(table), _full_name(table), table.description)
    yield _found(connection, FoundKind.TABLE, _best(published, _full_name(table), table.name, words), size)
    yield _columns(connection, words)
    if len(words) == 1 and len(words[0]) >= SHORTEST_ID:
        yield _found(connection, FoundKind.RUN, _runs(words[0]), size)
    kept = select(saved.id, saved.name, saved.description).where(saved.deleted_at.is_(None))
    yield _found(connection, FoundKind.SAVED_QUERY, _best(kept, func.lower(saved.name), func.lower(saved.name), words), size)
    yield _found(connection, FoundKind.NAMESPACE, _best(select(space.name, space.name, space.description), space.name, space.name, words), size)


def _found(connection: Connection, kind: FoundKind, query: Select[*tuple[Any, ...]], size: int) -> Iterator[Found]:
    for offset in itertools.count(0, size):
        rows = connection.execute(query.limit(size).offset(offset)).all()
        yield from (Found(kind, key, title, more) for key, title, more in rows)
        if len(rows) < size:
            return


def _columns(connection: Connection, words: Sequence[str]) -> Iterator[Found]:
    """Columns one of whose own words was looked for; the others may be in the name of the table."""
    if not all(words):
        return
    lake = t.lake_table.c
    named = select(lake.id, lake.search_names).where(*(lake.search_names.contains(word, autoescape=True) for word in words))
    found: list[tuple[bool, int, str, str, str]] = []
    for table_id, names in connection.execute(named):
        table, *columns = names.split("\n")
        fitting = (each for each in columns if any(word in each for word in words) and all(word in each or word in table for word in words))
        found += ((not column.startswith(words[-1]), len(column), column, table, table_id) for column in fitting)
    # Few of many are looked at: sorting them all would take longer than finding them.
    heapq.heapify(found)
    while found:
        _, _, wanted, _, table_id = heapq.heappop(found)
        table, columns = connection.execute(select(_full_name(lake), lake.columns).where(lake.id == table_id)).one()
        for place, column in enumerate(columns, start=1):
            if column["name"].casefold() == wanted:
                yield Found(FoundKind.COLUMN, f"{table}.{column['name']}", column["name"], f"{table}, {column['type']}", place)


def _runs(prefix: str) -> Select[*tuple[Any, ...]]:
    run = t.run.c
    # A range, not a pattern: it is read from the index however many runs there are.
    found = select(run.id, _full_name(run), run.status).where(run.id >= prefix, run.id < prefix + LAST_ID)
    return found.order_by(run.id.desc())


def _full_name(columns: Any) -> ColumnElement[str]:
    return columns.namespace + "." + columns.layer + "." + columns.name


def _best(found: Select[*tuple[Any, ...]], whole: ColumnElement[str], last: ColumnElement[str], words: Sequence[str]) -> Select[*tuple[Any, ...]]:
    """``found`` where ``whole`` holds every word; first where ``last`` begins with the last of them, short before long."""
    for word in words:
        found = found.where(whole.contains(word, autoescape=True))
    first = case((last.startswith(words[-1], autoescape=True), 0), else_=1) if words else literal(0)
    return found.order_by(first, func.length(whole), whole)
