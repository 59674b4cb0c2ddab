"""What a small lineage graph shows of a table's neighbours."""

from __future__ import annotations

from dataclasses import dataclass, field

from rat_app import routes
from rat_app.engine import call, engine
from rat_engine import Actor, LineageFilter, LineageNode, TableName, ZoneName

SHOWN = 6


@dataclass(frozen=True)
class MiniNode:
    """A table or landing zone: its names, the state of its last run, and where a click leads."""

    id: str = ""
    layer: str = ""
    name: str = ""
    status: str = ""
    href: str = ""


@dataclass(frozen=True)
class MiniGraph:
    """A table between what it reads and what reads it; ``more_…`` count what is left out, ``href`` shows it all."""

    here: MiniNode = field(default_factory=MiniNode)
    sources: list[MiniNode] = field(default_factory=list[MiniNode])
    targets: list[MiniNode] = field(default_factory=list[MiniNode])
    more_sources: int = 0
    more_targets: int = 0
    href: str = ""


async def read_mini(actor: Actor, table: TableName) -> MiniGraph:
    """The graph of a table and its direct neighbours. Raises NotFoundError."""
    graph = await call(engine().lineage.graph, actor, LineageFilter(focus=table, up=1, down=1))
    nodes = {node.id: node for node in graph.nodes}
    here = str(table)
    sources = [_node(nodes[source]) for source, target in graph.edges if target == here and source != here]
    targets = [_node(nodes[target]) for source, target in graph.edges if source == here and target != here]
    more = (max(0, len(sources) - SHOWN), max(0, len(targets) - SHOWN))
    return MiniGraph(_node(nodes[here]), sources[:SHOWN], targets[:SHOWN], *more, routes.lineage(focus=here))


def _node(node: LineageNode) -> MiniNode:
    place = node.place
    if isinstance(place, ZoneName):
        return MiniNode(node.id, "landing", place.name, "", routes.lineage(focus=node.id))
    address = routes.pipeline(place.namespace, place.layer.value, place.name) if node.pipeline else routes.lineage(focus=node.id)
    return MiniNode(node.id, place.layer.value, place.name, node.last_run_status or "", address)
