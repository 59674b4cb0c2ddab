"""Tracing the columns of every released version, as little of it as has changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from rat_engine.compile import CompileCatalog, RenderContext, compile_pipeline, render, topological_order
from rat_engine.domain.clock import iso, now
from rat_engine.domain.columns import ColumnGraph, ColumnKind, ColumnRef, ColumnTrace, TracedColumn
from rat_engine.domain.lineage import Edges, Place, parse_place, place_id
from rat_engine.domain.names import TableName
from rat_engine.domain.pipeline import SOURCE_FILE, PipelineFiles
from rat_engine.errors import CompileError
from rat_engine.metadata import lineage as graph_sql
from rat_engine.metadata import traces as sql

# Part of every key: a better tracer traces anew.
TRACER = 1
RUN_ID = "lineage"


@dataclass(frozen=True, slots=True)
class Traced:
    """All columns, and the traces that were made just now and are worth keeping."""

    graph: ColumnGraph
    fresh: Mapping[str, tuple[str, Any]]


def trace_all(connection: Connection) -> Traced:
    """The columns of every released version: kept traces where they still hold, new ones where a version or what it reads has changed."""
    released, schemas = sql.fetch_released(connection), sql.fetch_schemas(connection)
    reads = Edges.of(graph_sql.fetch_edge_pairs(connection)).sources
    order = topological_order({table: [place for place in reads.get(table, ()) if place in released and place != table] for table in released})
    known: dict[Place, Sequence[str]] = {**schemas}
    traces: dict[TableName, ColumnTrace] = {}
    fresh: dict[str, tuple[str, Any]] = {}
    files = _Files(connection, released)
    for table in order:
        version = released[table]
        inputs = {place: known[place] for place in sorted({*reads.get(table, ()), table}, key=place_id) if place in known}
        key = _key(version.version_hash, inputs)
        if version.key == key:
            traces[table] = _read(version.trace)
        else:
            traces[table] = trace_version(table, files.of(version), inputs)
            fresh[version.pipeline_id] = (key, _written(traces[table]))
        if table not in schemas and not traces[table].problem:
            known[table] = [column.name for column in traces[table].columns]
    return Traced(ColumnGraph.of(traces, reads, schemas), fresh)


def trace_version(table: TableName, files: PipelineFiles, inputs: Mapping[Place, Sequence[str]]) -> ColumnTrace:
    """The columns that a version's SQL makes over ``inputs``, the columns of what it reads and, once published, of its own table."""
    # A third of a second: only who looks at columns pays for it.
    from rat_engine.compile.columns import trace_columns

    strategy = compile_pipeline(table, files, CompileCatalog()).config.merge_strategy
    moments = (False, True) if table in inputs else (False,)
    try:
        statements = [render(table, files.source, SOURCE_FILE, RenderContext(RUN_ID, iso(now()) or "", exists, strategy)) for exists in moments]
    except CompileError as error:
        columns = tuple(TracedColumn(name, ColumnKind.UNKNOWN, reason=error.message) for name in inputs.get(table, ()))
        return ColumnTrace(columns, problem=error.message)
    return trace_columns(statements, inputs, inputs.get(table, ()))


class _Files:
    """The files of versions that have to be traced, read together when the first of them is wanted."""

    def __init__(self, connection: Connection, released: Mapping[TableName, sql.Released]) -> None:
        self._connection, self._released = connection, released
        self._read: dict[str, PipelineFiles] | None = None

    def of(self, version: sql.Released) -> PipelineFiles:
        """The source and settings of a version."""
        if self._read is None:
            self._read = sql.fetch_sources(self._connection, self._released.values())
        return self._read.get(version.pipeline_id, PipelineFiles({}))


def _key(version_hash: str, inputs: Mapping[Place, Sequence[str]]) -> str:
    told = json.dumps([TRACER, version_hash, {place_id(place): list(columns) for place, columns in inputs.items()}])
    return hashlib.sha256(told.encode()).hexdigest()


def _written(trace: ColumnTrace) -> Any:
    columns = [[column.name, column.kind.value, column.expression, _refs(column.sources), column.reason] for column in trace.columns]
    return {"columns": columns, "rows": _refs(trace.rows), "problem": trace.problem}


def _read(kept: Any) -> ColumnTrace:
    columns = (TracedColumn(name, ColumnKind(kind), expression, _unrefs(sources), reason) for name, kind, expression, sources, reason in kept["columns"])
    return ColumnTrace(tuple(columns), _unrefs(kept["rows"]), kept["problem"])


def _refs(refs: Sequence[ColumnRef]) -> list[list[str]]:
    return [[place_id(ref.place), ref.column] for ref in refs]


def _unrefs(refs: Sequence[Sequence[str]]) -> tuple[ColumnRef, ...]:
    return tuple(ColumnRef(parse_place(place), column) for place, column in refs)
