"""``rat result``: what is made of a query's rows; and how a query is carried out."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from rat_engine.cli.ending import guarded
from rat_engine.cli.options import AsJson, Data
from rat_engine.cli.output import note, print_json, print_rows, print_table, say
from rat_engine.cli.queries import QueryNamespace, Sql, ended_query
from rat_engine.cli.session import opened, working
from rat_engine.cli.text import cell, duration, number, size
from rat_engine.domain.result import Aggregate, ChartKind, ExportFormat
from rat_engine.errors import ValidationError

if TYPE_CHECKING:
    from rat_engine import ColumnStatistics, PlanStep

BARS = "▁▂▃▄▅▆▇█"

app = typer.Typer(name="result", help="What a query has left: files to take away, statistics, values of charts.", no_args_is_help=True)

QueryArgument = Annotated[str, typer.Argument(metavar="QUERY", help="A query's id.", show_default=False)]
FileFormat = Annotated[ExportFormat, typer.Option("--format", help="The kind of file.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="The file to write; stdout when left out.", show_default=False)]
Raw = Annotated[bool, typer.Option("--raw", help="CSV: leave texts that a spreadsheet would take for formulas.")]
X = Annotated[str, typer.Option("--x", help="The column along the x axis.", show_default=False)]
Y = Annotated[list[str] | None, typer.Option("--y", help="A column of values; may be repeated. None: rows are counted.", show_default=False)]
How = Annotated[Aggregate, typer.Option("--aggregate", help="How the rows that share an x become one value.")]
Analyze = Annotated[bool, typer.Option("--analyze", help="Run it, to see what each step gives and takes.")]


@app.command()
@guarded
def export(
    query_id: QueryArgument, kind: FileFormat = ExportFormat.CSV, output: Output = None, raw: Raw = False, data: Data = None, as_json: AsJson = False
) -> None:
    """Write all rows to a file. With --json it says how many bytes."""
    from rat_engine import LOCAL_USER, ExportOptions

    with opened(data) as engine:
        made = engine.results.export(LOCAL_USER, query_id, ExportOptions(kind, raw))
        size = write_file(made.chunks, kind, output)
    if output is not None and as_json:
        print_json({"file": str(output), "format": kind.value, "size_bytes": size})
    elif output is not None:
        note(f"Wrote {output} ({size:,} bytes)")


@app.command()
@guarded
def stats(query_id: QueryArgument, data: Data = None, as_json: AsJson = False) -> None:
    """Show what is in each column: NULLs, different values, bounds, and how they are spread."""
    from rat_engine import LOCAL_USER, shapes

    with opened(data) as engine:
        columns = engine.queries.get(LOCAL_USER, query_id).columns
        found = [engine.results.statistics(LOCAL_USER, query_id, index) for index in range(len(columns))]
    if as_json:
        print_json({"columns": [shapes.ColumnStatistics.of(each).plain() for each in found]})
        return
    rows = [
        (
            each.column.name,
            each.column.type,
            number(each.nulls),
            "–" if each.distinct is None else number(each.distinct),
            cell(each.least),
            cell(each.most),
            _spread(each),
        )
        for each in found
    ]
    print_table(("column", "type", "nulls", "distinct", "least", "most", "spread"), rows, right=(2, 3))


@app.command()
@guarded
def chart(query_id: QueryArgument, x: X = "", y: Y = None, how: How = Aggregate.COUNT, data: Data = None, as_json: AsJson = False) -> None:
    """Show the values of a chart: rows grouped by x and aggregated, over the whole result."""
    from rat_engine import LOCAL_USER, ChartOptions, shapes

    with opened(data) as engine:
        names = [column.name for column in engine.queries.get(LOCAL_USER, query_id).columns]
        kind = ChartKind.BAR if x else ChartKind.NUMBER
        options = ChartOptions(kind, _number(names, x) if x else None, tuple(_number(names, name) for name in y or ()), None, how)
        found = engine.results.chart(LOCAL_USER, query_id, options)
    if as_json:
        print_json(shapes.ChartData.of(found).plain())
        return
    series = found.series
    places = [place for place, _ in series[0].points]
    print_rows([x or "all", *(each.name for each in series)], [[place, *(each.points[index][1] for each in series)] for index, place in enumerate(places)])
    for line in found.notes:
        say(line)


@guarded
def explain(sql: Sql, analyze: Analyze = False, namespace: QueryNamespace = "", data: Data = None, as_json: AsJson = False) -> None:
    """Show how a query is carried out, the last step first. Nothing is run without --analyze."""
    from rat_engine import LOCAL_USER, shapes

    text = sys.stdin.read() if sql == "-" else sql
    with working(data) as engine:
        asked = engine.queries.explain(LOCAL_USER, text, namespace, analyze)
        plan = engine.results.plan(LOCAL_USER, ended_query(engine, asked, text).id)
    if as_json:
        print_json(shapes.QueryPlan.of(plan).plain())
        return
    for line in (line for step in plan.steps for line in _lines(step, 0)):
        say(line)
    for table in plan.reads.tables:
        say(f"Reads of {table.name} at most {number(table.rows)} rows, {size(table.size_bytes)}, {table.files:,} of {table.files_total:,} files")
    if plan.milliseconds is not None:
        say(f"Ran in {duration(plan.milliseconds)}")


def write_file(chunks: Iterable[bytes], kind: ExportFormat, output: Path | None) -> int:
    """Write a file's ``chunks`` to ``output`` or to stdout; how many bytes. Raises ValidationError for bytes that no terminal can show."""
    if output is None and sys.stdout.isatty() and kind in (ExportFormat.PARQUET, ExportFormat.XLSX):
        raise ValidationError(f"{kind.value} is not text: send it to a file with --output or >.")
    with _sink(output) as sink:
        return sum(sink.write(chunk) for chunk in chunks)


@contextlib.contextmanager
def _sink(output: Path | None) -> Iterator[BinaryIO]:
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with output.open("wb") as file:
        yield file


def _number(names: list[str], name: str) -> int:
    if name not in names:
        raise ValidationError(f"The result has no column {name!r}; it has {', '.join(names[:50])}.")
    return names.index(name)


def _spread(found: ColumnStatistics) -> str:
    if found.bins:
        most = max(each.count for each in found.bins)
        return "".join(BARS[round(each.count / most * (len(BARS) - 1))] if each.count else " " for each in found.bins)
    return ", ".join(f"{cell(each.value)} ({each.count:,})" for each in found.common[:3])


def _lines(step: PlanStep, depth: int) -> Iterator[str]:
    counted = f"{step.rows:,} rows" if step.rows is not None else f"about {step.estimated_rows:,} rows" if step.estimated_rows is not None else ""
    took = duration(step.milliseconds) if step.milliseconds is not None else ""
    details = "; ".join(f"{key}: {text}" for key, text in step.details)
    yield "  " * depth + " · ".join(part for part in (step.name, counted, took, details) if part)
    for inside in step.steps:
        yield from _lines(inside, depth + 1)
