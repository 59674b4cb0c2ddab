"""Use cases of runs: ask, watch, cancel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rat_engine.access.policy import Policy
from rat_engine.compile import topological_order
from rat_engine.domain.access import Action, Actor
from rat_engine.domain.event import EventKind, NewEvent
from rat_engine.domain.job import CancelOutcome, JobKind, Lane, NewJob
from rat_engine.domain.log import LogChunk
from rat_engine.domain.names import TableName
from rat_engine.domain.paging import Page, PageRequest
from rat_engine.domain.pipeline import Pipeline
from rat_engine.domain.run import Run, RunDetail, RunFilter, RunRequest, RunStatus, RunSummary
from rat_engine.errors import ConflictError, NotFoundError, RunFinishedError, ValidationError
from rat_engine.jobs import queue
from rat_engine.jobs.lifecycle import RunEnd, end_run
from rat_engine.metadata import pipelines
from rat_engine.metadata import runs as sql
from rat_engine.metadata.database import Database, Transaction
from rat_engine.observe.logs import LogReader, log_path
from rat_engine.services.base import Service, action, checked_length
from rat_engine.services.pipelines import check_draft
from rat_engine.settings import Settings

MAX_TRIGGER = 200
MAX_REQUEST_ID = 64
MAX_PARAMETERS = 100
MAX_LOG_LINES = 10_000


class RunService(Service):
    """Runs of pipelines."""

    def __init__(self, database: Database, policy: Policy, settings: Settings) -> None:
        super().__init__(database, policy)
        self._logs = settings.logs

    @action(Action.RUN_SUBMIT)
    def submit(self, actor: Actor, table: TableName, request: RunRequest = RunRequest()) -> Run:
        """Ask for a run of the released version, or of the draft; it waits in the queue until a worker is free.

        Raises NotFoundError, ConflictError when nothing was ever released, CompileError for a broken draft.
        """
        _check_request(request)
        with self._database.write() as transaction:
            return sql.fetch_run(transaction.connection, _submit(transaction, table, request, actor))

    @action(Action.RUN_SUBMIT)
    def submit_group(self, actor: Actor, tables: Iterable[TableName], kind: str) -> tuple[Run, ...]:
        """Ask for runs of several released pipelines, each waiting for those it reads from; when one fails, its readers are skipped."""
        with self._database.write() as transaction:
            group_id = sql.insert_group(transaction.connection, kind, actor.name)
            wanted = set(tables)
            edges = {table: reads & wanted for table, reads in pipelines.fetch_edges(transaction.connection).items() if table in wanted}
            ids = _submit_ordered(transaction, (group_id, kind), edges | {table: set[TableName]() for table in wanted - edges.keys()}, actor)
            return tuple(sql.fetch_run(transaction.connection, run_id) for run_id in ids)

    @action(Action.RUN_READ)
    def list(self, actor: Actor, wanted: RunFilter = RunFilter(), page: PageRequest = PageRequest()) -> Page[Run]:
        """Runs, newest first."""
        with self._database.read() as connection:
            return sql.fetch_runs(connection, wanted, page)

    @action(Action.RUN_READ)
    def get(self, actor: Actor, run_id: str) -> Run:
        """One run, with what it waits for. Raises NotFoundError."""
        with self._database.read() as connection:
            return sql.fetch_run(connection, run_id)

    @action(Action.RUN_READ)
    def detail(self, actor: Actor, run_id: str) -> RunDetail:
        """Everything known of one run; steps and tests are those of the last attempt. Raises NotFoundError."""
        with self._database.read() as connection:
            run = sql.fetch_run(connection, run_id)
            attempts = sql.fetch_attempts(connection, run_id)
            last = attempts[-1].number if attempts else 0
            steps, tests = sql.fetch_steps(connection, run_id, last), sql.fetch_test_results(connection, run_id, last)
            return RunDetail(run, attempts, steps, tests, sql.fetch_inputs(connection, run_id))

    @action(Action.RUN_READ)
    def summary(self, actor: Actor) -> RunSummary:
        """Runs of the last 24 hours by status, and those that wait and go on."""
        with self._database.read() as connection:
            return sql.fetch_summary(connection)

    @action(Action.RUN_CANCEL)
    def cancel(self, actor: Actor, run_id: str) -> Run:
        """End a waiting run at once; ask a running one to stop. Raises NotFoundError, RunFinishedError."""
        with self._database.write() as transaction:
            run = sql.fetch_run(transaction.connection, run_id)
            if run.status.final:
                raise RunFinishedError(f"Run {run_id} ended as {run.status.value}; a final status never changes.")
            if queue.request_cancel(transaction, run_id) is CancelOutcome.ASKED:
                sql.mark_cancel_requested(transaction.connection, run_id)
                transaction.record(NewEvent(EventKind.RUN_CANCEL_REQUESTED, run_id, actor.name, run.table.namespace))
            else:
                end_run(transaction, run_id, RunEnd(RunStatus.CANCELLED, "cancelled", f"Cancelled by {actor.name} before it started."), actor.name)
            return sql.fetch_run(transaction.connection, run_id)

    @action(Action.RUN_READ)
    def log(self, actor: Actor, run_id: str, after: int = 0, limit: int = 1000, attempt: int | None = None) -> LogChunk:
        """At most ``limit`` lines of an attempt's log (by default the last attempt's) from line ``after`` on. Raises NotFoundError."""
        with self._database.read() as connection:
            run = sql.fetch_run(connection, run_id)
            attempts = {each.number: each for each in sql.fetch_attempts(connection, run_id)}
        number = attempt or max(attempts, default=0)
        if attempt is not None and attempt not in attempts:
            raise NotFoundError(f"Run {run_id} has no attempt {attempt}.")
        if number == 0:
            return LogChunk(0, 0, (), 0, run.status.final)
        ended = run.status.final or attempts[number].finished_at is not None
        reader = LogReader(log_path(self._logs, run_id, number), number, ended=ended)
        return reader.read(max(after, 0), min(max(limit, 1), MAX_LOG_LINES))


def _check_request(request: RunRequest) -> None:
    checked_length(request.trigger, MAX_TRIGGER, "trigger")
    checked_length(request.request_id, MAX_REQUEST_ID, "request id")
    if len(request.parameters) > MAX_PARAMETERS:
        raise ValidationError(f"A run takes at most {MAX_PARAMETERS} parameters.")


def _submit(transaction: Transaction, table: TableName, request: RunRequest, actor: Actor) -> str:
    connection = transaction.connection
    pipeline = pipelines.fetch_pipeline(connection, table)
    if request.draft:
        files = check_draft(connection, pipeline)
        run_id = sql.insert_run(connection, pipeline.id, table, (None, files.hash), request, actor.name)
        sql.insert_run_files(connection, run_id, files)
    else:
        run_id = sql.insert_run(connection, pipeline.id, table, (_released(pipeline), pipeline.version_hash or ""), request, actor.name)
    queue.put(transaction, NewJob(JobKind.RUN, Lane.RUN, run_id, lease_key=str(table)))
    data: Mapping[str, Any] = {"table": str(table), "trigger": request.trigger}
    transaction.record(NewEvent(EventKind.RUN_SUBMITTED, run_id, actor.name, table.namespace, data))
    return run_id


def _released(pipeline: Pipeline) -> int:
    if pipeline.version is None:
        raise ConflictError(f"{pipeline.table} has never been released. Release its draft first, or run the draft, which publishes nothing.")
    return pipeline.version


def _submit_ordered(transaction: Transaction, group: tuple[str, str], edges: Mapping[TableName, set[TableName]], actor: Actor) -> tuple[str, ...]:
    group_id, kind = group
    ids: dict[TableName, str] = {}
    for table in topological_order(edges):
        ids[table] = _submit(transaction, table, RunRequest(trigger=kind), actor)
        sql.join_group(transaction.connection, group_id, ids[table], [ids[read] for read in sorted(edges[table]) if read in ids and read != table])
    return tuple(ids.values())
