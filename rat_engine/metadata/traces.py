"""SQL for the traced columns of released versions, a cache that is computed again when what it was made from has changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from rat_engine.domain.names import Layer, TableName
from rat_engine.domain.pipeline import CONFIG_FILE, SOURCE_FILE, PipelineFiles
from rat_engine.metadata import tables as t
from rat_engine.metadata.trace_tables import column_trace


@dataclass(frozen=True, slots=True)
class Released:
    """A released version and what is kept of its trace: the key of what it was made from, and its JSON."""

    pipeline_id: str
    table: TableName
    version: int
    version_hash: str
    key: str
    trace: Any


def fetch_stamp(connection: Connection) -> tuple[Any, ...]:
    """What changes whenever a version or a published table does."""
    pipeline, lake = t.pipeline.c, t.lake_table.c
    versions = select(func.count(), func.max(pipeline.updated_at), func.sum(pipeline.version)).where(pipeline.deleted_at.is_(None))
    tables = select(func.count(), func.max(lake.published_at))
    return (*connection.execute(versions).one(), *connection.execute(tables).one())


def fetch_released(connection: Connection) -> dict[TableName, Released]:
    """Every released version of a live pipeline."""
    pipeline, kept = t.pipeline.c, column_trace.c
    query = (
        select(pipeline.id, pipeline.namespace, pipeline.layer, pipeline.name, pipeline.version, pipeline.version_hash, kept.key, kept.trace)
        .select_from(t.pipeline.outerjoin(column_trace, kept.pipeline_id == pipeline.id))
        .where(pipeline.deleted_at.is_(None), pipeline.version.is_not(None))
    )
    found = (Released(row.id, TableName(row.namespace, Layer(row.layer), row.name), *row[4:6], row.key or "", row.trace) for row in connection.execute(query))
    return {version.table: version for version in found}


def fetch_schemas(connection: Connection) -> dict[TableName, tuple[str, ...]]:
    """The columns of every published table."""
    lake = t.lake_table.c
    rows = connection.execute(select(lake.namespace, lake.layer, lake.name, lake.columns))
    return {TableName(row.namespace, Layer(row.layer), row.name): tuple(column["name"] for column in row.columns) for row in rows}


def fetch_sources(connection: Connection, versions: Iterable[Released]) -> dict[str, PipelineFiles]:
    """What makes the SQL of each of ``versions``, by pipeline."""
    numbers = {version.pipeline_id: version.version for version in versions}
    file = t.version_file.c
    query = select(file.pipeline_id, file.number, file.path, file.content).where(file.path.in_((SOURCE_FILE, CONFIG_FILE)))
    # One pipeline has few versions, and a long list of ids would not fit into a statement.
    rows = connection.execute(query if len(numbers) > 500 else query.where(file.pipeline_id.in_(list(numbers))))
    texts: dict[str, dict[str, str]] = {}
    for row in rows:
        if numbers.get(row.pipeline_id) == row.number:
            texts.setdefault(row.pipeline_id, {})[row.path] = row.content
    return {pipeline_id: PipelineFiles(found) for pipeline_id, found in texts.items()}


def replace_traces(connection: Connection, traces: Mapping[str, tuple[str, Any]]) -> None:
    """Keep the traces (key and JSON) by pipeline."""
    for pipeline_id, (key, trace) in traces.items():
        connection.execute(delete(column_trace).where(column_trace.c.pipeline_id == pipeline_id))
        connection.execute(insert(column_trace).values(pipeline_id=pipeline_id, key=key, trace=trace))
