"""SQL for what a child writes while it carries out an attempt: steps, test results, counts, and the mark of success."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from rat_engine.domain.clock import now
from rat_engine.domain.names import Layer, TableName
from rat_engine.domain.pipeline import PipelineFiles
from rat_engine.domain.quality import AuditReport, TestResult
from rat_engine.domain.run import RecordedPlan, RunCounts, RunStatus, StepName
from rat_engine.errors import PublishConflictError, RunCancelledError
from rat_engine.metadata import tables as t
from rat_engine.metadata.versions import fetch_version_files

# Built once: building a statement takes ten times as long as the database takes to answer it.
_RUNNING = (
    select(t.run, t.attempt.c.number)
    .join(t.attempt, (t.attempt.c.run_id == t.run.c.id) & (t.attempt.c.fence == t.run.c.fence))
    .where(t.run.c.id == bindparam("wanted"), t.run.c.status == RunStatus.RUNNING.value, t.run.c.fence == bindparam("held"))
)


_PLAN = insert(t.attempt_plan)
_STEP = insert(t.step)
_THIS_STEP = (t.step.c.run_id == bindparam("of_run"), t.step.c.attempt == bindparam("of_attempt"), t.step.c.name == bindparam("named"))
_STEP_END = update(t.step).where(*_THIS_STEP, t.step.c.ended_at.is_(None))


@dataclass(frozen=True, slots=True)
class Ticket:
    """What entitles a child to work on a run: the attempt it was given. Only the last attempt's fence may publish."""

    run_id: str
    attempt: int
    fence: int


@dataclass(frozen=True, slots=True)
class RunningRun:
    """A run as the child that carries it out sees it."""

    ticket: Ticket
    table: TableName
    pipeline_id: str
    version: int | None
    code_hash: str
    draft: bool
    actor: str
    clock: datetime
    branch: str
    request_id: str = ""


def fetch_running(connection: Connection, run_id: str, fence: int) -> RunningRun:
    """A run that goes on under ``fence``. Raises PublishConflictError when it does not (any more)."""
    row = connection.execute(_RUNNING, {"wanted": run_id, "held": fence}).one_or_none()
    if row is None:
        raise lost(run_id)
    return running_run(row, row.number)


def running_run(row: Row[Any], attempt: int) -> RunningRun:
    """What the ``row`` of a run says to whoever carries out its ``attempt``."""
    table = TableName(row.namespace, Layer(row.layer), row.name)
    facts = (row.pipeline_id, row.version, row.code_hash, row.draft, row.actor, row.clock or now(), row.branch, row.request_id)
    return RunningRun(Ticket(row.id, attempt, row.fence), table, *facts)


def fetch_run_files(connection: Connection, run: RunningRun) -> PipelineFiles:
    """The files a run carries out: those of its version, or the copy made of the draft."""
    if run.version is not None:
        return fetch_version_files(connection, run.pipeline_id, run.version)
    file = t.run_file.c
    rows = connection.execute(select(file.path, file.content).where(file.run_id == run.ticket.run_id))
    return PipelineFiles({row.path: row.content for row in rows})


def start_step(connection: Connection, ticket: Ticket, name: StepName, at: datetime) -> None:
    """Record that a step began."""
    connection.execute(_STEP, {"run_id": ticket.run_id, "attempt": ticket.attempt, "name": name.value, "started_at": at})


def end_step(connection: Connection, ticket: Ticket, name: StepName, at: datetime, *, ok: bool) -> None:
    """Record that a step ended; one that has ended already keeps its end."""
    connection.execute(_STEP_END, {"of_run": ticket.run_id, "of_attempt": ticket.attempt, "named": name.value, "ended_at": at, "ok": ok})


def store_plan(connection: Connection, ticket: Ticket, plan: RecordedPlan) -> None:
    """Store what an attempt is about to do."""
    decided = {"strategy": plan.strategy, "incremental": plan.incremental, "compiled_sql": plan.sql}
    connection.execute(_PLAN, {"run_id": ticket.run_id, "attempt": ticket.attempt, **decided})


def store_counts(connection: Connection, run_id: str, counts: RunCounts) -> None:
    """Store what a run read and wrote so far."""
    connection.execute(update(t.run).where(t.run.c.id == run_id), _counts(counts))


def store_report(connection: Connection, ticket: Ticket, report: AuditReport) -> None:
    """Store the results of an attempt's audit."""
    result = t.test_result.c
    connection.execute(delete(t.test_result).where(result.run_id == ticket.run_id, result.attempt == ticket.attempt))
    if report.results:
        key = {"run_id": ticket.run_id, "attempt": ticket.attempt}
        connection.execute(insert(t.test_result), [{**key, **_result(found)} for found in report.results])


def forget_branch(connection: Connection, ticket: Ticket) -> None:
    """No longer name a branch on the run, since it was removed."""
    connection.execute(update(t.run).where(t.run.c.id == ticket.run_id, t.run.c.fence == ticket.fence).values(branch=""))


def mark_success(connection: Connection, ticket: Ticket, snapshot_id: int, branch: str) -> Row[Any]:
    """End a run with success, provided the child still holds it and nobody asked to cancel; the run's row.

    Raises PublishConflictError when another attempt or an end came first, RunCancelledError when a cancel did.
    """
    moment = now()
    held = update(t.run).where(t.run.c.id == ticket.run_id, *_holds(ticket.fence), t.run.c.cancel_requested.is_(False))
    values = {"status": RunStatus.SUCCESS.value, "finished_at": moment, "snapshot_id": snapshot_id, "branch": branch}
    row = connection.execute(held.returning(t.run), values).one_or_none()
    if row is None:
        if connection.execute(select(t.run.c.cancel_requested).where(t.run.c.id == ticket.run_id, *_holds(ticket.fence))).scalar():
            raise RunCancelledError(f"The run {ticket.run_id} was cancelled before it published. Nothing was published.")
        raise lost(ticket.run_id)
    store_duration(connection, row)
    ended = update(t.attempt).where(t.attempt.c.run_id == ticket.run_id, t.attempt.c.number == ticket.attempt)
    connection.execute(ended, {"finished_at": moment})
    return row


def store_duration(connection: Connection, row: Row[Any]) -> None:
    """Store how long the run ``row``, which has just ended, took: lists are sorted by it. One that never began took no time."""
    if row.started_at is not None and row.finished_at is not None:
        took = round((row.finished_at - row.started_at).total_seconds() * 1000)
        connection.execute(update(t.run).where(t.run.c.id == row.id), {"took_ms": took})


def lost(run_id: str) -> PublishConflictError:
    """The error for a run that its child does not hold any more."""
    return PublishConflictError(f"The run {run_id} is no longer held by this process: it ended, or another attempt took over. Nothing was published.")


def _holds(fence: int) -> tuple[Any, ...]:
    return t.run.c.status == RunStatus.RUNNING.value, t.run.c.fence == fence


def _counts(counts: RunCounts) -> dict[str, int]:
    return {
        "rows_in": counts.rows_in,
        "rows_out": counts.rows_out,
        "rows_total": counts.rows_total,
        "bytes_written": counts.bytes_written,
        "files_written": counts.files_written,
    }


def _result(result: TestResult) -> dict[str, Any]:
    told = {"message": result.message, "description": result.description, "remediation": result.remediation, "compiled_sql": result.compiled_sql}
    sample = {"sample_columns": list(result.sample_columns), "sample_rows": [list(row) for row in result.sample_rows]}
    found = {"status": result.status.value, "violations": result.violations, "duration_ms": round(result.duration_ms)}
    return {"name": result.name, "severity": result.severity.value, **found, **told, **sample}
