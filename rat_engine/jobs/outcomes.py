"""How runs and queries end, other than by a publish: status, event and the runs that depended on them, in the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select, update

from rat_engine.domain.clock import now
from rat_engine.domain.event import EventKind, NewEvent
from rat_engine.domain.lake import Column, QueryStatus
from rat_engine.domain.names import Layer, TableName
from rat_engine.domain.run import RunStatus
from rat_engine.jobs import queue
from rat_engine.metadata import tables as t
from rat_engine.metadata.database import Transaction


@dataclass(frozen=True, slots=True)
class Outcome:
    """A final status with the error that explains it, if any."""

    status: RunStatus
    error_code: str = ""
    error_message: str = ""


@dataclass(frozen=True, slots=True)
class QueryOutcome:
    """A query's final status with what it returned or the error that explains it."""

    status: QueryStatus
    columns: tuple[Column, ...] = field(default=())
    row_count: int = 0
    truncated: bool = False
    error_code: str = ""
    error_message: str = ""
    error_line: int = 0
    error_column: int = 0


def end_run(transaction: Transaction, run_id: str, outcome: Outcome, actor: str, fence: int | None = None) -> bool:
    """Give a run its final status unless it has one, delete its job, and skip the runs that depended on its success.

    With ``fence``, only while that attempt still is the run's last. Whether the status was given.
    """
    fenced = () if fence is None else (t.run.c.fence == fence,)
    statement = update(t.run).where(t.run.c.id == run_id, t.run.c.status.in_(outcome.status.sources), *fenced)
    values = {"status": outcome.status.value, "finished_at": now(), "error_code": outcome.error_code, "error_message": outcome.error_message}
    row = transaction.connection.execute(statement.values(**values).returning(t.run.c.namespace, t.run.c.layer, t.run.c.name)).one_or_none()
    if row is None:
        return False
    table = TableName(row.namespace, Layer(row.layer), row.name)
    queue.remove(transaction, run_id)
    data = {"status": outcome.status.value, "error_code": outcome.error_code, "table": str(table)}
    transaction.record(NewEvent(EventKind.RUN_FINISHED, run_id, actor, table.namespace, data))
    if outcome.status is not RunStatus.SUCCESS:
        _skip_dependents(transaction, run_id, table, outcome.status)
    return True


def end_query(transaction: Transaction, query_id: str, outcome: QueryOutcome, actor: str) -> bool:
    """Give a query its final status unless it has one, and delete its job. Whether the status was given."""
    open_statuses = [status.value for status in QueryStatus if not status.final]
    columns: list[dict[str, Any]] = [{"name": column.name, "type": column.type} for column in outcome.columns]
    result = {"columns": columns, "row_count": outcome.row_count, "truncated": outcome.truncated}
    error = {"error_code": outcome.error_code, "error_message": outcome.error_message, "error_line": outcome.error_line, "error_column": outcome.error_column}
    statement = update(t.query).where(t.query.c.id == query_id, t.query.c.status.in_(open_statuses))
    ended = transaction.connection.execute(statement.values(status=outcome.status.value, finished_at=now(), **result, **error))
    if ended.rowcount != 1:
        return False
    queue.remove(transaction, query_id)
    transaction.record(NewEvent(EventKind.QUERY_FINISHED, query_id, actor, data={"status": outcome.status.value}))
    return True


def _skip_dependents(transaction: Transaction, run_id: str, table: TableName, status: RunStatus) -> None:
    message = f"Skipped because {table}, which it reads, ended as {status.value} (run {run_id})."
    for dependent in _dependents(transaction.connection, run_id):
        end_run(transaction, dependent, Outcome(RunStatus.SKIPPED, "skipped", message), "system")


def _dependents(connection: Connection, run_id: str) -> list[str]:
    return list(connection.execute(select(t.run_dependency.c.run_id).where(t.run_dependency.c.depends_on == run_id)).scalars())
