"""Commands about one table: ``rat table …``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rat_engine.cli.ending import guarded
from rat_engine.cli.options import AsJson, Data, TableArgument
from rat_engine.cli.output import note, print_json, print_rows, print_table, say
from rat_engine.cli.session import opened, working
from rat_engine.cli.text import NOTHING, moment, number, size

if TYPE_CHECKING:
    from rat_engine import DocumentationChange, Engine, LakeTable, Query, TableName, TableProfile

app = typer.Typer(name="table", help="Look at one table, and document it.", no_args_is_help=True, rich_markup_mode=None)

PAGE = 500
WINDOW = 5_000

Rows = Annotated[int, typer.Option("--limit", min=1, max=1_000, help="Most rows.")]
Cancel = Annotated[bool, typer.Option("--cancel", help="Stop the profile that is being made.")]
Settings = Annotated[list[str] | None, typer.Option("--set", metavar="FIELD=TEXT", help="Write description, owner or tags (a,b).", show_default=False)]
ColumnTexts = Annotated[list[str] | None, typer.Option("--column", metavar="NAME=TEXT", help="Write what a column means; repeat it.", show_default=False)]


@app.command()
@guarded
def show(table: TableArgument, data: Data = None, as_json: AsJson = False) -> None:
    """Show a table: its numbers, its columns."""
    from rat_engine import LOCAL_USER, shapes

    with opened(data) as engine:
        found = engine.tables.get(LOCAL_USER, _name(table))
    if as_json:
        print_json(shapes.Table.of(found).plain())
    else:
        _print_table(found)


@app.command()
@guarded
def preview(table: TableArgument, limit: Rows = 50, data: Data = None, as_json: AsJson = False) -> None:
    """Show first rows, in no particular order."""
    from rat_engine import LOCAL_USER, shapes

    with working(data) as engine:
        query = _ended(engine, engine.inspections.preview(LOCAL_USER, _name(table)))
        rows = engine.queries.rows(LOCAL_USER, query.id, 0, limit).rows
    if as_json:
        print_json(shapes.QueryResult.of(query, tuple(rows)).plain())
    elif hidden := print_rows([column.name for column in query.columns], rows):
        note(f"{hidden} more columns did not fit (--json shows them).")


@app.command()
@guarded
def snapshots(table: TableArgument, data: Data = None, as_json: AsJson = False) -> None:
    """List what was published, newest first."""
    from rat_engine import LOCAL_USER, Page, PageRequest, shapes

    with opened(data) as engine:
        name, after, found = _name(table), None, list[Any]()
        while True:
            page = engine.tables.snapshots(LOCAL_USER, name, PageRequest(PAGE, after))
            found += page.items
            after = page.next
            if after is None:
                break
    if as_json:
        print_json(shapes.TableSnapshotList.of(Page(tuple(found), len(found), None)).plain())
    else:
        rows = [
            (str(item.number), moment(item.published_at), item.operation, number(item.row_count), size(item.size_bytes), number(item.file_count), item.run_id)
            for item in found
        ]
        print_table(("no.", "published", "operation", "rows", "size", "files", "run"), rows, right=(0, 3, 4, 5))


@app.command()
@guarded
def files(table: TableArgument, data: Data = None, as_json: AsJson = False) -> None:
    """List data files by path."""
    from rat_engine import LOCAL_USER, ResultWindow, shapes

    with working(data) as engine:
        query = _ended(engine, engine.inspections.files(LOCAL_USER, _name(table)))
        rows = tuple(row for window in _windows(engine, query) for row in window)
    if as_json:
        print_json(shapes.DataFileWindow.of(ResultWindow(query.columns, rows, 0, len(rows))).plain())
    else:
        print_table(("path", "rows", "size", "delete files"), [(row[0], number(row[1]), size(row[2]), number(row[3])) for row in rows], right=(1, 2, 3))


@app.command()
@guarded
def neighbours(table: TableArgument, data: Data = None, as_json: AsJson = False) -> None:
    """Show what the table is made from, and what is made from it."""
    from rat_engine import LOCAL_USER, shapes

    with opened(data) as engine:
        found = engine.tables.neighbours(LOCAL_USER, _name(table))
    if as_json:
        print_json(shapes.Neighbours.of(found).plain())
    else:
        rows = [(way, item) for way, items in (("made from", found.upstream), ("read by", found.downstream)) for item in items]
        named = [(way, ".".join(filter(None, (item.namespace, item.layer, item.name))), item.kind, number(item.row_count)) for way, item in rows]
        print_table(("", "name", "kind", "rows"), named, right=(3,))


@app.command()
@guarded
def profile(table: TableArgument, cancel: Cancel = False, data: Data = None, as_json: AsJson = False) -> None:
    """Profile the columns: nulls, different values, least, greatest, mean. Ctrl+C stops it."""
    from rat_engine import LOCAL_USER, shapes

    with working(data) as engine:
        found = engine.inspections.cancel_profile(LOCAL_USER, _name(table)) if cancel else _profiled(engine, _name(table))
    if as_json:
        print_json(shapes.TableProfile.of(found).plain())
    else:
        _print_profile(found)


@app.command()
@guarded
def docs(table: TableArgument, settings: Settings = None, column: ColumnTexts = None, data: Data = None, as_json: AsJson = False) -> None:
    """Show a table's documentation, or write it: into the files of its pipeline, as a version of its own. An empty text removes."""
    from rat_engine import LOCAL_USER, DocumentationChange, shapes

    change = _change(dict(map(_assignment, settings or ())), dict(map(_assignment, column or ())))
    with opened(data) as engine:
        writes, name = change != DocumentationChange(), _name(table)
        found = engine.documentation.change(LOCAL_USER, name, change) if writes else engine.documentation.get(LOCAL_USER, name)
    if as_json:
        print_json(shapes.TableDocumentation.of(found).plain())
        return
    for words, text in (("description", found.docs.description), ("owner", found.docs.owner), ("tags", ", ".join(found.docs.tags))):
        say(f"{words}: {text or NOTHING}")
    print_table(("column", "means"), [(name, text.split("\n")[0]) for name, text in found.docs.columns.items() if text])


