"""Use cases of runs: ask, watch, cancel."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rat_engine.access.policy import Policy
from rat_engine.compile import topological_order
from rat_engine.domain.access import Action, Actor
from rat_engine.domain.event import EventKind, NewEvent, asked_by
from rat_engine.domain.job import CancelOutcome, JobKind, Lane, NewJob
from rat_engine.domain.names import TableName
from rat_engine.domain.paging import Page, PageRequest
from rat_engine.domain.pipeline import Pipeline
from rat_engine.domain.run import CancelReport, Run, RunDetail, RunFacets, RunFilter, RunRequest, RunStatus, RunSummary
from rat_engine.errors import ConflictError, RunCancelledError, RunFinishedError, ValidationError
from rat_engine.jobs import queue
from rat_engine.jobs.lifecycle import RunEnd, end_run
from rat_engine.metadata import pipelines
from rat_engine.metadata import runs as sql
from rat_engine.metadata.database import Database, Transaction
from rat_engine.metadata.facets import fetch_facets
from rat_engine.observe.presence import engine_runs, engine_trouble
from rat_engine.services.base import action, checked_length
from rat_engine.services.pipelines import check_draft
from rat_engine.services.run_logs import RunLogs, chosen_attempt
from rat_engine.settings import Settings

MAX_TRIGGER = 200
MAX_REQUEST_ID = 64
MAX_PARAMETERS = 100
MAX_PARAMETER_CHARACTERS = 10_000
MAX_CANCELS = 500
# The kind of the trigger of a run that repeats another; its id follows.
RERUN = "rerun"


class RunService(RunLogs):
    """Runs of pipelines."""

    def __init__(self, database: Database, policy: Policy, settings: Settings) -> None:
        super().__init__(database, policy, settings)
        self._data = settings.data

    @action(Action.RUN_SUBMIT)
    def submit(self, actor: Actor, table: TableName, request: RunRequest = RunRequest()) -> Run:
        """Ask for a run of the released version, or of the draft; it waits in the queue until a worker is free.

        Raises NotFoundError, ConflictError when nothing was ever released, CompileError for a broken draft.
        """
        _check_request(request)
        with self._database.write() as transaction:
            return _submit(transaction, table, request, actor)

    @action(Action.RUN_SUBMIT)
    def submit_group(self, actor: Actor, tables: Iterable[TableName], kind: str) -> tuple[Run, ...]:
        """Ask for runs of several released pipelines, each waiting for those it reads from; when one fails, its readers are skipped."""
        wanted = set(tables)
        for table in sorted(wanted):
            self.require(actor, Action.RUN_SUBMIT, str(table))
        with self._database.write() as transaction:
            group_id = sql.insert_group(transaction.connection, kind, actor.name)
            edges = {table: reads & wanted for table, reads in pipelines.fetch_edges(transaction.connection).items() if table in wanted}
            ids = _submit_ordered(transaction, (group_id, kind), edges | {table: set[TableName]() for table in wanted - edges.keys()}, actor)
            return tuple(sql.fetch_run(transaction.connection, run_id) for run_id in ids)

    @action(Action.RUN_SUBMIT)
    def rerun(self, actor: Actor, run_id: str, request_id: str = "") -> Run:
        """Ask for what a run did once more: the pipeline's released version (or its draft) of today, with the run's parameters.

        Raises NotFoundError, ConflictError when the pipeline is gone, CompileError for a broken draft.
        """
        with self._database.write() as transaction:
            run = sql.fetch_run(transaction.connection, run_id)
            request = RunRequest(run.parameters, run.draft, f"{RERUN}:{run.id}", request_id)
            _check_request(request)
            return _submit(transaction, run.table, request, actor)

    @action(Action.RUN_READ)
    def list(self, actor: Actor, wanted: RunFilter = RunFilter(), page: PageRequest = PageRequest()) -> Page[Run]:
        """Runs, newest first."""
        with self._database.read() as connection:
            return sql.fetch_runs(connection, wanted, page)

    @action(Action.RUN_READ)
    def facets(self, actor: Actor, wanted: RunFilter = RunFilter()) -> RunFacets:
        """What the runs of a filter can be narrowed by, with counts."""
        with self._database.read() as connection:
            return fetch_facets(connection, wanted)

    @action(Action.RUN_READ)
    def get(self, actor: Actor, run_id: str) -> Run:
        """One run, with what it waits for. Raises NotFoundError."""
        with self._database.read() as connection:
            return self._explained(sql.fetch_run(connection, run_id))

    @action(Action.RUN_READ)
    def detail(self, actor: Actor, run_id: str, attempt: int | None = None) -> RunDetail:
        """Everything known of one run, with the steps, tests and plan of an attempt: of the last one unless one is named. Raises NotFoundError."""
        with self._database.read() as connection:
            run = sql.fetch_run(connection, run_id)
            attempts = sql.fetch_attempts(connection, run_id)
            number = chosen_attempt(run_id, attempts, attempt)
            steps, tests = sql.fetch_steps(connection, run_id, number), sql.fetch_test_results(connection, run_id, number)
            inputs, group = sql.fetch_inputs(connection, run_id), sql.fetch_group(connection, run.group_id)
            plan = sql.fetch_plan(connection, run_id, number)
            return RunDetail(self._explained(run), attempts, steps, tests, inputs, group, number, plan)

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
            _cancel(transaction, run, actor)
            return sql.fetch_run(transaction.connection, run_id)

    @action(Action.RUN_CANCEL)
    def cancel_many(self, actor: Actor, run_ids: Sequence[str]) -> CancelReport:
        """Cancel several runs in one transaction. One that has ended or never was is told of and hinders no other."""
        if not 1 <= len(run_ids) <= MAX_CANCELS:
            raise ValidationError(f"{len(run_ids)} runs cannot be cancelled at once: name 1 to {MAX_CANCELS}.")
        for run_id in run_ids:
            self.require(actor, Action.RUN_CANCEL, run_id)
        found: dict[str, list[str]] = {"cancelled": [], "asked": [], "ended": [], "missing": []}
        with self._database.write() as transaction:
            runs = sql.fetch_several(transaction.connection, run_ids)
            for run_id in dict.fromkeys(run_ids):
                found[_cancel_if_going(transaction, runs.get(run_id), actor)].append(run_id)
        return CancelReport(**{name: tuple(ids) for name, ids in found.items()})

    def _explained(self, run: Run) -> Run:
        """``run``; while nothing carries out runs, that is what it waits for."""
        if run.status is not RunStatus.PENDING or run.waiting_on:
            return run
        if not engine_runs(self._data):
            return replace(run, waiting_for="Waits for the engine, which does not run. Start it with `rat up`.")
        trouble = engine_trouble(self._data)
        return replace(run, waiting_for=f"Waits for a process that can carry it out. None can be started at the moment: {trouble}") if trouble else run


def _cancel(transaction: Transaction, run: Run, actor: Actor) -> str:
    """Cancel a run that had not ended when it was read: ``asked``, ``cancelled``, or ``ended`` when it has meanwhile."""
    outcome = queue.request_cancel(transaction, run.id)
    if outcome is CancelOutcome.ASKED:
        sql.mark_cancel_requested(transaction.connection, run.id)
        transaction.record(NewEvent(EventKind.RUN_CANCEL_REQUESTED, run.id, actor.name, run.table.namespace, asked_by(run.request_id)))
        return "asked"
    end = RunEnd(RunStatus.CANCELLED, RunCancelledError.code, f"Cancelled by {actor.name} before it started.")
    return "cancelled" if end_run(transaction, run.id, end, actor.name) else "ended"


def _cancel_if_going(transaction: Transaction, run: Run | None, actor: Actor) -> str:
    if run is None:
        return "missing"
    if run.status.final:
        return "ended"
    return _cancel(transaction, run, actor)


def _check_request(request: RunRequest) -> None:
    checked_length(request.trigger, MAX_TRIGGER, "trigger")
    checked_length(request.request_id, MAX_REQUEST_ID, "request id")
    if len(request.parameters) > MAX_PARAMETERS:
        raise ValidationError(f"A run takes at most {MAX_PARAMETERS} parameters.")
    checked_length(json.dumps(dict(request.parameters)), MAX_PARAMETER_CHARACTERS, "run's parameters, as JSON")


def _submit(transaction: Transaction, table: TableName, request: RunRequest, actor: Actor) -> Run:
    connection = transaction.connection
    pipeline = pipelines.fetch_pipeline(connection, table)
    if request.draft:
        files = check_draft(connection, pipeline)
        run = sql.insert_run(connection, pipeline.id, table, (None, files.hash), request, actor.name)
        sql.insert_run_files(connection, run.id, files)
    else:
        run = sql.insert_run(connection, pipeline.id, table, (_released(pipeline), pipeline.version_hash or ""), request, actor.name)
    queue.put(transaction, NewJob(JobKind.RUN, Lane.RUN, run.id, lease_key=str(table)))
    data: Mapping[str, Any] = {"table": str(table), "trigger": request.trigger, **asked_by(request.request_id)}
    transaction.record(NewEvent(EventKind.RUN_SUBMITTED, run.id, actor.name, table.namespace, data))
    return run


def _released(pipeline: Pipeline) -> int:
    if pipeline.version is None:
        raise ConflictError(f"{pipeline.table} has never been released. Release its draft first, or run the draft, which publishes nothing.")
    return pipeline.version


def _submit_ordered(transaction: Transaction, group: tuple[str, str], edges: Mapping[TableName, set[TableName]], actor: Actor) -> tuple[str, ...]:
    group_id, kind = group
    ids: dict[TableName, str] = {}
    for table in topological_order(edges):
        ids[table] = _submit(transaction, table, RunRequest(trigger=kind), actor).id
        sql.join_group(transaction.connection, group_id, ids[table], [ids[read] for read in sorted(edges[table]) if read in ids and read != table])
    return tuple(ids.values())
