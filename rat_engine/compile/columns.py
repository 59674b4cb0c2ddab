"""Where each column of a pipeline's result comes from, read from its compiled SQL.

What cannot be traced is said with its reason: a guess would be worse than a gap.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import OptimizeError, ParseError, SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope

from rat_engine.compile.expressions import Found, Tracer, refs_of
from rat_engine.domain.columns import ColumnKind, ColumnTrace, TracedColumn
from rat_engine.domain.lineage import Place
from rat_engine.domain.names import LANDING_SCHEMA, TableName

MAX_SQL = 100_000
MAX_REASON = 300
DIALECT = "duckdb"
# What a parser for many dialects may stumble over in SQL that DuckDB accepts.
FAILURES = (SqlglotError, RecursionError, LookupError, ValueError, TypeError, AttributeError, AssertionError)

ONLY_PUBLISHED = "It is in the published table, but not in the SQL of the current version."
NOT_A_QUERY = "The statement is not one that column lineage understands (PIVOT and the like make columns from values)."

# It warns of everything that it does not know; the trace says so already.
logging.getLogger("sqlglot").setLevel(logging.ERROR)


def trace_columns(statements: Iterable[str], schemas: Mapping[Place, Sequence[str]], published: Sequence[str] = ()) -> ColumnTrace:
    """The columns of a pipeline whose SQL is any of ``statements`` (a first run's, a later run's), over what it reads.

    ``schemas`` are the columns of what it reads, where known; ``published`` those of its own table, where there is one. They name what a
    star brings along from files whose columns nobody has stored. Never raises for any SQL.
    """
    traces = [_trace(sql, schemas, published) for sql in dict.fromkeys(statements)]
    merged = traces[0] if len(traces) == 1 else _merged(traces)
    return _with_published(merged, published)


def _trace(sql: str, schemas: Mapping[Place, Sequence[str]], published: Sequence[str]) -> ColumnTrace:
    if len(sql) > MAX_SQL:
        return _untraced(f"The SQL has more than {MAX_SQL:,} characters.", published)
    try:
        scope = _scope(sql, schemas)
        return _traced(scope, Tracer(scope, schemas), published)
    except FAILURES as error:
        return _untraced(_reason(error), published)


def _scope(sql: str, schemas: Mapping[Place, Sequence[str]]) -> Scope:
    """The outermost scope of a statement with its names resolved. Raises one of FAILURES."""
    statement: Any = sqlglot.parse_one(sql, dialect=DIALECT)
    if not isinstance(statement, exp.Select | exp.SetOperation | exp.Subquery):
        raise ParseError(NOT_A_QUERY)
    try:
        qualified = _qualified(statement.copy(), schemas, aliases=True)
    except OptimizeError:
        # An alias that is used again over files of unknown columns: what the name means is decided column by column.
        qualified = _qualified(statement, schemas, aliases=False)
    scope = build_scope(qualified)
    if scope is None:
        raise ParseError(NOT_A_QUERY)
    return scope


def _qualified(statement: Any, schemas: Mapping[Place, Sequence[str]], *, aliases: bool) -> Any:
    options: dict[str, Any] = {"validate_qualify_columns": False, "quote_identifiers": False, "allow_partial_qualification": True, "expand_alias_refs": aliases}
    return qualify(statement, dialect=DIALECT, schema=_nested(schemas), **options)


def _nested(schemas: Mapping[Place, Sequence[str]]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for place, columns in schemas.items():
        layer = place.layer.value if isinstance(place, TableName) else LANDING_SCHEMA
        nested.setdefault(place.namespace, {}).setdefault(layer, {})[place.name] = {column.lower(): "UNKNOWN" for column in columns}
    return nested


def _traced(scope: Scope, tracer: Tracer, published: Sequence[str]) -> ColumnTrace:
    written = tracer.outputs(scope)
    spelled = {name.lower(): name for name in published}
    if written is None:
        # A star over files: what it brings is known once the table exists.
        problem = "" if published else "What a * brings along is known after the first published run."
        columns = [_column(name, tracer.output(scope, name.lower())) for name in published]
        return ColumnTrace(tuple(columns), refs_of(tracer.deciding()), problem)
    named = _named(written, published)
    columns = [_column(spelled.get(name, name), tracer.output(scope, output)) for output, name in zip(written, named, strict=True)]
    return ColumnTrace(tuple(columns), refs_of(tracer.deciding()))


def _named(written: Sequence[str], published: Sequence[str]) -> Sequence[str]:
    """The names of the outputs: those without an alias are named by DuckDB, so by the published table when it has as many columns."""
    if len(written) != len(published):
        return written
    return [published[index].lower() if name.startswith("_col_") else name for index, name in enumerate(written)]


def _column(name: str, found: Found) -> TracedColumn:
    sources = refs_of(found.sources)
    if found.reason:
        return TracedColumn(name, ColumnKind.UNKNOWN, found.expression, sources, found.reason)
    return TracedColumn(name, found.kind, found.expression, sources)


def _untraced(reason: str, published: Sequence[str]) -> ColumnTrace:
    return ColumnTrace(tuple(TracedColumn(name, ColumnKind.UNKNOWN, reason=reason) for name in published), (), reason)


def _reason(error: BaseException) -> str:
    if isinstance(error, RecursionError):
        return "The SQL is nested too deeply."
    if str(error) == NOT_A_QUERY:
        return NOT_A_QUERY
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return f"The column analysis does not understand this SQL: {lines[0]}"[:MAX_REASON]


def _merged(traces: Sequence[ColumnTrace]) -> ColumnTrace:
    """What a first and a later run have in common and add to each other."""
    columns: dict[str, TracedColumn] = {}
    for trace in traces:
        for column in trace.columns:
            known = columns.get(column.name.lower())
            columns[column.name.lower()] = column if known is None else _both(known, column)
    rows = dict.fromkeys(ref for trace in traces for ref in trace.rows)
    return ColumnTrace(tuple(columns.values()), tuple(rows), next((trace.problem for trace in traces if trace.problem), ""))


def _both(one: TracedColumn, other: TracedColumn) -> TracedColumn:
    sources = tuple(dict.fromkeys((*one.sources, *other.sources)))
    reason = one.reason or other.reason
    kind = ColumnKind.UNKNOWN if reason else one.kind if one.kind is other.kind else ColumnKind.COMPUTED
    return TracedColumn(one.name, kind, one.expression, sources, reason)


def _with_published(trace: ColumnTrace, published: Sequence[str]) -> ColumnTrace:
    """``trace`` with the columns that only the published table has."""
    made = {column.name.lower() for column in trace.columns}
    older = tuple(TracedColumn(name, ColumnKind.UNKNOWN, reason=ONLY_PUBLISHED) for name in published if name.lower() not in made)
    return ColumnTrace((*trace.columns, *older), trace.rows, trace.problem) if older else trace
