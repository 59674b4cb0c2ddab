"""One run: what it is doing or did, its tests, what it read, and why it failed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

import reflex as rx

from rat_app import routes
from rat_app.engine import call, engine
from rat_app.state.base import Failure, actor_of, handler
from rat_app.state.copies import CopyView, copy_view
from rat_app.state.lists import BadAddressError, parameter
from rat_app.state.live import changes
from rat_app.state.visit import visit
from rat_engine import (
    Action,
    Attempt,
    Event,
    NotFoundError,
    RecordedPlan,
    Run,
    RunDetail,
    RunGroup,
    RunInputs,
    RunStatus,
    Step,
    TableName,
    TestResult,
    TestStatus,
)

# What a person can do about a failure whose message alone does not say it; by error code.
ADVICE: Mapping[str, str] = {
    "audit_failed": "The bad rows are listed under Tests. What readers of the table see did not change.",
    "missing_input": "Run the pipeline that fills it, or land a file in the zone, then run this again.",
    "child_died": "The log has what the process said last. If it ran out of memory, let the query read less at once or raise RAT_MEMORY_LIMIT_MB.",
    "disk_full": "Make room on the disk of the data folder, then run it again. Nothing was published.",
    "publish_conflict": "Something else published to this table meanwhile. Run it again to work from its present rows.",
    "resource_limit": "Let the query read or keep less at once, or raise the limit that the message names.",
    "query_failed": "Correct the SQL on the pipeline's Code page; its preview shows the same error without a run.",
    "compile_failed": "Correct the files on the pipeline's Code page; the Problems panel there shows each place.",
}
TRIGGERS: Mapping[str, str] = {"manual": "started by hand", "group": "run together with others", "demo": "part of the demo", "api": "asked for over the API"}
SAMPLE_CELL = 200
# What of a plan's SQL is sent to the page; a state's variable stays well under 64 KB also where characters take three bytes.
MAX_SQL = 20_000
MAX_ATTEMPT = 1_000_000
# The tabs that show one attempt, the first of which needs no name in the address.
TABS = ("log", "tests", "plan")
RERUN = "rerun"


@dataclass(frozen=True)
class StepView:
    """A step on the timeline: where its bar begins and how wide it is, in percent of the attempt."""

    name: str
    status: str
    started_at: datetime
    milliseconds: float | None
    left: float
    width: float


@dataclass(frozen=True)
class ResultView:
    """A test's result; ``status`` is warn when bad rows were found and the severity does not block."""

    name: str
    status: str
    severity: str
    violations: int
    milliseconds: float
    message: str
    description: str
    remediation: str
    sql: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]


@dataclass(frozen=True)
class InputView:
    """A table's snapshot, with the address of its list, or a landing file that the run read. Ids are text: they need 64 bits."""

    kind: str
    name: str
    detail: str
    size: int | None = None
    href: str = ""


@dataclass(frozen=True)
class PlanView:
    """What an attempt decided to do. ``sql`` is its beginning where it is long; ``characters`` is how many characters there are in all."""

    strategy: str = ""
    incremental: bool = False
    sql: str = ""
    characters: int = 0


@dataclass(frozen=True)
class AttemptView:
    """An attempt, and the addresses of what is shown of it, by tab."""

    number: int
    began: datetime
    finished: datetime | None
    exit: str
    pid: int | None
    memory: int | None
    shown: bool
    addresses: dict[str, str]


@dataclass(frozen=True)
class GroupView:
    """The runs that the run was asked for together with, and the address of their list."""

    words: str = ""
    address: str = ""


