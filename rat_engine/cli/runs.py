"""Commands about runs."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from rat_engine.cli.ending import CANCELLED, FAILED, OK, guarded
from rat_engine.cli.follow import Follower, log, outcome
from rat_engine.cli.options import AsJson, Data, Namespace, RunArgument, TableArgument
from rat_engine.cli.output import note, print_json, print_rows, print_table, say
from rat_engine.cli.session import opened, working
from rat_engine.cli.text import duration, moment, number, size, visible

if TYPE_CHECKING:
    from rat_engine import LogLine, Run, RunDetail


class Status(StrEnum):
    """What ``rat runs --status`` takes."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


Draft = Annotated[bool, typer.Option("--draft", help="Run the draft on a branch that is never published.")]
Statuses = Annotated[list[Status] | None, typer.Option("--status", help="Only this status; may be repeated.", show_default=False)]
Limit = Annotated[int, typer.Option("--limit", min=1, max=500, help="Most runs shown.")]
After = Annotated[str | None, typer.Option("--after", help="Go on behind this run: the `next` of --json.", show_default=False)]
Attempt = Annotated[int | None, typer.Option("--attempt", min=1, help="Which attempt's log; the last one when left out.", show_default=False)]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="Go on until the run has ended.")]


@guarded
def run(table: TableArgument, draft: Draft = False, data: Data = None, as_json: AsJson = False) -> int:
    """Run a pipeline, show its log, and wait for its end. Ctrl+C cancels the run.

    Exit status 0 when it succeeded, 1 when it failed or was skipped, 3 when it was cancelled.
    """
    from rat_engine import LOCAL_USER, RunRequest, TableName, shapes

    name = TableName.parse(table)
    with working(data) as engine:
        asked = engine.runs.submit(LOCAL_USER, name, RunRequest(draft=draft))
        note(f"Run {asked.id}")
        ended = outcome(engine, asked.id, _beside if as_json else _print_line)
        if as_json:
            print_json(shapes.RunDetail.of_detail(engine.runs.detail(LOCAL_USER, ended.id)).plain())
        else:
            say(_summary(ended))
    return _exit_status(ended)


@guarded
def runs(status: Statuses = None, namespace: Namespace = None, limit: Limit = 20, after: After = None, data: Data = None, as_json: AsJson = False) -> None:
    """List runs, newest first."""
    from rat_engine import LOCAL_USER, PageRequest, RunFilter, RunStatus, shapes

    wanted = RunFilter(namespace=namespace, statuses=tuple(RunStatus(each.value) for each in status or ()))
    with opened(data) as engine:
        page = engine.runs.list(LOCAL_USER, wanted, PageRequest(limit, after))
        if as_json:
            print_json(shapes.RunList.of(page).plain())
        else:
            print_table(("run", "status", "pipeline", "trigger", "asked for", "took", "rows written"), map(_row, page.items), right=(5, 6))
            say(f"{len(page.items)} of {page.total:,} runs")


@guarded
def show(run_id: RunArgument, data: Data = None, as_json: AsJson = False) -> None:
    """Show a run. Its steps, its tests, what it read and wrote."""
    from rat_engine import LOCAL_USER, shapes

    with opened(data) as engine:
        detail = engine.runs.detail(LOCAL_USER, run_id)
        if as_json:
            print_json(shapes.RunDetail.of_detail(detail).plain())
        else:
            _print_detail(detail)


@guarded
def logs(run_id: RunArgument, follow: Follow = False, attempt: Attempt = None, data: Data = None, as_json: AsJson = False) -> None:
    """Print a run's log. With --follow and --json each line is a JSON object of its own."""
    import json

    from rat_engine import LOCAL_USER, shapes

    with opened(data) as engine:
        if follow:
            for line in Follower(engine, run_id).lines():
                if as_json:
                    print(json.dumps(shapes.LogLine.of(line).plain()), flush=True)
                else:
                    _print_line(line)
        elif as_json:
            found = [shapes.LogLine.of(line).plain() for line in log(engine, run_id, attempt)]
            last = shapes.LogChunk.of(run_id, engine.runs.log(LOCAL_USER, run_id, len(found), 1, attempt)).plain()
            print_json({**last, "logs": found, "start": 0, "next": len(found)})
        else:
            for line in log(engine, run_id, attempt):
                _print_line(line)


