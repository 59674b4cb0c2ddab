"""What becomes of a query that is worth keeping: a saved query, or a pipeline."""

from __future__ import annotations

from functools import partial
from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.engine import call, engine
from rat_app.state.base import Failure, actor_of, handler, notify
from rat_app.state.query.console import QueryState
from rat_app.state.query.statements import chosen
from rat_engine import Action, Layer, NotFoundError, RatError, SavedQuery, TableName, checked_name, checked_namespace, new_id, spelled

# How the browser names a tab that nobody named.
UNNAMED = "Query "


class SaveState(rx.State):
    """Saving the text of a tab under a name."""

    is_open: rx.Field[bool] = rx.field(default=False)
    name: rx.Field[str] = rx.field(default="")
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)
    _tab: str = ""
    _sql: str = ""

    @handler(Action.SAVED_WRITE, "save the query", does="saved.update")
    async def save(self, tab: str, text: str, saved_id: str, name: str) -> None:
        """Save a text that has a name; ask for one where it has none."""
        if saved_id:
            try:
                await self._saved(tab, await call(partial(engine().saved.update, actor_of(self), saved_id, sql=text)))
                return
            except NotFoundError:
                # Deleted meanwhile: it is saved anew, under a name that may be another.
                pass
        self.is_open, self.failure, self._tab, self._sql = True, Failure(), tab, text
        self.name = "" if name.startswith(UNNAMED) else name

    @handler(None, "close the form")
    def hide(self) -> None:
        """Save nothing."""
        self.is_open = False

    @handler(Action.SAVED_WRITE, "save the query", does="saved.create", shows="failure")
    async def create(self, form: dict[str, Any]) -> None:
        """Save the text under a name."""
        page = await self.get_state(QueryState)
        description = str(form.get("saved-description", ""))
        saved = await call(engine().saved.create, actor_of(self), str(form.get("saved-name", "")), self._sql, page.namespace, description)
        self.is_open = False
        await self._saved(self._tab, saved)

    async def _saved(self, tab: str, saved: SavedQuery) -> None:
        page = await self.get_state(QueryState)
        page.linked = {"key": new_id(), "tab": tab, "saved": saved.id, "name": saved.name, "sql": saved.sql, "gone": ""}
        await notify(self, f"Saved {saved.name}")


class TurnState(rx.State):
    """Turning a query into a pipeline."""

    is_open: rx.Field[bool] = rx.field(default=False)
    namespace: rx.Field[str] = rx.field(default="")
    namespace_problem: rx.Field[str] = rx.field(default="")
    name: rx.Field[str] = rx.field(default="")
    name_problem: rx.Field[str] = rx.field(default="")
    offer: rx.Field[str] = rx.field(default="")
    # Counts how often the field of the name was filled in.
    filled: rx.Field[int] = rx.field(default=0)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)
    _sql: str = ""
    _meaning: str = ""

    @handler(None, "open the form")
    async def show(self, _tab: str, text: str, selection: dict[str, Any], tab_name: str = "") -> None:
        """Ask for the name of the pipeline that selects what the statement does."""
        page = await self.get_state(QueryState)
        self._sql, _, _ = chosen(text, selection)
        self._meaning = self.namespace = page.namespace
        self.is_open, self.failure, self.namespace_problem = True, Failure(), ""
        self._fill("" if tab_name.startswith(UNNAMED) else spelled(tab_name))

    @handler(None, "close the form")
    def hide(self) -> None:
        """Create nothing."""
        self.is_open = False

    @handler(None, "check the namespace")
    def check_namespace(self, text: str) -> None:
        """Say what is wrong with a namespace while it is typed."""
        self.namespace_problem = complaint(checked_namespace, text)

    @handler(None, "check the name")
    def check_name(self, text: str) -> None:
        """Say what is wrong with a name while it is typed."""
        self._check(text)

    @handler(None, "take the name")
    def take_offer(self) -> None:
        """Fill in the name that was offered."""
        self._fill(self.offer)

    def _check(self, name: str) -> None:
        self.name_problem = complaint(partial(checked_name, what="pipeline"), name)
        self.offer = spelled(name) if self.name_problem else ""

    def _fill(self, name: str) -> None:
        self.name, self.name_problem, self.offer, self.filled = name, "", "", self.filled + 1

    @handler(Action.PIPELINE_WRITE, "create the pipeline", does="saved.to_pipeline", shows="failure")
    async def create(self, form: dict[str, Any]) -> Any:
        """Create the draft and go to its code."""
        given = {name: str(form.get(f"turn-{name}", "")) for name in ("namespace", "layer", "name", "description")}
        self._check(given["name"])
        self.namespace_problem = complaint(checked_namespace, given["namespace"])
        if self.name_problem or self.namespace_problem:
            # Said at the fields.
            return None
        table = TableName(given["namespace"], Layer.parse(given["layer"]), given["name"])
        await call(engine().saved.to_pipeline, actor_of(self), table, self._sql, self._meaning, given["description"])
        self.is_open = False
        return rx.redirect(routes.pipeline(table.namespace, table.layer.value, table.name, "code"))


def complaint(rule: Any, text: str) -> str:
    """What ``rule`` has against ``text``; an empty one is only not finished."""
    try:
        rule(text) if text else None
    except RatError as error:
        return error.message
    return ""
