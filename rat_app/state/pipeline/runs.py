"""The last runs of the pipeline that is open, with live status, and how they went."""

from __future__ import annotations

import reflex as rx

from rat_app.engine import call, engine
from rat_app.state.base import Failure, actor_of, handler
from rat_app.state.live import about, changes
from rat_app.state.pipeline.draft import table_at
from rat_app.state.pipeline.trend import FULL, Trend, duration_trend, rows_trend
from rat_engine import Action, PageRequest, Run, RunFilter

SHOWN = 8


class PipelineRunsState(rx.State):
    """Its newest runs."""

    loaded: rx.Field[bool] = rx.field(default=False)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)
    runs: rx.Field[list[Run]] = rx.field(default_factory=list)
    total: rx.Field[int] = rx.field(default=0)
    rows: rx.Field[Trend] = rx.field(default_factory=Trend)
    durations: rx.Field[Trend] = rx.field(default_factory=Trend)

    @handler(Action.RUN_READ, "read the runs", does="runs.list", shows="failure", follows=True)
    async def follow(self) -> None:
        """Read the newest runs, and again whenever one of this pipeline changes."""
        path = self.router.url.path
        table = table_at(path)
        async with self:
            self.loaded, self.runs, self.total = False, [], 0
            self.rows, self.durations = Trend(), Trend()
        wanted = RunFilter(namespace=table.namespace, layer=table.layer, name=table.name)
        async for _ in changes(self, about("run."), at=path):
            page = await call(engine().runs.list, actor_of(self), wanted, PageRequest(limit=FULL))
            async with self:
                self.runs, self.total, self.loaded = list(page.items[:SHOWN]), page.total, True
                self.rows, self.durations = rows_trend(page.items), duration_trend(page.items)
