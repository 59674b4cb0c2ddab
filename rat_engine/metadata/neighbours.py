"""SQL for a table's next of kin in the lineage: what its pipeline reads, and whose pipelines read it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, Select, and_, literal, select

from rat_engine.domain.lake import Neighbour, Neighbours
from rat_engine.domain.names import TableName
from rat_engine.errors import NotFoundError
from rat_engine.metadata import tables as t
from rat_engine.metadata.pipelines import find_pipeline
from rat_engine.metadata.published import find_table

MAX_NEIGHBOURS = 500


def fetch_neighbours(connection: Connection, table: TableName) -> Neighbours:
    """What ``table`` is made from and what is made from it, at most 500 of each, by name. Raises NotFoundError."""
    pipeline = find_pipeline(connection, table)
    if pipeline is None and find_table(connection, table) is None:
        raise NotFoundError(f"There is no table {table}. It appears when a run of its pipeline is published.")
    below = connection.execute(_downstream(table))
    above = () if pipeline is None else tuple(map(_neighbour, connection.execute(_upstream(pipeline.id))))
    return Neighbours(above, tuple(map(_neighbour, below)))


def _upstream(pipeline_id: str) -> Select[*tuple[Any, ...]]:
    read, lake, other = t.dependency.c, t.lake_table, t.pipeline
    same = and_(lake.c.namespace == read.namespace, lake.c.layer == read.layer, lake.c.name == read.name, read.kind == "table")
    filled = and_(other.c.namespace == read.namespace, other.c.layer == read.layer, other.c.name == read.name, other.c.deleted_at.is_(None))
    columns = (read.kind, read.namespace, read.layer, read.name, lake.c.description, lake.c.row_count, lake.c.published_at, other.c.id.label("pipeline_id"))
    joined = t.dependency.outerjoin(lake, same).outerjoin(other, and_(filled, read.kind == "table"))
    query = select(*columns).select_from(joined).where(read.pipeline_id == pipeline_id)
    return query.order_by(read.kind, read.namespace, read.layer, read.name).limit(MAX_NEIGHBOURS)


def _downstream(table: TableName) -> Select[*tuple[Any, ...]]:
    read, lake, by = t.dependency.c, t.lake_table, t.pipeline
    same = and_(lake.c.namespace == by.c.namespace, lake.c.layer == by.c.layer, lake.c.name == by.c.name)
    names = (by.c.namespace, by.c.layer, by.c.name)
    columns = (literal("table").label("kind"), *names, lake.c.description, lake.c.row_count, lake.c.published_at, by.c.id.label("pipeline_id"))
    query = select(*columns).select_from(t.dependency.join(by, by.c.id == read.pipeline_id).outerjoin(lake, same))
    reads_it = (read.kind == "table", read.namespace == table.namespace, read.layer == table.layer.value, read.name == table.name, by.c.deleted_at.is_(None))
    return query.where(*reads_it).order_by(*names).limit(MAX_NEIGHBOURS)


def _neighbour(row: Row[Any]) -> Neighbour:
    description = row.description or ""
    return Neighbour(row.kind, row.namespace, row.layer, row.name, description, row.row_count, row.published_at, row.pipeline_id is not None)
