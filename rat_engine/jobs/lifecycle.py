"""How runs and queries begin and end: each change is one guarded update with its event, in the caller's transaction.

Only the success of a run is written elsewhere, in the transaction that publishes its table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from rat_engine.domain.access import SYSTEM
from rat_engine.domain.clock import now
from rat_engine.domain.event import EventKind, NewEvent, asked_by
from rat_engine.domain.job import Job
from rat_engine.domain.lake import Column, QueryStatus
from rat_engine.domain.names import Layer, TableName
from rat_engine.domain.result import PASSING
from rat_engine.domain.run import RunStatus, StepName, branch_name
from rat_engine.jobs import queue
from rat_engine.metadata import attempts
from rat_engine.metadata.attempts import RunningRun, store_duration
from rat_engine.metadata.database import Transaction
from rat_engine.metadata.tables import attempt, query, run, run_dependency
from rat_engine.metadata.tables import job as job_row
from rat_engine.metadata.wake import log_topic, query_topic

SKIPPED_CODE = "skipped"

_UNSUCCESSFUL = [status.value for status in (RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.SKIPPED)]
_UNFINISHED = [status.value for status in QueryStatus if not status.final]

# Built once: building a statement takes ten times as long as the database takes to answer it.
_START = update(run).where(run.c.id == bindparam("pending"), run.c.status == RunStatus.PENDING.value).returning(run)
_ATTEMPT = insert(attempt)


@dataclass(frozen=True, slots=True)
class RunEnd:
    """How a run ended without success: its final status, the error, and what its child process left behind."""

    status: RunStatus
    code: str = ""
    message: str = ""
    exit: str = ""
    max_rss_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class QueryEnd:
    """How a query ended. ``line`` and ``column`` count from 1 in the typed text; 0 where unknown.

    ``answer`` is what a job without rows found out, such as an estimate.
    """

    status: QueryStatus
    columns: tuple[Column, ...] = ()
    row_count: int = 0
    truncated: bool = False
    code: str = ""
    message: str = ""
    line: int = 0
    column: int = 0
    answer: Mapping[str, Any] | None = None


def start_run(transaction: Transaction, job: Job, pid: int) -> bool:
    """Begin an attempt of a claimed run in child ``pid``, and with it the step ``plan``. False when the run is no longer pending; its job is then gone too."""
    moment = now()
    values = {"status": RunStatus.RUNNING.value, "started_at": moment, "clock": moment, "fence": job.attempt, "branch": branch_name(job.subject, job.attempt)}
    row = transaction.connection.execute(_START, {"pending": job.subject, **values}).one_or_none()
    if row is None:
        queue.remove(transaction, job.subject)
        return False
    transaction.connection.execute(_ATTEMPT, {"run_id": row.id, "number": job.attempt, "fence": job.attempt, "pid": pid, "started_at": moment})
    started = attempts.running_run(row, job.attempt)
    transaction.record(NewEvent(EventKind.RUN_STARTED, row.id, SYSTEM.name, row.namespace, _facts(started)))
    begin_step(transaction, started, StepName.PLAN)
    return True


def begin_step(transaction: Transaction, of: RunningRun, step: StepName) -> None:
    """Record that a step of a run begins, with its event."""
    attempts.start_step(transaction.connection, of.ticket, step, now())
    transaction.record(NewEvent(EventKind.RUN_STEP, of.ticket.run_id, of.actor, of.table.namespace, {"step": step.value, **_facts(of)}))


def end_run(transaction: Transaction, run_id: str, end: RunEnd, actor: str = SYSTEM.name, fence: int | None = None) -> bool:
    """End a run without success, delete its job, and skip every pending run that waits for it.

    With ``fence``, only while that attempt is the run's last. False, with nothing changed but the removal of the job, when
    the run has a final status already.
    """
    row = _end_one(transaction, run_id, end, actor, fence)
    if fence is None:
        queue.remove(transaction, run_id)
    else:
        queue.finish(transaction, run_id, fence)
    if row is not None:
        _skip_dependents(transaction, [row])
    return row is not None


def close_attempt(transaction: Transaction, run_id: str, number: int, exit_: str, max_rss_bytes: int | None) -> None:
    """Store how an attempt's child ended and the most memory it held; an end that is stored already keeps its time."""
    connection = transaction.connection
    this = (attempt.c.run_id == run_id, attempt.c.number == number)
    connection.execute(update(attempt).where(*this), {"exit": exit_, "max_rss_bytes": max_rss_bytes})
    connection.execute(update(attempt).where(*this, attempt.c.finished_at.is_(None)), {"finished_at": now()})


