"""Commands about a pipeline as a whole: its name, its end, its settings, its quality tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from rat_engine.cli.ending import FAILED, OK, guarded
from rat_engine.cli.options import AsJson, Data, TableArgument
from rat_engine.cli.output import print_json, print_table, say
from rat_engine.cli.session import opened, working
from rat_engine.cli.text import moment, number
from rat_engine.errors import ValidationError

if TYPE_CHECKING:
    from rat_engine import Engine, PipelineSettings, QualityTest, Query

To = Annotated[str, typer.Argument(metavar="NEW.LAYER.NAME", help="The new name in full.", show_default=False)]
UpdateReaders = Annotated[bool, typer.Option("--update-readers", help="Let the drafts of its readers read the new name.")]
Test = Annotated[list[str] | None, typer.Option("--test", help="Only this test; may be repeated.", show_default=False)]
Runs = Annotated[int, typer.Option("--runs", min=1, max=200, help="How many tested runs to look at.")]
Assignments = Annotated[list[str], typer.Argument(metavar="KEY=VALUE", help="Settings; tags apart by commas.", show_default=False)]


@guarded
def rename(table: TableArgument, to: To, update_readers: UpdateReaders = False, data: Data = None, as_json: AsJson = False) -> None:
    """Rename or move a pipeline. Draft, versions, runs and table go with it; its readers are listed."""
    from rat_engine import LOCAL_USER, TableName, shapes

    with opened(data) as engine:
        done = engine.lifecycle.rename(LOCAL_USER, TableName.parse(table), TableName.parse(to), update_readers)
    if as_json:
        print_json(shapes.Renamed.of(done).plain())
        return
    say(f"{table} is {done.pipeline.table} now")
    for reader in done.readers:
        say(f"{reader} reads the old name: " + ("its draft is changed, release it" if reader in done.updated else "change and release it"))


@guarded
def copy(table: TableArgument, to: To, data: Data = None, as_json: AsJson = False) -> None:
    """Copy a pipeline. The new one has its draft, and no version yet."""
    from rat_engine import LOCAL_USER, TableName, shapes

    with opened(data) as engine:
        made = engine.lifecycle.copy(LOCAL_USER, TableName.parse(table), TableName.parse(to))
    print_json(shapes.Pipeline.of(made).plain()) if as_json else say(f"{made.table} created")


@guarded
def delete(table: TableArgument, data: Data = None, as_json: AsJson = False) -> None:
    """Delete a pipeline. Its table and runs stay; `rat pipeline restore` brings it back within 24 hours."""
    from rat_engine import LOCAL_USER, TableName

    with opened(data) as engine:
        engine.pipelines.delete(LOCAL_USER, TableName.parse(table))
    print_json({"deleted": table}) if as_json else say(f"{table} deleted; `rat pipeline restore {table}` brings it back within 24 hours")


@guarded
def restore(table: TableArgument, data: Data = None, as_json: AsJson = False) -> None:
    """Restore a deleted pipeline with its draft and versions."""
    from rat_engine import LOCAL_USER, TableName, shapes

    with opened(data) as engine:
        back = engine.lifecycle.restore(LOCAL_USER, TableName.parse(table))
    print_json(shapes.Pipeline.of(back).plain()) if as_json else say(f"{back.table} restored")


@guarded
def deleted(data: Data = None, as_json: AsJson = False) -> None:
    """List pipelines that can be restored."""
    from rat_engine import LOCAL_USER, shapes

    with opened(data) as engine:
        found = engine.lifecycle.deleted(LOCAL_USER)
    if as_json:
        print_json(shapes.DeletedList.of(found).plain())
    else:
        rows = [(str(each.table), moment(each.deleted_at), each.deleted_by, moment(each.restorable_until), each.description.split("\n")[0]) for each in found]
        print_table(("pipeline", "deleted", "by", "can be restored until", "description"), rows)


@guarded
def dependents(table: TableArgument, data: Data = None, as_json: AsJson = False) -> None:
    """List the released pipelines that read a pipeline's table."""
    from rat_engine import LOCAL_USER, TableName, shapes

    with opened(data) as engine:
        readers = engine.lifecycle.dependents(LOCAL_USER, TableName.parse(table))
    print_json(shapes.NameList.of(readers).plain()) if as_json else print_table(("read by",), [(str(reader),) for reader in readers])


