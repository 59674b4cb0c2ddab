"""The settings of a draft as a form, and the pipeline as a whole: rename, copy, delete, restore."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.engine import call, engine
from rat_app.state.base import Failure, actor_of, handler, notify
from rat_app.state.compare import Conflict, in_context
from rat_app.state.live import about, changes
from rat_app.state.meeting import Meeting, read_beside_saves
from rat_app.state.pipeline.draft import table_at
from rat_app.state.visit import visit_table
from rat_engine import Action, PipelineSettings, StaleDraftError, TableName

RENAME, COPY, DELETE = "rename", "copy", "delete"


class SettingsState(Meeting, rx.State):
    """The settings of the pipeline whose page is open."""

    loaded: rx.Field[bool] = rx.field(default=False)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)
    refusal: rx.Field[Failure] = rx.field(default_factory=Failure)
    name: rx.Field[str] = rx.field(default="")
    address: rx.Field[str] = rx.field(default="")
    # What the fields hold, and those that an annotation decides, which config.yaml could not change.
    values: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    locked: rx.Field[list[str]] = rx.field(default_factory=list)
    revision: rx.Field[int] = rx.field(default=0)
    saved: rx.Field[str] = rx.field(default="")
    # What the conflict is about: our texts, and the id of their save.
    _mine: tuple[Mapping[str, str], str] = ({}, "")

    @handler(Action.PIPELINE_READ, "read the settings", does="configuration.read", shows="failure", follows=True)
    async def follow(self) -> None:
        """Read the settings, and again whenever the draft is saved."""
        path, table = await visit_table(self, refusal=Failure(), conflict=Conflict())
        async for _ in changes(self, about("pipeline.", subject=str(table)), at=path):
            await read_beside_saves(self, lambda: call(engine().configuration.read, actor_of(self), table), partial(self._take, path))

    @handler(Action.PIPELINE_WRITE, "save the settings", does="configuration.update", shows="refusal")
    async def save(self, changed: dict[str, str], revision: int, save: str) -> None:
        """Write what changed into ``config.yaml`` of the draft; when someone else saved the same meanwhile, show both."""
        await self._write(changed, revision, save)

    @handler(Action.PIPELINE_WRITE, "save the settings", does="configuration.update", shows="refusal")
    async def keep_mine(self) -> None:
        """Write ours over theirs, which both have been seen; a third that came meanwhile is shown first."""
        changed, save = self._mine
        await self._write(changed, int(self.conflict.revision), save)

    async def _write(self, changed: Mapping[str, str], revision: int, save: str) -> None:
        actor, table = actor_of(self), table_at(self.router.url.path)
        self.conflict, based_on = Conflict(), self._own.based_on(revision)
        free = {key: text for key, text in changed.items() if key not in self.locked}
        try:
            found = await call(engine().configuration.update, actor, table, settings_of(free), based_on)
        except StaleDraftError as error:
            theirs = await call(engine().configuration.read, actor, table)
            self._show(theirs)
            rows = in_context(changed, {key: self.values[key] for key in changed})
            self.conflict, self._mine = Conflict(str(error.details["updated_by"]), tuple(rows), theirs.revision), (dict(changed), save)
            return
        self._own = self._own.then(based_on, found.revision)
        self._show(found)
        self.saved = save
        await notify(self, "Saved to the draft", "Release it to make it count.")

    def _take(self, path: str, found: PipelineSettings) -> None:
        self.address = path
        self._show(found)

    def _show(self, found: PipelineSettings) -> None:
        texts = {"description": found.description, "owner": found.owner, "tags": ", ".join(found.tags), "merge_strategy": found.merge_strategy}
        wins = {key: value for key, value in found.overridden if key in texts}
        self.values, self.locked, self.revision, self.loaded = texts | wins, list(wins), found.revision, True


def settings_of(texts: Mapping[str, str]) -> dict[str, str | tuple[str, ...]]:
    """The texts of the form as the values of settings."""
    return {key: tuple(tag.strip() for tag in text.split(",") if tag.strip()) if key == "tags" else text.strip() for key, text in texts.items()}


class LifecycleState(rx.State):
    """What is asked before a pipeline is renamed, copied or deleted."""

    asking: rx.Field[str] = rx.field(default="")
    name: rx.Field[str] = rx.field(default="")
    readers: rx.Field[list[str]] = rx.field(default_factory=list)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)

    @handler(Action.PIPELINE_READ, "see who reads the pipeline", does="lifecycle.dependents")
    async def ask(self, what: str) -> None:
        """Open a dialog, with those that read the pipeline's table."""
        table = table_at(self.router.url.path)
        self.readers = [str(reader) for reader in await call(engine().lifecycle.dependents, actor_of(self), table)]
        self.asking, self.name, self.failure = what if what in (RENAME, COPY, DELETE) else "", str(table), Failure()

    @handler(None, "close the dialog")
    def close(self) -> None:
        """Do nothing."""
        self.asking = ""

    @handler(Action.PIPELINE_WRITE, "rename the pipeline", does="lifecycle.rename", shows="failure")
    async def rename(self, form: dict[str, Any]) -> Any:
        """Give it the name that was typed, and go to it."""
        to, follow = TableName.parse(str(form.get("to", "")).strip()), form.get("update-readers") in (True, "on", "true")
        done = await call(engine().lifecycle.rename, actor_of(self), TableName.parse(self.name), to, follow)
        self.asking = ""
        left = [str(reader) for reader in done.readers if reader not in done.updated]
        said = f"Still naming {self.name}: {', '.join(left)}." if left else "Changed drafts wait for a release." if done.updated else ""
        await notify(self, f"{self.name} is {to} now", said)
        return rx.redirect(routes.pipeline(to.namespace, to.layer.value, to.name, "settings"))

    @handler(Action.PIPELINE_WRITE, "copy the pipeline", does="lifecycle.copy", shows="failure")
    async def copy_it(self, form: dict[str, Any]) -> Any:
        """Copy it under the name that was typed, and go to the copy's code."""
        to = TableName.parse(str(form.get("to", "")).strip())
        await call(engine().lifecycle.copy, actor_of(self), TableName.parse(self.name), to)
        self.asking = ""
        return rx.redirect(routes.pipeline(to.namespace, to.layer.value, to.name, "code"))

    @handler(Action.PIPELINE_DELETE, "delete the pipeline", does="pipelines.delete", shows="failure")
    async def delete(self) -> Any:
        """Delete it, and offer to take that back."""
        await call(engine().pipelines.delete, actor_of(self), TableName.parse(self.name))
        self.asking = ""
        said = "Its table and runs stay. It can be restored for 24 hours."
        await notify(self, f"Deleted {self.name}", said, undo=LifecycleState.restore(self.name))
        return rx.redirect(routes.PIPELINES)

    @handler(Action.PIPELINE_WRITE, "restore the pipeline", does="lifecycle.restore")
    async def restore(self, name: str) -> Any:
        """Bring a deleted pipeline back, and go to it."""
        table = TableName.parse(name)
        await call(engine().lifecycle.restore, actor_of(self), table)
        return rx.redirect(routes.pipeline(table.namespace, table.layer.value, table.name))