class RunState(rx.State):
    """The run whose page is open."""

    loaded: rx.Field[bool] = rx.field(default=False)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)
    name: rx.Field[str] = rx.field(default="")
    run: rx.Field[Run | None] = rx.field(default=None)
    final: rx.Field[bool] = rx.field(default=False)
    why: rx.Field[str] = rx.field(default="")
    advice: rx.Field[str] = rx.field(default="")
    snapshot: rx.Field[str] = rx.field(default="")
    attempts: rx.Field[list[AttemptView]] = rx.field(default_factory=list)
    attempt: rx.Field[int] = rx.field(default=0)
    plan: rx.Field[PlanView | None] = rx.field(default=None)
    parameters: rx.Field[str] = rx.field(default="")
    versions: rx.Field[str] = rx.field(default="")
    steps: rx.Field[list[StepView]] = rx.field(default_factory=list)
    tests: rx.Field[list[ResultView]] = rx.field(default_factory=list)
    inputs: rx.Field[list[InputView]] = rx.field(default_factory=list)
    group: rx.Field[GroupView] = rx.field(default_factory=GroupView)
    repeats: rx.Field[str] = rx.field(default="")
    copies: rx.Field[CopyView] = rx.field(default_factory=CopyView)

    @handler(Action.RUN_READ, "open the run", does="runs.detail", shows="failure", follows=True)
    async def follow(self) -> None:
        """Read the run, and again at every event of it; while it waits, at every event of a run."""
        path, attempt = self.router.url.path, requested_attempt(self)
        run_id = run_at(path)
        await visit(self, run_id)
        async for _ in changes(self, self._concerns, at=path):
            detail = await call(engine().runs.detail, actor_of(self), run_id, attempt)
            async with self:
                show(self, detail)

    def _concerns(self, event: Event) -> bool:
        waits = self.run is None or self.run.status == RunStatus.PENDING
        return event.kind.startswith("run.") and (waits or event.subject == self.name)

    @handler(Action.RUN_CANCEL, "cancel the run", does="runs.cancel")
    async def cancel(self) -> None:
        """Ask for its end."""
        self.run = await call(engine().runs.cancel, actor_of(self), self.name)

    @handler(Action.RUN_SUBMIT, "run it again", does="runs.rerun")
    async def again(self) -> Any:
        """Ask for another run of the same pipeline, the draft's when this one was the draft's, and go there."""
        actor = actor_of(self)
        new = await call(engine().runs.rerun, actor, self.name)
        return rx.redirect(routes.run(new.id))


def run_at(path: str) -> str:
    """The id of the run whose page lies at ``path``. Raises NotFoundError."""
    parts = path.strip("/").split("/")
    if len(parts) != 2:
        raise NotFoundError("There is no run at this address.")
    return unquote(parts[1])


def requested_attempt(state: rx.State) -> int | None:
    """The attempt that the address names; None for the last one. Raises BadAddressError."""
    text = parameter(state, "attempt")
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= MAX_ATTEMPT:
        raise BadAddressError(f"attempt={text[:20]!r} in the address is not the number of an attempt.")
    return int(text)


def show(state: RunState, detail: RunDetail) -> None:
    """Take over everything known of a run."""
    run = detail.run
    state.run, state.final, state.loaded = run, run.status.final, True
    state.why, state.advice = reason(run), ADVICE.get(run.error_code, "") if run.error_code else ""
    state.group, state.repeats = group_view(detail.group), repeated(run)
    state.copies = copy_view(state, "runs.rerun" if run.status.final else "runs.cancel", run_id=run.id)
    state.snapshot = "" if run.snapshot_id is None else str(run.snapshot_id)
    state.attempts = [attempt_view(each, detail) for each in detail.attempts]
    state.attempt, state.plan, state.parameters = detail.attempt, plan_view(detail.plan), json.dumps(dict(run.parameters)) if run.parameters else ""
    state.versions = routes.pipeline(run.table.namespace, run.table.layer.value, run.table.name, "versions")
    state.steps, state.tests, state.inputs = timeline(detail.steps, run), [result_view(test) for test in detail.tests], inputs(detail.inputs)


