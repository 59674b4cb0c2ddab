"""The preview of a draft: the rows its SQL would give now, on real data, and the SQL that its template becomes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import reflex as rx

from rat_app.engine import call, engine
from rat_app.state.base import Failure, actor_of, handler
from rat_app.state.pipeline.draft import COMPILED, PREVIEW, PROBLEMS, SOURCE_FILE, TEST_FOLDER, DraftState, edited, remember, show_problems, table_of
from rat_app.state.query.results import QueryView, finished
from rat_engine import Action, Actor, CompileError, Cursor, PipelineFiles, Problem, Query, TableName

LIMITS = (100, 1_000, 10_000)


class PreviewState(rx.State):
    """The last preview of the pipeline that is open."""

    failure: rx.Field[Failure] = rx.field(default_factory=Failure)
    sql_failure: rx.Field[Failure] = rx.field(default_factory=Failure)
    of: rx.Field[str] = rx.field(default="")
    path: rx.Field[str] = rx.field(default="")
    busy: rx.Field[bool] = rx.field(default=False)
    going: rx.Field[QueryView] = rx.field(default_factory=QueryView)
    query: rx.Field[QueryView] = rx.field(default_factory=QueryView)
    part: rx.Field[str] = rx.field(default="")
    limit: rx.Field[int] = rx.field(default=LIMITS[0])
    sql: rx.Field[str] = rx.field(default="")
    sql_path: rx.Field[str] = rx.field(default="")

    @rx.var
    def is_test(self) -> bool:
        """Whether the preview is of a quality test, whose rows are bad ones."""
        return self.path.startswith(TEST_FOLDER)

    @handler(Action.QUERY, "preview", does="queries.preview", shows="failure", background=True)
    async def preview(self, changed: dict[str, str], _selection: dict[str, Any], _revision: int) -> None:
        """Run what is on the screen, saved or not, and show its first rows. Nothing is written."""
        await self._start(changed, None)

    @handler(Action.QUERY, "preview the CTE", does="queries.preview", shows="failure", background=True)
    async def preview_part(self, changed: dict[str, str], selection: dict[str, Any], _revision: int) -> None:
        """The same for the CTE that the cursor is in, alone with those it reads."""
        await self._start(changed, selection)

    @handler(None, "choose the number of rows")
    def choose_limit(self, rows: str) -> None:
        """Show at most so many rows from the next preview on."""
        if rows in map(str, LIMITS):
            self.limit = int(rows)

    async def _start(self, changed: dict[str, str], selection: dict[str, Any] | None) -> None:
        async with self:
            draft = await self.get_state(DraftState)
            table, files, path = table_of(draft), edited(draft, changed), _sql_file(draft.path)
            draft.panel = PREVIEW
            if (self.of, self.path, self.part) != (str(table), path, ""):
                self.query = QueryView()
            self.busy, self.of, self.path, self.going, self.part, limit = True, str(table), path, QueryView(), "", self.limit
        try:
            place = Cursor(path, _place(selection, "line"), _place(selection, "column")) if selection else path
            await self._run(table, files, place, limit)
        finally:
            async with self:
                self.busy = False

    async def _run(self, table: TableName, files: PipelineFiles, place: str | Cursor, limit: int) -> None:
        actor = actor_of(self)
        compilation = await call(engine().pipelines.compile, actor, table, files)
        async with self:
            draft = await self.get_state(DraftState)
            show_problems(draft, compilation.problems)
        try:
            query = await call(engine().queries.preview, actor, table, files, place, limit)
            part = await call(engine().authoring.part, actor, table, files, place) if isinstance(place, Cursor) else ""
        except CompileError:
            async with self:
                (await self.get_state(DraftState)).panel = PROBLEMS
            raise
        async with self:
            self.going, self.part = QueryView.of(query), part
        ended = await finished(actor, query)
        problems = await _places(ended, actor, table, place if isinstance(place, str) else place.path, files)
        async with self:
            if self.going.id == ended.id:
                self.query = QueryView.of(ended)
                draft = await self.get_state(DraftState)
                remember(draft, files, problems)

    @handler(Action.QUERY, "cancel the preview", does="queries.cancel", background=True)
    async def cancel(self) -> None:
        """Stop the preview that goes on."""
        if self.busy and self.going.id:
            await call(engine().queries.cancel, actor_of(self), self.going.id)

    @handler(Action.PIPELINE_READ, "compile the file", does="pipelines.compiled_sql", shows="sql_failure")
    async def compile_sql(self, changed: dict[str, str], _selection: dict[str, Any], _revision: int) -> None:
        """Show the SQL that the file on the screen becomes."""
        draft = await self.get_state(DraftState)
        table, files = table_of(draft), edited(draft, changed)
        draft.panel, self.sql, self.sql_path, self.of = COMPILED, "", _sql_file(draft.path), str(table)
        show_problems(draft, (await call(engine().pipelines.compile, actor_of(self), table, files)).problems)
        # Annotations become empty lines, which keep the line numbers but say nothing here.
        self.sql = (await call(engine().pipelines.compiled_sql, actor_of(self), table, files, self.sql_path)).strip("\n")

    @handler(None, "show what went wrong")
    def cannot_read(self, message: str) -> None:
        """Say why a window of rows could not be read."""
        self.failure = Failure("Could not read the rows", message[:1000])


async def _places(query: Query, actor: Actor, table: TableName, path: str, files: PipelineFiles) -> list[dict[str, str | int]]:
    """Where the error of a preview is in the file that was previewed; none when DuckDB did not say."""
    if not query.error_line:
        return []
    line, column = await call(engine().pipelines.origin, actor, table, files, path, (query.error_line, max(query.error_column, 1)))
    return [asdict(Problem(path, line, column, query.error_message))]


def _place(selection: dict[str, Any], name: str) -> int:
    value = selection.get(name)
    return value if isinstance(value, int) else 1


def _sql_file(path: str) -> str:
    return path if path.endswith(".sql") else SOURCE_FILE


async def forget_failure(state: rx.State) -> None:
    """Show nothing of the tab's preview when it went wrong: what it was of has changed."""
    preview = await state.get_state(PreviewState)
    preview.failure = Failure()
    if preview.query.status == "failed":
        preview.query = preview.going = QueryView()
