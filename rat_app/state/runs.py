"""The list of runs."""

from __future__ import annotations

from functools import partial

import reflex as rx

from rat_app import routes
from rat_app.engine import call, engine
from rat_app.state.base import Failure, actor_of, handler
from rat_app.state.lists import BadAddressError, Pager, pager_of, parameter, requested_page
from rat_app.state.live import about, changes
from rat_engine import Action, Layer, Page, Run, RunFilter, RunStatus

RUN_CHANGES = about("run.submitted", "run.started", "run.finished", "run.cancel_requested")


class RunsState(rx.State):
    """The runs that the address asks for."""

    runs: rx.Field[list[Run]] = rx.field(default_factory=list)
    pager: rx.Field[Pager] = rx.field(default_factory=Pager)
    status: rx.Field[str] = rx.field(default="")
    pipeline: rx.Field[str] = rx.field(default="")
    loaded: rx.Field[bool] = rx.field(default=False)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)

    @handler(Action.RUN_READ, "list the runs", does="runs.list", shows="failure")
    async def load(self) -> None:
        """Read the runs for the page's address."""
        self._show(await self._read())

    @handler(Action.RUN_READ, "follow the runs", does="runs.list", shows="failure", background=True)
    async def follow(self) -> None:
        """Read them again whenever one changes."""
        async for _ in changes(self, RUN_CHANGES):
            page = await self._read()
            async with self:
                self._show(page)

    async def _read(self) -> Page[Run]:
        wanted, _ = requested_page(self)
        return await call(engine().runs.list, actor_of(self), self._filter(), wanted)

    def _filter(self) -> RunFilter:
        status, layer = parameter(self, "status"), parameter(self, "layer")
        if status and status not in list(RunStatus):
            raise BadAddressError(f"status={status[:40]!r} in the address is not a run status: {', '.join(RunStatus)}.")
        return RunFilter(
            namespace=parameter(self, "namespace") or None,
            layer=Layer.parse(layer) if layer else None,
            name=parameter(self, "name") or None,
            statuses=(RunStatus(status),) if status else (),
            group_id=parameter(self, "group") or None,
        )

    def _show(self, page: Page[Run]) -> None:
        kept = {name: parameter(self, name) for name in ("status", "namespace", "layer", "name", "group")}
        self.runs = list(page.items)
        self.pager = pager_of(page, requested_page(self)[1], "run", partial(routes.runs, **kept))
        self.status = kept["status"]
        self.pipeline = ".".join(kept[name] for name in ("namespace", "layer", "name") if kept[name])
        self.loaded = True
