"""The small lineage graph of the pipeline or table that is open."""

from __future__ import annotations

import reflex as rx

from rat_app.state.base import Failure, actor_of, handler
from rat_app.state.lineage.mini import MiniGraph, read_mini
from rat_app.state.live import about, changes
from rat_app.state.pipeline.draft import table_at
from rat_engine import Action


class AroundState(rx.State):
    """What the table, or that of the pipeline, reads and what reads it."""

    around: rx.Field[MiniGraph] = rx.field(default_factory=MiniGraph)
    loaded: rx.Field[bool] = rx.field(default=False)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)

    @handler(Action.TABLE_READ, "read the lineage", does="lineage.graph", shows="failure", follows=True)
    async def follow(self) -> None:
        """Read the neighbours, and again whenever a pipeline or a run changes."""
        path = self.router.url.path
        table = table_at(path)
        async with self:
            self.loaded, self.around = False, MiniGraph()
        async for _ in changes(self, about("pipeline.", "run.started", "run.finished"), at=path):
            around = await read_mini(actor_of(self), table)
            async with self:
                self.around, self.loaded = around, True