def plan_view(plan: RecordedPlan | None) -> PlanView | None:
    """A plan as the page shows it: the whole of a long text stays where it is."""
    if plan is None:
        return None
    text = plan.sql.strip("\n")
    return PlanView(plan.strategy, plan.incremental, text[:MAX_SQL], len(text))


def attempt_view(attempt: Attempt, detail: RunDetail) -> AttemptView:
    """An attempt as the page shows it; the last one is what the run's own address shows."""
    named = "" if attempt.number == detail.attempts[-1].number else str(attempt.number)
    addresses = {tab: routes.run(detail.run.id, attempt=named, tab=tab if tab != TABS[0] else "") for tab in TABS}
    ends = (attempt.started_at, attempt.finished_at, attempt.exit, attempt.pid, attempt.max_rss_bytes)
    return AttemptView(attempt.number, *ends, attempt.number == detail.attempt, addresses)


def _snapshots(table: TableName) -> str:
    return routes.table(table.namespace, table.layer.value, table.name, "snapshots")


def group_view(group: RunGroup | None) -> GroupView:
    """The group in words."""
    if group is None or group.runs < 2:
        return GroupView()
    return GroupView(f"with {group.runs - 1} other run{'' if group.runs == 2 else 's'}", routes.runs(group=group.id))


def repeated(run: Run) -> str:
    """The id of the run that this one repeats; empty when it repeats none."""
    kind, _, other = run.trigger.partition(":")
    return other if kind == RERUN else ""


def reason(run: Run) -> str:
    """Why the run is there, in words."""
    kind, _, name = run.trigger.partition(":")
    if kind == RERUN:
        return f"run again by {run.actor}"
    words = TRIGGERS.get(kind, kind.replace("_", " ")) + (f" {name.strip()}" if name else "")
    return f"{words} by {run.actor}" if kind == "manual" else words


def timeline(steps: Sequence[Step], run: Run) -> list[StepView]:
    """The steps as bars over the time from the first one's start to the last one's end; one that goes on fills its line."""
    if not steps:
        return []
    begin = min(step.started_at for step in steps)
    whole = max(max(step.ended_at or step.started_at for step in steps) - begin, timedelta(milliseconds=1))
    return [_bar(step, run, begin, whole) for step in steps]


def _bar(step: Step, run: Run, begin: datetime, whole: timedelta) -> StepView:
    left, width = 0.0, 100.0
    if step.ended_at is not None:
        left = round((step.started_at - begin) / whole * 100, 2)
        width = round(max((step.ended_at - step.started_at) / whole * 100, 1), 2)
    return StepView(step.name.value, _step_status(step, run), step.started_at, step.duration_ms, left, width)


def _step_status(step: Step, run: Run) -> str:
    if step.ok:
        return "success"
    if run.status is RunStatus.CANCELLED:
        return "cancelled"
    # A step that was going on when its process was stopped has no end of its own.
    return "failed" if step.ok is False or run.status.final else "running"


def result_view(test: TestResult) -> ResultView:
    """A test result as the page shows it; long cells of the sample are cut."""
    warns = test.status is TestStatus.FAIL and not test.blocks
    return ResultView(
        test.name,
        "warn" if warns else test.status.value,
        test.severity.value,
        test.violations,
        test.duration_ms,
        test.message,
        test.description,
        test.remediation,
        test.compiled_sql.strip("\n"),
        test.sample_columns,
        tuple(tuple(None if cell is None else str(cell)[:SAMPLE_CELL] for cell in row) for row in test.sample_rows),
    )


def inputs(read: RunInputs) -> list[InputView]:
    """What a run read: tables with their snapshots, then landing files."""
    tables = [InputView("table", str(pin.table), f"snapshot {pin.snapshot_id}", href=_snapshots(pin.table)) for pin in read.tables]
    files = [InputView("file", pin.filename, f"landing zone {pin.zone} · sha256 {pin.sha256[:12]}…", pin.size_bytes) for pin in read.files]
    return tables + files
