"""Lists of runs, all or those of one pipeline: the address says which, and what they can be narrowed by further."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.engine import call, engine
from rat_app.state.base import Failure, actor_of, handler, notify
from rat_app.state.lists import BadAddressError, Pager, Searched, Sort, pager_of, parameter, requested_page, sort_of
from rat_app.state.live import about, changes
from rat_app.state.pipeline.draft import table_at
from rat_engine import Action, FacetCount, Layer, Page, Run, RunFacets, RunFilter, RunStatus, TableName

RUN_CHANGES = about("run.submitted", "run.started", "run.finished", "run.cancel_requested")
FILTERS = ("status", "namespace", "layer", "name", "group", "trigger", "search", "period", "from", "to", "sort")
# What the page of a pipeline says by itself.
OWN = ("namespace", "layer", "name")
PERIODS: Mapping[str, timedelta] = {"1h": timedelta(hours=1), "24h": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30)}
WORDS: Mapping[str, str] = {"pending": "waiting"}
SORTS = ("status", "pipeline", "created_at", "duration_ms")
# Counting a long history takes longer than reading a page of it: it takes at most this part of the time.
COUNTING = 0.05
MAX_CHIPS = 500
CHIPS_SEEN = 8
MAX_CHOSEN = 200


@dataclass(frozen=True)
class Chip:
    """A value to narrow by: how many runs it leaves, and the address of the list with it, or without it when it is chosen."""

    words: str
    runs: int
    chosen: bool
    address: str


class RunsState(Searched, rx.State):
    """The runs that the address asks for: on the page of a pipeline its own, whatever else the address says."""

    runs: rx.Field[list[Run]] = rx.field(default_factory=list)
    pager: rx.Field[Pager] = rx.field(default_factory=Pager)
    kept: rx.Field[dict[str, str]] = rx.field(default_factory=lambda: dict.fromkeys(FILTERS, ""))
    filtered: rx.Field[bool] = rx.field(default=False)
    bare: rx.Field[str] = rx.field(default=routes.RUNS)
    others: rx.Field[list[Chip]] = rx.field(default_factory=list)
    sorts: rx.Field[dict[str, Sort]] = rx.field(default_factory=lambda: dict.fromkeys(SORTS, Sort(routes.RUNS, "none")))
    chosen: rx.Field[list[str]] = rx.field(default_factory=list)
    loaded: rx.Field[bool] = rx.field(default=False)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)

    @handler(Action.RUN_READ, "list the runs", does="runs.list", shows="failure")
    async def load(self) -> None:
        """Read the runs for the page's address."""
        self.chosen = []
        self._show(await self._read())

    @handler(Action.RUN_READ, "follow the runs", does="runs.list", shows="failure", follows=True)
    async def follow(self) -> None:
        """Read them again whenever one changes."""
        async for _ in changes(self, RUN_CHANGES, at=self.router.url.path):
            page = await self._read()
            async with self:
                self._show(page)

    @handler(None, "filter")
    def choose_period(self, period: str, begin: str, end: str) -> Any:
        """Put a period into the address."""
        return rx.redirect(self._address(period=period, **{"from": begin, "to": end}))

    @handler(None, "choose the run")
    def choose(self, run_id: str, on: bool) -> None:
        """Take a run among those that something is to be done with, or out of them."""
        others = [chosen for chosen in self.chosen if chosen != run_id]
        self.chosen = [*others, run_id][-MAX_CHOSEN:] if on else others

    @handler(None, "choose the runs")
    def choose_going(self) -> None:
        """Choose every run of the page that has not ended."""
        self.chosen = [run.id for run in self.runs if not run.status.final]

    @handler(None, "choose nothing")
    def choose_none(self) -> None:
        """Choose none."""
        self.chosen = []

    @handler(Action.RUN_CANCEL, "cancel the runs", does="runs.cancel_many")
    async def cancel(self) -> None:
        """Cancel those that are chosen."""
        report = await call(engine().runs.cancel_many, actor_of(self), self.chosen)
        self.chosen = []
        counts = {"cancelled": len(report.cancelled), "asked to stop": len(report.asked), "had ended before": len(report.ended)}
        await notify(self, "Runs cancelled", ", ".join(f"{number} {words}" for words, number in counts.items() if number) + ".")

    def _address(self, **changed: str) -> str:
        return _list_address(self, **({name: _given(self, name) for name in FILTERS} | changed))

    async def _read(self) -> Page[Run]:
        wanted, _ = requested_page(self, parameter(self, "sort"))
        return await call(engine().runs.list, actor_of(self), self._filter(), wanted)

    def _filter(self) -> RunFilter:
        status, layer, pipeline = parameter(self, "status"), _given(self, "layer"), _pipeline(self)
        if status and status not in list(RunStatus):
            raise BadAddressError(f"status={status[:40]!r} in the address is not a run status: {', '.join(RunStatus)}.")
        begin, end = _moment("from", parameter(self, "from")), _moment("to", parameter(self, "to"))
        period = parameter(self, "period")
        if period and period not in PERIODS:
            raise BadAddressError(f"period={period[:40]!r} in the address is not a period: {', '.join(PERIODS)}.")
        return RunFilter(
            namespace=pipeline.namespace if pipeline else parameter(self, "namespace") or None,
            layer=pipeline.layer if pipeline else Layer.parse(layer) if layer else None,
            name=pipeline.name if pipeline else parameter(self, "name") or None,
            statuses=(RunStatus(status),) if status else (),
            group_id=parameter(self, "group") or None,
            started_after=datetime.now().astimezone() - PERIODS[period] if period else begin,
            started_before=None if period else end,
            trigger=parameter(self, "trigger") or None,
            search=parameter(self, "search"),
        )

    def _show(self, page: Page[Run]) -> None:
        self.kept = {name: _given(self, name) for name in FILTERS}
        self.bare = _list_address(self)
        self.filtered = any(value for name, value in self.kept.items() if name != "sort")
        self.runs = list(page.items)
        self.pager = pager_of(page, requested_page(self)[1], "run", partial(_list_address, self, **self.kept))
        self.sorts = {name: sort_of(self.kept["sort"], name, lambda sort: self._address(sort=sort)) for name in SORTS}
        self.others = [Chip(f"{words} {self.kept[name]}", 0, True, self._address(**{name: ""})) for name, words in _OTHERS.items() if self.kept[name]]
        self.loaded = True