def skip_stranded(transaction: Transaction) -> None:
    """Skip every pending run that waits for a run which ended without success, however that end came to be written."""
    before = run.alias("before")
    waits = run_dependency.join(before, before.c.id == run_dependency.c.depends_on).join(run, run.c.id == run_dependency.c.run_id)
    stranded = select(before).select_from(waits).where(run.c.status == RunStatus.PENDING.value, before.c.status.in_(_UNSUCCESSFUL))
    causes = {row.id: row for row in transaction.connection.execute(stranded)}
    _skip_dependents(transaction, list(causes.values()))


def fetch_orphaned_runs(connection: Connection) -> tuple[str, ...]:
    """Runs that are called running while no job stands for them: nobody will ever end them."""
    held = select(job_row.c.id).where(job_row.c.subject == run.c.id)
    return tuple(connection.execute(select(run.c.id).where(run.c.status == RunStatus.RUNNING.value, ~held.exists())).scalars())


def start_query(transaction: Transaction, job: Job) -> bool:
    """Begin a claimed query, also one that another lane began. False when it has ended; its job is then gone too."""
    unfinished = update(query).where(query.c.id == job.subject, query.c.status.in_(_UNFINISHED))
    if transaction.connection.execute(unfinished, {"status": QueryStatus.RUNNING.value, "started_at": now()}).rowcount:
        return True
    queue.remove(transaction, job.subject)
    return False


def end_query(transaction: Transaction, query_id: str, end: QueryEnd) -> bool:
    """End a query. Its job is deleted. False, with nothing changed but the job's removal, when it has a final status already."""
    found = {"columns": [{"name": column.name, "type": column.type} for column in end.columns], "row_count": end.row_count, "truncated": end.truncated}
    error = {"error_code": end.code, "error_message": end.message, "error_line": end.line, "error_column": end.column}
    statement = update(query).where(query.c.id == query_id, query.c.status.in_(_UNFINISHED))
    values = {"status": end.status.value, "finished_at": now(), "answer": end.answer, **found, **error}
    row = transaction.connection.execute(statement.returning(query), values).one_or_none()
    queue.remove(transaction, query_id)
    transaction.wake(query_topic(query_id))
    if row is None:
        return False
    if row.kind in PASSING:
        return True
    transaction.record(NewEvent(EventKind.QUERY_FINISHED, query_id, row.actor, row.namespace, {"status": end.status.value, "row_count": end.row_count}))
    return True


def note_progress(transaction: Transaction, query_id: str, share: float) -> None:
    """Store how much of a running query is done, from 0 to 1."""
    running = update(query).where(query.c.id == query_id, query.c.status == QueryStatus.RUNNING.value)
    transaction.connection.execute(running, {"progress": min(max(share, 0.0), 1.0)})
    transaction.wake(query_topic(query_id))


def fetch_orphaned_queries(connection: Connection) -> tuple[str, ...]:
    """Queries without a final status for which no job stands: nobody will ever end them."""
    held = select(job_row.c.id).where(job_row.c.subject == query.c.id)
    return tuple(connection.execute(select(query.c.id).where(query.c.status.in_(_UNFINISHED), ~held.exists())).scalars())


def _end_one(transaction: Transaction, run_id: str, end: RunEnd, actor: str, fence: int | None = None) -> Row[Any] | None:
    values = {"status": end.status.value, "finished_at": now(), "error_code": end.code, "error_message": end.message}
    fenced = () if fence is None else (run.c.fence == fence,)
    statement = update(run).where(run.c.id == run_id, run.c.status.in_([status.value for status in end.status.sources]), *fenced)
    row = transaction.connection.execute(statement.returning(run), values).one_or_none()
    if row is None:
        return None
    store_duration(transaction.connection, row)
    if row.fence:
        close_attempt(transaction, run_id, row.fence, end.exit, end.max_rss_bytes)
    facts = {"table": _table(row), "status": end.status.value, "error_code": end.code, **asked_by(row.request_id)}
    transaction.record(NewEvent(EventKind.RUN_FINISHED, run_id, actor, row.namespace, facts))
    transaction.wake(log_topic(run_id))
    return row


def _skip_dependents(transaction: Transaction, ended: Sequence[Row[Any]]) -> None:
    pending = list(ended)
    while pending:
        cause = pending.pop()
        message = f"Skipped because {_table(cause)}, which it reads, ended as {cause.status} (run {cause.id})."
        waiting = select(run_dependency.c.run_id).where(run_dependency.c.depends_on == cause.id)
        for run_id in transaction.connection.execute(waiting).scalars().all():
            row = _end_one(transaction, run_id, RunEnd(RunStatus.SKIPPED, SKIPPED_CODE, message), SYSTEM.name)
            if row is not None:
                queue.remove(transaction, run_id)
                pending.append(row)


def _facts(of: RunningRun) -> dict[str, Any]:
    return {"table": str(of.table), "attempt": of.ticket.attempt, **asked_by(of.request_id)}


def _table(row: Row[Any]) -> str:
    return str(TableName(row.namespace, Layer(row.layer), row.name))
