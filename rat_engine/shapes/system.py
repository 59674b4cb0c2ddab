"""Errors, health, events and settings as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from rat_engine.domain import event as domain_event
from rat_engine.domain import health as domain_health
from rat_engine.domain.event import EventKind
from rat_engine.domain.job import JobKind, Lane
from rat_engine.errors import ErrorKind, RatError
from rat_engine.shapes.base import Moment, Shape


class ErrorBody(Shape):
    """What went wrong."""

    code: str = Field(description="A stable code for programs.", examples=["not_found"])
    type: ErrorKind = Field(description="The coarse class.", examples=["NOT_FOUND"])
    message: str = Field(description="What, where, why and what to do, for people.", examples=["There is no namespace 'flihgts'."])
    details: dict[str, Any] = Field(description="More facts, depending on the code; may be empty.", examples=[{}])


class ErrorEnvelope(Shape):
    """The body of every answer that is not a success."""

    error: ErrorBody = Field(description="What went wrong.")

    @classmethod
    def of(cls, error: RatError) -> ErrorEnvelope:
        """The envelope of an error that was raised on purpose."""
        return cls(error=ErrorBody(code=error.code, type=error.kind, message=error.message, details=error.details))


class Check(Shape):
    """One thing checked."""

    name: str = Field(description="What was checked.", examples=["database"])
    status: str = Field(description="ok, warn or fail.", examples=["ok"])
    detail: str = Field(description="What was found and, if not ok, what to do.", examples=["Answers in 1 ms."])

    @classmethod
    def of(cls, check: domain_health.Check) -> Check:
        """The shape of a check."""
        return cls(name=check.name, status=check.status, detail=check.detail)


class Live(Shape):
    """That the process lives, and which program it is."""

    status: str = Field(description="Always ok.", examples=["ok"])
    version: str = Field(description="The product's version.", examples=["0.1.0"])
    build: str = Field(description="Which source it was built from; `source` when it runs from a checkout.", examples=["source"])


class Ready(Shape):
    """That requests can be served."""

    status: str = Field(description="Always ok; otherwise the answer is 503 with the checks in its details.", examples=["ok"])
    checks: tuple[Check, ...] = Field(description="Everything that was checked.")

    @classmethod
    def of(cls, readiness: domain_health.Readiness) -> Ready:
        """The shape of a readiness."""
        return cls(status="ok" if readiness.ok else "fail", checks=tuple(map(Check.of, readiness.checks)))


class CheckList(Shape):
    """Everything that ``rat doctor`` looked at."""

    checks: tuple[Check, ...] = Field(description="The checks.")
    total: int = Field(description="How many there are.", examples=[7])

    @classmethod
    def of(cls, checks: Sequence[domain_health.Check]) -> CheckList:
        """The shape of all checks."""
        return cls(checks=tuple(map(Check.of, checks)), total=len(checks))


class Setting(Shape):
    """One setting as it is in force."""

    variable: str = Field(description="The environment variable it is read from.", examples=["RAT_WORKERS"])
    value: str = Field(description="Its value, as the variable would hold it.", examples=["2"])
    default: str = Field(description="Its value when the variable is not set.", examples=["2"])
    description: str = Field(description="What it means.", examples=["Most runs carried out at the same time."])


class SettingList(Shape):
    """Every setting in force."""

    settings: tuple[Setting, ...] = Field(description="The settings.")
    total: int = Field(description="How many there are.", examples=[20])

    @classmethod
    def of(cls, facts: Sequence[domain_health.SettingFact]) -> SettingList:
        """The shape of all settings."""
        shown = tuple(Setting(variable=each.variable, value=each.value, default=each.default, description=each.description) for each in facts)
        return cls(settings=shown, total=len(shown))


class Worker(Shape):
    """A worker process and what it does."""

    pid: int = Field(description="The number of the process.", examples=[4711])
    state: domain_health.WorkerState = Field(description="starting, idle, busy or stopping.", examples=["busy"])
    since: Moment = Field(description="Since when it does that.")
    memory_bytes: int = Field(description="What it holds in memory, in whole MiB.", examples=[157286400])
    kind: JobKind | None = Field(description="The kind of its job; null when it has none.", examples=["run"])
    subject: str = Field(description="The id of the run or query; may be empty.", examples=["01k2w9c7q4e8rj5h3v0x6n1t8z"])
    table: str = Field(description="The table that a run fills; empty for everything else.", examples=["flights.silver.flights"])


class LaneStaff(Shape):
    """A lane and its workers."""

    lane: Lane = Field(description="Long work and what a person waits for have lanes of their own.", examples=["run"])
    most: int = Field(description="How many of its workers are busy at the same time at most.", examples=[2])
    warm: int = Field(description="How many are always kept ready.", examples=[1])
    workers: tuple[Worker, ...] = Field(description="Those there are now.")


class LaneList(Shape):
    """Every lane of the engine; none while no engine runs."""

    lanes: tuple[LaneStaff, ...] = Field(description="The lanes.")
    total: int = Field(description="How many there are.", examples=[4])

    @classmethod
    def of(cls, lanes: Sequence[domain_health.LaneStaff]) -> LaneList:
        """The shape of the lanes."""
        return cls(lanes=tuple(map(_lane, lanes)), total=len(lanes))


def _lane(staff: domain_health.LaneStaff) -> LaneStaff:
    names = ("pid", "state", "since", "memory_bytes", "kind", "subject", "table")
    workers = tuple(Worker(**{name: getattr(each, name) for name in names}) for each in staff.workers)
    return LaneStaff(lane=staff.lane, most=staff.most, warm=staff.warm, workers=workers)


class Overview(Shape):
    """The numbers of the home page."""

    namespaces: int = Field(description="How many namespaces there are.", examples=[1])
    pipelines_by_layer: dict[str, int] = Field(description="How many pipelines there are in each layer.", examples=[{"bronze": 5, "silver": 4, "gold": 5}])
    tables: int = Field(description="How many tables are published.", examples=[13])
    rows: int = Field(description="How many rows they hold together.", examples=[412000])
    runs_pending: int = Field(description="How many runs wait.", examples=[0])
    runs_running: int = Field(description="How many runs are being carried out.", examples=[0])
    runs_last_day: dict[str, int] = Field(description="How many runs ended within 24 hours, by status.", examples=[{"success": 13, "failed": 1}])

    @classmethod
    def of(cls, overview: domain_health.Overview) -> Overview:
        """The shape of an overview."""
        return cls(
            namespaces=overview.namespaces,
            pipelines_by_layer=dict(overview.pipelines_by_layer),
            tables=overview.tables,
            rows=overview.rows,
            runs_pending=overview.runs.pending,
            runs_running=overview.runs.running,
            runs_last_day={str(status): number for status, number in overview.runs.last_day.items()},
        )


class Event(Shape):
    """Something that happened."""

    id: int = Field(description="The event's number; also its cursor.", examples=[42])
    timestamp: Moment = Field(description="When it happened.")
    kind: EventKind = Field(description="What happened.", examples=["run.finished"])
    subject: str = Field(description="A run id, a query id, or the name of a namespace, pipeline or zone.", examples=["flights.silver.flights"])
    namespace: str = Field(description="The namespace it belongs to; may be empty.", examples=["flights"])
    actor: str = Field(description="Who caused it.", examples=["local"])
    data: dict[str, Any] = Field(description="More facts, depending on the kind.", examples=[{"status": "success"}])

    @classmethod
    def of(cls, event: domain_event.Event) -> Event:
        """The shape of an event."""
        same = {name: getattr(event, name) for name in ("id", "kind", "subject", "namespace", "actor")}
        return cls(**same, timestamp=event.at, data=dict(event.data))


class EventList(Shape):
    """Events after a cursor, oldest first."""

    events: tuple[Event, ...] = Field(description="The events.")
    next: int = Field(description="Pass it as `cursor` to get what follows.", examples=[42])

    @classmethod
    def of(cls, events: Sequence[domain_event.Event], cursor: int) -> EventList:
        """The shape of the events after ``cursor``."""
        return cls(events=tuple(map(Event.of, events)), next=events[-1].id if events else cursor)
