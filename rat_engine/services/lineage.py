"""Use cases of lineage: the graph of tables, and of their columns."""

from __future__ import annotations

import threading
from typing import Any

from rat_engine.access.policy import Policy
from rat_engine.domain.access import Action, Actor
from rat_engine.domain.columns import ColumnGraph, ColumnImpact, ColumnLineage, ColumnRef
from rat_engine.domain.lineage import Edges, LineageFilter, LineageGraph, LineageNode, Place, place_id
from rat_engine.errors import NotFoundError
from rat_engine.metadata import lineage as sql
from rat_engine.metadata import traces
from rat_engine.metadata.database import Database
from rat_engine.services.base import Service, action
from rat_engine.services.tracing import trace_all


class LineageService(Service):
    """What feeds what, from the released versions.

    Columns are traced when somebody asks for them, kept in the database, and held here until a version or a table changes.
    """

    def __init__(self, database: Database, policy: Policy) -> None:
        super().__init__(database, policy)
        self._lock = threading.Lock()
        self._held: tuple[tuple[Any, ...], ColumnGraph] | None = None

    @action(Action.TABLE_READ)
    def graph(self, actor: Actor, wanted: LineageFilter = LineageFilter()) -> LineageGraph:
        """Tables and landing zones with their state, and who reads whom. Raises NotFoundError for a focus that does not exist."""
        with self._database.read() as connection:
            nodes, pairs = sql.fetch_nodes(connection), sql.fetch_edge_pairs(connection)
        kept = _wanted(nodes, pairs, wanted)
        edges = [(place_id(source), place_id(target)) for source, target in pairs if source in kept and target in kept]
        return LineageGraph(tuple(node for place, node in nodes.items() if place in kept), tuple(sorted(edges)), len(nodes))

    @action(Action.TABLE_READ)
    def columns(self, actor: Actor, place: Place) -> ColumnLineage:
        """The columns of a table or landing zone, where each comes from, and how many could be traced. Raises NotFoundError."""
        found = self._columns().of_place(place)
        if not found.total:
            with self._database.read() as connection:
                nodes = sql.fetch_nodes(connection)
            if place not in nodes:
                raise NotFoundError(f"There is neither a table nor a pipeline nor a landing zone {place_id(place)}.")
        return found

    @action(Action.TABLE_READ)
    def impact(self, actor: Actor, place: Place, column: str) -> ColumnImpact:
        """Everything that a column comes from and that comes from it, over all tables. Raises NotFoundError."""
        return self._columns().impact(ColumnRef(place, column))

    def _columns(self) -> ColumnGraph:
        with self._lock:
            with self._database.read() as connection:
                stamp = traces.fetch_stamp(connection)
                if self._held is not None and self._held[0] == stamp:
                    return self._held[1]
                traced = trace_all(connection)
            if traced.fresh:
                with self._database.write() as transaction:
                    traces.replace_traces(transaction.connection, traced.fresh)
            self._held = (stamp, traced.graph)
            return traced.graph


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
