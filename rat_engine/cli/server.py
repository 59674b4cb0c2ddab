"""Commands about the installation: start it, fill it, look after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from rat_engine.cli.ending import FAILED, OK, guarded
from rat_engine.cli.follow import finished
from rat_engine.cli.options import AsJson, Data
from rat_engine.cli.output import note, print_json, print_table, say
from rat_engine.cli.session import opened, working
from rat_engine.cli.text import duration, moment, number, size

if TYPE_CHECKING:
    from rat_engine import Run

Host = Annotated[str | None, typer.Option("--host", help="Loopback address to listen on; RAT_HOST or 127.0.0.1 when left out.", show_default=False)]
Port = Annotated[int | None, typer.Option("--port", min=1, max=65535, help="Port to listen on; RAT_PORT or 3000 when left out.", show_default=False)]

SearchText = Annotated[str, typer.Argument(metavar="TEXT", help="Words that the name holds.", show_default=False)]


@guarded
def up(host: Host = None, port: Port = None, data: Data = None, as_json: AsJson = False) -> int:  # noqa: ARG001 - read by guarded
    """Start RAT: portal, REST API and workers. Ctrl+C stops it."""
    from rat_engine.settings import Settings
    from rat_engine.worker.launcher import launch

    return launch(Settings.load(host=host, port=port, data=data))


@guarded
def demo(data: Data = None, as_json: AsJson = False) -> int:
    """Load the demo. New York's flights, from raw files to figures; one of its pipelines fails on purpose, to show the gate.

    The exit status is 1 when anything but such a gate stopped a run.
    """
    from rat_engine import LOCAL_USER, RunStatus, shapes
    from rat_engine.errors import AuditFailedError

    with working(data) as engine:
        asked = engine.demo.load(LOCAL_USER).runs
        note(f"{len(asked)} pipelines run.")
        ended: list[Run] = []
        for run in finished(engine, [run.id for run in asked]):
            ended.append(run)
            note(f"{run.status.value:<8} {run.table}  {duration(run.duration_ms)}")
    if as_json:
        print_json({"runs": [shapes.Run.of(run).plain() for run in ended], "total": len(ended), "next": None})
    else:
        print_table(("status", "table", "rows", "took", ""), map(_row, ended), right=(2, 3))
        say("Look at it with `rat up`, or list what there is with `rat tables`.")
    return OK if all(run.status is RunStatus.SUCCESS or run.error_code == AuditFailedError.code for run in ended) else FAILED


def _row(run: Run) -> tuple[str, ...]:
    rows = number(run.counts.rows_total if run.status.value == "success" else None)
    return run.status.value, str(run.table), rows, duration(run.duration_ms), run.error_message.split("\n")[0]


@guarded
def settings(data: Data = None, as_json: AsJson = False) -> None:
    """Show every setting in force. With its variable and, where it differs, its default."""
    from rat_engine import LOCAL_USER, shapes

    with opened(data) as engine:
        facts = engine.health.settings(LOCAL_USER)
    if as_json:
        print_json(shapes.SettingList.of(facts).plain())
    else:
        rows = [(fact.variable, fact.value, "" if fact.value == fact.default else f"default {fact.default}", fact.description) for fact in facts]
        print_table(("variable", "value", "", "meaning"), rows)


@guarded
def search(text: SearchText, data: Data = None, as_json: AsJson = False) -> None:
    """Search pipelines, tables, saved queries and namespaces by name. A run is found by the beginning of its id."""
    from rat_engine import LOCAL_USER, shapes

    with opened(data) as engine:
        found = engine.search.find(LOCAL_USER, text)
    if as_json:
        print_json(shapes.FoundList.of(found).plain())
    else:
        print_table(("kind", "name", ""), [(each.kind.value.replace("_", " "), each.title, each.more.split("\n")[0]) for each in found])


@guarded
def workers(data: Data = None, as_json: AsJson = False) -> None:
    """Show the worker processes of a running server. By lane, with what each does, since when, and its memory."""
    from rat_engine import LOCAL_USER, shapes

    with opened(data) as engine:
        lanes = engine.health.workers(LOCAL_USER)
    if as_json:
        print_json(shapes.LaneList.of(lanes).plain())
        return
    if not lanes:
        note("No server runs on this data folder; `rat up` starts one.")
    rows = [
        (
            lane.lane.value,
            str(each.pid),
            each.state.value,
            " ".join(filter(None, (each.kind, each.table or each.subject))),
            moment(each.since),
            size(each.memory_bytes),
        )
        for lane in lanes
        for each in lane.workers
    ]
    print_table(("lane", "pid", "state", "works on", "since", "memory"), rows, right=(1, 5))


@guarded
def doctor(data: Data = None, as_json: AsJson = False) -> int:
    """Check the installation. Database, engine, disk, confinement, versions; exit status 1 when something fails."""
    from rat_engine import LOCAL_USER, shapes

    with opened(data) as engine:
        checks = engine.health.doctor(LOCAL_USER)
        if as_json:
            print_json(shapes.CheckList.of(checks).plain())
        else:
            print_table(("check", "status", "detail"), [(check.name, check.status, check.detail) for check in checks])
    return FAILED if any(check.status == "fail" for check in checks) else OK
