"""Commands about namespaces: ``rat namespace …``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from rat_engine.cli.ending import guarded
from rat_engine.cli.options import AsJson, Data
from rat_engine.cli.output import print_json, print_table, say
from rat_engine.cli.session import every, opened
from rat_engine.cli.text import moment, number

if TYPE_CHECKING:
    from rat_engine import Namespace

app = typer.Typer(name="namespace", no_args_is_help=True, rich_markup_mode=None, help="List, create, describe and delete namespaces.")

Name = Annotated[str, typer.Argument(metavar="NAMESPACE", help="The namespace's name.", show_default=False)]
Description = Annotated[str, typer.Option("--description", help="What it is for.", show_default=False)]
NewDescription = Annotated[str, typer.Argument(metavar="DESCRIPTION", help="What it is for.", show_default=False)]


@app.command("list")
@guarded
def list_(data: Data = None, as_json: AsJson = False) -> None:
    """List namespaces by name."""
    from rat_engine import LOCAL_USER, shapes

    with opened(data) as engine:
        found = list(every(lambda page: engine.namespaces.list(LOCAL_USER, page)))
    if as_json:
        print_json({"namespaces": [shapes.Namespace.of(each).plain() for each in found], "total": len(found), "next": None})
    else:
        rows = [(each.name, number(each.pipeline_count), moment(each.created_at), each.description.split("\n")[0]) for each in found]
        print_table(("namespace", "pipelines", "created", "description"), rows, right=(1,))


@app.command()
@guarded
def show(name: Name, data: Data = None, as_json: AsJson = False) -> None:
    """Show one namespace."""
    from rat_engine import LOCAL_USER

    with opened(data) as engine:
        _print(engine.namespaces.get(LOCAL_USER, name), as_json)


@app.command()
@guarded
def create(name: Name, description: Description = "", data: Data = None, as_json: AsJson = False) -> None:
    """Create a namespace."""
    from rat_engine import LOCAL_USER

    with opened(data) as engine:
        _print(engine.namespaces.create(LOCAL_USER, name, description), as_json)


@app.command()
@guarded
def describe(name: Name, description: NewDescription, data: Data = None, as_json: AsJson = False) -> None:
    """Say what a namespace is for."""
    from rat_engine import LOCAL_USER

    with opened(data) as engine:
        _print(engine.namespaces.update(LOCAL_USER, name, description), as_json)


@app.command()
@guarded
def delete(name: Name, data: Data = None, as_json: AsJson = False) -> None:
    """Delete an empty namespace. What it still holds is said otherwise."""
    from rat_engine import LOCAL_USER

    with opened(data) as engine:
        engine.namespaces.delete(LOCAL_USER, name)
    if as_json:
        print_json({"deleted": name})
    else:
        say(f"Deleted {name}.")


def _print(namespace: Namespace, as_json: bool) -> None:
    from rat_engine import shapes

    if as_json:
        print_json(shapes.Namespace.of(namespace).plain())
    else:
        say(f"{namespace.name}: {number(namespace.pipeline_count)} pipelines, created {moment(namespace.created_at)}")
        if namespace.description:
            say(namespace.description)
