"""``rat queries``: what was asked, and what asking would read."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from rat_engine.cli.ending import guarded
from rat_engine.cli.options import AsJson, Data
from rat_engine.cli.output import print_json, print_table, say
from rat_engine.cli.queries import Format, OutputFormat, QueryNamespace, print_query
from rat_engine.cli.queries import Sql as Statement
from rat_engine.cli.session import opened, working
from rat_engine.cli.text import duration, moment, number, size

ESTIMATE_SECONDS = 60.0

app = typer.Typer(name="queries", help="The history of queries, and what a query would read.", no_args_is_help=True)

Search = Annotated[str, typer.Option("--search", help="Only queries with this text.", show_default=False)]
Most = Annotated[int, typer.Option("--limit", min=1, max=500, help="Most queries.")]
QueryArgument = Annotated[str, typer.Argument(metavar="QUERY", help="A query's id.", show_default=False)]


@app.command("list")
@guarded
def list_queries(search: Search = "", limit: Most = 50, data: Data = None, as_json: AsJson = False) -> None:
    """List what was asked in the last 90 days, newest first."""
    from rat_engine import LOCAL_USER, PageRequest, QueryFilter, shapes

    with opened(data) as engine:
        page = engine.queries.list(LOCAL_USER, QueryFilter(search), PageRequest(limit))
    if as_json:
        print_json(shapes.QueryList.of(page).plain())
        return
    rows = [
        (each.id, each.status.value, moment(each.created_at), duration(each.duration_ms), number(each.row_count), " ".join(each.sql.split())[:80])
        for each in page.items
    ]
    print_table(("query", "status", "asked", "took", "rows", "text"), rows, right=(3, 4))


@app.command()
@guarded
def show(query_id: QueryArgument, data: Data = None, as_json: AsJson = False) -> None:
    """Show a query with its text."""
    from rat_engine import LOCAL_USER, shapes

    with opened(data) as engine:
        query = engine.queries.get(LOCAL_USER, query_id)
    if as_json:
        print_json(shapes.Query.of(query).plain())
    else:
        say(f"{query.status.value}, asked {moment(query.created_at)}, took {duration(query.duration_ms)}, {query.row_count:,} rows")
        say(query.error_message or "")
        print(query.sql)


@app.command()
@guarded
def rows(query_id: QueryArgument, output: OutputFormat = Format.TABLE, data: Data = None, as_json: AsJson = False) -> None:
    """Print the rows of a query that has succeeded."""
    from rat_engine import LOCAL_USER

    with opened(data) as engine:
        print_query(engine, engine.queries.get(LOCAL_USER, query_id), Format.JSON if as_json else output)


@app.command()
@guarded
def cancel(query_id: QueryArgument, data: Data = None, as_json: AsJson = False) -> None:
    """Cancel a query that waits or runs."""
    from rat_engine import LOCAL_USER, shapes

    with opened(data) as engine:
        query = engine.queries.cancel(LOCAL_USER, query_id)
    if as_json:
        print_json(shapes.Query.of(query).plain())
    else:
        say("Cancelled." if query.status.final else "Asked to stop.")


@app.command()
@guarded
def estimate(sql: Statement, namespace: QueryNamespace = "", data: Data = None, as_json: AsJson = False) -> None:
    """Say what a query would read at most, without running it."""
    from rat_engine import LOCAL_USER, shapes

    with working(data) as engine:
        asked = engine.queries.estimate(LOCAL_USER, sys.stdin.read() if sql == "-" else sql, namespace)
        engine.queries.wait(LOCAL_USER, asked.id, ESTIMATE_SECONDS)
        found = engine.queries.estimated(LOCAL_USER, asked.id)
    if as_json:
        print_json(shapes.Estimate.of(found).plain())
        return
    lines = [(each.name, number(each.rows), size(each.size_bytes), f"{each.files:,} of {each.files_total:,}") for each in found.tables]
    print_table(("table", "rows", "size", "files"), lines, right=(1, 2, 3))
    say(f"At most {found.rows:,} rows, {size(found.size_bytes)}")