@guarded
def cancel(run_id: RunArgument, data: Data = None, as_json: AsJson = False) -> None:
    """Cancel a run. A waiting one ends at once, a running one is asked to stop; nothing is published."""
    from rat_engine import LOCAL_USER, shapes

    with opened(data) as engine:
        run = engine.runs.cancel(LOCAL_USER, run_id)
        if as_json:
            print_json(shapes.Run.of(run).plain())
        else:
            say(f"Run {run.id} of {run.table} is {run.status.value}{', asked to stop' if run.cancel_requested and not run.status.final else ''}.")


def _exit_status(run: Run) -> int:
    return {"success": OK, "cancelled": CANCELLED}.get(run.status.value, FAILED)


def _line(line: LogLine) -> str:
    time = line.at.astimezone().strftime("%H:%M:%S.%f")[:-3] if line.at else " " * 12
    head = f"{time} {line.level.value.upper():<7} "
    return head + f"\n{' ' * len(head)}".join(map(visible, line.message.splitlines() or [""]))


def _print_line(line: LogLine) -> None:
    print(_line(line), flush=True)


def _beside(line: LogLine) -> None:
    print(_line(line), file=sys.stderr, flush=True)


def _row(run: Run) -> tuple[str, ...]:
    rows = number(run.counts.rows_out) if run.status.final else ""
    return run.id, run.status.value, str(run.table), run.trigger, moment(run.created_at), duration(run.duration_ms), rows


def _summary(run: Run) -> str:
    if run.status.value == "success":
        where = f"branch {run.branch}, not published" if run.draft else f"now {number(run.counts.rows_total)} rows"
        return f"success in {duration(run.duration_ms)}: {number(run.counts.rows_out)} rows, {size(run.counts.bytes_written)} written to {run.table} ({where})"
    branch = f" What it wrote is on branch {run.branch}." if run.branch else ""
    return f"{run.status.value} after {duration(run.duration_ms)}: {run.error_message}{branch}"


def _print_detail(detail: RunDetail) -> None:
    run = detail.run
    code = "draft" if run.draft else f"version {run.version}"
    facts = {
        "run": run.id,
        "pipeline": f"{run.table} ({code})",
        "status": run.status.value,
        "asked for": f"{moment(run.created_at)} by {run.actor} ({run.trigger})",
        "took": duration(run.duration_ms),
        "rows": f"{number(run.counts.rows_in)} read, {number(run.counts.rows_out)} written, {number(run.counts.rows_total)} in the table",
        "written": f"{size(run.counts.bytes_written)} in {number(run.counts.files_written)} files",
        "branch": run.branch,
        "waits": run.waiting_for,
        "error": run.error_message,
    }
    for name, value in facts.items():
        if value:
            say(f"{name:<10} {value}")
    _print_parts(detail)


def _print_parts(detail: RunDetail) -> None:
    if detail.inputs.tables or detail.inputs.files:
        read = [(str(pin.table), f"snapshot {pin.snapshot_id}") for pin in detail.inputs.tables]
        say()
        print_table(("read", ""), [*read, *((file.zone, f"{file.filename}, {size(file.size_bytes)}") for file in detail.inputs.files)])
    if detail.steps:
        say()
        states = {True: "ok", False: "failed", None: "running"}
        print_table(("step", "status", "took"), [(step.name.value, states[step.ok], duration(step.duration_ms)) for step in detail.steps], right=(2,))
    if detail.tests:
        say()
        tests = [(test.name, test.severity.value, test.status.value, number(test.violations), test.message) for test in detail.tests]
        print_table(("test", "severity", "status", "bad rows", ""), tests, right=(3,))
    for test in detail.tests:
        if test.sample_rows:
            say(f"\nBad rows of {test.name}" + (f" ({test.remediation})" if test.remediation else "") + ":")
            print_rows(test.sample_columns, test.sample_rows)
