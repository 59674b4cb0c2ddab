"""The list of pipelines, and the dialog that creates one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.engine import call, engine
from rat_app.state.base import Failure, actor_of, handler
from rat_app.state.lists import ByPlace, Pager, Sort, pager_of, parameter, requested_page, sort_of
from rat_app.state.live import about, changes
from rat_engine import Action, Layer, Page, PageRequest, Pipeline, PipelineFilter, RatError, TableName, checked_name, checked_namespace

LIST_CHANGES = about("pipeline.", "namespace.", "run.submitted", "run.started", "run.finished", "table.published")
FILTER_NAMES = ("search", "namespace", "layer", "sort")
SORTS = ("namespace", "last_run_at", "row_count", "published_at")
# Full names begin with the namespace.
OWN_SORT = "namespace"


class PipelinesState(ByPlace, rx.State):
    """The pipelines that the address asks for."""

    pipelines: rx.Field[list[Pipeline]] = rx.field(default_factory=list)
    namespaces: rx.Field[list[str]] = rx.field(default_factory=list)
    pager: rx.Field[Pager] = rx.field(default_factory=Pager)
    search: rx.Field[str] = rx.field(default="")
    namespace: rx.Field[str] = rx.field(default="")
    layer: rx.Field[str] = rx.field(default="")
    sorts: rx.Field[dict[str, Sort]] = rx.field(default_factory=lambda: dict.fromkeys(SORTS, Sort(routes.PIPELINES, "none")))
    loaded: rx.Field[bool] = rx.field(default=False)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)

    @handler(Action.PIPELINE_READ, "list the pipelines", does="pipelines.list", shows="failure")
    async def load(self) -> None:
        """Read the pipelines for the page's address."""
        self._show(*await self._read())

    @handler(Action.PIPELINE_READ, "follow the pipelines", does="pipelines.list", shows="failure", follows=True)
    async def follow(self) -> None:
        """Read them again whenever one of them, or a run, changes."""
        async for _ in changes(self, LIST_CHANGES):
            read = await self._read()
            async with self:
                self._show(*read)

    def _address(self, **changed: str) -> str:
        return routes.pipelines(**({name: parameter(self, name) for name in FILTER_NAMES} | changed))

    async def _read(self) -> tuple[Page[Pipeline], list[str]]:
        wanted, _ = requested_page(self, parameter(self, "sort"))
        layer = parameter(self, "layer")
        choice = PipelineFilter(parameter(self, "namespace") or None, Layer.parse(layer) if layer else None, parameter(self, "search"))
        page = await call(engine().pipelines.list, actor_of(self), choice, wanted)
        spaces = await call(engine().namespaces.list, actor_of(self), PageRequest(500))
        return page, [space.name for space in spaces.items]

    def _show(self, page: Page[Pipeline], namespaces: list[str]) -> None:
        kept = {name: parameter(self, name) for name in FILTER_NAMES}
        self.search, self.namespace, self.layer = kept["search"], kept["namespace"], kept["layer"]
        self.sorts = {name: sort_of(kept["sort"], name, lambda sort: self._address(sort=sort), OWN_SORT) for name in SORTS}
        self.pipelines, self.namespaces = list(page.items), namespaces
        self.pager = pager_of(page, requested_page(self)[1], "pipeline", partial(routes.pipelines, **kept))
        self.loaded = True


@dataclass(frozen=True)
class NameProblems:
    """What is wrong with each name of the form; empty where nothing is."""

    namespace: str = ""
    name: str = ""


class NewPipelineState(rx.State):
    """The dialog that creates a pipeline."""

    is_open: rx.Field[bool] = rx.field(default=False)
    problems: rx.Field[NameProblems] = rx.field(default_factory=NameProblems)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)

    @handler(None, "open the form")
    def show(self) -> None:
        """Open the dialog, empty."""
        self.is_open, self.problems, self.failure = True, NameProblems(), Failure()

    @handler(None, "open the form")
    def show_if_asked(self) -> None:
        """Open the dialog when the address asks for it."""
        if parameter(self, "new"):
            self.is_open, self.problems, self.failure = True, NameProblems(), Failure()

    @handler(None, "close the form")
    def hide(self) -> Any:
        """Close the dialog, and forget that the address asked for it."""
        self.is_open = False
        return rx.redirect(routes.pipelines(), replace=True) if parameter(self, "new") else None

    # Two handlers, because the browser waits per handler: one would swallow what was typed into the other field just before.
    @handler(None, "check the namespace")
    def check_namespace(self, text: str) -> None:
        """Say what is wrong with a namespace while it is typed; an empty one is only not finished."""
        self.problems = replace(self.problems, namespace=_complaint(checked_namespace, text) if text else "")

    @handler(None, "check the name")
    def check_name(self, text: str) -> None:
        """Say what is wrong with a name while it is typed; an empty one is only not finished."""
        self.problems = replace(self.problems, name=_complaint(partial(checked_name, what="pipeline"), text) if text else "")

    @handler(Action.PIPELINE_WRITE, "create the pipeline", does="pipelines.create", shows="failure")
    async def create(self, form: dict[str, Any]) -> Any:
        """Create it with a working template, and go to its code."""
        namespace, name = (str(form.get(key, "")) for key in ("namespace", "name"))
        self.problems = NameProblems(_complaint(checked_namespace, namespace), _complaint(partial(checked_name, what="pipeline"), name))
        if self.problems != NameProblems():
            # Said at the fields.
            return None
        table = TableName(namespace, Layer.parse(str(form.get("layer", ""))), name)
        await call(engine().pipelines.create, actor_of(self), table, None, str(form.get("description", "")))
        self.is_open = False
        return rx.redirect(routes.pipeline(table.namespace, table.layer.value, table.name, "code"))


def _complaint(rule: Any, text: str) -> str:
    try:
        rule(text)
    except RatError as error:
        return error.message
    return ""
