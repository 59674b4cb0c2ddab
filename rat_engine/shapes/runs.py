"""Runs, their attempts, steps, tests, inputs and logs as JSON."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from rat_engine.domain import quality as domain_quality
from rat_engine.domain import run as domain_run
from rat_engine.domain.paging import Page
from rat_engine.domain.quality import Severity, TestStatus
from rat_engine.domain.run import FilePin, RunStatus, StepName, TablePin
from rat_engine.shapes.base import BigId, Id, LayerName, Moment, NamespaceName, Next, Shape, TableSimpleName, Total


class RunReference(Shape):
    """A run that was asked for."""

    run_id: Id = Field(description="The run.")
    status: RunStatus = Field(description="Its status now.", examples=["pending"])

    @classmethod
    def of(cls, run: domain_run.Run) -> RunReference:
        """The shape of a reference to a run."""
        return cls(run_id=run.id, status=run.status)


class RunError(Shape):
    """Why a run failed."""

    code: str = Field(description="A stable code.", examples=["audit_failed"])
    message: str = Field(description="What went wrong, where, and what to do.", examples=["1 quality test failed."])


class Run(Shape):
    """One run as lists show it."""

    id: Id = Field(description="The run's id. Ids sort by creation.")
    namespace: NamespaceName
    layer: LayerName
    pipeline: str = Field(description="The pipeline's name.", examples=["flights_cleaned"])
    status: RunStatus = Field(description="success, failed, cancelled and skipped are final.", examples=["success"])
    trigger: str = Field(description="What caused it.", examples=["manual"])
    actor: str = Field(description="Who asked for it.", examples=["local"])
    version: int | None = Field(description="The released version it runs; null for a draft run.", examples=[3])
    draft: bool = Field(description="Whether it runs the draft on a branch that is never published.", examples=[False])
    code_hash: str = Field(description="SHA-256 over the files it runs.", examples=["9f2c…"])
    parameters: dict[str, Any] = Field(description="What it was asked with.", examples=[{}])
    group_id: str | None = Field(description="The group of runs it belongs to; null when it stands alone.", examples=[None])
    created_at: Moment = Field(description="When it was asked for.")
    started_at: Moment | None = Field(description="When a worker began; null before.")
    finished_at: Moment | None = Field(description="When it reached its final status; null before.")
    duration_ms: float | None = Field(description="Milliseconds from start to finish; null before.", examples=[412.5])
    rows_in: int = Field(description="Rows that its query returned.", examples=[80789])
    rows_out: int = Field(description="Rows that it wrote.", examples=[80789])
    rows_total: int = Field(description="Rows of the table afterwards.", examples=[80789])
    bytes_written: int = Field(description="Bytes of the data files it wrote.", examples=[1843200])
    files_written: int = Field(description="Data files it wrote.", examples=[1])
    branch: str = Field(description="The Iceberg branch it wrote to; empty before it wrote.", examples=["run-01k2w9c7q4e8rj5h3v0x6n1t8z-1"])
    snapshot_id: BigId | None = Field(description="The snapshot it made; null when it made none.")
    error: RunError | None = Field(description="Why it failed; null unless it did.")
    cancel_requested: bool = Field(description="Whether somebody asked to cancel it.", examples=[False])
    waiting_for: str = Field(description="What a pending run waits for; empty otherwise.", examples=["Waits for a free worker."])
    waiting_on: tuple[Id, ...] = Field(description="The runs that a pending run waits for.", examples=[[]])
    request_id: str = Field(description="The id of the request that asked for it; empty when it was asked for otherwise.", examples=["from-my-cron-17"])

    @classmethod
    def of(cls, run: domain_run.Run) -> Run:
        """The shape of a run."""
        return cls(**run_fields(run))


def run_fields(run: domain_run.Run) -> dict[str, Any]:
    """The fields of a run's shape."""
    counts = run.counts
    same = ("id", "status", "trigger", "actor", "version", "draft", "code_hash", "group_id", "created_at", "started_at", "finished_at", "duration_ms", "branch")
    said = ("cancel_requested", "waiting_for", "waiting_on", "request_id")
    numbers = ("rows_in", "rows_out", "rows_total", "bytes_written", "files_written")
    return {
        **{name: getattr(run, name) for name in same},
        **{name: getattr(counts, name) for name in numbers},
        **{name: getattr(run, name) for name in said},
        "namespace": run.table.namespace,
        "layer": run.table.layer,
        "pipeline": run.table.name,
        "parameters": dict(run.parameters),
        "snapshot_id": _text(run.snapshot_id),
        "error": RunError(code=run.error_code, message=run.error_message) if run.error_code else None,
    }


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)


