"""Use cases of whoever writes a pipeline: which words there are, which columns are in scope, a file laid out, what the next run would do."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from rat_engine.compile import compile_pipeline, cte_columns, format_template, part_at, vocabulary
from rat_engine.domain.access import Action, Actor
from rat_engine.domain.authoring import Cursor, NextRun, Relation, Scope, Vocabulary
from rat_engine.domain.lake import Column, LakeTable
from rat_engine.domain.names import TableName
from rat_engine.domain.pipeline import SOURCE_FILE, PipelineFiles
from rat_engine.errors import CompileError, NotFoundError
from rat_engine.metadata import pipelines as sql
from rat_engine.metadata import published, versions
from rat_engine.plan.forecast import forecast
from rat_engine.services.base import Service, action
from rat_engine.services.pipelines import compile_catalog, compile_file


class AuthoringService(Service):
    """What an editor asks for while somebody types. Without ``files`` everything is about the saved draft."""

    @action(Action.PIPELINE_READ)
    def vocabulary(self, actor: Actor) -> Vocabulary:
        """The words of templates, annotations and documents."""
        return vocabulary()

    @action(Action.PIPELINE_READ)
    def scope(self, actor: Actor, table: TableName, files: PipelineFiles | None = None, path: str = SOURCE_FILE) -> Scope:
        """The tables, landing zones and CTEs that ``path`` reads, with their columns where they are known. Raises NotFoundError."""
        with self._database.read() as connection:
            texts = files or _draft(connection, table)
            only = PipelineFiles({SOURCE_FILE: texts.texts.get(path, "")})
            compilation = compile_pipeline(table, only, compile_catalog(connection))
            reads = [each.table for each in compilation.dependencies if each.table is not None]
            known = published.fetch_named_tables(connection, [table, *reads])
            relations = [*(_relation("table", name, known) for name in reads), _relation("this", table, known)]
            zones = [Relation("zone", each.zone.name) for each in compilation.dependencies if each.zone is not None]
            ctes = _ctes(connection, table, texts, path, known)
        return Scope((*relations, *zones, *(Relation("cte", name, columns) for name, columns in (ctes or {}).items())), ctes is not None)

    @action(Action.PIPELINE_READ)
    def format(self, actor: Actor, table: TableName, path: str = SOURCE_FILE, text: str | None = None) -> str:
        """``text``, or the draft's file, laid out anew: only line ends and spaces differ. Raises FormatError saying why not, NotFoundError."""
        if text is None:
            with self._database.read() as connection:
                text = _draft(connection, table).texts.get(path)
        if text is None:
            raise NotFoundError(f"{table} has no file {path[:200]!r}.")
        return format_template(table, path, text)

    @action(Action.PIPELINE_READ)
    def part(self, actor: Actor, table: TableName, files: PipelineFiles, cursor: Cursor) -> str:
        """The name of the CTE that the cursor is in; empty outside of all. Raises CompileError."""
        with self._database.read() as connection:
            part = part_at(compile_file(connection, table, files, cursor.path), cursor.line, cursor.column)
        return part.name if part else ""

    @action(Action.PIPELINE_READ)
    def plan(self, actor: Actor, table: TableName, files: PipelineFiles | None = None, draft: bool = False) -> NextRun:
        """What the next run would do: of ``files``, of the draft, or else of the released version. Nothing is carried out. Raises NotFoundError."""
        with self._database.read() as connection:
            pipeline = sql.fetch_pipeline(connection, table)
            if files is not None or draft or pipeline.version is None:
                return forecast(connection, table, files or _draft(connection, table), None)
            return forecast(connection, table, versions.fetch_version_files(connection, pipeline.id, pipeline.version), pipeline.version)


def _draft(connection: Connection, table: TableName) -> PipelineFiles:
    return sql.fetch_draft(connection, sql.fetch_pipeline(connection, table).id, table).files


def _relation(kind: str, table: TableName, known: Mapping[TableName, LakeTable]) -> Relation:
    facts = known.get(table)
    return Relation(kind, str(table), facts.columns, facts.description, facts.row_count) if facts else Relation(kind, str(table))


def _ctes(
    connection: Connection, table: TableName, files: PipelineFiles, path: str, known: Mapping[TableName, LakeTable]
) -> dict[str, tuple[Column, ...]] | None:
    try:
        rendered = compile_file(connection, table, files, path)
    except CompileError:
        return None
    return cte_columns(rendered.sql, {name.sql: facts.columns for name, facts in known.items()})
