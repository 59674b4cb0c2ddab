"""Commands of whoever writes a pipeline: check, compile, lay out, preview, plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from rat_engine.cli.ending import FAILED, OK, guarded
from rat_engine.cli.options import AsJson, Data, TableArgument
from rat_engine.cli.output import print_json, print_table, say
from rat_engine.cli.queries import Format, ended_query, print_query
from rat_engine.cli.session import opened, working
from rat_engine.cli.text import number, size
from rat_engine.errors import ValidationError

if TYPE_CHECKING:
    from rat_engine import Cursor, NextRun, Problem

SOURCE_FILE = "pipeline.sql"

File = Annotated[str, typer.Option("--file", help="Which file of the draft.")]
Write = Annotated[bool, typer.Option("--write", help="Save the draft with the file laid out.")]
OfDraft = Annotated[bool, typer.Option("--draft", help="Of the draft, not of the released version.")]
Rows = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="Most rows.")]
At = Annotated[str, typer.Option("--at", metavar="LINE:COLUMN", help="Only the CTE at this place.", show_default=False)]


@guarded
def check(table: TableArgument, data: Data = None, as_json: AsJson = False) -> int:
    """Say what the compiler says of a draft. Exit status 1 when it could not be released."""
    from rat_engine import LOCAL_USER, TableName, shapes

    with opened(data) as engine:
        problems = engine.pipelines.compile(LOCAL_USER, TableName.parse(table)).problems
    if as_json:
        print_json(shapes.ProblemList.of(problems).plain())
    else:
        _say_problems(problems)
    return FAILED if any(problem.severity == "error" for problem in problems) else OK


def _say_problems(problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        say(f"{problem.severity}: {problem}")
    say(f"{len(problems)} {'problem' if len(problems) == 1 else 'problems'}")


@guarded
def compiled(table: TableArgument, file: File = SOURCE_FILE, data: Data = None, as_json: AsJson = False) -> None:
    """Print the SQL that a file of a draft becomes now."""
    from rat_engine import LOCAL_USER, TableName, shapes

    with opened(data) as engine:
        sql = engine.pipelines.compiled_sql(LOCAL_USER, TableName.parse(table), None, file)
    print_json(shapes.CompiledSql(path=file, sql=sql).plain()) if as_json else print(sql.strip("\n"))


@guarded
def laid_out(table: TableArgument, file: File = SOURCE_FILE, write: Write = False, data: Data = None, as_json: AsJson = False) -> None:
    """Print a file of a draft laid out anew: only line ends and spaces differ. With --write it is saved."""
    from rat_engine import LOCAL_USER, PipelineFiles, TableName, shapes

    name = TableName.parse(table)
    with opened(data) as engine:
        draft = engine.pipelines.draft(LOCAL_USER, name)
        text = engine.authoring.format(LOCAL_USER, name, file, draft.files.texts.get(file))
        changed = text != draft.files.texts.get(file)
        if write and changed:
            engine.pipelines.save_draft(LOCAL_USER, name, PipelineFiles({**draft.files.texts, file: text}), draft.revision)
    if as_json:
        print_json(shapes.FormattedFile(path=file, text=text, changed=changed).plain())
    elif write:
        say(f"{file} {'saved' if changed else 'was laid out already'}")
    else:
        print(text, end="")


@guarded
def plan(table: TableArgument, draft: OfDraft = False, data: Data = None, as_json: AsJson = False) -> int:
    """Say what the next run would do. Exit status 1 when it would fail at once."""
    from rat_engine import LOCAL_USER, TableName, shapes

    with opened(data) as engine:
        following = engine.authoring.plan(LOCAL_USER, TableName.parse(table), None, draft)
    if as_json:
        print_json(shapes.NextRun.of(following).plain())
    else:
        _say_plan(following)
    return FAILED if following.obstacles else OK


def _say_plan(following: NextRun) -> None:
    what = "the draft" if following.version is None else f"version {following.version}"
    say(f"Runs {what} of {following.table}: {following.strategy}{', incremental' if following.incremental else ''}")
    read = [("table", str(each.table), number(each.row_count), size(each.size_bytes)) for each in following.tables]
    read += [("zone", str(each.zone), f"{each.file_count:,} files", size(each.total_bytes)) for each in following.zones]
    if read:
        print_table(("reads", "", "rows", "size"), read, right=(2, 3))
    for test in following.tests:
        say(f"tests {test.name} ({test.severity.value})")
    for obstacle in following.obstacles:
        say(f"error: {obstacle}")


@guarded
def preview(
    table: TableArgument,
    file: File = SOURCE_FILE,
    at: At = "",
    limit: Rows = 100,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Print the rows that a file of a draft, or one of its CTEs, gives now. Nothing is written."""
    from rat_engine import LOCAL_USER, TableName

    with working(data) as engine:
        asked = engine.queries.preview(LOCAL_USER, TableName.parse(table), None, _place(file, at) if at else file, limit)
        print_query(engine, ended_query(engine, asked, asked.sql), Format.JSON if as_json else Format.TABLE)


def _place(file: str, at: str) -> Cursor:
    from rat_engine import Cursor

    line, _, column = at.partition(":")
    if not line.isdecimal() or not (column or "1").isdecimal():
        raise ValidationError(f"{at[:40]!r} is no place. Write --at LINE:COLUMN, for example --at 4:1.")
    return Cursor(file, int(line), int(column or 1))


@guarded
def scope(table: TableArgument, file: File = SOURCE_FILE, data: Data = None, as_json: AsJson = False) -> None:
    """List what a file of a draft reads, with columns and types."""
    from rat_engine import LOCAL_USER, TableName, shapes

    with opened(data) as engine:
        found = engine.authoring.scope(LOCAL_USER, TableName.parse(table), None, file)
    if as_json:
        print_json(shapes.Scope.of(found).plain())
    else:
        rows = [(each.kind, each.name, column.name, column.type) for each in found.relations for column in each.columns]
        print_table(("kind", "name", "column", "type"), rows)


@guarded
def words(data: Data = None, as_json: AsJson = False) -> None:
    """List the words of templates and settings, with their values."""
    from rat_engine import LOCAL_USER, shapes

    with opened(data) as engine:
        known = engine.authoring.vocabulary(LOCAL_USER)
    if as_json:
        print_json(shapes.Vocabulary.of(known).plain())
    else:
        kinds = {"helper": known.helpers, "filter": known.filters, "annotation": known.annotations, "test annotation": known.test_annotations}
        print_table(
            ("kind", "word", "values", "meaning"), [(kind, word.name, ", ".join(word.values), word.meaning) for kind, found in kinds.items() for word in found]
        )
