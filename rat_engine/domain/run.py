"""Runs: one wish to refresh one table, its attempts, and everything pinned to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from rat_engine.domain.names import Layer, TableName
from rat_engine.domain.quality import TestResult


class RunStatus(StrEnum):
    """A run's status. ``success``, ``failed``, ``cancelled`` and ``skipped`` are final."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"

    @property
    def final(self) -> bool:
        """Whether the status never changes again."""
        return not TRANSITIONS[self]

    @property
    def sources(self) -> tuple[RunStatus, ...]:
        """The statuses that may change into this one: the ``WHERE`` of every update."""
        return tuple(status for status in RunStatus if self in TRANSITIONS[status])


TRANSITIONS: Mapping[RunStatus, frozenset[RunStatus]] = {
    RunStatus.PENDING: frozenset({RunStatus.RUNNING, RunStatus.CANCELLED, RunStatus.FAILED, RunStatus.SKIPPED}),
    RunStatus.RUNNING: frozenset({RunStatus.SUCCESS, RunStatus.FAILED, RunStatus.CANCELLED}),
    RunStatus.SUCCESS: frozenset(),
    RunStatus.FAILED: frozenset(),
    RunStatus.CANCELLED: frozenset(),
    RunStatus.SKIPPED: frozenset(),
}


class StepName(StrEnum):
    """The steps of an attempt, in their order."""

    PLAN = "plan"
    EXECUTE = "execute"
    WRITE = "write"
    AUDIT = "audit"
    PUBLISH = "publish"


@dataclass(frozen=True, slots=True)
class Step:
    """One step's timing. ``ended_at`` is None while it goes on; ``ok`` is None until it ended."""

    name: StepName
    started_at: datetime
    ended_at: datetime | None = None
    ok: bool | None = None

    @property
    def duration_ms(self) -> float | None:
        """Milliseconds between start and end."""
        return (self.ended_at - self.started_at).total_seconds() * 1000 if self.ended_at else None


@dataclass(frozen=True, slots=True)
class TablePin:
    """The exact snapshot of a table that a run read. ``metadata_location`` is the Iceberg metadata file it is listed in."""

    table: TableName
    table_id: str
    snapshot_id: int
    metadata_location: str


@dataclass(frozen=True, slots=True)
class FilePin:
    """The exact landing file that a run read."""

    zone: str
    file_id: str
    filename: str
    path: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class RunInputs:
    """Everything a run reads, resolved in one read of the database."""

    tables: tuple[TablePin, ...] = ()
    files: tuple[FilePin, ...] = ()


@dataclass(frozen=True, slots=True)
class RunCounts:
    """What a run wrote: rows read from the query, rows now in the table, bytes and files added."""

    rows_in: int = 0
    rows_out: int = 0
    rows_total: int = 0
    bytes_written: int = 0
    files_written: int = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a run. ``fence`` grows with every try; a publish under an older one is refused."""

    number: int
    fence: int
    pid: int | None
    started_at: datetime
    finished_at: datetime | None = None
    exit: str = ""
    max_rss_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One run as lists and headers show it. ``version`` is None for a draft run; ``error`` has ``code`` and ``message``.

    ``waiting_for`` says in words what a pending run waits for; ``waiting_on`` are the runs among that.
    """

    id: str
    table: TableName
    status: RunStatus
    trigger: str
    actor: str
    version: int | None
    code_hash: str
    draft: bool
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    duration_ms: float | None = None
    clock: datetime | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    counts: RunCounts = RunCounts()
    branch: str = ""
    snapshot_id: int | None = None
    error_code: str = ""
    error_message: str = ""
    cancel_requested: bool = False
    group_id: str | None = None
    waiting_for: str = ""
    waiting_on: tuple[str, ...] = ()
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class DemoLoad:
    """The runs that loading the demo asked for, in the order in which they may start, and their group."""

    group_id: str
    runs: tuple[Run, ...]


def branch_name(run_id: str, attempt: int) -> str:
    """The Iceberg branch an attempt writes to."""
    return f"run-{run_id}-{attempt}"


def run_of(branch: str) -> str:
    """The id of the run whose attempt writes, or wrote, to ``branch``."""
    return branch.removeprefix("run-").rpartition("-")[0]


@dataclass(frozen=True, slots=True)
class RunRequest:
    """How a run is asked for. ``draft`` runs the draft on a branch that is never published."""

    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    draft: bool = False
    trigger: str = "manual"
    request_id: str = ""

    @property
    def trigger_kind(self) -> str:
        """What lists group by: the trigger's part before the colon."""
        return self.trigger.partition(":")[0]


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs a list shows; None and empty mean all.

    ``trigger`` is the kind of a trigger: "schedule" finds "schedule:nightly". ``search`` is the beginning of a run's id, or a part of
    its pipeline's full name.
    """

    namespace: str | None = None
    layer: Layer | None = None
    name: str | None = None
    statuses: tuple[RunStatus, ...] = ()
    group_id: str | None = None
    started_after: datetime | None = None
    started_before: datetime | None = None
    trigger: str | None = None
    search: str = ""


@dataclass(frozen=True, slots=True)
class FacetCount:
    """How many runs have ``value``."""

    value: str
    runs: int


@dataclass(frozen=True, slots=True)
class RunFacets:
    """What runs can be narrowed by, most frequent first. The counts of a facet heed every filter but the facet's own."""

    total: int = 0
    statuses: tuple[FacetCount, ...] = ()
    namespaces: tuple[FacetCount, ...] = ()
    layers: tuple[FacetCount, ...] = ()
    triggers: tuple[FacetCount, ...] = ()


@dataclass(frozen=True, slots=True)
class RunGroup:
    """Runs asked for together: what for, and how many there are."""

    id: str
    kind: str
    runs: int


@dataclass(frozen=True, slots=True)
class CancelReport:
    """What became of the wish to cancel several runs: ended at once, asked to stop, had ended before, never were."""

    cancelled: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordedPlan:
    """What an attempt decided to do, recorded before it did it. ``incremental`` is what ``is_incremental()`` was."""

    strategy: str
    incremental: bool
    sql: str


@dataclass(frozen=True, slots=True)
class RunDetail:
    """Everything known of one run: the steps, test results and plan of ``attempt`` (0: there is none yet), and what was pinned.

    ``plan`` is None for an attempt that did not come to one.
    """

    run: Run
    attempts: tuple[Attempt, ...]
    steps: tuple[Step, ...]
    tests: tuple[TestResult, ...]
    inputs: RunInputs
    group: RunGroup | None = None
    attempt: int = 0
    plan: RecordedPlan | None = None


@dataclass(frozen=True, slots=True)
class RunSummary:
    """Runs of the last 24 hours by final status, and what waits and goes on now."""

    last_day: Mapping[str, int]
    pending: int
    running: int