@guarded
def settings(table: TableArgument, data: Data = None, as_json: AsJson = False) -> None:
    """Show the settings of a draft, as config.yaml gives them."""
    from rat_engine import LOCAL_USER, TableName

    with opened(data) as engine:
        _tell(engine.configuration.read(LOCAL_USER, TableName.parse(table)), as_json)


@guarded
def change(table: TableArgument, assignments: Assignments, data: Data = None, as_json: AsJson = False) -> None:
    """Change the settings of a draft in config.yaml, whose comments stay. An empty value takes a setting away.

    For example: owner=ann tags=daily,sales merge_strategy=append_only
    """
    from rat_engine import LOCAL_USER, TableName

    values = dict(map(_assignment, assignments))
    with opened(data) as engine:
        _tell(engine.configuration.update(LOCAL_USER, TableName.parse(table), values), as_json)


def _assignment(text: str) -> tuple[str, str | tuple[str, ...]]:
    key, given, value = text.partition("=")
    if not given:
        raise ValidationError(f"{text[:60]!r} is not KEY=VALUE, for example owner=ann.")
    return key, tuple(tag.strip() for tag in value.split(",") if tag.strip()) if key == "tags" else value


def _tell(found: PipelineSettings, as_json: bool) -> None:
    from rat_engine import shapes

    shape = shapes.PipelineSettings.of(found)
    if as_json:
        print_json(shape.plain())
        return
    shown = {"description": shape.description, "owner": shape.owner, "tags": ", ".join(shape.tags), "merge_strategy": shape.merge_strategy}
    for key, value in shown.items():
        note = f" (an annotation in the source wins: {shape.overridden[key]})" if key in shape.overridden else ""
        say(f"{key:<14} {value or '–'}{note}")


@guarded
def list_tests(table: TableArgument, data: Data = None, as_json: AsJson = False) -> None:
    """List quality tests, each with what the last run found."""
    from rat_engine import LOCAL_USER, TableName, shapes

    with opened(data) as engine:
        found = engine.quality.tests(LOCAL_USER, TableName.parse(table))
    if as_json:
        print_json(shapes.QualityTestList.of(found).plain())
    else:
        rows = [
            (state.test.name, state.test.severity.value, state.last.status.value if state.last else "never", state.problem or state.test.description)
            for state in found
        ]
        print_table(("test", "severity", "last run", ""), rows)


@guarded
def history(table: TableArgument, runs: Runs = 20, data: Data = None, as_json: AsJson = False) -> None:
    """Show what quality tests found in the last runs."""
    from rat_engine import LOCAL_USER, TableName, shapes

    with opened(data) as engine:
        found = engine.quality.history(LOCAL_USER, TableName.parse(table), runs)
    if as_json:
        print_json(shapes.TestHistory.of(found).plain())
    else:
        rows = [(each.run_id, moment(each.at), each.name, each.severity.value, each.status.value, number(each.violations)) for each in found]
        print_table(("run", "", "test", "severity", "status", "bad rows"), rows, right=(5,))


@guarded
def run_tests(table: TableArgument, only: Test = None, data: Data = None, as_json: AsJson = False) -> int:
    """Test the published table now, without a run. Exit status 1 when a test of severity error does not pass. Ctrl+C stops the tests."""
    from rat_engine import LOCAL_USER, TableName, shapes

    with working(data) as engine:
        asked = engine.quality.run(LOCAL_USER, TableName.parse(table), only or ())
        found = shapes.TestRunList.of(_ended(engine, asked))
    if as_json:
        print_json(found.plain())
    else:
        rows = [
            (each.name, each.severity.value, each.status.value, number(each.violations) + ("+" if each.truncated else ""), each.message)
            for each in found.results
        ]
        print_table(("test", "severity", "status", "bad rows", ""), rows, right=(3,))
    return FAILED if any(each.severity == "error" and each.status != "pass" for each in found.results) else OK


def _ended(engine: Engine, asked: Sequence[tuple[QualityTest, Query]]) -> tuple[tuple[QualityTest, Query], ...]:
    from rat_engine.cli.queries import cancelling, final_query

    with cancelling(engine, [query for _, query in asked]):
        return tuple((test, final_query(engine, query)) for test, query in asked)
