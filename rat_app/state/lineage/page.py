"""What the Lineage page asks the engine for itself: whether there is anything, and when it changes. The graph reads REST, the address is its own."""

from __future__ import annotations

import reflex as rx

from rat_app.engine import call, engine
from rat_app.state.base import Failure, actor_of, handler
from rat_app.state.live import about, changes
from rat_engine import Action, LineageFilter

LINEAGE_CHANGES = about("pipeline.", "table.", "landing.", "run.submitted", "run.started", "run.finished")


class LineageState(rx.State):
    """The graph's size and its namespaces. ``revision`` grows with every change, and the graph reads anew."""

    loaded: rx.Field[bool] = rx.field(default=False)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)
    namespaces: rx.Field[list[str]] = rx.field(default_factory=list)
    total: rx.Field[int] = rx.field(default=0)
    revision: rx.Field[int] = rx.field(default=0)

    @handler(Action.TABLE_READ, "read the lineage", does="lineage.graph", shows="failure")
    async def load(self) -> None:
        """Read how much there is."""
        self.namespaces, self.total = await self._read()
        self.loaded = True

    @handler(Action.TABLE_READ, "follow the lineage", does="lineage.graph", shows="failure", follows=True)
    async def follow(self) -> None:
        """Let the graph read anew whenever a pipeline, a table, a file or a run changes."""
        async for change in changes(self, LINEAGE_CHANGES):
            seen = await self._read()
            async with self:
                self.namespaces, self.total = seen
                self.revision += 1 if change.events else 0

    async def _read(self) -> tuple[list[str], int]:
        graph = await call(engine().lineage.graph, actor_of(self), LineageFilter())
        return sorted({node.place.namespace for node in graph.nodes})[:500], graph.total
