"""Commands about runs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from rat_engine.cli.ending import CANCELLED, FAILED, OK, guarded
from rat_engine.cli.follow import outcome
from rat_engine.cli.logs import print_beside, print_line
from rat_engine.cli.options import AsJson, Data, Namespace, RunArgument, TableArgument
from rat_engine.cli.output import note, print_json, print_rows, print_table, say
from rat_engine.cli.session import opened, working
from rat_engine.cli.spread import spread
from rat_engine.cli.text import duration, moment, number, past, size
from rat_engine.errors import AuditFailedError

if TYPE_CHECKING:
    from rat_engine import CancelReport, Engine, Run, RunDetail, RunFacets, RunFilter


class Status(StrEnum):
    """What ``rat runs --status`` takes."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


class LayerName(StrEnum):
    """What ``--layer`` takes."""

    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"


Draft = Annotated[bool, typer.Option("--draft", help="Run the draft on a branch that is never published.")]
Runs = Annotated[list[str], typer.Argument(metavar="RUN...", help="Ids of runs.", show_default=False)]
WhichAttempt = Annotated[int | None, typer.Option("--attempt", min=1, help="Steps, tests and plan of this attempt, not the last one.", show_default=False)]
Sql = Annotated[bool, typer.Option("--sql", help="Nothing but the SQL that it carried out.")]
Facets = Annotated[bool, typer.Option("--facets", help="Instead of the runs: how many there are by status, namespace, layer and trigger.")]


@dataclass(frozen=True)
class Choice:
    """The options that choose runs."""

    status: Annotated[list[Status] | None, typer.Option("--status", help="Only this status; may be repeated.", show_default=False)] = None
    namespace: Namespace = None
    layer: Annotated[LayerName | None, typer.Option("--layer", help="Only this layer.", show_default=False)] = None
    pipeline: Annotated[str | None, typer.Option("--pipeline", help="Only pipelines of this name.", show_default=False)] = None
    trigger: Annotated[str | None, typer.Option("--trigger", help="Only this kind of trigger, such as manual.", show_default=False)] = None
    group: Annotated[str | None, typer.Option("--group", help="Only this group of runs.", show_default=False)] = None
    search: Annotated[str, typer.Option("--search", help="A part of the pipeline's name, or how the run's id begins.", show_default=False)] = ""
    since: Annotated[str | None, typer.Option("--since", help="Started then or later: 2026-01-31, 2026-01-31T06:00, 24h, 7d.", show_default=False)] = None
    until: Annotated[str | None, typer.Option("--until", help="Started earlier than then.", show_default=False)] = None

    def filter(self) -> RunFilter:
        """Which runs. Raises ValidationError, InvalidNameError."""
        from rat_engine import Layer, RunFilter, RunStatus

        layer = Layer(self.layer.value) if self.layer else None
        statuses = tuple(RunStatus(each.value) for each in self.status or ())
        period = (past(self.since) if self.since else None, past(self.until) if self.until else None)
        return RunFilter(self.namespace, layer, self.pipeline, statuses, self.group, *period, self.trigger, self.search)


@dataclass(frozen=True)
class Listing:
    """The options that order and cut a list."""

    sort: Annotated[str, typer.Option("--sort", help="A field of --json to sort by, such as -duration_ms; - for descending.", show_default=False)] = ""
    limit: Annotated[int, typer.Option("--limit", min=1, max=500, help="Most runs shown.")] = 20
    after: Annotated[str | None, typer.Option("--after", help="Go on behind this run: the `next` of --json.", show_default=False)] = None


@guarded
def run(table: TableArgument, draft: Draft = False, data: Data = None, as_json: AsJson = False) -> int:
    """Run a pipeline, show its log, and wait for its end. Ctrl+C cancels the run.

    Exit status 0 when it succeeded, 1 when it failed or was skipped, 3 when it was cancelled.
    """
    from rat_engine import LOCAL_USER, RunRequest, TableName

    name = TableName.parse(table)
    with working(data) as engine:
        return _exit_status(_followed(engine, engine.runs.submit(LOCAL_USER, name, RunRequest(draft=draft)), as_json=as_json))


@guarded
def rerun(run_id: RunArgument, data: Data = None, as_json: AsJson = False) -> int:
    """Do what a run did once more, with the pipeline as it is today, and wait for its end. Ctrl+C cancels it."""
    from rat_engine import LOCAL_USER

    with working(data) as engine:
        return _exit_status(_followed(engine, engine.runs.rerun(LOCAL_USER, run_id), as_json=as_json))


@guarded
@spread
def runs(choice: Choice, listing: Listing, facets: Facets = False, data: Data = None, as_json: AsJson = False) -> None:
    """List runs, newest first."""
    from rat_engine import LOCAL_USER, PageRequest, shapes

    with opened(data) as engine:
        if facets:
            _print_facets(engine.runs.facets(LOCAL_USER, choice.filter()), as_json=as_json)
            return
        page = engine.runs.list(LOCAL_USER, choice.filter(), PageRequest(listing.limit, listing.after, sort=listing.sort))
        if as_json:
            print_json(shapes.RunList.of(page).plain())
        else:
            print_table(("run", "status", "pipeline", "trigger", "asked for", "took", "rows written"), map(_row, page.items), right=(5, 6))
            say(f"{len(page.items)} of {page.total:,} runs")


