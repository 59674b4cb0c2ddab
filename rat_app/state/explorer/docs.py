"""Writing about the table whose page is open. The texts are in the browser: its form reads them over REST, the server gets what changed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import reflex as rx

from rat_app.engine import call, engine
from rat_app.state.base import Failure, actor_of, handler, notify
from rat_app.state.compare import Conflict, in_context
from rat_app.state.live import about, changes
from rat_app.state.meeting import Meeting, read_beside_saves
from rat_app.state.pipeline.draft import table_at
from rat_app.state.visit import visit_table
from rat_engine import Action, DocumentationChange, StaleDocumentationError, TableDocumentation, TableName, new_id


class DocsState(Meeting, rx.State):
    """Where the documentation stands."""

    loaded: rx.Field[bool] = rx.field(default=False)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)
    refusal: rx.Field[Failure] = rx.field(default_factory=Failure)
    name: rx.Field[str] = rx.field(default="")
    url: rx.Field[str] = rx.field(default="")
    revision: rx.Field[str] = rx.field(default="")
    address: rx.Field[str] = rx.field(default="")
    reading: rx.Field[str] = rx.field(default="")
    saved: rx.Field[str] = rx.field(default="")
    version: rx.Field[int] = rx.field(default=0)
    # What the conflict is about: our texts, and the id of their save.
    _mine: tuple[Mapping[str, Any], str] = ({}, "")

    @handler(Action.TABLE_READ, "read the documentation", does="documentation.get", shows="failure", follows=True)
    async def follow(self) -> None:
        """Read where the documentation stands, and again whenever it or the pipeline changes."""
        path, table = await visit_table(self, refusal=Failure(), conflict=Conflict(), reading=new_id())
        async for _ in changes(self, about("pipeline.", "table.", subject=str(table)), at=path):
            await read_beside_saves(self, lambda: call(engine().documentation.get, actor_of(self), table), partial(self._take, path, table))

    @handler(Action.TABLE_WRITE, "save the documentation", does="documentation.change", shows="refusal")
    async def save(self, changed: dict[str, Any], revision: str, save: str) -> None:
        """Write what changed; when someone else wrote meanwhile, show both."""
        await self._write(changed, revision, save)

    @handler(Action.TABLE_WRITE, "save the documentation", does="documentation.change", shows="refusal")
    async def keep_mine(self) -> None:
        """Write ours over theirs, which both have been seen; a third one that came meanwhile is shown first."""
        changed, save = self._mine
        await self._write(changed, str(self.conflict.revision), save)

    @handler(None, "show what went wrong")
    def cannot_read(self, message: str) -> None:
        """Say why the texts could not be read."""
        self.failure = Failure("Could not read the documentation", message[:1000])

    async def _write(self, changed: Mapping[str, Any], revision: str, save: str) -> None:
        self.conflict, based_on = Conflict(), self._own.based_on(revision)
        try:
            found = await call(engine().documentation.change, actor_of(self), table_at(self.router.url.path), change_of(changed), based_on)
        except StaleDocumentationError as error:
            self.conflict, self._mine = conflict_of(changed, error.details), (dict(changed), save)
            return
        self._own = self._own.then(based_on, found.docs.revision)
        self._show(found)
        self.saved = save
        await notify(self, "Documentation saved", f"Released as version {found.version} of the pipeline." if found.version else "")

    def _take(self, path: str, table: TableName, found: TableDocumentation) -> None:
        self.address, self.url = path, f"/api/v1/tables/{table.namespace}/{table.layer.value}/{table.name}"
        self._show(found)

    def _show(self, found: TableDocumentation) -> None:
        self.revision, self.version, self.loaded = found.docs.revision, found.version or 0, True


def change_of(changed: Mapping[str, Any]) -> DocumentationChange:
    """What the form sent, as a change; fields that it left out stay."""
    columns = {str(name): str(text) for name, text in dict(changed.get("columns", {})).items()}
    tags = tuple(str(changed["tags"]).split(",")) if "tags" in changed else None
    description, owner = (str(changed[key]) if key in changed else None for key in ("description", "owner"))
    return DocumentationChange(description, columns, owner, tags)


def conflict_of(changed: Mapping[str, Any], theirs: Mapping[str, Any]) -> Conflict:
    """Our texts beside theirs."""
    columns: Mapping[str, str] = theirs["columns"]
    ours = {key: str(changed[key]) for key in ("description", "owner", "tags") if key in changed}
    said = {"description": theirs["description"], "owner": theirs["owner"], "tags": ", ".join(theirs["tags"])}
    ours |= {f"column {name}": str(text) for name, text in dict(changed.get("columns", {})).items()}
    said |= {f"column {name}": text for name, text in columns.items()}
    rows = in_context(ours, {key: said.get(key, "") for key in ours})
    return Conflict(theirs["changed_by"] or "somebody", tuple(rows), theirs["revision"])
