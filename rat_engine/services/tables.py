"""Use cases of published tables."""

from __future__ import annotations

from rat_engine.domain.access import Action, Actor
from rat_engine.domain.lake import LakeTable, Neighbours, TableFilter, TableGroup, TableSnapshot
from rat_engine.domain.names import TableName
from rat_engine.domain.paging import Page, PageRequest
from rat_engine.metadata import neighbours
from rat_engine.metadata import published as sql
from rat_engine.services.base import Service, action


class TableService(Service):
    """Published tables. Facts were stored at publish; nothing here opens Iceberg."""

    @action(Action.TABLE_READ)
    def list(self, actor: Actor, wanted: TableFilter = TableFilter(), page: PageRequest = PageRequest()) -> Page[LakeTable]:
        """Tables by name, or, for a search, the best first."""
        with self._database.read() as connection:
            return sql.fetch_tables(connection, wanted, page)

    @action(Action.TABLE_READ)
    def groups(self, actor: Actor) -> tuple[TableGroup, ...]:
        """How many tables each namespace has in each layer, by name."""
        with self._database.read() as connection:
            return sql.fetch_groups(connection)

    @action(Action.TABLE_READ)
    def get(self, actor: Actor, table: TableName) -> LakeTable:
        """One table with its columns. Raises NotFoundError."""
        with self._database.read() as connection:
            return sql.fetch_table(connection, table)

    @action(Action.TABLE_READ)
    def snapshots(self, actor: Actor, table: TableName, page: PageRequest = PageRequest()) -> Page[TableSnapshot]:
        """What was published of a table, newest first. Raises NotFoundError."""
        with self._database.read() as connection:
            return sql.fetch_snapshots(connection, sql.fetch_table(connection, table), page)

    @action(Action.TABLE_READ)
    def neighbours(self, actor: Actor, table: TableName) -> Neighbours:
        """What a table is made from, and which tables are made from it, by the released pipelines. Raises NotFoundError."""
        with self._database.read() as connection:
            return neighbours.fetch_neighbours(connection, table)
