"""Use cases of lineage: the graph of tables, and of their columns."""

from __future__ import annotations

from rat_engine.domain.access import Action, Actor
from rat_engine.domain.lineage import Edges, LineageFilter, LineageGraph, LineageNode, Place, place_id
from rat_engine.errors import NotFoundError
from rat_engine.metadata import lineage as sql
from rat_engine.services.base import Service, action


class LineageService(Service):
    """What feeds what, from the released versions."""

    @action(Action.TABLE_READ)
    def graph(self, actor: Actor, wanted: LineageFilter = LineageFilter()) -> LineageGraph:
        """Tables and landing zones with their state, and who reads whom. Raises NotFoundError for a focus that does not exist."""
        with self._database.read() as connection:
            nodes, pairs = sql.fetch_nodes(connection), sql.fetch_edge_pairs(connection)
        kept = _wanted(nodes, pairs, wanted)
        edges = [(place_id(source), place_id(target)) for source, target in pairs if source in kept and target in kept]
        return LineageGraph(tuple(node for place, node in nodes.items() if place in kept), tuple(sorted(edges)), len(nodes))


def _wanted(nodes: dict[Place, LineageNode], pairs: list[tuple[Place, Place]], wanted: LineageFilter) -> set[Place]:
    """The places that a filter asks for."""
    kept = set(nodes)
    if wanted.focus is not None:
        if wanted.focus not in nodes:
            raise NotFoundError(f"There is neither a table nor a pipeline nor a landing zone {place_id(wanted.focus)}.")
        kept &= Edges.of(pairs).around(wanted.focus, wanted.up, wanted.down)
    if wanted.namespace is not None:
        inside = {place for place in nodes if place.namespace == wanted.namespace}
        touching = {place for pair in pairs if not inside.isdisjoint(pair) for place in pair}
        kept &= inside | touching
    return kept
