"""Use cases of pipelines: author, compile, release."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from rat_engine.compile import Compilation, CompileCatalog, RenderContext, Rendered, compile_pipeline, cycle_through, part_at, render_traced
from rat_engine.domain.access import Action, Actor
from rat_engine.domain.authoring import Cursor
from rat_engine.domain.clock import iso, now
from rat_engine.domain.documentation import Documentation
from rat_engine.domain.event import EventKind, NewEvent
from rat_engine.domain.names import TableName
from rat_engine.domain.paging import Page, PageRequest
from rat_engine.domain.pipeline import (
    CONFIG_FILE,
    MAX_DESCRIPTION,
    MAX_MESSAGE,
    SOURCE_FILE,
    Dependency,
    Draft,
    Pipeline,
    PipelineFiles,
    PipelineFilter,
    Version,
)
from rat_engine.errors import CompileError, ConflictError, NotFoundError, Problem, StaleDraftError
from rat_engine.metadata import lifecycle, namespaces, published, versions
from rat_engine.metadata import pipelines as sql
from rat_engine.metadata.database import Transaction
from rat_engine.services.base import Service, action, checked_length
from rat_engine.services.templates import starter_files

PREVIEW_RUN_ID = "preview"


class PipelineService(Service):
    """Pipelines, their drafts and versions."""

    @action(Action.PIPELINE_READ)
    def list(self, actor: Actor, wanted: PipelineFilter = PipelineFilter(), page: PageRequest = PageRequest()) -> Page[Pipeline]:
        """Pipelines by name, each with its last run and row count."""
        with self._database.read() as connection:
            return sql.fetch_pipelines(connection, wanted, page)

    @action(Action.PIPELINE_READ)
    def get(self, actor: Actor, table: TableName) -> Pipeline:
        """One pipeline. Raises NotFoundError."""
        with self._database.read() as connection:
            return sql.fetch_pipeline(connection, table)

    @action(Action.PIPELINE_WRITE)
    def create(self, actor: Actor, table: TableName, files: PipelineFiles | None = None, description: str = "") -> Pipeline:
        """Create a pipeline, and its namespace where it is new. Without ``files`` the draft is a working template.

        Raises AlreadyExistsError, ValidationError.
        """
        checked_length(description, MAX_DESCRIPTION, "description")
        with self._database.write() as transaction:
            create_pipeline(transaction, table, files or starter_files(table, description), actor, description)
            return sql.fetch_pipeline(transaction.connection, table)

    @action(Action.PIPELINE_READ)
    def draft(self, actor: Actor, table: TableName) -> Draft:
        """The files being edited. Raises NotFoundError."""
        with self._database.read() as connection:
            return sql.fetch_draft(connection, sql.fetch_pipeline(connection, table).id, table)

    @action(Action.PIPELINE_WRITE)
    def save_draft(self, actor: Actor, table: TableName, files: PipelineFiles, revision: int) -> Draft:
        """Replace the draft that was read at ``revision``; a draft may be broken, only a release may not.

        Raises StaleDraftError with the current ``revision``, ``files`` and ``updated_by`` in its details when someone saved in between.
        """
        with self._database.write(durable=True) as transaction:
            pipeline = sql.fetch_pipeline(transaction.connection, table)
            save_files(transaction, pipeline, files, revision, actor)
            return sql.fetch_draft(transaction.connection, pipeline.id, table)

    @action(Action.PIPELINE_READ)
    def compile(self, actor: Actor, table: TableName, files: PipelineFiles | None = None) -> Compilation:
        """Compile ``files``, or the draft; every problem found is in the value. Raises NotFoundError."""
        with self._database.read() as connection:
            return compile_pipeline(table, files or self._draft_files(connection, table), compile_catalog(connection))

    @action(Action.PIPELINE_READ)
    def compiled_sql(self, actor: Actor, table: TableName, files: PipelineFiles | None = None, path: str = SOURCE_FILE) -> str:
        """The SQL that a run of ``files``, or of the draft, would execute now. Raises CompileError, NotFoundError."""
        with self._database.read() as connection:
            texts = files or self._draft_files(connection, table)
            return compile_file(connection, table, texts, path).sql

    @action(Action.PIPELINE_READ)
    def origin(self, actor: Actor, table: TableName, files: PipelineFiles, path: str, place: tuple[int, int]) -> tuple[int, int]:
        """The line and column (from 1) in ``path`` that a ``place`` in its compiled SQL came from. Raises CompileError."""
        with self._database.read() as connection:
            return compile_file(connection, table, files, path).origin(*place)

    @action(Action.PIPELINE_RELEASE)
    def release(self, actor: Actor, table: TableName, message: str = "") -> Version:
        """Make the draft the current version. Raises CompileError for problems and cycles, ConflictError when nothing changed."""
        checked_length(message, MAX_MESSAGE, "message")
        with self._database.write(durable=True) as transaction:
            pipeline = sql.fetch_pipeline(transaction.connection, table)
            number = release_draft(transaction, pipeline, actor, message)
            return versions.fetch_version(transaction.connection, pipeline.id, table, number)

    @action(Action.PIPELINE_READ)
    def versions(self, actor: Actor, table: TableName, page: PageRequest = PageRequest()) -> Page[Version]:
        """Versions, newest first. Raises NotFoundError."""
        with self._database.read() as connection:
            return versions.fetch_versions(connection, sql.fetch_pipeline(connection, table).id, table, page)

    @action(Action.PIPELINE_READ)
    def version(self, actor: Actor, table: TableName, number: int) -> Version:
        """One version with its files. Raises NotFoundError."""
        with self._database.read() as connection:
            return versions.fetch_version(connection, sql.fetch_pipeline(connection, table).id, table, number)

    @action(Action.PIPELINE_DELETE)
    def delete(self, actor: Actor, table: TableName) -> None:
        """Delete a pipeline; its table, runs and versions stay.

        Raises NotFoundError, and ConflictError naming the pipelines that read it or telling of runs that go on.
        """
        with self._database.write() as transaction:
            delete_pipeline(transaction, sql.fetch_pipeline(transaction.connection, table), actor)

    def _draft_files(self, connection: Connection, table: TableName) -> PipelineFiles:
        return sql.fetch_draft(connection, sql.fetch_pipeline(connection, table).id, table).files


def compile_catalog(connection: Connection) -> CompileCatalog:
    """The names that a pipeline may refer to."""
    return CompileCatalog(
        tables=published.fetch_table_names(connection), pipelines=sql.fetch_pipeline_names(connection), zones=sql.fetch_zone_names(connection)
    )


def refuse_problems(errors: Sequence[Problem]) -> None:
    """Raise CompileError for ``errors``, if there are any."""
    if errors:
        raise CompileError(errors)


def compile_file(connection: Connection, table: TableName, files: PipelineFiles, path: str) -> Rendered:
    """One of a pipeline's files, compiled as for a run that would begin now. Raises CompileError."""
    compilation = compile_pipeline(table, files, compile_catalog(connection))
    refuse_problems(tuple(problem for problem in compilation.errors if problem.file in (path, CONFIG_FILE)))
    exists = table in published.fetch_table_names(connection)
    context = RenderContext(run_id=PREVIEW_RUN_ID, run_started_at=iso(now()) or "", table_exists=exists, strategy=compilation.config.merge_strategy)
    return render_traced(table, files.texts.get(path, ""), path, context)


