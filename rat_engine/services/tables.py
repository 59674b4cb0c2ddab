"""Use cases of published tables."""

from __future__ import annotations

from rat_engine.domain.access import Action, Actor
from rat_engine.domain.lake import LakeTable, TableFilter
from rat_engine.domain.names import TableName
from rat_engine.domain.paging import Page, PageRequest
from rat_engine.metadata import published as sql
from rat_engine.services.base import Service, action


class TableService(Service):
    """Published tables. Facts were stored at publish; nothing here opens Iceberg."""

    @action(Action.TABLE_READ)
    def list(self, actor: Actor, wanted: TableFilter = TableFilter(), page: PageRequest = PageRequest()) -> Page[LakeTable]:
        """Tables by name."""
        with self._database.read() as connection:
            return sql.fetch_tables(connection, wanted, page)

    @action(Action.TABLE_READ)
    def get(self, actor: Actor, table: TableName) -> LakeTable:
        """One table with its columns. Raises NotFoundError."""
        with self._database.read() as connection:
            return sql.fetch_table(connection, table)
