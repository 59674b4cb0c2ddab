"""Health: what is checked and what was found; and the numbers of the home page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rat_engine.domain.job import JobKind, Lane
from rat_engine.domain.run import RunSummary


@dataclass(frozen=True, slots=True)
class Check:
    """One thing checked. ``status`` is ok, warn or fail; ``detail`` says what was found and, if not ok, what to do."""

    name: str
    status: str
    detail: str


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether requests can be served, with every check behind the answer."""

    ok: bool
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class SettingFact:
    """One setting as it is in force: its environment variable, its value and default as text, what it means."""

    variable: str
    value: str
    default: str
    description: str


@dataclass(frozen=True, slots=True)
class Overview:
    """The numbers of the home page."""

    namespaces: int
    pipelines_by_layer: Mapping[str, int]
    tables: int
    rows: int
    runs: RunSummary


class WorkerState(StrEnum):
    """What a child process does: it imports its libraries, waits for a job, carries one out, or is being ended."""

    STARTING = "starting"
    IDLE = "idle"
    BUSY = "busy"
    STOPPING = "stopping"


@dataclass(frozen=True, slots=True)
class Worker:
    """A child process of the engine and what it does ``since``: ``kind`` and ``subject`` of its job (None and empty when it has none).

    ``table`` is the one that a run fills, empty for everything else; ``memory_bytes`` what the process holds now.
    """

    pid: int
    state: WorkerState
    since: datetime
    memory_bytes: int
    kind: JobKind | None = None
    subject: str = ""
    table: str = ""


@dataclass(frozen=True, slots=True)
class LaneStaff:
    """A lane: at most ``most`` of its workers are busy at the same time, ``warm`` are kept ready; ``workers`` are those there are."""

    lane: Lane
    most: int
    warm: int
    workers: tuple[Worker, ...]
