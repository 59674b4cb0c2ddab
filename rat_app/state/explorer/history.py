"""Snapshots and data files of the table whose page is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

import reflex as rx

from rat_app import routes
from rat_app.engine import call, engine
from rat_app.state.base import Failure, actor_of, handler
from rat_app.state.lists import LIMIT, Pager, pager_of, requested_page
from rat_app.state.live import about, changes
from rat_app.state.query.results import finished
from rat_app.state.visit import visit_table
from rat_engine import Action, Actor, Page, TableName, TableSnapshot, restore


@dataclass(frozen=True)
class SnapshotView:
    """A snapshot; ``grown`` is how many rows more, or fewer, the table had than with the one before it (None for the first)."""

    number: int
    snapshot: str
    operation: str
    published: datetime
    run: str
    rows: int
    size: int
    files: int
    current: bool
    grown: int | None


@dataclass(frozen=True)
class FileView:
    """A data file."""

    path: str
    rows: int
    size: int
    deletes: int


class SnapshotsState(rx.State):
    """What was published of the table, newest first."""

    loaded: rx.Field[bool] = rx.field(default=False)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)
    name: rx.Field[str] = rx.field(default="")
    snapshots: rx.Field[list[SnapshotView]] = rx.field(default_factory=list)
    pager: rx.Field[Pager] = rx.field(default_factory=Pager)

    @handler(Action.TABLE_READ, "list the snapshots", does="tables.snapshots", shows="failure", follows=True)
    async def follow(self) -> None:
        """Read the snapshots, and again whenever the table is published."""
        path, table = await visit_table(self)
        async for _ in changes(self, about("table.published", subject=str(table)), at=path):
            wanted, number = requested_page(self)
            page = await call(engine().tables.snapshots, actor_of(self), table, wanted)
            async with self:
                self.snapshots = views_of(page.items)
                self.pager = pager_of(page, number, "snapshot", partial(routes.table, table.namespace, table.layer.value, table.name, "snapshots"))
                self.loaded = True


class FilesState(rx.State):
    """The data files of the table as it is now, by path."""

    loaded: rx.Field[bool] = rx.field(default=False)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)
    name: rx.Field[str] = rx.field(default="")
    files: rx.Field[list[FileView]] = rx.field(default_factory=list)
    pager: rx.Field[Pager] = rx.field(default_factory=Pager)

    @handler(Action.QUERY, "list the data files", does="inspections.files", shows="failure", follows=True)
    async def follow(self) -> None:
        """Ask for the files, and again whenever the table is published."""
        path, table = await visit_table(self)
        async for _ in changes(self, about("table.published", subject=str(table)), at=path):
            wanted, number = requested_page(self)
            page = await _files(actor_of(self), table, wanted.offset)
            async with self:
                self.files = list(page.items)
                self.pager = pager_of(page, number, "file", partial(_files_address, table))
                self.loaded = True


def views_of(snapshots: tuple[TableSnapshot, ...]) -> list[SnapshotView]:
    """Snapshots as the list shows them; the last of a page that is not the end is not compared."""
    views: list[SnapshotView] = []
    for item, before in zip(snapshots, [*snapshots[1:], None], strict=True):
        grown = None if before is None else item.row_count - before.row_count
        numbers = (item.row_count, item.size_bytes, item.file_count)
        views.append(
            SnapshotView(item.number, str(item.snapshot_id), item.operation, item.published_at, routes.run(item.run_id), *numbers, item.current, grown)
        )
    return views


async def _files(actor: Actor, table: TableName, offset: int) -> Page[FileView]:
    query = await finished(actor, await call(engine().inspections.files, actor, table))
    if query.error_code:
        raise restore(query.error_code, query.error_message, {})
    window = await call(engine().queries.rows, actor, query.id, offset, LIMIT)
    files = tuple(FileView(str(path), int(rows), int(size), int(deletes)) for path, rows, size, deletes in window.rows)
    return Page(files, window.total, "more" if offset + len(files) < window.total else None)


def _files_address(table: TableName, **query: str) -> str:
    return routes.table(table.namespace, table.layer.value, table.name, "files", page=query.get("page", ""))
