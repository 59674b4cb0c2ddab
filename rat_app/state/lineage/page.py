"""What the Lineage page shows; where one stands in the graph is told by the address alone."""

from __future__ import annotations

from dataclasses import dataclass

import reflex as rx

from rat_app.engine import call, engine
from rat_app.state.base import Failure, actor_of, handler
from rat_app.state.lineage.mini import MiniGraph, read_mini
from rat_app.state.lists import parameter
from rat_app.state.live import about, changes
from rat_engine import Action, LineageFilter, PageRequest, parse_place

LINEAGE_CHANGES = about("pipeline.", "table.", "landing.", "run.submitted", "run.started", "run.finished")


@dataclass(frozen=True)
class Seen:
    """One reading of what the page shows."""

    focus: str
    namespaces: list[str]
    total: int
    around: MiniGraph


class LineageState(rx.State):
    """The graph's size, its namespaces, and the table in the middle among its neighbours. ``revision`` grows with every change."""

    loaded: rx.Field[bool] = rx.field(default=False)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)
    namespaces: rx.Field[list[str]] = rx.field(default_factory=list)
    total: rx.Field[int] = rx.field(default=0)
    focus: rx.Field[str] = rx.field(default="")
    around: rx.Field[MiniGraph] = rx.field(default_factory=MiniGraph)
    revision: rx.Field[int] = rx.field(default=0)

    @handler(Action.TABLE_READ, "read the lineage", does="lineage.graph", shows="failure")
    async def load(self) -> None:
        """Read what the address asks for."""
        self._show(await self._read())

    @handler(Action.TABLE_READ, "follow the lineage", does="lineage.graph", shows="failure", background=True)
    async def follow(self) -> None:
        """Read it again whenever a pipeline, a table or a run changes."""
        async for _ in changes(self, LINEAGE_CHANGES):
            seen = await self._read()
            async with self:
                self._show(seen)
                self.revision += 1

    async def _read(self) -> Seen:
        actor, focus = actor_of(self), parameter(self, "focus")
        spaces = await call(engine().namespaces.list, actor, PageRequest(limit=500))
        graph = await call(engine().lineage.graph, actor, LineageFilter())
        around = await read_mini(actor, parse_place(focus)) if focus else MiniGraph()
        return Seen(focus, [space.name for space in spaces.items], graph.total, around)

    def _show(self, seen: Seen) -> None:
        self.focus, self.namespaces, self.total, self.around = seen.focus, seen.namespaces, seen.total, seen.around
        self.loaded = True
