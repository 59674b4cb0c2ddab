"""How a run that succeeded ends, and why one does not."""

from __future__ import annotations

from collections.abc import Iterator

from rat_engine.domain.event import EventKind, NewEvent, asked_by
from rat_engine.domain.log import Logger
from rat_engine.domain.quality import AuditReport, TestResult, TestStatus
from rat_engine.domain.run import RunStatus
from rat_engine.errors import AuditFailedError
from rat_engine.execute.timeline import Timeline
from rat_engine.jobs import queue
from rat_engine.lakehouse.branch import Branch
from rat_engine.metadata import attempts
from rat_engine.metadata.attempts import RunningRun
from rat_engine.metadata.database import Database, Transaction
from rat_engine.metadata.wake import log_topic
from rat_engine.plan.planner import RunPlan

SHOWN_ROWS = 3


class Seal:
    """Marks a run as success within a transaction, which it refuses when the run is no longer held. A draft's branch stays, and is named."""

    def __init__(self, run: RunningRun, branch: Branch, timeline: Timeline) -> None:
        self._run = run
        self._branch = branch
        self._timeline = timeline

    def __call__(self, transaction: Transaction) -> None:
        """Write the success. Raises PublishConflictError, RunCancelledError."""
        run, ticket = self._run, self._run.ticket
        assert self._branch.head is not None
        attempts.mark_success(transaction.connection, ticket, self._branch.head, self._branch.name if run.draft else "")
        self._timeline.finish(transaction)
        data = {"table": str(run.table), "status": RunStatus.SUCCESS.value, "error_code": "", **asked_by(run.request_id)}
        transaction.record(NewEvent(EventKind.RUN_FINISHED, ticket.run_id, run.actor, run.table.namespace, data))
        queue.remove(transaction, ticket.run_id)
        transaction.wake(log_topic(ticket.run_id))


def keep_draft(database: Database, branch: Branch, seal: Seal) -> None:
    """End a draft's run with success: nothing is published, and the branch stays."""
    with database.write(durable=True) as transaction:
        seal(transaction)
        # The commit may have happened whatever is raised from here on.
        branch.keep()


def log_plan(plan: RunPlan, journal: Logger) -> None:
    """What will be done, and with which inputs."""
    run = plan.run
    code = f"version {run.version}" if run.version is not None else "the draft"
    journal.info(f"Attempt {run.ticket.attempt}: {code} of {run.table}, {plan.strategy}." + (f" Request {run.request_id}." if run.request_id else ""))
    for pin in plan.tables:
        journal.info(f"Reads {pin.table} at snapshot {pin.snapshot_id}.")
    for zone, files in plan.zones:
        journal.info(f"Reads {len(files)} file{'' if len(files) == 1 else 's'} of the landing zone {zone}.")
    # Annotations have become empty lines, which keep the line numbers but say nothing here.
    journal.debug(plan.source.sql.strip())


def log_report(report: AuditReport, journal: Logger) -> None:
    """One line per test that did not pass, with its first violations, and one for the sum."""
    for result in report.results:
        if result.status is not TestStatus.PASS:
            tell = journal.error if result.blocks else journal.warning
            tell("\n".join(_lines(result)))
    passed = sum(result.status is TestStatus.PASS for result in report.results)
    journal.info(f"Audit: {passed} of {len(report.results)} tests passed." if report.results else "Audit: the pipeline has no tests.")


def audit_error(report: AuditReport, branch: Branch) -> AuditFailedError:
    """The error of a run whose audit blocks it."""
    told = "\n".join(line for result in report.blocking for line in _summary(result))
    message = f"The audit of {branch.table} failed, so nothing was published. The rows are on the branch {branch.name}.\n{told}"
    return AuditFailedError(message, details={"branch": branch.name, "tests": [result.name for result in report.blocking]})


def _summary(result: TestResult) -> Iterator[str]:
    yield f"- {result.name}: {result.message}" + (f" {result.description}" if result.description else "")
    if result.remediation:
        yield f"  What to do: {result.remediation}"


def _lines(result: TestResult) -> Iterator[str]:
    yield f"Test {result.name} ({result.severity.value}): {result.message}"
    if result.description:
        yield f"  {result.description}"
    if result.remediation:
        yield f"  What to do: {result.remediation}"
    if result.sample_rows:
        yield f"  {' | '.join(result.sample_columns)}"
    for row in result.sample_rows[:SHOWN_ROWS]:
        yield "  " + " | ".join("NULL" if cell is None else str(cell) for cell in row)
    if result.violations > SHOWN_ROWS:
        yield f"  … and {result.violations - SHOWN_ROWS:,} more"
