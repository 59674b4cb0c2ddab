"""What stands beside the editor: the tables, saved queries, and the history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from rat_app.engine import call, engine
from rat_app.state.base import Failure, actor_of, handler, notify
from rat_app.state.live import about, changes
from rat_app.state.query.console import QueryState
from rat_engine import Action, NotFoundError, Page, PageRequest, Query, QueryFilter, SavedQuery

TABLES, SAVED, HISTORY = "tables", "saved", "history"
PAGE = 50
MOST = 500
SHOWN_CHARACTERS = 160


@dataclass(frozen=True)
class PastQuery:
    """A query of the history, cut to what a line shows."""

    id: str
    status: str
    text: str
    rows: int
    milliseconds: float | None
    at: str

    @classmethod
    def of(cls, query: Query) -> PastQuery:
        """The line of a query."""
        return cls(query.id, query.status.value, " ".join(query.sql.split())[:SHOWN_CHARACTERS], query.row_count, query.duration_ms, str(query.created_at))


@dataclass(frozen=True)
class SavedLine:
    """A saved query, cut to what a line shows."""

    id: str
    name: str
    description: str
    namespace: str

    @classmethod
    def of(cls, saved: SavedQuery) -> SavedLine:
        """The line of a saved query."""
        return cls(saved.id, saved.name, saved.description.split("\n")[0][:SHOWN_CHARACTERS], saved.namespace)


class SchemaState(rx.State):
    """Which tables there are is read by the browser; here is when to read them again."""

    version: rx.Field[int] = rx.field(default=0)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)

    @handler(Action.TABLE_READ, "follow the tables", does="tables.list", shows="failure", follows=True)
    async def follow(self) -> None:
        """Have the tables read again whenever one is published."""
        path = self.router.url.path
        first = True
        async for _ in changes(self, about("table.", "namespace.", "pipeline.released"), at=path):
            if not first:
                async with self:
                    self.version += 1
            first = False

    @handler(Action.NAMESPACE_READ, "choose the namespace", does="namespaces.list", shows="failure")
    async def choose(self, namespace: str) -> None:
        """Let two-part names mean tables of another namespace, and show those."""
        query = await self.get_state(QueryState)
        if namespace not in query.namespaces:
            raise NotFoundError(f"There is no namespace {namespace[:63]!r}.")
        query.namespace = namespace


class SideState(rx.State):
    """Which of the three is shown; the lists are read when they are, and again when something changes."""

    panel: rx.Field[str] = rx.field(default=TABLES)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)
    loaded: rx.Field[bool] = rx.field(default=False)
    history: rx.Field[list[PastQuery]] = rx.field(default_factory=list)
    history_total: rx.Field[int] = rx.field(default=0)
    history_search: rx.Field[str] = rx.field(default="")
    shown: rx.Field[int] = rx.field(default=PAGE)
    saved: rx.Field[list[SavedLine]] = rx.field(default_factory=list)
    saved_total: rx.Field[int] = rx.field(default=0)
    saved_search: rx.Field[str] = rx.field(default="")

    @handler(Action.QUERY, "show the panel", does="queries.list", shows="failure")
    async def show(self, panel: str) -> None:
        """Show the tables, the saved queries or the history."""
        self.panel = panel if panel in (SAVED, HISTORY) else TABLES
        self.loaded = False
        await self._read()

    @handler(Action.QUERY, "follow the queries", does="queries.list", shows="failure", follows=True)
    async def follow(self) -> None:
        """Read the list that is shown again when a query has ended or was saved."""
        path = self.router.url.path
        async for _ in changes(self, about("query.", "saved."), at=path):
            read = await self._fetch()
            async with self:
                self._take(*read)

    @handler(Action.QUERY, "search the history", does="queries.list", shows="failure")
    async def find_past(self, text: str) -> None:
        """Show queries with this text."""
        self.history_search, self.shown = text.strip()[:200], PAGE
        await self._read()

    @handler(Action.SAVED_READ, "search the saved queries", does="saved.list", shows="failure")
    async def find_saved(self, text: str) -> None:
        """Show saved queries with this text."""
        self.saved_search = text.strip()[:200]
        await self._read()

    @handler(Action.QUERY, "show more", does="queries.list", shows="failure")
    async def more(self) -> None:
        """Show older queries as well."""
        self.shown = min(self.shown + PAGE, MOST)
        await self._read()

    @handler(Action.QUERY, "open the query", does="queries.get", shows="failure")
    async def open_past(self, query_id: str) -> None:
        """Open a query of the history in a tab."""
        await self._open_past(query_id, run=False)

    @handler(Action.QUERY, "run the query again", does="queries.get", shows="failure")
    async def run_past(self, query_id: str) -> None:
        """Open a query of the history in a tab and run it."""
        await self._open_past(query_id, run=True)

    @handler(Action.SAVED_READ, "open the saved query", does="saved.get", shows="failure")
    async def open_saved(self, saved_id: str) -> None:
        """Open a saved query in a tab."""
        saved = await call(engine().saved.get, actor_of(self), saved_id)
        page = await self.get_state(QueryState)
        page._bring(saved.sql, name=saved.name, saved=saved.id, namespace=saved.namespace)  # noqa: SLF001 - a public method of a state could be called by every browser

    @handler(Action.SAVED_WRITE, "delete the saved query", does="saved.delete")
    async def delete_saved(self, saved_id: str) -> None:
        """Delete a saved query, and offer to undo it."""
        saved = await call(engine().saved.delete, actor_of(self), saved_id)
        await self._read()
        await notify(self, f"Deleted {saved.name}", "Tabs that show it keep its text.", undo=SideState.restore_saved(saved.id))

    @handler(Action.SAVED_WRITE, "bring back the saved query", does="saved.restore")
    async def restore_saved(self, saved_id: str) -> None:
        """Undo the deletion."""
        await call(engine().saved.restore, actor_of(self), saved_id)
        await self._read()

    async def _open_past(self, query_id: str, *, run: bool) -> None:
        query = await call(engine().queries.get, actor_of(self), query_id)
        page = await self.get_state(QueryState)
        page._bring(query.sql, namespace=query.namespace, run=run)  # noqa: SLF001 - a public method of a state could be called by every browser

    async def _read(self) -> None:
        self._take(*await self._fetch())

    async def _fetch(self) -> tuple[str, Page[Query] | Page[SavedQuery] | None]:
        """What the panel shows, and which panel that is."""
        actor = actor_of(self)
        if self.panel == HISTORY:
            return HISTORY, await call(engine().queries.list, actor, QueryFilter(self.history_search), PageRequest(self.shown))
        if self.panel == SAVED:
            return SAVED, await call(engine().saved.list, actor, self.saved_search, PageRequest(PAGE))
        return TABLES, None

    def _take(self, panel: str, page: Any) -> None:
        if panel == HISTORY:
            self.history, self.history_total = [PastQuery.of(query) for query in page.items], page.total
        elif panel == SAVED:
            self.saved, self.saved_total = [SavedLine.of(saved) for saved in page.items], page.total
        self.loaded = True
