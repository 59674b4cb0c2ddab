"""Commands about pipelines: list, show, create, files, versions, release."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rat_engine.cli.ending import guarded
from rat_engine.cli.options import AsJson, Data, Namespace, TableArgument
from rat_engine.cli.output import print_json, print_table, say
from rat_engine.cli.session import PAGE, every, opened
from rat_engine.cli.text import moment, number, visible

if TYPE_CHECKING:
    from rat_engine import Pipeline, PipelineFiles, Version


SortOption = Annotated[str, typer.Option("--sort", help="Sort by last_run_at, row_count, published_at or another field; - for descending.", show_default=False)]
LayerOption = Annotated[str | None, typer.Option("--layer", help="Only this layer.", show_default=False)]
Search = Annotated[str, typer.Option("--search", help="Only what has this text in its name or description.", show_default=False)]
Description = Annotated[str, typer.Option("--description", help="What its table is for.", show_default=False)]
Message = Annotated[str, typer.Option("--message", "-m", help="What changed; shown in the history.", show_default=False)]
Revision = Annotated[int, typer.Option("--revision", min=0, help="The revision that was read; an outdated one is refused.", show_default=False)]
Folder = Annotated[Path, typer.Argument(metavar="DIR", exists=True, file_okay=False, readable=True, help="Where the files lie.", show_default=False)]
NumberArgument = Annotated[int, typer.Argument(metavar="VERSION", min=1, help="A version's number.", show_default=False)]
Before = Annotated[int | None, typer.Argument(metavar="BEFORE", min=1, help="A version's number; the released one when left out.", show_default=False)]
After = Annotated[int | None, typer.Argument(metavar="AFTER", min=1, help="A version's number; the draft when left out.", show_default=False)]
ReplaceDraft = Annotated[bool, typer.Option("--replace-draft", help="Replace the draft even when it has edits.")]


@guarded
def list_pipelines(
    namespace: Namespace = None, layer: LayerOption = None, search: Search = "", sort: SortOption = "", data: Data = None, as_json: AsJson = False
) -> None:
    """List pipelines by name."""
    from rat_engine import LOCAL_USER, Layer, PipelineFilter, shapes

    wanted = PipelineFilter(namespace, Layer.parse(layer) if layer else None, search)
    with opened(data) as engine:
        found = list(every(lambda page: engine.pipelines.list(LOCAL_USER, wanted, page), sort))
    if as_json:
        print_json({"pipelines": [shapes.Pipeline.of(each).plain() for each in found], "total": len(found), "next": None})
    else:
        rows = [(str(each.table), _standing(each), each.last_run_status or "never", moment(each.last_run_at), number(each.row_count)) for each in found]
        print_table(("pipeline", "version", "last run", "", "rows"), rows, right=(4,))


@guarded
def show(table: TableArgument, data: Data = None, as_json: AsJson = False) -> None:
    """Show a pipeline. Where it stands, who owns it, who reads it."""
    from rat_engine import LOCAL_USER, TableName, shapes

    name = TableName.parse(table)
    with opened(data) as engine:
        found, readers = engine.pipelines.get(LOCAL_USER, name), engine.lifecycle.dependents(LOCAL_USER, name)
    if as_json:
        print_json(shapes.Pipeline.of(found).plain())
        return
    facts = {
        "pipeline": str(found.table),
        "about": found.description.split("\n")[0],
        "owner": found.owner,
        "version": _standing(found),
        "last run": f"{found.last_run_status} ({found.last_run_id})" if found.last_run_id else "never",
        "rows": number(found.row_count),
        "changed": moment(found.updated_at),
        "read by": ", ".join(map(str, readers)),
    }
    for key, value in facts.items():
        if value:
            say(f"{key:<9} {value}")


@guarded
def create(table: TableArgument, description: Description = "", data: Data = None, as_json: AsJson = False) -> None:
    """Create a pipeline. Its draft is a working template."""
    from rat_engine import LOCAL_USER, TableName, shapes

    with opened(data) as engine:
        made = engine.pipelines.create(LOCAL_USER, TableName.parse(table), None, description)
    print_json(shapes.Pipeline.of(made).plain()) if as_json else say(f"{made.table} created")


@guarded
def draft(table: TableArgument, data: Data = None, as_json: AsJson = False) -> None:
    """Print the files of a draft."""
    from rat_engine import LOCAL_USER, TableName, shapes

    with opened(data) as engine:
        found = engine.pipelines.draft(LOCAL_USER, TableName.parse(table))
    if as_json:
        print_json(shapes.Draft.of(found).plain())
        return
    say(f"revision {found.revision}, saved {moment(found.updated_at)} by {found.updated_by}")
    _print_files(found.files)


@guarded
def save(table: TableArgument, folder: Folder, revision: Revision, data: Data = None, as_json: AsJson = False) -> None:
    """Save the files of a folder as the draft. They replace all of it."""
    from rat_engine import LOCAL_USER, PipelineFiles, TableName, shapes

    files = {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in sorted(folder.rglob("*")) if path.is_file()}
    with opened(data) as engine:
        saved = engine.pipelines.save_draft(LOCAL_USER, TableName.parse(table), PipelineFiles(files), revision)
    print_json(shapes.Draft.of(saved).plain()) if as_json else say(f"{len(files)} files saved as revision {saved.revision}")


@guarded
def versions(table: TableArgument, data: Data = None, as_json: AsJson = False) -> None:
    """List versions, newest first."""
    from rat_engine import LOCAL_USER, PageRequest, TableName, shapes

    with opened(data) as engine:
        page = engine.pipelines.versions(LOCAL_USER, TableName.parse(table), PageRequest(PAGE))
    if as_json:
        print_json(shapes.VersionList.of(page).plain())
    else:
        rows = [(f"v{each.number}", moment(each.created_at), each.created_by, each.message, ", ".join(each.changed)) for each in page.items]
        print_table(("version", "released", "by", "message", "changed"), rows)


@guarded
def version(table: TableArgument, number: NumberArgument, data: Data = None, as_json: AsJson = False) -> None:
    """Print the files of a version."""
    from rat_engine import LOCAL_USER, TableName, shapes

    with opened(data) as engine:
        found = engine.pipelines.version(LOCAL_USER, TableName.parse(table), number)
    if as_json:
        print_json(shapes.Version.of(found).plain())
        return
    say(f"v{found.number}, released {moment(found.created_at)} by {found.created_by}" + (f": {found.message}" if found.message else ""))
    _print_files(found.files)


@guarded
def diff(table: TableArgument, before: Before = None, after: After = None, data: Data = None, as_json: AsJson = False) -> None:
    """Print what differs. Between two versions, or between one and the draft."""
    from rat_engine import LOCAL_USER, TableName, shapes

    name = TableName.parse(table)
    with opened(data) as engine:
        first = before if before is not None else engine.pipelines.get(LOCAL_USER, name).version
        found = engine.versions.compare(LOCAL_USER, name, first, after)
    if as_json:
        print_json(shapes.Comparison.of(found).plain())
        return
    for change in found.files:
        _print_text(change.diff)
    if not found.files:
        say("Nothing differs.")


@guarded
def release(table: TableArgument, message: Message = "", data: Data = None, as_json: AsJson = False) -> None:
    """Release a draft. It becomes the version that runs use."""
    from rat_engine import LOCAL_USER, TableName

    with opened(data) as engine:
        _tell(engine.pipelines.release(LOCAL_USER, TableName.parse(table), message), as_json)


@guarded
def rollback(
    table: TableArgument, version: NumberArgument, message: Message = "", replace_draft: ReplaceDraft = False, data: Data = None, as_json: AsJson = False
) -> None:
    """Go back to a version. Its files become a new version; an edited draft stays unless --replace-draft."""
    from rat_engine import LOCAL_USER, TableName

    with opened(data) as engine:
        _tell(engine.versions.rollback(LOCAL_USER, TableName.parse(table), version, message, replace_draft), as_json)


def _tell(made: Version, as_json: bool) -> None:
    from rat_engine import shapes

    print_json(shapes.Version.of(made).plain()) if as_json else say(f"{made.table} version {made.number} released")


def _standing(pipeline: Pipeline) -> str:
    if pipeline.version is None:
        return "not released"
    return f"v{pipeline.version}, draft changed" if pipeline.draft_changed else f"v{pipeline.version}"


def _print_files(files: PipelineFiles | None) -> None:
    for path, text in files.texts.items() if files else ():
        say(f"\n--- {path}")
        _print_text(text)


def _print_text(text: str) -> None:
    for line in text.splitlines():
        print(visible(line.expandtabs(4)))
