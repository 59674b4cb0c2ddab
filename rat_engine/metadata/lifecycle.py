"""SQL for a pipeline's name and its end: renames, what was deleted, bringing it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, ScalarSelect, and_, func, select, update

from rat_engine.domain.clock import now
from rat_engine.domain.event import EventKind
from rat_engine.domain.names import Layer, TableName
from rat_engine.domain.revision import DeletedPipeline
from rat_engine.domain.run import RunStatus
from rat_engine.errors import AlreadyExistsError, NotFoundError
from rat_engine.metadata import tables as t
from rat_engine.metadata.duplicates import refuse_duplicate
from rat_engine.metadata.lake import CATALOG

MAX_DELETED = 500

_GOING_ON = (RunStatus.PENDING.value, RunStatus.RUNNING.value)


def count_runs_going_on(connection: Connection, pipeline_id: str) -> int:
    """How many runs of a pipeline wait or go on."""
    going = select(func.count()).where(t.run.c.pipeline_id == pipeline_id, t.run.c.status.in_(_GOING_ON))
    return connection.execute(going).scalar_one()


def rename(connection: Connection, pipeline_id: str, old: TableName, new: TableName) -> None:
    """Give a pipeline, its runs, its table and the catalog's pointer a new name. Raises AlreadyExistsError."""
    named = {"namespace": new.namespace, "layer": new.layer.value, "name": new.name}
    with refuse_duplicate(f"The pipeline {new} exists already."):
        connection.execute(update(t.pipeline).where(t.pipeline.c.id == pipeline_id).values(**named, updated_at=now()))
    connection.execute(update(t.run).where(t.run.c.pipeline_id == pipeline_id).values(**named))
    lake, pointer = t.lake_table.c, t.iceberg_tables.c
    to = and_(pointer.catalog_name == CATALOG, pointer.table_namespace == f"{new.namespace}.{new.layer.value}", pointer.table_name == new.name)
    if connection.execute(select(pointer.table_name).where(to)).scalar() is not None:
        raise AlreadyExistsError(f"There is a table {new} already, left by another pipeline. Choose another name.")
    here = (lake.namespace == old.namespace, lake.layer == old.layer.value, lake.name == old.name)
    # The name stands first among what a search looks through.
    found = func.replace(lake.search_names, str(old), str(new))
    connection.execute(update(t.lake_table).where(*here).values(**named, search_names=found))
    known = (pointer.catalog_name == CATALOG, pointer.table_namespace == f"{old.namespace}.{old.layer.value}", pointer.table_name == old.name)
    connection.execute(update(t.iceberg_tables).where(*known).values(table_namespace=f"{new.namespace}.{new.layer.value}", table_name=new.name))


def fetch_deleted(connection: Connection, since: datetime) -> Sequence[DeletedPipeline]:
    """The pipelines deleted at ``since`` or later, the last one first."""
    pipeline = t.pipeline.c
    query = select(t.pipeline, _deleter().label("deleted_by")).where(pipeline.deleted_at >= since).order_by(pipeline.deleted_at.desc()).limit(MAX_DELETED)
    return [
        DeletedPipeline(TableName(row.namespace, Layer(row.layer), row.name), row.description, row.deleted_at, row.deleted_by or "")
        for row in connection.execute(query)
    ]


def _deleter() -> ScalarSelect[Any]:
    """Who deleted a pipeline: the event of that is written in the same transaction, just after the mark."""
    event, pipeline = t.event.c, t.pipeline.c
    name = pipeline.namespace + "." + pipeline.layer + "." + pipeline.name
    deletion = (event.kind == EventKind.PIPELINE_DELETED.value, event.subject == name, event.at >= pipeline.deleted_at)
    return select(event.actor).where(*deletion).order_by(event.id).limit(1).correlate(t.pipeline).scalar_subquery()


def revive(connection: Connection, table: TableName, since: datetime) -> None:
    """Bring back the pipeline of that name that was deleted last, at ``since`` or later. Raises NotFoundError, AlreadyExistsError."""
    pipeline = t.pipeline.c
    named = (pipeline.namespace == table.namespace, pipeline.layer == table.layer.value, pipeline.name == table.name)
    last = select(pipeline.id).where(*named, pipeline.deleted_at >= since).order_by(pipeline.deleted_at.desc()).limit(1)
    found = connection.execute(last).scalar()
    if found is None:
        raise NotFoundError(f"No pipeline {table} was deleted within the last 24 hours.")
    with refuse_duplicate(f"There is a new pipeline {table} by now. Rename it first, then restore the old one."):
        connection.execute(update(t.pipeline).where(pipeline.id == found).values(deleted_at=None))