class RunList(Shape):
    """One page of runs, newest first."""

    runs: tuple[Run, ...] = Field(description="The runs of this page.")
    total: Total
    next: Next

    @classmethod
    def of(cls, page: Page[domain_run.Run]) -> RunList:
        """The shape of a page."""
        return cls(runs=tuple(map(Run.of, page.items)), total=page.total, next=page.next)


class Attempt(Shape):
    """One try at a run."""

    number: int = Field(description="Counted from 1.", examples=[1])
    pid: int | None = Field(description="The child process that carried it out.", examples=[4711])
    started_at: Moment = Field(description="When it began.")
    finished_at: Moment | None = Field(description="When it ended; null while it goes on.")
    exit: str = Field(description="How it ended; empty while it goes on.", examples=["success"])
    max_rss_bytes: int | None = Field(description="The most memory its child used; null where unknown.", examples=[187695104])

    @classmethod
    def of(cls, attempt: domain_run.Attempt) -> Attempt:
        """The shape of an attempt."""
        return cls(**{name: getattr(attempt, name) for name in cls.model_fields})


class RecordedPlan(Shape):
    """What an attempt decided to do, recorded before it did it."""

    strategy: str = Field(description="How the rows were to become the table.", examples=["full_refresh"])
    incremental: bool = Field(description="What `is_incremental()` was.", examples=[False])
    sql: str = Field(description="The SQL that was carried out.", examples=["SELECT 1 AS n"])

    @classmethod
    def of(cls, plan: domain_run.RecordedPlan) -> RecordedPlan:
        """The shape of a plan."""
        return cls(**{name: getattr(plan, name) for name in cls.model_fields})


class Step(Shape):
    """One step of an attempt."""

    name: StepName = Field(description="Which step.", examples=["audit"])
    started_at: Moment = Field(description="When it began.")
    ended_at: Moment | None = Field(description="When it ended; null while it goes on.")
    duration_ms: float | None = Field(description="Milliseconds it took; null while it goes on.", examples=[21.4])
    ok: bool | None = Field(description="Whether it succeeded; null while it goes on.", examples=[True])

    @classmethod
    def of(cls, step: domain_run.Step) -> Step:
        """The shape of a step."""
        return cls(**{name: getattr(step, name) for name in cls.model_fields})


class TestResult(Shape):
    """What one quality test found on the run's branch."""

    __test__ = False

    name: str = Field(description="The test's name.", examples=["no_negative_distance"])
    severity: Severity = Field(description="Whether failing blocks the publish.", examples=["error"])
    status: TestStatus = Field(description="`fail`: bad rows were found; `error`: the test itself could not be carried out.", examples=["pass"])
    violations: int = Field(description="How many bad rows it found.", examples=[0])
    duration_ms: float = Field(description="Milliseconds it took.", examples=[3.2])
    message: str = Field(description="What was found, or why it could not be carried out.", examples=[""])
    description: str = Field(description="What it checks; may be empty.", examples=["Distances are positive"])
    remediation: str = Field(description="What to do when it fails; may be empty.", examples=["Look at the source file"])
    compiled_sql: str = Field(description="The SQL that was executed.", examples=['SELECT * FROM "flights"."silver"."f" WHERE distance < 0'])
    sample_columns: tuple[str, ...] = Field(description="The columns of the sample.", examples=[["carrier", "distance"]])
    sample_rows: tuple[tuple[Any, ...], ...] = Field(description="The first bad rows.", examples=[[]])

    @classmethod
    def of(cls, result: domain_quality.TestResult) -> TestResult:
        """The shape of a test result."""
        return cls(**{name: getattr(result, name) for name in cls.model_fields})


