"""Commands that read tables."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rat_engine.cli.ending import guarded
from rat_engine.cli.options import AsJson, Data, Namespace
from rat_engine.cli.output import note, print_json, print_rows, print_table, say
from rat_engine.cli.session import every, opened, working
from rat_engine.cli.text import duration, moment, number, size

if TYPE_CHECKING:
    from rat_engine import Engine, Query

TABLE_ROWS = 100
WINDOW_ROWS = 5_000


class Format(StrEnum):
    """What ``rat query --format`` takes."""

    TABLE = "table"
    CSV = "csv"
    RAW_CSV = "raw-csv"
    JSON = "json"
    NDJSON = "ndjson"
    PARQUET = "parquet"
    XLSX = "xlsx"


Sql = Annotated[str, typer.Argument(metavar="SQL", help="One SELECT over published tables; - reads it from stdin.", show_default=False)]
OutputFormat = Annotated[
    Format,
    typer.Option(
        "--format",
        help="table for people; the others for programs, with every row. csv is safe to open in a spreadsheet, raw-csv leaves what looks like a formula. "
        "Parquet and XLSX want a file: > FILE.",
    ),
]
Limit = Annotated[int | None, typer.Option("--limit", min=1, help="Most rows; 100 as a table, all otherwise.", show_default=False)]
QueryNamespace = Annotated[str, typer.Option("--namespace", help="The namespace that two-part names mean.", show_default=False)]
Search = Annotated[str, typer.Option("--search", help="Only tables with this text in their name or description.", show_default=False)]


@guarded
def query(
    sql: Sql,
    output: OutputFormat = Format.TABLE,
    limit: Limit = None,
    namespace: QueryNamespace = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Query published tables. Ctrl+C cancels the query."""
    with working(data) as engine:
        show_query(engine, sys.stdin.read() if sql == "-" else sql, namespace, limit, Format.JSON if as_json else output)


@guarded
def tables(namespace: Namespace = None, search: Search = "", data: Data = None, as_json: AsJson = False) -> None:
    """List published tables."""
    from rat_engine import LOCAL_USER, TableFilter, shapes

    with opened(data) as engine:
        found = list(every(lambda page: engine.tables.list(LOCAL_USER, TableFilter(namespace=namespace, search=search), page)))
    if as_json:
        print_json({"tables": [shapes.Table.of(table).plain() for table in found], "total": len(found), "next": None})
    else:
        rows = [
            (str(table.name), number(table.row_count), size(table.size_bytes), moment(table.published_at), table.description.split("\n")[0]) for table in found
        ]
        print_table(("table", "rows", "size", "published", "description"), rows, right=(1, 2))


def show_query(engine: Engine, sql: str, namespace: str, limit: int | None, kind: Format) -> None:
    """Run a query and print its rows. Raises its own error when it failed."""
    from rat_engine import LOCAL_USER

    asked = engine.queries.submit(LOCAL_USER, sql, namespace, limit or (TABLE_ROWS if kind is Format.TABLE else None))
    ended = ended_query(engine, asked, sql)
    print_query(engine, ended, kind)
    if ended.truncated and kind is not Format.TABLE and limit is None:
        note(f"Only the first {ended.row_count:,} rows were kept (RAT_RESULT_LIMIT_ROWS, RAT_RESULT_LIMIT_MB).")


def print_query(engine: Engine, query: Query, kind: Format) -> None:
    """Print the rows of a query that has succeeded."""
    printers = {Format.TABLE: _print_table, Format.JSON: _print_json}
    printers[kind](engine, query) if kind in printers else _write(engine, query, kind)


def ended_query(engine: Engine, asked: Query, sql: str) -> Query:
    """The query once it has succeeded; ``sql`` is its text as it was typed. Raises its own error when it failed."""
    with cancelling(engine, [asked]):
        current = final_query(engine, asked)
    _raise_error(current, sql)
    return current


def final_query(engine: Engine, asked: Query) -> Query:
    """The query once it has ended, however it did."""
    from rat_engine import LOCAL_USER

    while not (current := engine.queries.wait(LOCAL_USER, asked.id, 60.0)).status.final:
        pass
    return current


@contextlib.contextmanager
def cancelling(engine: Engine, asked: Sequence[Query]) -> Iterator[None]:
    """Cancel the queries that were asked when the person interrupts the block."""
    from rat_engine import LOCAL_USER, ConflictError

    try:
        yield
    except KeyboardInterrupt:
        for query in asked:
            # A conflict: it ended by itself, or has ended before.
            with contextlib.suppress(ConflictError):
                engine.queries.cancel(LOCAL_USER, query.id)
        raise


def _raise_error(query: Query, sql: str) -> None:
    from rat_engine import restore

    if query.error_code:
        details = {"query_id": query.id, "line": query.error_line, "column": query.error_column}
        raise restore(query.error_code, query.error_message + _caret(query, sql), details)


def _caret(query: Query, sql: str) -> str:
    """The line of the statement that is wrong, with a mark below the place."""
    lines = sql.splitlines()
    if not 1 <= query.error_line <= len(lines) or query.error_column < 1:
        return ""
    return f"\n  {lines[query.error_line - 1].expandtabs(1)}\n  {' ' * (query.error_column - 1)}^"


def _windows(engine: Engine, query: Query) -> Iterator[Sequence[Sequence[Any]]]:
    from rat_engine import LOCAL_USER

    offset = 0
    while offset < query.row_count:
        window = engine.queries.rows(LOCAL_USER, query.id, offset, WINDOW_ROWS)
        yield window.rows
        offset += len(window.rows)


def _print_table(engine: Engine, query: Query) -> None:
    rows = [row for window in _windows(engine, query) for row in window]
    hidden = print_rows([column.name for column in query.columns], rows)
    more = "; there are more (--limit shows them)" if query.truncated else ""
    beside = f"; {hidden} more columns did not fit (--format csv shows them)" if hidden else ""
    say(f"{len(rows):,} rows in {duration(query.duration_ms)}{more}{beside}")


def _write(engine: Engine, query: Query, kind: Format) -> None:
    from rat_engine import LOCAL_USER, ExportFormat, ExportOptions
    from rat_engine.cli.results import write_file

    raw = kind is Format.RAW_CSV
    wanted = ExportFormat.CSV if raw else ExportFormat(kind.value)
    write_file(engine.results.export(LOCAL_USER, query.id, ExportOptions(wanted, raw)).chunks, wanted, None)


def _print_json(engine: Engine, query: Query) -> None:
    """The REST API's QueryResult, written while it is read."""
    from rat_engine import shapes

    head, tail = json.dumps(shapes.QueryResult.of(query, ()).plain()).split('"rows": []')
    counted = {"row_count": query.row_count, "truncated": query.truncated}
    rest = json.loads("{" + tail.removeprefix(", "))
    sys.stdout.write(head + '"rows": [')
    separator = "\n"
    for window in _windows(engine, query):
        for row in window:
            sys.stdout.write(separator + json.dumps(row))
            separator = ",\n"
    sys.stdout.write("], " + json.dumps({**rest, **counted})[1:] + "\n")
