"""Use cases of a pipeline's settings as a form shows them: read and write ``config.yaml``."""

from __future__ import annotations

from collections.abc import Mapping

from rat_engine.compile import read_settings, with_settings
from rat_engine.domain.access import Action, Actor
from rat_engine.domain.names import TableName
from rat_engine.domain.revision import PipelineSettings
from rat_engine.errors import ValidationError
from rat_engine.metadata import pipelines as sql
from rat_engine.services.base import Service, action
from rat_engine.services.pipelines import save_files

KEYS = ("description", "owner", "tags", "merge_strategy")


class ConfigurationService(Service):
    """The settings of a draft."""

    @action(Action.PIPELINE_READ)
    def read(self, actor: Actor, table: TableName) -> PipelineSettings:
        """What ``config.yaml`` of the draft says. Raises NotFoundError."""
        with self._database.read() as connection:
            draft = sql.fetch_draft(connection, sql.fetch_pipeline(connection, table).id, table)
            return read_settings(table, draft.files, draft.revision)

    @action(Action.PIPELINE_WRITE)
    def update(self, actor: Actor, table: TableName, values: Mapping[str, str | tuple[str, ...]], revision: int | None = None) -> PipelineSettings:
        """Write ``values`` (of description, owner, tags, merge_strategy) into ``config.yaml`` of the draft; comments and other keys stay.

        An empty value takes its key away. With ``revision`` the draft must not have changed since then. Raises NotFoundError,
        ValidationError for an unknown key, CompileError for a value or file that is not possible, StaleDraftError.
        """
        if unknown := sorted(set(values) - set(KEYS)):
            raise ValidationError(f"{unknown[0][:60]!r} is not a setting: there are {', '.join(KEYS)}.")
        with self._database.write() as transaction:
            pipeline = sql.fetch_pipeline(transaction.connection, table)
            draft = sql.fetch_draft(transaction.connection, pipeline.id, table)
            files = with_settings(draft.files, values)
            if files != draft.files or revision not in (None, draft.revision):
                save_files(transaction, pipeline, files, draft.revision if revision is None else revision, actor)
                draft = sql.fetch_draft(transaction.connection, pipeline.id, table)
            return read_settings(table, draft.files, draft.revision)
