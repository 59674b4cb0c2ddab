"""Jobs: the queue's rows, each making a worker do something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class JobKind(StrEnum):
    """What the job's subject is."""

    RUN = "run"
    QUERY = "query"
    ESTIMATE = "estimate"
    MAKING = "making"


class Lane(StrEnum):
    """Who carries the job out: long work and what a person waits for never share a child process.

    ``open`` is for previews that read files outside RAT, which the confined children of ``interactive`` cannot; ``export`` for files made of
    results so large that queries would have to wait for them.
    """

    RUN = "run"
    INTERACTIVE = "interactive"
    OPEN = "open"
    EXPORT = "export"


class CancelOutcome(StrEnum):
    """What a wish to cancel met: a queued job (now gone), a running one (now asked to stop), or none."""

    REMOVED = "removed"
    ASKED = "asked"
    ABSENT = "absent"


class Standing(StrEnum):
    """What a worker learns when it extends its lease: it still holds the job, is to stop it, or lost it to another."""

    HELD = "held"
    CANCEL = "cancel"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job about to be queued. Of jobs with one ``lease_key`` one runs at a time; a smaller ``priority`` goes first."""

    kind: JobKind
    lane: Lane
    subject: str
    lease_key: str | None = None
    priority: int = 0
    available_at: datetime | None = None
    payload: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed job. ``attempt`` grows with every claim: it is the fence that an outdated holder fails at."""

    id: int
    kind: JobKind
    lane: Lane
    subject: str
    attempt: int
    worker: str
    cancel_requested: bool
    payload: Mapping[str, Any]