def compile_place(connection: Connection, table: TableName, files: PipelineFiles, path: str | Cursor) -> str:
    """The SQL of one of a pipeline's files, or of the CTE at a place in it. Raises CompileError, NotFoundError where there is none."""
    if isinstance(path, str):
        return compile_file(connection, table, files, path).sql
    rendered = compile_file(connection, table, files, path.path)
    part = part_at(rendered, path.line, path.column)
    if part is None:
        raise NotFoundError(f"There is no CTE at {path.path}:{path.line}:{path.column}. Put the cursor into one, between WITH and the last SELECT.")
    return part.select(rendered.sql)


def read_by(connection: Connection, table: TableName, files: PipelineFiles) -> tuple[Dependency, ...]:
    """The tables and landing zones that a pipeline's source and tests read."""
    compilation = compile_pipeline(table, files, compile_catalog(connection))
    return (*compilation.dependencies, *compilation.test_dependencies)


def check_draft(connection: Connection, pipeline: Pipeline) -> PipelineFiles:
    """The draft's files when they compile. Raises CompileError."""
    files = sql.fetch_draft(connection, pipeline.id, pipeline.table).files
    refuse_problems(compile_pipeline(pipeline.table, files, compile_catalog(connection)).errors)
    return files


def create_pipeline(transaction: Transaction, table: TableName, files: PipelineFiles, actor: Actor, description: str = "") -> str:
    """Create a pipeline within the caller's transaction; its id. Raises AlreadyExistsError."""
    if namespaces.ensure_namespace(transaction.connection, table.namespace, actor.name):
        transaction.record(NewEvent(EventKind.NAMESPACE_CREATED, table.namespace, actor.name, table.namespace))
    pipeline_id = sql.insert_pipeline(transaction.connection, table, files, description, actor.name)
    transaction.record(NewEvent(EventKind.PIPELINE_CREATED, str(table), actor.name, table.namespace))
    return pipeline_id


def save_files(transaction: Transaction, pipeline: Pipeline, files: PipelineFiles, revision: int, actor: Actor) -> None:
    """Store a draft within the caller's transaction. Raises StaleDraftError."""
    if not sql.replace_draft(transaction.connection, pipeline.id, files, revision, actor.name):
        raise _stale(sql.fetch_draft(transaction.connection, pipeline.id, pipeline.table), revision)
    transaction.record(NewEvent(EventKind.PIPELINE_DRAFT_SAVED, str(pipeline.table), actor.name, pipeline.table.namespace))


