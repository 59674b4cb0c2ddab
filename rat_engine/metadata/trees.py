"""SQL for pipelines as a whole tree: everything in one query each, whatever the number of pipelines."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from rat_engine.domain.names import Layer, TableName
from rat_engine.metadata import tables as t


@dataclass(frozen=True, slots=True)
class PipelineState:
    """What decides whether a pipeline differs from a tree: hashes of its draft and its current version."""

    id: str
    revision: int
    draft_hash: str
    version: int | None
    version_hash: str | None

    @property
    def edited(self) -> bool:
        """Whether the draft holds something that was never released."""
        return self.draft_hash != self.version_hash


def fetch_states(connection: Connection) -> dict[TableName, PipelineState]:
    """Every live pipeline's state."""
    pipeline, draft = t.pipeline.c, t.draft.c
    query = select(t.pipeline, draft.revision).join(t.draft, draft.pipeline_id == pipeline.id).where(pipeline.deleted_at.is_(None))
    return {
        TableName(row.namespace, Layer(row.layer), row.name): PipelineState(row.id, row.revision, row.draft_hash, row.version, row.version_hash)
        for row in connection.execute(query)
    }


def fetch_draft_files(connection: Connection, namespace: str | None = None) -> dict[TableName, dict[str, str]]:
    """The draft files of every live pipeline, of one namespace where it is given: table → path → text."""
    pipeline, file = t.pipeline.c, t.draft_file.c
    query = (
        select(pipeline.namespace, pipeline.layer, pipeline.name, file.path, file.content)
        .join(t.draft_file, file.pipeline_id == pipeline.id)
        .where(pipeline.deleted_at.is_(None))
        .order_by(pipeline.namespace, pipeline.layer, pipeline.name, file.path)
    )
    if namespace is not None:
        query = query.where(pipeline.namespace == namespace)
    found: dict[TableName, dict[str, str]] = {}
    for row in connection.execute(query):
        found.setdefault(TableName(row.namespace, Layer(row.layer), row.name), {})[row.path] = row.content
    return found
