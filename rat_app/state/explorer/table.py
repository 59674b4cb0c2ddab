"""The table whose page is open: what every tab shows of it, and its first rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.engine import call, engine
from rat_app.state.base import Failure, actor_of, handler
from rat_app.state.copies import CopyView, copy_view
from rat_app.state.live import about, changes
from rat_app.state.prose import from_markdown
from rat_app.state.query.results import QueryView, finished
from rat_app.state.visit import visit_table
from rat_engine import Action, LakeTable, NotFoundError, TableName

# What each tab shows, by its name in the address; the first has none.
SHOWS = {
    "": "inspections.preview",
    "columns": "inspections.profile",
    "snapshots": "tables.snapshots",
    "files": "inspections.files",
    "lineage": "tables.neighbours",
    "quality": "quality.tests",
    "docs": "documentation.get",
}
# As many characters as three lines hold.
MAX_ABOUT = 300


@dataclass(frozen=True)
class TableView:
    """What the head of a table's page shows. ``pipeline`` is the address of the pipeline that fills it; empty where that is gone."""

    namespace: str = ""
    layer: str = ""
    name: str = ""
    full_name: str = ""
    owner: str = ""
    tags: tuple[str, ...] = ()
    rows: int = 0
    size: int = 0
    files: int = 0
    columns: int = 0
    snapshot: str = ""
    published: datetime | None = None
    run: str = ""
    pipeline: str = ""
    query: str = ""


class TableState(rx.State):
    """The table whose page is open."""

    loaded: rx.Field[bool] = rx.field(default=False)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)
    name: rx.Field[str] = rx.field(default="")
    table: rx.Field[TableView] = rx.field(default_factory=TableView)
    about: rx.Field[list[Any]] = rx.field(default_factory=list)
    docs: rx.Field[str] = rx.field(default="")
    copies: rx.Field[CopyView] = rx.field(default_factory=CopyView)

    @handler(Action.TABLE_READ, "open the table", does="tables.get", shows="failure", follows=True)
    async def follow(self) -> None:
        """Read the table, and again whenever it is published or described."""
        path, table = await visit_table(self)
        async for _ in changes(self, about("table.", "pipeline.", subject=str(table)), at=path):
            found = await call(engine().tables.get, actor_of(self), table)
            filled = await self._pipeline(table)
            async with self:
                self.table, self.loaded = view_of(found, filled), True
                self.copies = copy_view(self, SHOWS["".join(path.strip("/").split("/")[4:5])], table=str(table))
                first, more = first_paragraph(found.description)
                self.about = from_markdown(first)
                self.docs = routes.table(table.namespace, table.layer.value, table.name, "docs") if more else ""

    async def _pipeline(self, table: TableName) -> str:
        try:
            await call(engine().pipelines.get, actor_of(self), table)
        except NotFoundError:
            return ""
        return routes.pipeline(table.namespace, table.layer.value, table.name)


class TableRowsState(rx.State):
    """The first rows of the table whose page is open; the rows themselves are fetched by the grid."""

    look: rx.Field[QueryView] = rx.field(default_factory=QueryView)
    busy: rx.Field[bool] = rx.field(default=False)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)
    name: rx.Field[str] = rx.field(default="")

    @handler(Action.QUERY, "read the first rows", does="inspections.preview", shows="failure", follows=True)
    async def follow(self) -> None:
        """Ask for the first rows, and again whenever the table is published."""
        path, table = await visit_table(self)
        async for _ in changes(self, about("table.published", subject=str(table)), at=path):
            async with self:
                self.busy = True
            try:
                asked = await call(engine().inspections.preview, actor_of(self), table)
                ended = await finished(actor_of(self), asked)
                async with self:
                    self.look = QueryView.of(ended)
            finally:
                async with self:
                    self.busy = False

    @handler(None, "show what went wrong")
    def cannot_read(self, message: str) -> None:
        """Say why a window of rows could not be read."""
        self.failure = Failure("Could not read the rows", message[:1000])


def first_paragraph(text: str) -> tuple[str, bool]:
    """What of a description stands above every tab, and whether there is more of it."""
    whole = text.strip()
    first = whole.partition("\n\n")[0]
    shown = first if len(first) <= MAX_ABOUT else first[:MAX_ABOUT].rpartition(" ")[0] + " …"
    return shown, shown != whole


def view_of(table: LakeTable, pipeline: str) -> TableView:
    """What the head shows of ``table``."""
    name = table.name
    return TableView(
        name.namespace,
        name.layer.value,
        name.name,
        str(name),
        table.owner,
        table.tags,
        table.row_count,
        table.size_bytes,
        table.file_count,
        len(table.columns),
        # JavaScript's numbers have 53 bits, a snapshot's id 64.
        str(table.snapshot_id),
        table.published_at,
        routes.run(table.published_by_run),
        pipeline,
        routes.query(sql=f"SELECT *\nFROM {name.layer.value}.{name.name}\nLIMIT 100", namespace=name.namespace),
    )