def release_draft(transaction: Transaction, pipeline: Pipeline, actor: Actor, message: str) -> int:
    """Release the draft within the caller's transaction; the new version's number. Raises CompileError, ConflictError."""
    connection, table = transaction.connection, pipeline.table
    files = sql.fetch_draft(connection, pipeline.id, table).files
    if not pipeline.draft_changed:
        raise ConflictError(f"The draft of {table} equals version {pipeline.version}: there is nothing to release.")
    return release_files(transaction, pipeline, files, actor, message)


def release_files(transaction: Transaction, pipeline: Pipeline, files: PipelineFiles, actor: Actor, message: str, of: int | None = None) -> int:
    """Make ``files``, those of the draft or of the version ``of``, the current version; its number. Raises CompileError."""
    connection, table = transaction.connection, pipeline.table
    compilation = compile_pipeline(table, files, compile_catalog(connection))
    refuse_problems(compilation.errors)
    number = versions.insert_version(connection, pipeline.id, files.hash, message, actor.name, of)
    store_release(transaction, pipeline.id, table, compilation, number, actor)
    refuse_cycle(connection, table)
    return number


def store_release(transaction: Transaction, pipeline_id: str, table: TableName, compilation: Compilation, number: int, actor: Actor) -> None:
    """Store what version ``number`` of a pipeline, which compiles, reads and says. Whether it closes a cycle is its caller's business."""
    connection = transaction.connection
    sql.replace_dependencies(connection, pipeline_id, compilation.dependencies)
    store_facts(connection, pipeline_id, compilation)
    published.describe_table(connection, table, documentation_of(compilation))
    transaction.record(NewEvent(EventKind.PIPELINE_RELEASED, str(table), actor.name, table.namespace, {"version": number}))


def documentation_of(compilation: Compilation) -> Documentation:
    """What a pipeline's files say of its table."""
    docs, config = compilation.docs, compilation.config
    return Documentation(docs.description, docs.columns, config.owner, config.tags)


def store_facts(connection: Connection, pipeline_id: str, compilation: Compilation) -> None:
    """Store with a pipeline what its released version says of it and of its table."""
    docs = documentation_of(compilation)
    told = {"description": docs.description, "columns": dict(docs.columns), "owner": docs.owner, "tags": list(docs.tags)}
    facts = {"description": compilation.config.description, "owner": docs.owner, "docs": told}
    versions.update_pipeline_facts(connection, pipeline_id, facts)


def delete_pipeline(transaction: Transaction, pipeline: Pipeline, actor: Actor) -> None:
    """Delete a pipeline within the caller's transaction. Raises ConflictError while others read its table, and while its runs go on."""
    refuse_busy(transaction.connection, pipeline)
    refuse_readers(pipeline.table, sql.fetch_dependents(transaction.connection, pipeline.table))
    sql.mark_deleted(transaction.connection, pipeline.id)
    transaction.record(NewEvent(EventKind.PIPELINE_DELETED, str(pipeline.table), actor.name, pipeline.table.namespace))


def refuse_readers(table: TableName, readers: Iterable[TableName]) -> None:
    """Raise ConflictError when others are among the ``readers`` of ``table``."""
    others = [str(name) for name in readers if name != table]
    if others:
        raise ConflictError(f"{table} is read by {', '.join(others)}. Change or delete them first.")


def refuse_busy(connection: Connection, pipeline: Pipeline) -> None:
    """Raise ConflictError while runs of a pipeline wait or go on: they would fill a table under a name that is no longer its."""
    going = lifecycle.count_runs_going_on(connection, pipeline.id)
    if going:
        raise ConflictError(f"{going} {'run' if going == 1 else 'runs'} of {pipeline.table} still {'goes' if going == 1 else 'go'} on. Wait, or cancel first.")


def refuse_cycle(connection: Connection, table: TableName, what: str = "") -> None:
    """Raise CompileError when what ``table`` reads, directly or not, reads it; ``what`` says what would close the cycle, by default its release."""
    cycle = cycle_through(table, sql.fetch_edges(connection))
    if cycle:
        raise CompileError([cycle_problem(cycle, what or f"Releasing {table}")])


def cycle_problem(cycle: Sequence[TableName], what: str) -> Problem:
    """The problem with ``what``, which would close ``cycle``."""
    spelled = " → ".join(map(str, (*cycle, cycle[0])))
    hint = "Break it: let one of them read another table, or `this` under is_incremental()."
    return Problem(SOURCE_FILE, 0, 0, f"{what} would close a cycle: {spelled}.", hint)


def _stale(current: Draft, revision: int) -> StaleDraftError:
    details = {"revision": current.revision, "files": dict(current.files.texts), "updated_by": current.updated_by, "updated_at": iso(current.updated_at)}
    return StaleDraftError(
        f"The draft of {current.table} was saved by {current.updated_by} since you read it (revision {revision}, now {current.revision}). "
        "Compare the two and save again.",
        details=details,
    )
