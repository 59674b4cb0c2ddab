"""The one door to Iceberg's catalog, which lives in our own database: a commit is metadata on the disk first, then a pointer swapped.

Staging and swapping are apart, so that several tables and the run's success can change in one transaction of ours.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pyiceberg.catalog import MetastoreCatalog
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import CommitFailedException
from pyiceberg.io import FileIO
from pyiceberg.table import CommitTableResponse, Table
from pyiceberg.table.metadata import TableMetadata
from pyiceberg.table.update import TableRequirement, TableUpdate
from sqlalchemy import Connection

from rat_engine.domain.names import TableName
from rat_engine.lakehouse.files import LocalFiles, sync
from rat_engine.lakehouse.scan import load_metadata
from rat_engine.lakehouse.snapshots import updated
from rat_engine.metadata import lake
from rat_engine.metadata.database import Database
from rat_engine.metadata.lake import CATALOG

# What PyIceberg says while it works would reach the run's log through the child's stderr.
logging.getLogger("pyiceberg").setLevel(logging.ERROR)


class StalePointerError(CommitFailedException):
    """Another commit on the same table came first: stage on top of it and try again."""


@dataclass(frozen=True, slots=True)
class Staged:
    """A commit whose files are on the disk and which nothing points at yet. ``previous`` is None for a new table."""

    table: TableName
    previous: str | None
    location: str
    base: TableMetadata
    metadata: TableMetadata


class LakeCatalog(SqlCatalog):
    """PyIceberg's catalog over tables that our migrations made, in transactions that do not wait for themselves."""

    def __init__(self, database: Database, warehouse: Path) -> None:
        self.database = database
        self.warehouse = warehouse
        self.files: FileIO = LocalFiles()
        # Not SqlCatalog's own: that makes an engine and probes its tables.
        MetastoreCatalog.__init__(self, CATALOG, uri=str(database.engine.url), warehouse=str(warehouse), **{"py-io-impl": f"{__package__}.files.LocalFiles"})
        # Its methods read, or begin with a write: a transaction that takes no lock at once is enough.
        self.engine = database.engine.execution_options(write=False)
        self._schema_version = "v1"

    def close(self) -> None:
        """The engine belongs to the database."""

    def commit_table(self, table: Table, requirements: tuple[TableRequirement, ...], updates: tuple[TableUpdate, ...]) -> CommitTableResponse:
        """Commit as PyIceberg does, with a race between two branches of a table told so that it tries again."""
        try:
            return super().commit_table(table, requirements, updates)
        except ValueError as error:
            if "older than last sequence number" in str(error):
                raise CommitFailedException(str(error)) from error
            raise

    def table_at(self, table: TableName, location: str, metadata: TableMetadata | None = None) -> Table:
        """PyIceberg's table with the metadata at ``location``, which is read unless given."""
        return Table(identifier(table), metadata or load_metadata(location, self.files), location, self.files, self)

    def stage(self, table: Table, requirements: Iterable[TableRequirement], updates: Iterable[TableUpdate]) -> Staged:
        """Write and sync the metadata that results from ``updates``; raises CommitFailedException when a requirement does not hold."""
        for requirement in requirements:
            requirement.validate(table.metadata)
        version = self._parse_metadata_version(table.metadata_location) + 1
        location = table.location_provider().new_table_metadata_file_location(version)
        return self._write(table, location, updated(table.metadata, updates, table.metadata_location), table.metadata_location)

    def stage_new(self, table: Table) -> Staged:
        """Write and sync the metadata of a table that the catalog does not know yet."""
        staged = self._write(table, table.metadata_location, table.metadata, None)
        for folder in (Path(table.location()), self.warehouse):
            sync(folder)
        return staged

    def swap(self, connection: Connection, staged: Staged) -> None:
        """Point at what was staged, within the caller's transaction. Raises StalePointerError when the table has moved since."""
        name = staged.table
        if staged.previous is None:
            moved = lake.insert_pointer(connection, name, staged.location)
        else:
            moved = lake.swap_pointer(connection, name, staged.previous, staged.location)
        if not moved:
            raise StalePointerError(f"{name} moved since the commit was staged")

    def discard(self, staged: Staged) -> None:
        """Delete a staged metadata file that is certain never to be pointed at."""
        self.files.delete(staged.location)

    def tidy(self, staged: Staged) -> None:
        """After a commit: delete metadata files that have left the table's log."""
        self._delete_old_metadata(self.files, staged.base, staged.metadata)

    def _write(self, table: Table, location: str, metadata: TableMetadata, previous: str | None) -> Staged:
        self._write_metadata(metadata, self.files, location)
        # The names of the new files (metadata, manifests) must be as durable as the pointer.
        sync(Path(location).parent)
        return Staged(table_name(table), previous, location, table.metadata, metadata)


def identifier(table: TableName) -> tuple[str, str, str]:
    """A table's identifier in Iceberg."""
    return table.namespace, table.layer.value, table.name


def table_name(table: Table) -> TableName:
    """Our name of a table of Iceberg's."""
    return TableName.parse(".".join(table.name()))