@guarded
def show(run_id: RunArgument, attempt: WhichAttempt = None, sql: Sql = False, data: Data = None, as_json: AsJson = False) -> None:
    """Show a run. Its plan, its steps, its tests, what it read and wrote."""
    from rat_engine import LOCAL_USER, shapes

    with opened(data) as engine:
        detail = engine.runs.detail(LOCAL_USER, run_id, attempt)
        if as_json:
            print_json(shapes.RunDetail.of_detail(detail).plain())
        elif sql:
            print(_sql(detail))
        else:
            _print_detail(detail)


@guarded
def cancel(run_ids: Runs, data: Data = None, as_json: AsJson = False) -> None:
    """Cancel runs. A waiting one ends at once, a running one is asked to stop; nothing is published."""
    from rat_engine import LOCAL_USER, shapes

    with opened(data) as engine:
        if len(run_ids) > 1:
            _print_cancels(engine.runs.cancel_many(LOCAL_USER, run_ids), as_json=as_json)
            return
        run = engine.runs.cancel(LOCAL_USER, run_ids[0])
        if as_json:
            print_json(shapes.Run.of(run).plain())
        else:
            say(f"Run {run.id} of {run.table} is {run.status.value}{', asked to stop' if run.cancel_requested and not run.status.final else ''}.")


def _followed(engine: Engine, asked: Run, *, as_json: bool) -> Run:
    """The run ``asked`` for once it has ended, with its log told meanwhile and its end told then."""
    from rat_engine import LOCAL_USER, shapes

    note(f"Run {asked.id}")
    ended = outcome(engine, asked.id, print_beside if as_json else print_line)
    if as_json:
        print_json(shapes.RunDetail.of_detail(engine.runs.detail(LOCAL_USER, ended.id)).plain())
    else:
        for line in _summary(ended).splitlines():
            say(line)
    return ended


def _print_cancels(report: CancelReport, *, as_json: bool) -> None:
    from rat_engine import shapes

    if as_json:
        print_json(shapes.CancelReport.of(report).plain())
        return
    words = {"cancelled": "cancelled", "asked": "asked to stop", "ended": "had ended before", "missing": "does not exist"}
    print_table(("run", ""), [(run_id, word) for name, word in words.items() for run_id in getattr(report, name)])


def _print_facets(facets: RunFacets, *, as_json: bool) -> None:
    from rat_engine import shapes

    if as_json:
        print_json(shapes.RunFacets.of(facets).plain())
        return
    named = {"status": facets.statuses, "namespace": facets.namespaces, "layer": facets.layers, "trigger": facets.triggers}
    print_table(("facet", "value", "runs"), [(name, each.value, number(each.runs)) for name, counts in named.items() for each in counts], right=(2,))
    say(f"{facets.total:,} runs")


def _exit_status(run: Run) -> int:
    return {"success": OK, "cancelled": CANCELLED}.get(run.status.value, FAILED)


def _row(run: Run) -> tuple[str, ...]:
    rows = number(run.counts.rows_out) if run.status.final else ""
    return run.id, run.status.value, str(run.table), run.trigger, moment(run.created_at), duration(run.duration_ms), rows


def _summary(run: Run) -> str:
    if run.status.value == "success":
        where = f"branch {run.branch}, not published" if run.draft else f"now {_rows(run.counts.rows_total)}"
        return f"success in {duration(run.duration_ms)}: {_rows(run.counts.rows_out)}, {size(run.counts.bytes_written)} written to {run.table} ({where})"
    kept = run.branch and run.error_code == AuditFailedError.code and run.branch not in run.error_message
    return f"{run.status.value} after {duration(run.duration_ms)}: {run.error_message}" + (f" What it wrote is on branch {run.branch}." if kept else "")


def _rows(count: int | None) -> str:
    return f"{number(count)} {'row' if count == 1 else 'rows'}"


def _print_detail(detail: RunDetail) -> None:
    run = detail.run
    code = "draft" if run.draft else f"version {run.version}"
    facts = {
        "run": run.id,
        "pipeline": f"{run.table} ({code})",
        "code hash": run.code_hash,
        "strategy": _strategy(detail),
        "attempt": f"{detail.attempt} of {len(detail.attempts)}" if len(detail.attempts) > 1 else "",
        "status": run.status.value,
        "asked for": f"{moment(run.created_at)} by {run.actor} ({run.trigger})",
        "took": duration(run.duration_ms),
        "rows": f"{number(run.counts.rows_in)} read, {number(run.counts.rows_out)} written, {number(run.counts.rows_total)} in the table",
        "written": f"{size(run.counts.bytes_written)} in {number(run.counts.files_written)} files",
        "branch": run.branch if run.status.value == "success" or run.error_code == "audit_failed" else "",
        "waits": run.waiting_for,
        "error": run.error_message,
    }
    for name, value in facts.items():
        if value:
            say(f"{name:<10} {value}")
    _print_parts(detail)


def _sql(detail: RunDetail) -> str:
    """The SQL that an attempt carried out. Raises NotFoundError where it did not come to that."""
    from rat_engine import NotFoundError

    if detail.plan is None:
        raise NotFoundError(f"Attempt {detail.attempt} of run {detail.run.id} has no plan: it ended, or waits, before it was made.")
    return detail.plan.sql.strip("\n")


def _strategy(detail: RunDetail) -> str:
    if detail.plan is None:
        return ""
    return f"{detail.plan.strategy}{', incremental' if detail.plan.incremental else ''} (the SQL: rat show {detail.run.id} --sql)"


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
