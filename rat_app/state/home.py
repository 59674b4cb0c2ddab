"""The first page: how much there is, what happened last, and the demo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.engine import call, engine, long_call
from rat_app.state.base import Failure, actor_of, handler
from rat_app.state.lists import parameter
from rat_app.state.live import about, changes
from rat_engine import Action, Layer, Overview, PageRequest, Pipeline, PipelineFilter, Run, RunFilter, RunStatus, RunSummary

HOME_CHANGES = about("pipeline.", "namespace.", "table.", "run.submitted", "run.started", "run.finished")
SHOWN = 8
MAX_DEMO = 100
LAYERS = tuple(Layer)


@dataclass(frozen=True)
class Seen:
    """One reading of everything the page shows. ``demo`` are the runs of ``group``."""

    group: str
    overview: Overview
    runs: list[Run]
    pipelines: list[Pipeline]
    demo: list[Run]


class HomeState(rx.State):
    """What Home shows."""

    overview: rx.Field[Overview] = rx.field(default_factory=lambda: Overview(0, {}, 0, 0, RunSummary({}, 0, 0)))
    runs: rx.Field[list[Run]] = rx.field(default_factory=list)
    pipelines: rx.Field[list[Pipeline]] = rx.field(default_factory=list)
    pipeline_count: rx.Field[int] = rx.field(default=0)
    runs_last_day: rx.Field[int] = rx.field(default=0)
    loaded: rx.Field[bool] = rx.field(default=False)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)

    demo_loading: rx.Field[bool] = rx.field(default=False)
    demo_group: rx.Field[str] = rx.field(default="")
    demo_runs: rx.Field[list[Run]] = rx.field(default_factory=list)
    demo_ended: rx.Field[int] = rx.field(default=0)
    demo_failed: rx.Field[int] = rx.field(default=0)
    demo_failed_run: rx.Field[str] = rx.field(default="")
    # What was put away may still stand in the address for a moment.
    _hidden: str = ""

    @handler(Action.SYSTEM_READ, "read the overview", does="health.overview", shows="failure")
    async def load(self) -> None:
        """Read everything."""
        self._show(await self._read())

    @handler(Action.SYSTEM_READ, "follow what happens", does="health.overview", shows="failure", follows=True)
    async def follow(self) -> None:
        """Read everything again whenever something happened."""
        async for _ in changes(self, HOME_CHANGES):
            seen = await self._read()
            async with self:
                self._show(seen)

    @handler(Action.RUN_SUBMIT, "load the demo", does="demo.load", background=True)
    async def load_demo(self) -> Any:
        """Land the demo's files, create its pipelines and run them; the page shows how far they are, and its address says so."""
        async with self:
            if self.demo_loading:
                return None
            self.demo_loading = True
        try:
            demo = await long_call(engine().demo.load, actor_of(self))
            async with self:
                self._show_demo(demo.group_id, list(demo.runs))
            return rx.redirect(routes.home(demo=demo.group_id), replace=True)
        finally:
            async with self:
                self.demo_loading = False

    @handler(None, "hide the demo's progress")
    def hide_demo(self) -> Any:
        """Take the demo's progress off the page and its address."""
        self._hidden, self.demo_group, self.demo_runs = self.demo_group, "", []
        return rx.redirect(routes.HOME, replace=True) if parameter(self, "demo") else None

    async def _read(self) -> Seen:
        actor, group = actor_of(self), parameter(self, "demo") or self.demo_group
        runs = await call(engine().runs.list, actor, RunFilter(), PageRequest(SHOWN))
        demo = await call(engine().runs.list, actor, RunFilter(group_id=group), PageRequest(MAX_DEMO)) if group else None
        return Seen(
            group=group,
            overview=await call(engine().health.overview, actor),
            runs=list(runs.items),
            pipelines=await self._recent_pipelines(),
            demo=list(demo.items) if demo else [],
        )

    async def _recent_pipelines(self) -> list[Pipeline]:
        page = await call(engine().pipelines.list, actor_of(self), PipelineFilter(), PageRequest(SHOWN, sort="-updated_at"))
        return list(page.items)

    def _show(self, seen: Seen) -> None:
        self.overview, self.runs, self.pipelines = seen.overview, seen.runs, seen.pipelines
        if seen.demo and seen.group != self._hidden:
            self._show_demo(seen.group, seen.demo)
        self.pipeline_count = sum(seen.overview.pipelines_by_layer.values())
        self.runs_last_day = sum(seen.overview.runs.last_day.values())
        self.loaded = True

    def _show_demo(self, group: str, runs: list[Run]) -> None:
        """The demo's runs layer by layer, which is the order of their dependencies."""
        self.demo_group = group
        self.demo_runs = sorted(runs, key=lambda run: (LAYERS.index(run.table.layer), run.id))
        self.demo_ended = sum(run.status.final for run in runs)
        failed = [run.id for run in runs if run.status is RunStatus.FAILED]
        self.demo_failed, self.demo_failed_run = len(failed), failed[0] if failed else ""