class TableInput(Shape):
    """The exact snapshot of a table that the run read."""

    namespace: NamespaceName
    layer: LayerName
    name: TableSimpleName
    snapshot_id: BigId = Field(description="The snapshot.")

    @classmethod
    def of(cls, pin: TablePin) -> TableInput:
        """The shape of a pinned table."""
        return cls(namespace=pin.table.namespace, layer=pin.table.layer, name=pin.table.name, snapshot_id=str(pin.snapshot_id))


class FileInput(Shape):
    """The exact landing file that the run read."""

    zone: str = Field(description="The landing zone, with its namespace.", examples=["flights.flights"])
    file_id: Id = Field(description="The file.")
    filename: str = Field(description="What its owner called it.", examples=["flights-2013-01.csv"])
    size_bytes: int = Field(description="Its size.", examples=[2402343])
    sha256: str = Field(description="SHA-256 of its content, in hex.", examples=["9f2c…"])

    @classmethod
    def of(cls, pin: FilePin) -> FileInput:
        """The shape of a pinned file."""
        return cls(**{name: getattr(pin, name) for name in cls.model_fields})


class RunInputs(Shape):
    """Everything the run read."""

    tables: tuple[TableInput, ...] = Field(description="Tables.")
    files: tuple[FileInput, ...] = Field(description="Landing files.")


class RunGroup(Shape):
    """Runs that were asked for together."""

    id: Id = Field(description="The group.")
    kind: str = Field(description="What for.", examples=["demo"])
    runs: int = Field(description="How many runs it has.", examples=[6])

    @classmethod
    def of(cls, group: domain_run.RunGroup) -> RunGroup:
        """The shape of a group."""
        return cls(id=group.id, kind=group.kind, runs=group.runs)


class RunDetail(Run):
    """Everything known of one run."""

    clock: Moment | None = Field(description="What `run_started_at` was; null before a worker began.")
    attempts: tuple[Attempt, ...] = Field(description="Its attempts, first to last.")
    attempt: int = Field(description="The attempt that steps, tests and plan are of; 0 while there is none.", examples=[1])
    steps: tuple[Step, ...] = Field(description="That attempt's steps, in their order.")
    tests: tuple[TestResult, ...] = Field(description="That attempt's test results, by name.")
    plan: RecordedPlan | None = Field(description="What that attempt decided to do; null when it did not come to that.")
    inputs: RunInputs = Field(description="What its last attempt read, pinned when that began.")
    group: RunGroup | None = Field(description="The runs it was asked for together with; null when it stands alone.")

    @classmethod
    def of_detail(cls, detail: domain_run.RunDetail) -> RunDetail:
        """The shape of a run with everything known of it."""
        inputs = RunInputs(tables=tuple(map(TableInput.of, detail.inputs.tables)), files=tuple(map(FileInput.of, detail.inputs.files)))
        return cls(
            **run_fields(detail.run),
            clock=detail.run.clock,
            attempts=tuple(map(Attempt.of, detail.attempts)),
            attempt=detail.attempt,
            plan=RecordedPlan.of(detail.plan) if detail.plan else None,
            steps=tuple(map(Step.of, detail.steps)),
            tests=tuple(map(TestResult.of, detail.tests)),
            inputs=inputs,
            group=RunGroup.of(detail.group) if detail.group else None,
        )
