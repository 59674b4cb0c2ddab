"""Carry out one query or preview: check it, plan its files, run it in a session that holds nothing else, write its rows.

Four walls stand between a statement and what it must not reach: the guard, the locked session, the confined process, and the kill by the supervisor.
"""

from __future__ import annotations

import contextlib
import io
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from rat_engine.domain.lake import Column, Estimate
from rat_engine.domain.names import LANDING_SCHEMA, ZoneName, quote_identifier
from rat_engine.errors import NeedsOpenSessionError, QueryCancelledError, QueryTimeoutError, ResourceLimitError
from rat_engine.lakehouse.connection import Door, Interrupter, Limits, Reach, Session
from rat_engine.lakehouse.landing import landing_relation
from rat_engine.lakehouse.scan import Relation, attach, table_relation
from rat_engine.observe.results import BATCH_ROWS, write_result
from rat_engine.query.estimate import estimate
from rat_engine.query.explain import COLUMNS, explain
from rat_engine.query.files import list_files
from rat_engine.query.guard import Usage, check_explorer_sql, check_pipeline_sql
from rat_engine.query.progress import Tell, telling
from rat_engine.query.request import QueryLimits, QueryRequest, QueryResult
from rat_engine.settings import variable

MAX_COLUMNS = 2_000

# The supervisor kills at the whole time; before that the statement is asked to stop, so that the child lives on.
SOFT_SHARE = 0.9
_LEAST_SECONDS = 0.05

_MEBIBYTE = 1 << 20
_WARM = QueryLimits(rows=1, megabytes=1, memory_mb=128, threads=1, seconds=30)

# Types whose values Arrow gets wrong or shows as DuckDB's internal bytes; they are written as text.
_TEXT_ONLY = re.compile(r"\b(AGGREGATE_STATE|BIGNUM|BIT|GEOMETRY|TIME WITH TIME ZONE|UHUGEINT|VARIANT)\b")


@dataclass(frozen=True, slots=True)
class Explorer:
    """What an interactive child queries with: its door to DuckDB, its own scratch folder, and whether previews may read files outside RAT.

    ``confined`` tells that this process could not read them: such a preview must go to a process that can.
    """

    door: Door
    scratch: Path
    reads_files: bool
    confined: bool = True

    def warm(self) -> None:
        """Do once what the first query would otherwise wait for, and keep an instance ready; a child calls this while it is idle."""
        self.execute(QueryRequest("SELECT 1", (), {}, _WARM), io.BytesIO())
        self.door.warm()

    def execute(self, request: QueryRequest, sink: BinaryIO, interrupter: Interrupter | None = None, tell: Tell | None = None) -> QueryResult:
        """Write the rows of ``request`` to ``sink`` as an Arrow IPC file in batches of 1,000 rows.

        ``interrupter`` stops it from another thread; ``tell`` is told how much is done, from 0 to 1. Raises StatementRefusedError,
        QueryFailedError (both with line and column within the statement where known), ResourceLimitError, QueryTimeoutError, QueryCancelledError,
        MissingInputError for an empty landing zone, and NeedsOpenSessionError for a preview of files that a confined process cannot read.
        """
        if request.files_of is not None:
            return list_files(next(table for table in request.tables if table.name == request.files_of), request.limits, sink)
        soft_end = time.monotonic() + request.limits.seconds * SOFT_SHARE
        usage = self._check(request)
        relations = _relations(request, usage)
        opened = self.door.connect(self.scratch, _reach(relations, usage), _limits(request.limits), interrupter or cancellation())
        with _worded(request.limits), opened as session, session.deadline(max(soft_end - time.monotonic(), _LEAST_SECONDS)):
            _attach(session, relations, request)
            with telling(session, tell):
                columns, (schema, batches) = _explained(session, request, relations) if request.explain else _selected(session, request)
                written = write_result(schema, batches, columns, sink, max_rows=request.limits.rows, max_bytes=request.limits.megabytes * _MEBIBYTE)
        return QueryResult(columns, written.rows, written.truncated)

    def estimate(self, request: QueryRequest) -> Estimate:
        """What the statement of ``request`` will read at most. Raises StatementRefusedError, QueryFailedError, RunFailedError."""
        return estimate(request, self._check(request).relations)

    def _check(self, request: QueryRequest) -> Usage:
        tables = {str(table.name) for table in request.tables}
        if not request.preview:
            return Usage(check_explorer_sql(request.sql, tables, request.namespace), reads_files=False)
        zones = {_zone_name(zone) for zone in request.zones}
        usage = check_pipeline_sql(request.sql, tables | zones, self.reads_files, request.known)
        if usage.reads_files and self.confined:
            raise NeedsOpenSessionError("The statement reads files outside RAT, which only a process that is not confined can.")
        return usage


