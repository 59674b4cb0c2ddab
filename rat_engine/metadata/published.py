"""SQL for published tables as lists and pages read them; what a publish writes is in ``metadata.lake``."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, false, func, or_, select, update

from rat_engine.domain.documentation import Documentation
from rat_engine.domain.lake import Column, LakeTable, TableFilter, TableGroup, TableSnapshot
from rat_engine.domain.names import Layer, TableName
from rat_engine.domain.paging import Page, PageRequest
from rat_engine.errors import NotFoundError
from rat_engine.metadata import tables as t
from rat_engine.metadata.paging import Order, Sorting, fetch_page
from rat_engine.metadata.table_search import found_by, relevance, search_values, words

RELEVANCE = "relevance"

_NAME = (t.lake_table.c.namespace, t.lake_table.c.layer, t.lake_table.c.name)
_SORTS: dict[str, Sorting] = {name: t.lake_table.c[name] for name in ("name", "namespace", "layer", "row_count", "size_bytes", "published_at")}
_SNAPSHOTS = Order((t.table_snapshot.c.number,), descending=True)


def fetch_tables(connection: Connection, wanted: TableFilter, page: PageRequest) -> Page[LakeTable]:
    """Published tables by name; what a search finds by how well it fits, unless ``page`` says otherwise."""
    query, sorts = select(t.lake_table), _SORTS
    if wanted.namespace is not None:
        query = query.where(t.lake_table.c.namespace == wanted.namespace)
    if wanted.layer is not None:
        query = query.where(t.lake_table.c.layer == wanted.layer.value)
    if words(wanted.search):
        query, sorts = query.where(found_by(wanted.search)), {**_SORTS, RELEVANCE: relevance(wanted.search)}
        page = replace(page, sort=page.sort or RELEVANCE)
    return fetch_page(connection, query, Order(_NAME, sorts=sorts), page, _lake_table)


def fetch_groups(connection: Connection) -> tuple[TableGroup, ...]:
    """How many tables each namespace has in each of its layers."""
    keys = _NAME[:2]
    rows = connection.execute(select(*keys, func.count()).group_by(*keys).order_by(*keys))
    return tuple(TableGroup(namespace, Layer(layer), count) for namespace, layer, count in rows)


def fetch_snapshots(connection: Connection, table: LakeTable, page: PageRequest) -> Page[TableSnapshot]:
    """What was published of a table, newest first."""
    query = select(t.table_snapshot).where(t.table_snapshot.c.table_id == table.id)
    return fetch_page(connection, query, _SNAPSHOTS, page, lambda row: _snapshot(row, table.snapshot_id))


def fetch_table(connection: Connection, table: TableName) -> LakeTable:
    """One published table. Raises NotFoundError."""
    found = find_table(connection, table)
    if found is None:
        raise NotFoundError(f"There is no table {table}. It appears when a run of its pipeline is published.")
    return found


def find_table(connection: Connection, table: TableName) -> LakeTable | None:
    """One published table, or None."""
    row = connection.execute(select(t.lake_table).where(_is(table))).one_or_none()
    return None if row is None else _lake_table(row)


def fetch_named_tables(connection: Connection, names: Collection[TableName]) -> dict[TableName, LakeTable]:
    """Those of ``names`` that are published tables."""
    query = select(t.lake_table).where(or_(false(), *(_is(name) for name in names)))
    return {table.name: table for table in map(_lake_table, connection.execute(query))}


def fetch_table_names(connection: Connection) -> frozenset[TableName]:
    """Every published table's name."""
    return frozenset(TableName(*row) for row in connection.execute(select(*_NAME)))


def describe_table(connection: Connection, table: TableName, docs: Documentation) -> None:
    """Store the documentation of a published table and its columns; nothing happens before the first publish."""
    row = connection.execute(select(t.lake_table.c.columns).where(_is(table))).one_or_none()
    if row is not None:
        documented = [{**column, "description": docs.columns.get(column["name"], "")} for column in row.columns]
        found = search_values(table, (column["name"] for column in row.columns), docs)
        values = {"description": docs.description, "columns": documented, "owner": docs.owner, "tags": list(docs.tags)}
        connection.execute(update(t.lake_table).where(_is(table)).values(**values, **found))


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
        owner=row.owner,
        tags=tuple(row.tags),
    )


def _snapshot(row: Row[Any], current: int) -> TableSnapshot:
    numbers = (row.row_count, row.size_bytes, row.file_count)
    return TableSnapshot(row.number, row.snapshot_id, row.operation, row.published_at, row.published_by_run, *numbers, row.snapshot_id == current)
