"""The Query page: one SELECT over published tables, its rows, and the tables there are."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app.engine import call, engine
from rat_app.state.base import Failure, actor_of, handler
from rat_app.state.live import about, changes
from rat_app.state.query.results import QueryView, finished
from rat_engine import Action, LakeTable, NotFoundError, PageRequest, TableFilter

QUERY_FILE = "query.sql"
MAX_TABLES = 500


class QueryState(rx.State):
    """The query on the screen. Its text is in the browser; the server gets it with Run."""

    namespaces: rx.Field[list[str]] = rx.field(default_factory=list)
    namespace: rx.Field[str] = rx.field(default="")
    files: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)
    busy: rx.Field[bool] = rx.field(default=False)
    going: rx.Field[QueryView] = rx.field(default_factory=QueryView)
    query: rx.Field[QueryView] = rx.field(default_factory=QueryView)
    problems: rx.Field[list[dict[str, str | int]]] = rx.field(default_factory=list)
    target: rx.Field[dict[str, str | int]] = rx.field(default_factory=dict)

    @handler(Action.NAMESPACE_READ, "open the query page", does="namespaces.list", shows="failure")
    async def load(self) -> None:
        """Read the namespaces, and the text that the address brings along."""
        spaces = await call(engine().namespaces.list, actor_of(self), PageRequest(limit=500))
        self.namespaces = [space.name for space in spaces.items]
        asked = self.router.url.query_parameters.get("namespace", self.namespace)
        self.namespace = asked if asked in self.namespaces else next(iter(self.namespaces), "")
        self.files = {QUERY_FILE: self.router.url.query_parameters.get("sql", "")}

    @handler(Action.QUERY, "run the query", does="queries.submit", shows="failure", background=True)
    async def run(self, changed: dict[str, str], selection: dict[str, Any], _revision: int) -> None:
        """Run the selection, or else the whole text, and show its rows or where it is wrong."""
        async with self:
            text, line, column = chosen(changed.get(QUERY_FILE, self.files.get(QUERY_FILE, "")), selection)
            namespace, self.busy, self.going, self.problems = self.namespace, True, QueryView(), []
        try:
            actor = actor_of(self)
            query = await call(engine().queries.submit, actor, text, namespace)
            async with self:
                self.going = QueryView.of(query)
            ended = await finished(actor, query)
            async with self:
                show(self, QueryView.of(ended), line, column)
        finally:
            async with self:
                self.busy = False

    @handler(Action.QUERY, "cancel the query", does="queries.cancel", background=True)
    async def cancel(self) -> None:
        """Stop the query that goes on."""
        if self.busy and self.going.id:
            await call(engine().queries.cancel, actor_of(self), self.going.id)

    @handler(None, "go to the error")
    def jump(self) -> None:
        """Put the cursor where the error is."""
        if self.problems:
            place = self.problems[0]
            self.target = {"file": QUERY_FILE, "line": place["line"], "column": place["column"], "again": int(self.target.get("again", 0)) + 1}

    @handler(None, "show what went wrong")
    def cannot_read(self, message: str) -> None:
        """Say why a window of rows could not be read."""
        self.failure = Failure("Could not read the rows", message[:1000])


class SchemaState(rx.State):
    """The tables of the namespace that is chosen: as a tree, and as the names that the editor completes."""

    loaded: rx.Field[bool] = rx.field(default=False)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)
    catalog: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    total: rx.Field[int] = rx.field(default=0)

    @rx.var
    def nodes(self) -> list[dict[str, Any]]:
        """Layers, their tables, their columns."""
        layers: dict[str, list[dict[str, Any]]] = {}
        for table in self.catalog:
            layers.setdefault(table["layer"], []).append(_table_node(table))
        return [{"id": layer, "label": layer, "kind": layer, "children": layers[layer]} for layer in ("bronze", "silver", "gold") if layer in layers]

    @rx.var
    def names(self) -> dict[str, list[dict[str, Any]]]:
        """What the editor completes."""
        return {"catalog": self.catalog}

    @handler(Action.TABLE_READ, "read the tables", does="tables.list", shows="failure", background=True)
    async def follow(self) -> None:
        """Read the tables, and again whenever one is published."""
        path = self.router.url.path
        async for _ in changes(self, about("table.", "namespace.", "pipeline.released")):
            if self.router.url.path != path:
                return
            await self._read()

    @handler(Action.TABLE_READ, "read the tables", does="tables.list", shows="failure", background=True)
    async def choose(self, namespace: str) -> None:
        """Let two-part names mean tables of another namespace, and show those."""
        async with self:
            query = await self.get_state(QueryState)
            if namespace not in query.namespaces:
                raise NotFoundError(f"There is no namespace {namespace[:63]!r}.")
            query.namespace = namespace
        await self._read()

    async def _read(self) -> None:
        async with self:
            query = await self.get_state(QueryState)
            namespace = query.namespace
        page = await call(engine().tables.list, actor_of(self), TableFilter(namespace=namespace or None), PageRequest(limit=MAX_TABLES))
        async with self:
            self.catalog, self.total, self.loaded = [_entry(table) for table in page.items], page.total, True


def chosen(text: str, selection: dict[str, Any]) -> tuple[str, int, int]:
    """What to run, and the line and column where it begins in the editor: the selection when there is one, else everything."""
    picked = str(selection.get("text", ""))
    return (picked, int(selection.get("line", 1)), int(selection.get("column", 1))) if picked.strip() else (text, 1, 1)


def show(state: QueryState, query: QueryView, line: int, column: int) -> None:
    """Show how a query ended; an error is underlined in the editor, where the text that was run began at ``line`` and ``column``."""
    state.query = query
    if query.line:
        place = {"line": query.line + line - 1, "column": max(query.column, 1) + (column - 1 if query.line == 1 else 0)}
        state.problems = [{"file": QUERY_FILE, **place, "message": query.message, "hint": "", "severity": "error"}]


def _entry(table: LakeTable) -> dict[str, Any]:
    columns = [{"name": column.name, "type": column.type} for column in table.columns]
    return {"namespace": table.name.namespace, "layer": table.name.layer.value, "name": table.name.name, "rows": table.row_count, "columns": columns}


def _table_node(table: dict[str, Any]) -> dict[str, Any]:
    name = f"{table['layer']}.{table['name']}"
    columns = [
        {"id": f"{name}.{column['name']}", "label": column["name"], "detail": column["type"], "kind": "column", "insert": column["name"]}
        for column in table["columns"]
    ]
    return {"id": name, "label": table["name"], "kind": "table", "detail": f"{table['rows']:,}", "insert": name, "closed": True, "children": columns}