class RunFacetsState(RunsState):
    """What the list can be narrowed by. Apart from its rows, which must not wait for the counting."""

    facets: rx.Field[dict[str, list[Chip]]] = rx.field(default_factory=lambda: {name: [] for name in ("status", "namespace", "layer", "trigger")})

    @handler(Action.RUN_READ, "count the runs", does="runs.facets", shows="failure", follows=True)
    async def count(self) -> None:
        """Count again after changes; the last one is counted, too."""
        path = self.router.url.path
        async for _ in changes(self, RUN_CHANGES, at=path):
            began = time.monotonic()
            facets = await call(engine().runs.facets, actor_of(self), self._filter())
            took = time.monotonic() - began
            async with self:
                self._show_facets(facets)
            await asyncio.sleep(took / COUNTING)

    def _show_facets(self, facets: RunFacets) -> None:
        counted = {"status": facets.statuses, "namespace": facets.namespaces, "layer": facets.layers, "trigger": facets.triggers}
        self.facets = {name: self._chips(name, counts) for name, counts in counted.items()}

    def _chips(self, name: str, counts: Sequence[FacetCount]) -> list[Chip]:
        chosen = parameter(self, name)
        # Most runs first, as they come; what is chosen must be among those that are seen at once.
        hidden = chosen in [each.value for each in counts[CHIPS_SEEN:]]
        shown = sorted(counts, key=lambda each: each.value != chosen)[:MAX_CHIPS] if hidden else counts[:MAX_CHIPS]
        return [
            Chip(WORDS.get(each.value, each.value), each.runs, each.value == chosen, self._address(**{name: "" if each.value == chosen else each.value}))
            for each in shown
        ]


def _pipeline(state: rx.State) -> TableName | None:
    """The pipeline whose page the list is on; None on the page of all runs."""
    path = state.router.url.path
    return table_at(path) if path.startswith(f"{routes.PIPELINES}/") else None


def _given(state: rx.State, name: str) -> str:
    """A filter of the address; one that the page itself decides is none."""
    return "" if name in OWN and _pipeline(state) else parameter(state, name)


def _list_address(state: rx.State, **values: str) -> str:
    """The address of the list that is open, with filters."""
    pipeline = _pipeline(state)
    if pipeline is None:
        return routes.runs(**values)
    further = {name: value for name, value in values.items() if name not in OWN}
    return routes.pipeline(pipeline.namespace, pipeline.layer.value, pipeline.name, "runs", **further)


# Filters that are no facet: they are shown to be taken back.
_OTHERS = {"name": "Pipeline", "group": "Group"}


def _moment(name: str, text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise BadAddressError(f"{name}={text[:40]!r} in the address is no moment with a zone, such as 2026-01-31T06:00:00Z.")
    return moment