def _name(table: str) -> TableName:
    from rat_engine import TableName

    return TableName.parse(table)


def _assignment(text: str) -> tuple[str, str]:
    name, separator, said = text.partition("=")
    if not separator:
        raise typer.BadParameter(f"{text!r} has no =. Write NAME=TEXT.")
    return name, said


def _change(settings: dict[str, str], columns: dict[str, str]) -> DocumentationChange:
    from rat_engine import DocumentationChange

    if unknown := set(settings) - {"description", "owner", "tags"}:
        raise typer.BadParameter(f"--set {min(unknown)!r} is not possible: choose description, owner or tags.")
    tags = tuple(settings["tags"].split(",")) if "tags" in settings else None
    return DocumentationChange(settings.get("description"), columns, settings.get("owner"), tags)


def _ended(engine: Engine, query: Query) -> Query:
    """The query once it has succeeded. Raises its own error when it failed."""
    from rat_engine import LOCAL_USER, restore

    while not (query := engine.queries.wait(LOCAL_USER, query.id, 60.0)).status.final:
        pass
    if query.error_code:
        raise restore(query.error_code, query.error_message, {"query_id": query.id})
    return query


def _windows(engine: Engine, query: Query) -> Iterator[Any]:
    from rat_engine import LOCAL_USER

    offset = 0
    while offset < query.row_count:
        rows = engine.queries.rows(LOCAL_USER, query.id, offset, WINDOW).rows
        yield rows
        offset += len(rows)


def _profiled(engine: Engine, table: TableName) -> TableProfile:
    """The profile once it is whole. Raises what its queries failed with."""
    import time

    from rat_engine import LOCAL_USER, restore

    found = engine.inspections.ask_profile(LOCAL_USER, table)
    try:
        while found.status is None or not found.status.final:
            time.sleep(0.1)
            found = engine.inspections.profile(LOCAL_USER, table)
    except KeyboardInterrupt:
        engine.inspections.cancel_profile(LOCAL_USER, table)
        raise
    if found.error_code:
        raise restore(found.error_code, found.error_message, {})
    return found


def _print_table(table: LakeTable) -> None:
    say(str(table.name) + (f": {table.description}" if table.description else ""))
    published = f"published {moment(table.published_at)} by run {table.published_by_run}"
    say(f"{table.row_count:,} rows, {size(table.size_bytes)} in {table.file_count:,} files, {published}")
    if table.owner or table.tags:
        say(f"owner {table.owner or NOTHING}, tags {', '.join(table.tags) or NOTHING}")
    say()
    print_table(("column", "type", "means"), [(column.name, column.type, column.description.split("\n")[0]) for column in table.columns])


def _print_profile(profile: TableProfile) -> None:
    rows = [
        (column.name, column.type, number(column.nulls), number(column.distinct), column.least or NOTHING, column.greatest or NOTHING, _mean(column.mean))
        for column in profile.columns
    ]
    print_table(("column", "type", "nulls", "distinct", "least", "greatest", "mean"), rows, right=(2, 3, 6))
    if profile.sampled:
        note("The table is large: the numbers come from rows picked at random.")


def _mean(value: float | None) -> str:
    return NOTHING if value is None else f"{value:,.4g}"
