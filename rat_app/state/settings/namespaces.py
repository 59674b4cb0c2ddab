"""Namespaces on the Settings page: list, create, describe, delete."""

from __future__ import annotations

from functools import partial
from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.engine import call, engine
from rat_app.state.base import Failure, actor_of, handler, notify
from rat_app.state.lists import Pager, pager_of, requested_page
from rat_app.state.live import about, changes
from rat_engine import Action, Namespace, Page, RatError, checked_namespace

TAB = "namespaces"
NAMESPACE_CHANGES = about("namespace.", "pipeline.")


class NamespacesState(rx.State):
    """The namespaces, and what kept one from being deleted."""

    namespaces: rx.Field[list[Namespace]] = rx.field(default_factory=list)
    pager: rx.Field[Pager] = rx.field(default_factory=Pager)
    loaded: rx.Field[bool] = rx.field(default=False)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)
    blocked: rx.Field[str] = rx.field(default="")
    refusal: rx.Field[Failure] = rx.field(default_factory=Failure)

    @handler(Action.NAMESPACE_READ, "list the namespaces", does="namespaces.list", shows="failure")
    async def load(self) -> None:
        """Read the page of namespaces that the address asks for."""
        self.blocked, self.refusal = "", Failure()
        self._show(await self._read())

    @handler(Action.NAMESPACE_READ, "follow the namespaces", does="namespaces.list", shows="failure", follows=True)
    async def follow(self) -> None:
        """Read them again whenever one of them, or a pipeline, changes."""
        async for _ in changes(self, NAMESPACE_CHANGES):
            read = await self._read()
            async with self:
                self._show(read)

    @handler(Action.NAMESPACE_WRITE, "delete the namespace", does="namespaces.delete", shows="refusal")
    async def delete(self, name: str) -> None:
        """Delete an empty namespace, and offer to take that back; one that holds something stays, and what it holds is said."""
        self.blocked = name
        space = await call(engine().namespaces.get, actor_of(self), name)
        await call(engine().namespaces.delete, actor_of(self), name)
        self.blocked = ""
        await notify(self, f"Deleted the namespace {name}", undo=NamespacesState.put_back(name, space.description))

    @handler(Action.NAMESPACE_WRITE, "create the namespace again", does="namespaces.create")
    async def put_back(self, name: str, description: str) -> None:
        """Create a deleted namespace again, as it was."""
        await call(engine().namespaces.create, actor_of(self), name, description)

    @handler(None, "put the message away")
    def dismiss(self) -> None:
        """Take away what was said about the namespace that stays."""
        self.blocked, self.refusal = "", Failure()

    async def _read(self) -> Page[Namespace]:
        return await call(engine().namespaces.list, actor_of(self), requested_page(self)[0])

    def _show(self, page: Page[Namespace]) -> None:
        self.namespaces = list(page.items)
        self.pager = pager_of(page, requested_page(self)[1], "namespace", partial(routes.settings, tab=TAB))
        self.loaded = True


class NamespaceFormState(rx.State):
    """The dialog that creates a namespace or describes one; ``named`` is the one described, empty for a new one."""

    is_open: rx.Field[bool] = rx.field(default=False)
    named: rx.Field[str] = rx.field(default="")
    description: rx.Field[str] = rx.field(default="")
    problem: rx.Field[str] = rx.field(default="")
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)

    @handler(None, "open the form")
    def show(self) -> None:
        """Open the dialog for a new namespace."""
        self.is_open, self.named, self.description, self.problem, self.failure = True, "", "", "", Failure()

    @handler(Action.NAMESPACE_READ, "open the form", does="namespaces.get")
    async def describe(self, name: str) -> None:
        """Open the dialog on a namespace's description as it is now."""
        space = await call(engine().namespaces.get, actor_of(self), name)
        self.is_open, self.named, self.description, self.problem, self.failure = True, space.name, space.description, "", Failure()

    @handler(None, "close the form")
    def hide(self) -> None:
        """Close the dialog."""
        self.is_open = False

    @handler(None, "check the name")
    def check(self, text: str) -> None:
        """Say what is wrong with a name while it is typed; an empty one is only not finished."""
        self.problem = ""
        if not text:
            return
        try:
            checked_namespace(text)
        except RatError as error:
            self.problem = error.message

    @handler(Action.NAMESPACE_WRITE, "create the namespace", does="namespaces.create", shows="failure")
    async def create(self, form: dict[str, Any]) -> None:
        """Create the namespace that the form describes."""
        space = await call(engine().namespaces.create, actor_of(self), str(form.get("space-name", "")), str(form.get("space-description", "")))
        self.is_open = False
        await notify(self, f"Created the namespace {space.name}", href=routes.pipelines(namespace=space.name), action="See its pipelines")

    @handler(Action.NAMESPACE_WRITE, "describe the namespace", does="namespaces.update", shows="failure")
    async def update(self, form: dict[str, Any]) -> None:
        """Keep the form's description."""
        await call(engine().namespaces.update, actor_of(self), self.named, str(form.get("space-description", "")))
        self.is_open = False
        await notify(self, f"Described the namespace {self.named}")
