"""The command that shows what feeds what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from rat_engine.cli.ending import guarded
from rat_engine.cli.options import AsJson, Data, Namespace
from rat_engine.cli.output import print_json, print_table, say
from rat_engine.cli.session import opened
from rat_engine.cli.text import NOTHING, moment, number

if TYPE_CHECKING:
    from rat_engine import LineageGraph

STEPS = 50

Focus = Annotated[
    str, typer.Argument(metavar="[NS.LAYER.NAME]", help="A table; a landing zone as NS.landing.ZONE. Everything when left out.", show_default=False)
]
Up = Annotated[int, typer.Option("--up", min=0, max=STEPS, help="At most so many steps before it.")]
Down = Annotated[int, typer.Option("--down", min=0, max=STEPS, help="At most so many steps after it.")]


@guarded
def lineage(focus: Focus = "", up: Up = STEPS, down: Down = STEPS, namespace: Namespace = None, data: Data = None, as_json: AsJson = False) -> None:
    """Show which tables and landing zones feed which."""
    from rat_engine import LOCAL_USER, LineageFilter, parse_place, shapes

    wanted = LineageFilter(parse_place(focus) if focus else None, up, down, namespace)
    with opened(data) as engine:
        graph = engine.lineage.graph(LOCAL_USER, wanted)
    if as_json:
        print_json(shapes.LineageGraph.of(graph).plain())
    else:
        _print_graph(graph)


def _print_graph(graph: LineageGraph) -> None:
    """One line a table, with what it reads: those that come first, first."""
    reads: dict[str, list[str]] = {node.id: [] for node in graph.nodes}
    for source, target in graph.edges:
        reads[target].append(source)
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
