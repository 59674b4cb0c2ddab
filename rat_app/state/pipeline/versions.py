"""A pipeline's versions: what each changed, any two beside each other, going back."""

from __future__ import annotations

from functools import partial
from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.engine import call, engine
from rat_app.state.base import Failure, actor_of, handler, notify
from rat_app.state.compare import DiffRow, in_context
from rat_app.state.lists import Pager, pager_of, requested_page
from rat_app.state.live import about, changes
from rat_app.state.visit import visit_table
from rat_engine import Action, TableName, Version

DRAFT = "draft"


class VersionsState(rx.State):
    """The versions of the pipeline whose page is open. A side of the comparison is a number, or ``draft``."""

    loaded: rx.Field[bool] = rx.field(default=False)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)
    name: rx.Field[str] = rx.field(default="")
    versions: rx.Field[list[Version]] = rx.field(default_factory=list)
    pager: rx.Field[Pager] = rx.field(default_factory=Pager)
    before: rx.Field[str] = rx.field(default="")
    after: rx.Field[str] = rx.field(default=DRAFT)
    rows: rx.Field[list[DiffRow]] = rx.field(default_factory=list)
    compared: rx.Field[bool] = rx.field(default=False)
    rolling: rx.Field[int] = rx.field(default=0)
    releasing: rx.Field[bool] = rx.field(default=False)

    @rx.var
    def sides(self) -> list[str]:
        """What can be compared."""
        return [*(str(version.number) for version in self.versions), DRAFT]

    @handler(Action.PIPELINE_READ, "list the versions", does="pipelines.versions", shows="failure", follows=True)
    async def follow(self) -> None:
        """Read the versions, and again whenever one is released; compare the newest with the draft at first."""
        path, table = await visit_table(self, rolling=0, releasing=False, compared=False)
        async for _ in changes(self, about("pipeline.", subject=str(table)), at=path):
            wanted, number = requested_page(self)
            page = await call(engine().pipelines.versions, actor_of(self), table, wanted)
            before = self.before or (str(page.items[0].number) if page.items else DRAFT)
            rows = await _compare(self, table, before, self.after)
            async with self:
                address = partial(routes.pipeline, table.namespace, table.layer.value, table.name, "versions")
                self.versions, self.pager = list(page.items), pager_of(page, number, "version", address)
                self.before, self.rows, self.compared, self.loaded = before, rows, True, True

    @handler(Action.PIPELINE_READ, "compare", does="versions.compare")
    async def choose_before(self, side: str) -> None:
        """Compare from another side."""
        await self._show(side, self.after)

    @handler(Action.PIPELINE_READ, "compare", does="versions.compare")
    async def choose_after(self, side: str) -> None:
        """Compare to another side."""
        await self._show(self.before, side)

    @handler(Action.PIPELINE_READ, "compare", does="versions.compare")
    async def show_changes(self, number: int) -> None:
        """Compare a version with the one before it."""
        await self._show(str(max(number - 1, 1)), str(number))

    async def _show(self, before: str, after: str) -> None:
        self.rows = await _compare(self, TableName.parse(self.name), before, after)
        self.before, self.after = before, after

    @handler(None, "ask")
    def ask(self, number: int) -> None:
        """Ask before going back to a version."""
        self.rolling = number

    @handler(None, "close the dialog")
    def close(self) -> None:
        """Release nothing and go back to none."""
        self.rolling, self.releasing = 0, False

    @handler(None, "ask")
    def ask_release(self) -> None:
        """Ask what changed before the draft is released."""
        self.releasing = True

    @handler(Action.PIPELINE_RELEASE, "release", does="pipelines.release")
    async def release(self, form: dict[str, Any]) -> None:
        """Make the draft, as it is saved, the current version."""
        self.releasing = False
        version = await call(engine().pipelines.release, actor_of(self), TableName.parse(self.name), str(form.get("release-message", "")))
        await notify(self, f"Released version {version.number}", f"Runs of {self.name} use it from now on.")

    @handler(Action.PIPELINE_RELEASE, "roll back", does="versions.rollback")
    async def roll_back(self, form: dict[str, Any]) -> None:
        """Make the version that was asked about the current one again, as a new version."""
        number, self.rolling = self.rolling, 0
        replace = form.get("replace-draft") in (True, "on", "true")
        table = TableName.parse(self.name)
        made = await call(engine().versions.rollback, actor_of(self), table, number, str(form.get("rollback-message", "")), replace)
        await notify(self, f"Version {made.number} holds the files of version {number}", f"Runs of {table} use it from now on.")


async def _compare(state: VersionsState, table: TableName, before: str, after: str) -> list[DiffRow]:
    found = await call(engine().versions.compare, actor_of(state), table, _number(before), _number(after))
    left = {change.path: change.before or "" for change in found.files}
    return in_context(left, {change.path: change.after or "" for change in found.files})


def _number(side: str) -> int | None:
    return int(side) if side.isascii() and side.isdecimal() and len(side) < 10 else None
