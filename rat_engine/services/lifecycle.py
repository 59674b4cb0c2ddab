"""Use cases of a pipeline as a whole: who reads it, renaming, moving, copying, bringing it back."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from rat_engine.compile import Compilation, compile_pipeline, with_name_changed
from rat_engine.domain.access import Action, Actor
from rat_engine.domain.clock import now
from rat_engine.domain.event import EventKind, NewEvent
from rat_engine.domain.names import TableName
from rat_engine.domain.pipeline import Dependency, Pipeline
from rat_engine.domain.revision import RESTORABLE, DeletedPipeline, Renamed
from rat_engine.errors import ConflictError
from rat_engine.metadata import lifecycle, namespaces, versions
from rat_engine.metadata import pipelines as sql
from rat_engine.metadata.database import Transaction
from rat_engine.services.base import Service, action
from rat_engine.services.pipelines import compile_catalog, create_pipeline, refuse_busy, refuse_cycle, save_files


class LifecycleService(Service):
    """Pipelines as wholes. Their deletion is ``pipelines.delete``; here it is taken back."""

    @action(Action.PIPELINE_READ)
    def dependents(self, actor: Actor, table: TableName) -> tuple[TableName, ...]:
        """The released pipelines that read its table, by name. Raises NotFoundError."""
        with self._database.read() as connection:
            sql.fetch_pipeline(connection, table)
            return tuple(_readers(connection, table))

    @action(Action.PIPELINE_WRITE)
    def rename(self, actor: Actor, table: TableName, to: TableName, update_readers: bool = False) -> Renamed:
        """Give a pipeline another name, layer or namespace. Its draft, versions, runs and table stay with it: the files of the table do not move.

        Released versions of its readers go on naming the old one and fail until they are changed; with ``update_readers`` their drafts are.
        Raises NotFoundError, AlreadyExistsError, ConflictError while a run goes on or where the released text would read something
        else under the new name, and CompileError when somebody's reading of that name would close a cycle.
        """
        self.require(actor, Action.PIPELINE_WRITE, str(to))
        with self._database.write() as transaction:
            connection = transaction.connection
            pipeline = sql.fetch_pipeline(connection, table)
            refuse_busy(connection, pipeline)
            readers = _readers(connection, table)
            before = _released(connection, pipeline, table)
            _ensure_namespace(transaction, to, actor)
            lifecycle.rename(connection, pipeline.id, table, to)
            _refuse_other_meaning(table, to, before, _released(connection, pipeline, to))
            refuse_cycle(connection, to, f"Renaming {table} to {to}")
            updated = [reader for reader in readers if update_readers and _update_reader(transaction, reader, table, to, actor)]
            transaction.record(NewEvent(EventKind.PIPELINE_RENAMED, str(table), actor.name, table.namespace, {"to": str(to)}))
            return Renamed(sql.fetch_pipeline(connection, to), tuple(readers), tuple(updated))

    @action(Action.PIPELINE_WRITE)
    def copy(self, actor: Actor, table: TableName, to: TableName) -> Pipeline:
        """Create a pipeline whose draft is that of ``table``; nothing is released, no table is made. Raises NotFoundError, AlreadyExistsError."""
        self.require(actor, Action.PIPELINE_WRITE, str(to))
        with self._database.write() as transaction:
            pipeline = sql.fetch_pipeline(transaction.connection, table)
            files = sql.fetch_draft(transaction.connection, pipeline.id, table).files
            create_pipeline(transaction, to, files, actor, pipeline.description)
            return sql.fetch_pipeline(transaction.connection, to)

    @action(Action.PIPELINE_READ)
    def deleted(self, actor: Actor) -> tuple[DeletedPipeline, ...]:
        """Pipelines that were deleted within the last 24 hours and can be restored, the last one first; at most 500."""
        with self._database.read() as connection:
            return tuple(lifecycle.fetch_deleted(connection, now() - RESTORABLE))

    @action(Action.PIPELINE_WRITE)
    def restore(self, actor: Actor, table: TableName) -> Pipeline:
        """Bring back the pipeline of that name that was deleted last, with its draft and versions.

        Raises NotFoundError 24 hours after its deletion, AlreadyExistsError when the name is taken, CompileError when it would close a cycle.
        """
        with self._database.write() as transaction:
            connection = transaction.connection
            lifecycle.revive(connection, table, now() - RESTORABLE)
            pipeline = sql.fetch_pipeline(connection, table)
            released = _released(connection, pipeline, table)
            sql.replace_dependencies(connection, pipeline.id, released.dependencies if released else ())
            refuse_cycle(connection, table, f"Restoring {table}")
            transaction.record(NewEvent(EventKind.PIPELINE_RESTORED, str(table), actor.name, table.namespace))
            return pipeline


def _readers(connection: Connection, table: TableName) -> list[TableName]:
    return [reader for reader in sql.fetch_dependents(connection, table) if reader != table]


def _released(connection: Connection, pipeline: Pipeline, name: TableName) -> Compilation | None:
    """What the released version means under ``name``; None when nothing was released."""
    if pipeline.version is None:
        return None
    files = versions.fetch_version_files(connection, pipeline.id, pipeline.version)
    return compile_pipeline(name, files, compile_catalog(connection))


def _refuse_other_meaning(old: TableName, new: TableName, before: Compilation | None, after: Compilation | None) -> None:
    """A two-part name means the pipeline's own namespace, and a test may name its own table: the text must go on meaning the same."""
    if before is None or after is None:
        return
    lost = [str(each) for each in _reads(before) if each not in _reads(after) and each.table != old]
    problems = [f"{problem.file}:{problem.line}: {problem.message}" for problem in after.errors] if not before.errors else []
    if lost or problems:
        what = f"no longer read {', '.join(lost)}" if lost else f"not compile: {problems[0]}"
        advice = "Write names in full (namespace.layer.name) and its own table as {{ this }}, release that, then rename. A landing zone cannot be left behind."
        raise ConflictError(f"Under the name {new} the released version would {what}. {advice}")


def _reads(compilation: Compilation) -> Sequence[Dependency]:
    return (*compilation.dependencies, *compilation.test_dependencies)


def _ensure_namespace(transaction: Transaction, table: TableName, actor: Actor) -> None:
    if namespaces.ensure_namespace(transaction.connection, table.namespace, actor.name):
        transaction.record(NewEvent(EventKind.NAMESPACE_CREATED, table.namespace, actor.name, table.namespace))


def _update_reader(transaction: Transaction, reader: TableName, old: TableName, new: TableName, actor: Actor) -> bool:
    """Make a reader's draft read ``new``; whether anything in it had to change."""
    pipeline = sql.fetch_pipeline(transaction.connection, reader)
    draft = sql.fetch_draft(transaction.connection, pipeline.id, reader)
    files = with_name_changed(reader, draft.files, old, new)
    if files == draft.files:
        return False
    save_files(transaction, pipeline, files, draft.revision, actor)
    return True
