"""SQL for narrowing runs: the conditions of a filter, and what is left to narrow by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, or_, select

from rat_engine.domain.clock import first_id
from rat_engine.domain.run import FacetCount, RunFacets, RunFilter
from rat_engine.metadata import tables as t

# No id goes on with more: ids are 26 characters of 0 to 9 and a to z. Not a special character: collations put those anywhere.
LAST_ID = "z" * 26
# Shorter beginnings of an id would name half of all runs.
SHORTEST_ID = 6
# What ids begin with, this century and the next hundred.
_FIRST = "01234567"
# How far the clocks of two machines may differ.
CLOCKS_APART = timedelta(hours=1)


def conditions(wanted: RunFilter) -> list[ColumnElement[bool]]:
    """What a run must fulfil to be shown."""
    column = t.run.c
    exact = {column.namespace: wanted.namespace, column.layer: wanted.layer, column.name: wanted.name, column.group_id: wanted.group_id}
    found: list[ColumnElement[bool]] = [key == str(value) for key, value in exact.items() if value is not None]
    if wanted.trigger is not None:
        found.append(column.trigger_kind == wanted.trigger)
    if wanted.started_after is not None:
        found.append(column.started_at >= wanted.started_after)
    if wanted.started_before is not None:
        # Ids sort by creation, which comes before the start: that bounds the search where no index on the start would help.
        found += [column.started_at < wanted.started_before, column.id < first_id(wanted.started_before + CLOCKS_APART)]
    if wanted.statuses:
        found.append(column.status.in_([status.value for status in wanted.statuses]))
    if wanted.search.strip():
        found.append(_search(wanted.search.strip().lower()))
    return found


def fetch_facets(connection: Connection, wanted: RunFilter) -> RunFacets:
    """How many runs have which status, namespace, layer and kind of trigger: one pass over an index, counted together."""
    column = t.run.c
    cube = (column.namespace, column.layer, column.trigger_kind, column.status)
    open_filter = replace(wanted, statuses=(), namespace=None, layer=None, trigger=None)
    rows: Sequence[Any] = connection.execute(select(*cube, func.count().label("runs")).where(*conditions(open_filter)).group_by(*cube)).all()
    chosen = {"status": {status.value for status in wanted.statuses}, "namespace": _one(wanted.namespace)}
    chosen |= {"layer": _one(wanted.layer), "trigger_kind": _one(wanted.trigger)}
    counted = {name: _count(rows, name, chosen) for name in chosen}
    total = sum(row.runs for row in rows if _fits(row, chosen))
    return RunFacets(total, counted["status"], counted["namespace"], counted["layer"], counted["trigger_kind"])


def _search(text: str) -> ColumnElement[bool]:
    pipeline = t.pipeline.c
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    full_name = pipeline.namespace + "." + pipeline.layer + "." + pipeline.name
    # Through the pipelines, of which there are fewer; a name that says nothing else of a run must not cost a look at each.
    named = t.run.c.pipeline_id.in_(select(pipeline.id).where(full_name.like(f"%{escaped}%", escape="\\")))
    return or_(t.run.c.id.between(text, text + LAST_ID), named) if text[0] in _FIRST and len(text) >= SHORTEST_ID else named


def _one(value: str | None) -> set[str]:
    return set() if value is None else {str(value)}


def _count(rows: Sequence[Any], name: str, chosen: Mapping[str, set[str]]) -> tuple[FacetCount, ...]:
    counts: Counter[str] = Counter()
    for row in rows:
        if _fits(row, {other: values for other, values in chosen.items() if other != name}):
            counts[getattr(row, name)] += row.runs
    for value in chosen[name]:
        counts.setdefault(value, 0)
    return tuple(FacetCount(value, count) for value, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _fits(row: Any, chosen: Mapping[str, set[str]]) -> bool:
    return all(not values or getattr(row, name) in values for name, values in chosen.items())
