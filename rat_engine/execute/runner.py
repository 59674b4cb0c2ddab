"""Carrying out one run: plan, execute, write to a branch, audit it there, publish."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from functools import partial

from rat_engine.domain.log import Logger
from rat_engine.domain.quality import AuditReport
from rat_engine.domain.run import RunCounts, StepName
from rat_engine.execute.ending import Seal, audit_error, keep_draft, log_plan, log_report
from rat_engine.execute.parts import Parts
from rat_engine.execute.reading import Reader, at_source, reader_of
from rat_engine.execute.timeline import Timeline
from rat_engine.lakehouse.branch import Branch, branch_of
from rat_engine.lakehouse.connection import Interrupter
from rat_engine.lakehouse.faults import disk_errors
from rat_engine.lakehouse.publish import Publication, publish
from rat_engine.lakehouse.scan import Snapshot
from rat_engine.lakehouse.snapshots import Change
from rat_engine.lakehouse.strategies import strategy
from rat_engine.metadata import attempts, lake
from rat_engine.plan.planner import RunPlan, plan_run
from rat_engine.quality.audit import audit


@dataclass(frozen=True, slots=True)
class RunResult:
    """A run that succeeded. ``branch`` names where a draft's rows are; it is empty when they were published."""

    run_id: str
    snapshot_id: int
    counts: RunCounts
    report: AuditReport
    branch: str = ""


def execute_run(parts: Parts, run_id: str, fence: int, journal: Logger, interrupter: Interrupter | None = None) -> RunResult:
    """Carry out the run that this process holds under ``fence``, and publish it; a draft goes up to its audit only.

    Its success is in the database when this returns. Every other end is raised, with the step marked as failed and nothing published:
    CompileError, MissingInputError, StatementRefusedError, QueryFailedError, SchemaMismatchError, UnsupportedTypeError, ResourceLimitError,
    DiskFullError, AuditFailedError (the branch is kept), PublishConflictError, and RunCancelledError after ``interrupter.interrupt()``.
    """
    interrupter = interrupter or Interrupter()
    with disk_errors(), contextlib.ExitStack() as stack:
        with parts.database.read() as connection:
            run = attempts.fetch_running(connection, run_id, fence)
            timeline = stack.enter_context(Timeline(parts.database, run, interrupter))
            plan = plan_run(connection, run)
        log_plan(plan, journal)
        pinned = partial(lake.replace_inputs, run_id=run_id, inputs=plan.inputs)
        timeline.next(StepName.EXECUTE, pinned, partial(attempts.store_plan, ticket=run.ticket, plan=plan.record))
        with branch_of(parts.catalog, plan.pointer, run, journal) as branch, reader_of(parts, plan, branch, interrupter) as reader:
            change = execute(reader, branch)
            timeline.next(StepName.WRITE)
            snapshot = branch.write(change, _summary(plan))
            counts = count(reader, change, snapshot)
            timeline.next(StepName.AUDIT, partial(attempts.store_counts, run_id=run_id, counts=counts))
            report = judge(reader, snapshot, parts.settings.test_timeout_seconds)
            timeline.note(partial(attempts.store_report, ticket=run.ticket, report=report))
            log_report(report, journal)
            if report.blocking:
                branch.keep()
                raise audit_error(report, branch)
            publication = Publication(branch, snapshot, counts.rows_total, run, plan.docs.description, plan.docs.columns)
            seal = Seal(run, branch, timeline)
            # Whoever sees the run's end takes the log for complete: nothing is told after the commit.
            if run.draft:
                journal.info(f"Keeps the draft's rows on the branch {run.branch}.")
                keep_draft(parts.database, branch, seal)
            else:
                timeline.next(StepName.PUBLISH)
                journal.info(f"Publishes {run.table}: {counts.rows_total:,} rows.")
                publish(parts.catalog, [publication], seal)
    return RunResult(run_id, snapshot.id, counts, report, run.branch if run.draft else "")


def execute(reader: Reader, branch: Branch) -> Change:
    """Stream the pipeline's rows into data files; what they do to the table is the write strategy's decision."""
    with at_source(reader.plan.source):
        return strategy(reader.plan.strategy).change(reader.rows(), branch)


def count(reader: Reader, change: Change, snapshot: Snapshot) -> RunCounts:
    """What was written, and how many rows the table then has."""
    rows = sum(file.record_count for file in change.files)
    size = sum(file.file_size_in_bytes for file in change.files)
    return RunCounts(rows, rows, reader.count_rows(snapshot), size, len(change.files))


def judge(reader: Reader, snapshot: Snapshot, timeout: float) -> AuditReport:
    """Run the quality tests, each within ``timeout`` seconds, with ``this`` being the branch."""
    reader.show_branch(snapshot)
    return audit(reader.session, reader.plan.tests, reader.check, timeout)


def _summary(plan: RunPlan) -> dict[str, str]:
    """What the snapshot tells about where it came from."""
    run = plan.run
    code = {"rat.version": str(run.version)} if run.version is not None else {"rat.draft": "true"}
    return {"rat.run-id": run.ticket.run_id, "rat.attempt": str(run.ticket.attempt), "rat.code-hash": run.code_hash, "rat.strategy": plan.strategy, **code}
