"""``rat saved``: queries with a name."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rat_engine.cli.ending import guarded
from rat_engine.cli.options import AsJson, Data
from rat_engine.cli.output import note, print_json, print_table, say
from rat_engine.cli.queries import Format, Limit, OutputFormat, QueryNamespace, show_query
from rat_engine.cli.session import opened, working
from rat_engine.cli.text import moment

if TYPE_CHECKING:
    from rat_engine import SavedQuery

MOST = 500

app = typer.Typer(name="saved", help="Saved queries.", no_args_is_help=True)

SavedArgument = Annotated[str, typer.Argument(metavar="NAME", help="A saved query's name or id.", show_default=False)]
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The id that `rat saved delete` said.", show_default=False)]
Sql = Annotated[str, typer.Argument(metavar="SQL", help="One SELECT; - reads it from stdin.", show_default=False)]
Description = Annotated[str | None, typer.Option("--description", help="What it is for.", show_default=False)]
Search = Annotated[str, typer.Option("--search", help="Only queries with this text in name, description or SQL.", show_default=False)]
Target = Annotated[str, typer.Argument(metavar="NS.LAYER.NAME", help="The pipeline to create.", show_default=False)]


@app.command("list")
@guarded
def list_saved(search: Search = "", data: Data = None, as_json: AsJson = False) -> None:
    """List saved queries."""
    from rat_engine import LOCAL_USER, PageRequest, shapes

    with opened(data) as engine:
        page = engine.saved.list(LOCAL_USER, search, PageRequest(MOST))
    if as_json:
        print_json(shapes.SavedQueryList.of(page).plain())
        return
    rows = [(saved.name, saved.namespace, moment(saved.updated_at), saved.description.split("\n")[0]) for saved in page.items]
    print_table(("name", "namespace", "changed", "description"), rows)
    if page.next is not None:
        note(f"The first {MOST} of {page.total:,} saved queries; --search finds the others.")


@app.command()
@guarded
def show(name: SavedArgument, data: Data = None, as_json: AsJson = False) -> None:
    """Print a saved query's SQL."""
    from rat_engine import LOCAL_USER

    with opened(data) as engine:
        saved = engine.saved.get(LOCAL_USER, name)
    if as_json:
        _print_json(saved)
    else:
        print(saved.sql)


@app.command()
@guarded
def save(name: SavedArgument, sql: Sql, namespace: QueryNamespace = "", description: Description = None, data: Data = None, as_json: AsJson = False) -> None:
    """Save a query under a name, or change the one of that name."""
    from rat_engine import LOCAL_USER, NotFoundError

    statement = sys.stdin.read() if sql == "-" else sql
    changed: dict[str, Any] = (
        {"sql": statement} | ({"namespace": namespace} if namespace else {}) | ({} if description is None else {"description": description})
    )
    with opened(data) as engine:
        try:
            saved = engine.saved.update(LOCAL_USER, name, **changed)
        except NotFoundError:
            saved = engine.saved.create(LOCAL_USER, name, statement, namespace, description or "")
    _tell(saved, f"Saved {saved.name}.", as_json=as_json)


@app.command()
@guarded
def delete(name: SavedArgument, data: Data = None, as_json: AsJson = False) -> None:
    """Delete a saved query; `rat saved restore` undoes it within 24 hours."""
    from rat_engine import LOCAL_USER

    with opened(data) as engine:
        saved = engine.saved.delete(LOCAL_USER, name)
    _tell(saved, f"Deleted {saved.name}. Undo: rat saved restore {saved.id}", as_json=as_json)


@app.command()
@guarded
def restore(saved_id: IdArgument, data: Data = None, as_json: AsJson = False) -> None:
    """Bring back a deleted saved query."""
    from rat_engine import LOCAL_USER

    with opened(data) as engine:
        saved = engine.saved.restore(LOCAL_USER, saved_id)
    _tell(saved, f"{saved.name} is back.", as_json=as_json)


@app.command()
@guarded
def run(name: SavedArgument, output: OutputFormat = Format.TABLE, limit: Limit = None, data: Data = None, as_json: AsJson = False) -> None:
    """Run a saved query."""
    from rat_engine import LOCAL_USER

    with working(data) as engine:
        saved = engine.saved.get(LOCAL_USER, name)
        show_query(engine, saved.sql, saved.namespace, limit, Format.JSON if as_json else output)


@app.command("to-pipeline")
@guarded
def to_pipeline(name: SavedArgument, target: Target, description: Description = None, data: Data = None, as_json: AsJson = False) -> None:
    """Create the pipeline that fills NS.LAYER.NAME with what a saved query selects; tables in it become ref()."""
    from rat_engine import LOCAL_USER, TableName, shapes

    with opened(data) as engine:
        saved = engine.saved.get(LOCAL_USER, name)
        words = saved.description if description is None else description
        pipeline = engine.saved.to_pipeline(LOCAL_USER, TableName.parse(target), saved.sql, saved.namespace, words)
    if as_json:
        print_json(shapes.Pipeline.of(pipeline).plain())
    else:
        say(f"Created {pipeline.table} as a draft. Look at it in the portal, or: rat export")


def _tell(saved: SavedQuery, words: str, *, as_json: bool) -> None:
    if as_json:
        _print_json(saved)
    else:
        say(words)


def _print_json(saved: SavedQuery) -> None:
    from rat_engine import shapes

    print_json(shapes.SavedQuery.of(saved).plain())