def cancellation() -> Interrupter:
    """A handle that cancels one query from another thread."""
    return Interrupter(QueryCancelledError, "The query was cancelled.")


def _relations(request: QueryRequest, usage: Usage) -> list[Relation]:
    """What the statement reads, and nothing else: the files of each table by Iceberg's plan, the files of each landing zone."""
    tables = [table_relation(each.name, each.metadata_location, each.snapshot_id) for each in request.tables if str(each.name) in usage.relations]
    zones = [landing_relation(zone, files, Path()) for zone, files in request.zones.items() if _zone_name(zone) in usage.relations]
    return [*tables, *zones]


def _zone_name(zone: ZoneName) -> str:
    return f"{zone.namespace}.{LANDING_SCHEMA}.{zone.name}"


def _reach(relations: Sequence[Relation], usage: Usage) -> Reach:
    return Reach(anything=True) if usage.reads_files else Reach(tuple(path for relation in relations for path in relation.files))


def _limits(limits: QueryLimits) -> Limits:
    return Limits(limits.memory_mb, limits.threads, variable("query_memory_limit_mb"))


def _attach(session: Session, relations: Sequence[Relation], request: QueryRequest) -> None:
    session.name_paths({path: relation.name for relation in relations for path in relation.files})
    session.name_paths({file.path: file.filename for files in request.zones.values() for file in files})
    attach(session, relations)
    if request.namespace in {relation.path[0] for relation in relations}:
        # "layer.name" is then looked up in this namespace, by DuckDB itself: the text stays as typed, and so do the places in errors.
        session.run(f"USE {quote_identifier(request.namespace)}.main")


def _columns(session: Session, sql: str) -> tuple[Column, ...]:
    columns = tuple(Column(name, str(kind)) for name, kind in session.describe(sql))
    if len(columns) > MAX_COLUMNS:
        raise ResourceLimitError(f"The result has {len(columns):,} columns; at most {MAX_COLUMNS:,} can be shown. Select fewer.")
    return columns


def _selected(session: Session, request: QueryRequest) -> tuple[tuple[Column, ...], tuple[Any, Iterator[Any]]]:
    columns = _columns(session, request.sql)
    return columns, _run(session, request, columns)


def _explained(session: Session, request: QueryRequest, relations: Sequence[Relation]) -> tuple[tuple[Column, ...], tuple[Any, Iterator[Any]]]:
    return COLUMNS, explain(session, request.sql, request.explain, relations, estimate(request, {str(relation.name) for relation in relations}))


def _run(session: Session, request: QueryRequest, columns: Sequence[Column]) -> tuple[Any, Iterator[Any]]:
    """Schema and batches of the result. One row more than the limit is asked for, to know whether there are more."""
    cells = [f"CAST(#{number} AS VARCHAR)" if _TEXT_ONLY.search(column.type) else f"#{number}" for number, column in enumerate(columns, start=1)]
    return session.stream(request.sql, f"SELECT {', '.join(cells)} FROM (\n", f"\n) LIMIT {request.limits.rows + 1}", BATCH_ROWS)


@contextlib.contextmanager
def _worded(limits: QueryLimits) -> Iterator[None]:
    """Errors that name the limit a query met."""
    try:
        yield
    except QueryTimeoutError as error:
        message = f"The query ran longer than its limit of {limits.seconds:g} s and was stopped. Read less, or raise {variable('query_timeout_seconds')}."
        raise QueryTimeoutError(message) from error
    except MemoryError as error:
        message = f"The query needed more memory than its limit of {limits.memory_mb:,} MiB. Read less, or raise {variable('query_memory_limit_mb')}."
        raise ResourceLimitError(message) from error
