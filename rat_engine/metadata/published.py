"""SQL for published tables as lists and pages read them; what a publish writes is in ``metadata.lake``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, false, or_, select, update

from rat_engine.domain.lake import Column, LakeTable, TableFilter
from rat_engine.domain.names import Layer, TableName
from rat_engine.domain.paging import Page, PageRequest
from rat_engine.errors import NotFoundError
from rat_engine.metadata import tables as t
from rat_engine.metadata.paging import Order, contains, fetch_page

_NAME = (t.lake_table.c.namespace, t.lake_table.c.layer, t.lake_table.c.name)
_ORDER = Order(_NAME, sorts={name: t.lake_table.c[name] for name in ("name", "namespace", "layer", "row_count", "size_bytes", "published_at")})


def fetch_tables(connection: Connection, wanted: TableFilter, page: PageRequest) -> Page[LakeTable]:
    """Published tables by name."""
    query = select(t.lake_table)
    if wanted.namespace is not None:
        query = query.where(t.lake_table.c.namespace == wanted.namespace)
    if wanted.layer is not None:
        query = query.where(t.lake_table.c.layer == wanted.layer.value)
    if wanted.search:
        query = query.where(or_(contains(t.lake_table.c.name, wanted.search), contains(t.lake_table.c.description, wanted.search)))
    return fetch_page(connection, query, _ORDER, page, _lake_table)


def fetch_table(connection: Connection, table: TableName) -> LakeTable:
    """One published table. Raises NotFoundError."""
    row = connection.execute(select(t.lake_table).where(_is(table))).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no table {table}. It appears when a run of its pipeline is published.")
    return _lake_table(row)


def fetch_named_tables(connection: Connection, names: Collection[TableName]) -> dict[TableName, LakeTable]:
    """Those of ``names`` that are published tables."""
    query = select(t.lake_table).where(or_(false(), *(_is(name) for name in names)))
    return {table.name: table for table in map(_lake_table, connection.execute(query))}


def fetch_table_names(connection: Connection) -> frozenset[TableName]:
    """Every published table's name."""
    return frozenset(TableName(*row) for row in connection.execute(select(*_NAME)))


def describe_table(connection: Connection, table: TableName, description: str, columns: Mapping[str, str]) -> None:
    """Store the documentation of a published table and its columns; nothing happens before the first publish."""
    row = connection.execute(select(t.lake_table.c.columns).where(_is(table))).one_or_none()
    if row is not None:
        documented = [{**column, "description": columns.get(column["name"], "")} for column in row.columns]
        connection.execute(update(t.lake_table).where(_is(table)).values(description=description, columns=documented))


def _is(table: TableName) -> ColumnElement[bool]:
    return and_(*(column == value for column, value in zip(_NAME, (table.namespace, table.layer.value, table.name), strict=True)))


def _lake_table(row: Row[Any]) -> LakeTable:
    return LakeTable(
        id=row.id,
        name=TableName(row.namespace, Layer(row.layer), row.name),
        columns=tuple(Column(column["name"], column["type"], column.get("description", "")) for column in row.columns),
        row_count=row.row_count,
        size_bytes=row.size_bytes,
        file_count=row.file_count,
        snapshot_id=row.snapshot_id,
        published_at=row.published_at,
        published_by_run=row.published_by_run,
        description=row.description,
    )
