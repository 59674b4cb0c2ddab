"""The command that shows what feeds what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from rat_engine.cli.ending import guarded
from rat_engine.cli.options import AsJson, Data
from rat_engine.cli.output import print_json, print_table, say
from rat_engine.cli.session import opened
from rat_engine.cli.text import NOTHING, moment, number

if TYPE_CHECKING:
    from rat_engine.shapes import ColumnImpact, ColumnLineage, ColumnReference, LineageGraph, Shape

    S = TypeVar("S", bound=Shape)

STEPS = 50

Focus = Annotated[
    str, typer.Argument(metavar="[NS.LAYER.NAME]", help="A table; a landing zone as NS.landing.ZONE. Everything when left out.", show_default=False)
]
Place = Annotated[str, typer.Argument(metavar="NS.LAYER.NAME", help="A table; a landing zone as NS.landing.ZONE.", show_default=False)]
Up = Annotated[int, typer.Option("--up", min=0, max=STEPS, help="At most so many steps before it.")]
Down = Annotated[int, typer.Option("--down", min=0, max=STEPS, help="At most so many steps after it.")]


Column = Annotated[str, typer.Option("--column", help="What this column comes from and what depends on it.", show_default=False)]


@guarded
def lineage(focus: Focus = "", column: Column = "", up: Up = STEPS, down: Down = STEPS, data: Data = None, as_json: AsJson = False) -> None:
    """Show which tables and landing zones feed which, or what one column comes from and goes into."""
    from rat_engine import LOCAL_USER, LineageFilter, ValidationError, parse_place, shapes

    if column and not focus:
        raise ValidationError("Name the table too: rat lineage NS.LAYER.NAME --column COLUMN.")
    with opened(data) as engine:
        if column:
            _show(shapes.ColumnImpact.of(engine.lineage.impact(LOCAL_USER, parse_place(focus), column)), _print_impact, as_json)
        else:
            graph = engine.lineage.graph(LOCAL_USER, LineageFilter(parse_place(focus) if focus else None, up, down))
            _show(shapes.LineageGraph.of(graph), _print_graph, as_json)


@guarded
def columns(table: Place, data: Data = None, as_json: AsJson = False) -> None:
    """Show where each column of a table or landing zone comes from."""
    from rat_engine import LOCAL_USER, parse_place, shapes

    with opened(data) as engine:
        found = shapes.ColumnLineage.of(engine.lineage.columns(LOCAL_USER, parse_place(table)))
    _show(found, _print_columns, as_json)


def _show(found: S, printed: Callable[[S], None], as_json: bool) -> None:
    if as_json:
        print_json(found.plain())
    else:
        printed(found)


def _print_columns(found: ColumnLineage) -> None:
    rows = [(column.name, column.kind.value, _named(column.sources), column.reason or column.expression) for column in found.columns]
    print_table(("column", "kind", "comes from", "how"), rows)
    say(f"{found.traced} of {found.total} columns traced. {found.problem}".rstrip())


def _print_impact(found: ColumnImpact) -> None:
    for title, steps in (("comes from", found.upstream), ("goes into", found.downstream)):
        rows = [
            (f"{step.table}.{step.column.name}", step.column.kind.value, str(step.distance), step.column.reason or step.column.expression) for step in steps
        ]
        print_table((title, "kind", "steps", "how"), rows, right=(2,))
        say()
    if found.rows:
        say(f"Decides rows of {', '.join(found.rows)}.")
    if found.untraced:
        say(f"May also reach {', '.join(found.untraced)}: some of their columns could not be traced.")


def _named(refs: Sequence[ColumnReference]) -> str:
    return ", ".join(f"{ref.table}.{ref.column}" for ref in refs)


def _print_graph(graph: LineageGraph) -> None:
    """One line a table, with what it reads: those that come first, first."""
    reads: dict[str, list[str]] = {node.id: [] for node in graph.nodes}
    for edge in graph.edges:
        reads[edge.target].append(edge.source)
    nodes = {node.id: node for node in graph.nodes}
    rows: list[tuple[str, ...]] = []
    for name in _in_order(reads):
        node = nodes[name]
        rows.append((name, node.last_run_status or NOTHING, number(node.row_count), moment(node.published_at), ", ".join(reads[name])))
    print_table(("table", "last run", "rows", "published", "reads"), rows, right=(2,))
    if not rows:
        say("There are no tables yet.")


def _in_order(reads: dict[str, list[str]]) -> tuple[str, ...]:
    from graphlib import TopologicalSorter

    return tuple(TopologicalSorter(reads).static_order())
