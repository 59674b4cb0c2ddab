"""How runs and queries end, other than by a publish: status, event and the runs that waited for them, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, select, update

from rat_engine.domain.access import SYSTEM
from rat_engine.domain.clock import now
from rat_engine.domain.event import EventKind, NewEvent
from rat_engine.domain.lake import Column, QueryStatus
from rat_engine.domain.names import Layer, TableName
from rat_engine.domain.run import RunStatus
from rat_engine.jobs import queue
from rat_engine.metadata import tables as t
from rat_engine.metadata.database import Transaction
from rat_engine.metadata.wake import log_topic

_UNSUCCESSFUL = [status.value for status in (RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.SKIPPED)]
_OPEN_QUERY = [status.value for status in QueryStatus if not status.final]


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
    row = _end_one(transaction, run_id, outcome, actor, fence)
    if row is not None and outcome.status is not RunStatus.SUCCESS:
        _skip_dependents(transaction, [row])
    return row is not None


def close_attempt(transaction: Transaction, run_id: str, number: int, exit_: str, max_rss_bytes: int | None) -> None:
    """Store how an attempt's child process ended and the most memory it held; a time of ending that is stored already stays."""
    this = (t.attempt.c.run_id == run_id, t.attempt.c.number == number)
    transaction.connection.execute(update(t.attempt).where(*this).values(exit=exit_, max_rss_bytes=max_rss_bytes))
    _finish_attempt(transaction, run_id, number)


def skip_stranded(transaction: Transaction) -> None:
    """Skip every pending run that waits for a run which ended without success, however that end came to be written."""
    before = t.run.alias("before")
    waits = t.run_dependency.join(before, before.c.id == t.run_dependency.c.depends_on).join(t.run, t.run.c.id == t.run_dependency.c.run_id)
    stranded = select(before).select_from(waits).where(t.run.c.status == RunStatus.PENDING.value, before.c.status.in_(_UNSUCCESSFUL))
    causes = {row.id: row for row in transaction.connection.execute(stranded)}
    _skip_dependents(transaction, list(causes.values()))


def end_query(transaction: Transaction, query_id: str, outcome: QueryOutcome, actor: str) -> bool:
    """Give a query its final status unless it has one, and delete its job. Whether the status was given."""
    columns: list[dict[str, Any]] = [{"name": column.name, "type": column.type} for column in outcome.columns]
    result = {"columns": columns, "row_count": outcome.row_count, "truncated": outcome.truncated}
    error = {"error_code": outcome.error_code, "error_message": outcome.error_message, "error_line": outcome.error_line, "error_column": outcome.error_column}
    statement = update(t.query).where(t.query.c.id == query_id, t.query.c.status.in_(_OPEN_QUERY))
    ended = transaction.connection.execute(statement.values(status=outcome.status.value, finished_at=now(), **result, **error))
    if ended.rowcount != 1:
        return False
    queue.remove(transaction, query_id)
    transaction.record(NewEvent(EventKind.QUERY_FINISHED, query_id, actor, data={"status": outcome.status.value}))
    return True


def _end_one(transaction: Transaction, run_id: str, outcome: Outcome, actor: str, fence: int | None = None) -> Row[Any] | None:
    fenced = () if fence is None else (t.run.c.fence == fence,)
    sources = [status.value for status in outcome.status.sources]
    statement = update(t.run).where(t.run.c.id == run_id, t.run.c.status.in_(sources), *fenced).returning(t.run)
    values = {"status": outcome.status.value, "finished_at": now(), "error_code": outcome.error_code, "error_message": outcome.error_message}
    row = transaction.connection.execute(statement.values(**values)).one_or_none()
    if row is None:
        return None
    queue.remove(transaction, run_id)
    _finish_attempt(transaction, run_id, row.fence)
    data = {"status": outcome.status.value, "error_code": outcome.error_code, "table": str(_table(row))}
    transaction.record(NewEvent(EventKind.RUN_FINISHED, run_id, actor, row.namespace, data))
    # Whoever follows the log learns that it is complete.
    transaction.wake(log_topic(run_id))
    return row


def _finish_attempt(transaction: Transaction, run_id: str, number: int) -> None:
    going_on = (t.attempt.c.run_id == run_id, t.attempt.c.number == number, t.attempt.c.finished_at.is_(None))
    transaction.connection.execute(update(t.attempt).where(*going_on).values(finished_at=now()))


def _skip_dependents(transaction: Transaction, ended: Sequence[Row[Any]]) -> None:
    causes = list(ended)
    while causes:
        cause = causes.pop()
        message = f"Skipped because {_table(cause)}, which it reads, ended as {cause.status} (run {cause.id})."
        waiting = select(t.run_dependency.c.run_id).where(t.run_dependency.c.depends_on == cause.id)
        for run_id in transaction.connection.execute(waiting).scalars().all():
            row = _end_one(transaction, run_id, Outcome(RunStatus.SKIPPED, "skipped", message), SYSTEM.name)
            if row is not None:
                causes.append(row)


def _table(row: Row[Any]) -> TableName:
    return TableName(row.namespace, Layer(row.layer), row.name)
