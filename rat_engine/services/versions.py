"""Use cases of versions: compare two, go back to one."""

from __future__ import annotations

from sqlalchemy import Connection

from rat_engine.domain.access import Action, Actor
from rat_engine.domain.names import TableName
from rat_engine.domain.pipeline import MAX_MESSAGE, Pipeline, PipelineFiles, Version
from rat_engine.domain.revision import Comparison, changed_files
from rat_engine.errors import ConflictError
from rat_engine.metadata import pipelines as sql
from rat_engine.metadata import versions
from rat_engine.services.base import Service, action, checked_length
from rat_engine.services.pipelines import release_files


class VersionService(Service):
    """A pipeline's versions beside each other."""

    @action(Action.PIPELINE_READ)
    def compare(self, actor: Actor, table: TableName, before: int | None, after: int | None = None) -> Comparison:
        """What differs between two versions; None is the draft. Raises NotFoundError."""
        with self._database.read() as connection:
            pipeline = sql.fetch_pipeline(connection, table)
            return Comparison(table, before, after, changed_files(_files(connection, pipeline, before), _files(connection, pipeline, after)))

    @action(Action.PIPELINE_RELEASE)
    def rollback(self, actor: Actor, table: TableName, number: int, message: str = "", replace_draft: bool = False) -> Version:
        """Make the files of version ``number`` the current version again, as a new version: history is only ever appended.

        A draft that equals the current version follows; one with edits stays as it is unless ``replace_draft``.
        Raises NotFoundError, ConflictError when that is what runs use already, CompileError when it does not fit the present any more.
        """
        checked_length(message, MAX_MESSAGE, "message")
        with self._database.write() as transaction:
            connection = transaction.connection
            pipeline = sql.fetch_pipeline(connection, table)
            files = _files(connection, pipeline, number)
            if files.hash == pipeline.version_hash:
                raise ConflictError(f"Version {number} of {table} holds what runs use already (version {pipeline.version}).")
            new = release_files(transaction, pipeline, files, actor, message or f"Rolled back to version {number}", number)
            if replace_draft or not pipeline.draft_changed:
                draft = sql.fetch_draft(connection, pipeline.id, table)
                sql.replace_draft(connection, pipeline.id, files, draft.revision, actor.name)
            return versions.fetch_version(connection, pipeline.id, table, new)


def _files(connection: Connection, pipeline: Pipeline, number: int | None) -> PipelineFiles:
    if number is None:
        return sql.fetch_draft(connection, pipeline.id, pipeline.table).files
    found = versions.fetch_version(connection, pipeline.id, pipeline.table, number).files
    return found or PipelineFiles({})
