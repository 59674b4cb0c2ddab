"""The Query page: the query of the tab that is shown, its rows, and what it would read."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import reflex as rx

from rat_app.engine import call, engine, portal
from rat_app.state.base import Failure, actor_of, handler
from rat_app.state.query.results import QueryView
from rat_app.state.query.statements import chosen
from rat_engine import Action, Actor, EventKind, NotFoundError, PageRequest, Query, RatError, TableEstimate, ValidationError, new_id

ROW_LIMITS = (1_000, 10_000, 100_000, 1_000_000)
ESTIMATE_SECONDS = 20.0
MAX_TABLES_SHOWN = 20
# Of what is kept in the state.
MAX_EXPLAINED = 30_000


@dataclass(frozen=True)
class EstimateView:
    """What the statement would read at most; ``known`` tells whether there is anything to say."""

    known: bool = False
    rows: int = 0
    size: int = 0
    tables: int = 0
    detail: str = ""

    @classmethod
    def of(cls, tables: tuple[TableEstimate, ...]) -> EstimateView:
        """What is shown of an estimate."""
        lines = [f"{table.name}: {table.rows:,} rows in {table.files:,} of {table.files_total:,} files" for table in tables[:MAX_TABLES_SHOWN]]
        return cls(bool(tables), sum(table.rows for table in tables), sum(table.size_bytes for table in tables), len(tables), "\n".join(lines))


class QueryState(rx.State):
    """The query of the tab that is shown. Tabs and texts are in the browser; the server gets a text with Run."""

    namespaces: rx.Field[list[str]] = rx.field(default_factory=list)
    namespace: rx.Field[str] = rx.field(default="")
    limit: rx.Field[int] = rx.field(default=10_000)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)
    tab: rx.Field[str] = rx.field(default="")
    busy: rx.Field[bool] = rx.field(default=False)
    going: rx.Field[QueryView] = rx.field(default_factory=QueryView)
    query: rx.Field[QueryView] = rx.field(default_factory=QueryView)
    percent: rx.Field[int] = rx.field(default=-1)
    problems: rx.Field[list[dict[str, str | int]]] = rx.field(default_factory=list)
    target: rx.Field[dict[str, str | int]] = rx.field(default_factory=dict)
    estimate: rx.Field[EstimateView] = rx.field(default_factory=EstimateView)
    explained: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    last: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    incoming: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)
    linked: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    _asked: int = 0
    # Where in the editor each tab's last statement began, for the place of its error.
    _began: dict[str, tuple[int, int]] = {}  # noqa: RUF012 - Reflex copies defaults

    @handler(Action.NAMESPACE_READ, "open the query page", does="namespaces.list", shows="failure")
    async def load(self) -> None:
        """Read the namespaces, and the text or saved query that the address brings along."""
        spaces = await call(engine().namespaces.list, actor_of(self), PageRequest(limit=500))
        self.namespaces = [space.name for space in spaces.items]
        given = self.router.url.query_parameters
        self._mean(given.get("namespace", self.namespace))
        if key := given.get("saved", ""):
            saved = await call(engine().saved.get, actor_of(self), key)
            self._bring(saved.sql, name=saved.name, saved=saved.id, namespace=saved.namespace)
        elif sql := given.get("sql", ""):
            self._bring(sql, namespace=self.namespace)

    def _bring(self, sql: str, *, name: str = "", saved: str = "", namespace: str = "", run: bool = False) -> None:
        """Open a text in a tab of the browser."""
        self.incoming = {"key": new_id(), "name": name, "sql": sql, "saved": saved, "namespace": namespace, "run": run}

    @handler(Action.QUERY, "open the tab", does="queries.get", shows="failure", background=True)
    async def pick(self, tab: str, query_id: str, namespace: str) -> None:
        """Show a tab's last query and its rows; one that still runs is followed to its end."""
        async with self:
            if not query_id and self.tab == tab[:64] and (self.busy or self.query.id):
                # What is brought into a new tab to be run may run, or have run, before the tab is shown.
                return
            self.tab, self.busy, self.percent = tab[:64], False, -1
            self.query, self.going, self.problems, self.estimate, self.failure = QueryView(), QueryView(), [], EstimateView(), Failure()
            self.explained = {}
            self._mean(namespace or self.namespace)
            self.last = {"picked": self.tab}
        if not query_id:
            return
        try:
            query = await call(engine().queries.get, actor_of(self), query_id)
        except NotFoundError:
            # The history forgets after a while, and the data folder may be another one.
            return
        async with self:
            if self.tab == tab:
                self._show(tab, query)
        await self._follow(tab, query)

    @handler(Action.QUERY, "run the query", does="queries.submit", shows="failure", background=True)
    async def run(self, tab: str, text: str, selection: dict[str, Any]) -> None:
        """Run what is selected, or else the statement under the cursor, and show its rows or where it is wrong."""
        statement, line, column = chosen(text, selection)
        async with self:
            if self.busy and self.tab == tab:
                return
            self.tab, self.busy, self.going, self.problems, self.percent = tab[:64], True, QueryView(), [], -1
            self.explained = {}
            self._began = {**self._began, tab: (line, column)}
            namespace, limit = self.namespace, self.limit
        try:
            query = await call(engine().queries.submit, actor_of(self), statement, namespace, min(limit, engine().settings.result_limit_rows))
            async with self:
                self.last = {"picked": self.tab, "tab": tab, "query": query.id}
                self._show(tab, query)
            await self._follow(tab, query)
        finally:
            async with self:
                if self.tab == tab:
                    self.busy = False

    @handler(Action.QUERY, "run the query again", does="queries.submit")
    def again(self) -> Any:
        """Run what the tab ran last: its rows are gone."""
        return QueryState.run(self.tab, self.query.sql, {})

    @handler(Action.QUERY, "cancel the query", does="queries.cancel", background=True)
    async def cancel(self) -> None:
        """Stop the query that goes on."""
        if self.busy and self.going.id:
            await call(engine().queries.cancel, actor_of(self), self.going.id)

    @handler(Action.QUERY, "estimate the query", does="queries.estimate", background=True)
    async def weigh(self, tab: str, text: str, selection: dict[str, Any]) -> None:
        """Say what the statement would read; nothing while it cannot run."""
        statement, _, _ = chosen(text, selection)
        async with self:
            self._asked += 1
            mine, namespace = self._asked, self.namespace
        found = EstimateView()
        if statement.strip():
            try:
                found = await _estimated(actor_of(self), statement, namespace)
            except (RatError, TimeoutError):
                # Half of a statement is no fault; Run says what is wrong with a whole one.
                found = EstimateView()
        async with self:
            if self._asked == mine and self.tab == tab:
                self.estimate = found

    @handler(None, "explain the query", shows="failure")
    def explain(self, tab: str, text: str, selection: dict[str, Any]) -> None:
        """Show how the statement would be carried out; the browser asks for the plan."""
        statement, _, _ = chosen(text, selection)
        if len(statement) > MAX_EXPLAINED:
            raise ValidationError(f"The statement has more than {MAX_EXPLAINED:,} characters. Explain it on the command line: rat explain -")
        if statement.strip() and tab == self.tab:
            self.explained = {"key": new_id(), "sql": statement, "namespace": self.namespace}

    @handler(None, "close the plan")
    def close_plan(self) -> None:
        """Show the rows again."""
        self.explained = {}

    @handler(None, "limit the rows")
    def choose_limit(self, rows: str) -> None:
        """Keep at most so many rows of a result."""
        if rows.isdecimal() and int(rows) in ROW_LIMITS:
            self.limit = int(rows)

    @handler(None, "go to the error")
    def jump(self) -> None:
        """Put the cursor where the error is."""
        if self.problems:
            place = self.problems[0]
            self.target = {"file": place["file"], "line": place["line"], "column": place["column"], "again": int(self.target.get("again", 0)) + 1}

    @handler(None, "show what went wrong")
    def cannot_read(self, message: str) -> None:
        """Say why a window of rows could not be read."""
        self.failure = Failure("Could not read the rows", message[:1000])

    def _mean(self, namespace: str) -> None:
        """Let two-part names mean ``namespace``, or the first one there is."""
        self.namespace = namespace if namespace in self.namespaces else next(iter(self.namespaces), "")

    async def _follow(self, tab: str, query: Query) -> None:
        """Show in its tab how ``query``, which is shown already, comes further and how it ends, as long as that tab is the one that is shown."""
        if query.status.final:
            return
        actor = actor_of(self)
        with portal().watch(lambda event: event.kind == EventKind.QUERY_FINISHED and event.subject == query.id, [f"query:{query.id}"]) as watcher:
            while not query.status.final:
                shown, query = query, await call(engine().queries.get, actor, query.id)
                # Each change of the state is drawn, and drawing takes time from whoever waits for the rows.
                if query.status.final or query.progress != shown.progress:
                    async with self:
                        self._show(tab, query)
                if not query.status.final:
                    await watcher.next()

    def _show(self, tab: str, query: Query) -> None:
        if self.tab != tab:
            return
        view = QueryView.of(query)
        self.busy = not query.status.final
        if self.busy:
            self.going, self.percent = view, -1 if query.progress is None else int(query.progress * 100)
            return
        self.query, self.going, self.percent = view, QueryView(), -1
        line, column = self._began.get(tab, (1, 1))
        if query.error_line:
            place = {"line": query.error_line + line - 1, "column": max(query.error_column, 1) + (column - 1 if query.error_line == 1 else 0)}
            self.problems = [{"file": f"{tab}.sql", **place, "message": query.error_message, "hint": "", "severity": "error"}]


async def _estimated(actor: Actor, statement: str, namespace: str) -> EstimateView:
    """What ``statement`` would read. Raises what is wrong with it, and TimeoutError when nobody has time to look."""
    asked = await call(engine().queries.estimate, actor, statement, namespace)
    with portal().watch(lambda _: False, [f"query:{asked.id}"]) as watcher:
        async with asyncio.timeout(ESTIMATE_SECONDS):
            while not (await call(engine().queries.get, actor, asked.id)).status.final:
                await watcher.next()
    return EstimateView.of((await call(engine().queries.estimated, actor, asked.id)).tables)
