"""SQL for runs as lists and pages read them, and for asking for one; what a child writes is in ``metadata.attempts``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from rat_engine.domain.clock import first_id, new_id, now
from rat_engine.domain.names import Layer, TableName
from rat_engine.domain.paging import Page, PageRequest
from rat_engine.domain.pipeline import PipelineFiles
from rat_engine.domain.quality import Severity, TestResult, TestStatus
from rat_engine.domain.run import (
    Attempt,
    FilePin,
    RecordedPlan,
    Run,
    RunCounts,
    RunFilter,
    RunGroup,
    RunInputs,
    RunRequest,
    RunStatus,
    RunSummary,
    Step,
    StepName,
    TablePin,
)
from rat_engine.errors import NotFoundError
from rat_engine.metadata import tables as t
from rat_engine.metadata.facets import conditions
from rat_engine.metadata.paging import Order, Sorting, fetch_page
from rat_engine.metadata.waiting import waiting

# Ids sort by creation. These have an index each: one million runs are a list, too.
_INDEXED: dict[str, Sorting] = {"created_at": t.run.c.id, "duration_ms": t.run.c.took_ms, "pipeline": (t.run.c.namespace, t.run.c.layer, t.run.c.name)}
_SORTS: dict[str, Sorting] = {name: t.run.c[name] for name in ("started_at", "finished_at", "status", "trigger")}
_ORDER = Order((t.run.c.id,), descending=True, sorts={**_SORTS, **_INDEXED})

# Built once: building a statement takes ten times as long as the database takes to answer it.
_ONE = select(t.run).where(t.run.c.id == bindparam("wanted"))
_INSERT = insert(t.run).returning(t.run)


def fetch_runs(connection: Connection, wanted: RunFilter, page: PageRequest) -> Page[Run]:
    """Runs, newest first."""
    return fetch_page(connection, select(t.run).where(*conditions(wanted)), _ORDER, page, _run)


def fetch_run(connection: Connection, run_id: str) -> Run:
    """One run. Raises NotFoundError."""
    row = connection.execute(_ONE, {"wanted": run_id}).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no run {run_id[:40]!r}.")
    return _run(row, *waiting(connection, row))


def fetch_several(connection: Connection, run_ids: Sequence[str]) -> Mapping[str, Run]:
    """Those of the runs that there are, by id."""
    return {row.id: _run(row) for row in connection.execute(select(t.run).where(t.run.c.id.in_(run_ids)))}


def insert_run(connection: Connection, pipeline_id: str, table: TableName, code: tuple[int | None, str], request: RunRequest, actor: str) -> Run:
    """Ask for a run of ``code`` (version number, None for a draft, and hash)."""
    number, code_hash = code
    values = {"version": number, "code_hash": code_hash, "draft": request.draft, "trigger": request.trigger, "request_id": request.request_id}
    named = {"namespace": table.namespace, "layer": table.layer.value, "name": table.name, "trigger_kind": request.trigger_kind}
    facts = {"status": RunStatus.PENDING.value, "actor": actor, "parameters": dict(request.parameters), "created_at": now()}
    return _run(connection.execute(_INSERT, {"id": new_id(), "pipeline_id": pipeline_id, **named, **values, **facts}).one())


def insert_run_files(connection: Connection, run_id: str, files: PipelineFiles) -> None:
    """Copy the files of a draft run."""
    connection.execute(insert(t.run_file), [{"run_id": run_id, "path": path, "content": text} for path, text in files.texts.items()])


def insert_group(connection: Connection, kind: str, actor: str) -> str:
    """Create a run group; its id."""
    group_id = new_id()
    connection.execute(insert(t.run_group).values(id=group_id, kind=kind, created_at=now(), created_by=actor))
    return group_id


def join_group(connection: Connection, group_id: str, run_id: str, after: Sequence[str]) -> None:
    """Put a run into a group, to be claimed only when the runs ``after`` succeeded."""
    connection.execute(update(t.run).where(t.run.c.id == run_id).values(group_id=group_id))
    if after:
        connection.execute(insert(t.run_dependency), [{"run_id": run_id, "depends_on": other} for other in after])


def fetch_group(connection: Connection, group_id: str | None) -> RunGroup | None:
    """The group of a run; None for a run that stands alone."""
    if group_id is None:
        return None
    members = select(func.count()).where(t.run.c.group_id == group_id).scalar_subquery()
    row = connection.execute(select(t.run_group.c.kind, members.label("runs")).where(t.run_group.c.id == group_id)).one()
    return RunGroup(group_id, row.kind, row.runs)


def mark_cancel_requested(connection: Connection, run_id: str) -> None:
    """Remember that somebody asked a running run to stop."""
    connection.execute(update(t.run).where(t.run.c.id == run_id).values(cancel_requested=True))


def fetch_attempts(connection: Connection, run_id: str) -> tuple[Attempt, ...]:
    """Attempts of a run, first to last."""
    query = select(t.attempt).where(t.attempt.c.run_id == run_id).order_by(t.attempt.c.number)
    return tuple(Attempt(r.number, r.fence, r.pid, r.started_at, r.finished_at, r.exit, r.max_rss_bytes) for r in connection.execute(query))


def fetch_steps(connection: Connection, run_id: str, attempt: int) -> tuple[Step, ...]:
    """Steps of an attempt in the order they began."""
    query = select(t.step).where(t.step.c.run_id == run_id, t.step.c.attempt == attempt).order_by(t.step.c.started_at)
    return tuple(Step(StepName(r.name), r.started_at, r.ended_at, r.ok) for r in connection.execute(query))


def fetch_plan(connection: Connection, run_id: str, attempt: int) -> RecordedPlan | None:
    """What an attempt decided to do; None when it did not come to that."""
    row = connection.execute(select(t.attempt_plan).where(t.attempt_plan.c.run_id == run_id, t.attempt_plan.c.attempt == attempt)).one_or_none()
    return None if row is None else RecordedPlan(row.strategy, row.incremental, row.compiled_sql)


def fetch_test_results(connection: Connection, run_id: str, attempt: int) -> tuple[TestResult, ...]:
    """Test results of an attempt by name, each with its sample of violations."""
    query = select(t.test_result).where(t.test_result.c.run_id == run_id, t.test_result.c.attempt == attempt).order_by(t.test_result.c.name)
    return tuple(map(_test_result, connection.execute(query)))


def fetch_inputs(connection: Connection, run_id: str) -> RunInputs:
    """The snapshots and landing files that were pinned to a run."""
    tables = connection.execute(select(t.run_table_input).where(t.run_table_input.c.run_id == run_id).order_by(t.run_table_input.c.name))
    files = connection.execute(select(t.run_file_input).where(t.run_file_input.c.run_id == run_id).order_by(t.run_file_input.c.file_id))
    return RunInputs(
        tuple(TablePin(TableName(r.namespace, Layer(r.layer), r.name), r.table_id, r.snapshot_id, r.metadata_location) for r in tables),
        tuple(FilePin(r.zone, r.file_id, r.filename, r.path, r.size_bytes, r.sha256) for r in files),
    )


def fetch_summary(connection: Connection) -> RunSummary:
    """Runs of the last 24 hours by final status, and those that wait and go on."""
    ended = t.run.c.finished_at >= now() - timedelta(days=1)
    # Ids sort by time: the primary key bounds the search. A run that waited longer than a week before it ended is not counted.
    recent = t.run.c.id >= first_id(now() - timedelta(days=7))
    by_status = select(t.run.c.status, func.count()).where(ended, recent).group_by(t.run.c.status)
    active = select(t.run.c.status, func.count()).where(t.run.c.status.in_([RunStatus.PENDING, RunStatus.RUNNING])).group_by(t.run.c.status)
    counts = dict(connection.execute(active).all())
    return RunSummary(
        last_day=dict(connection.execute(by_status).all()),
        pending=counts.get(RunStatus.PENDING, 0),
        running=counts.get(RunStatus.RUNNING, 0),
    )


def _run(row: Row[Any], waiting_for: str = "", waiting_on: tuple[str, ...] = ()) -> Run:
    ended = row.finished_at - row.started_at if row.finished_at and row.started_at else None
    return Run(
        id=row.id,
        table=TableName(row.namespace, Layer(row.layer), row.name),
        status=RunStatus(row.status),
        trigger=row.trigger,
        actor=row.actor,
        version=row.version,
        code_hash=row.code_hash,
        draft=row.draft,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        duration_ms=ended.total_seconds() * 1000 if ended is not None else None,
        clock=row.clock,
        parameters=row.parameters,
        counts=RunCounts(row.rows_in, row.rows_out, row.rows_total, row.bytes_written, row.files_written),
        branch=row.branch,
        snapshot_id=row.snapshot_id,
        error_code=row.error_code,
        error_message=row.error_message,
        cancel_requested=row.cancel_requested,
        group_id=row.group_id,
        waiting_for=waiting_for,
        waiting_on=waiting_on,
        request_id=row.request_id,
    )


def _test_result(row: Row[Any]) -> TestResult:
    return TestResult(
        name=row.name,
        severity=Severity(row.severity),
        status=TestStatus(row.status),
        violations=row.violations,
        duration_ms=row.duration_ms,
        message=row.message,
        description=row.description,
        remediation=row.remediation,
        compiled_sql=row.compiled_sql,
        sample_columns=tuple(row.sample_columns),
        sample_rows=tuple(map(tuple, row.sample_rows)),
    )
