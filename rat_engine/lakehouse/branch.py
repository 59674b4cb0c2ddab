"""A branch: where an attempt writes, so that its rows can be judged before anybody reads them. Publishing makes it ``main``."""

from __future__ import annotations

import contextlib
import functools
import shutil
from collections.abc import Iterator
from pathlib import Path

from pyiceberg.exceptions import CommitFailedException
from pyiceberg.manifest import DataFile
from pyiceberg.schema import Schema
from pyiceberg.table import Table
from pyiceberg.table.refs import MAIN_BRANCH
from sqlalchemy.exc import SQLAlchemyError

from rat_engine.domain.clock import new_id
from rat_engine.domain.log import Logger
from rat_engine.domain.names import TableName
from rat_engine.errors import PublishConflictError, RatError
from rat_engine.lakehouse import scan
from rat_engine.lakehouse.catalog import LakeCatalog, Staged, StalePointerError
from rat_engine.lakehouse.datafiles import Rows, write_data_files
from rat_engine.lakehouse.scan import OWN_FOLDER
from rat_engine.lakehouse.schema import changed_schema, new_schema, same_columns
from rat_engine.lakehouse.snapshots import PROPERTIES, Change, Ground, branch_commit, first_metadata, new_metadata, removal, removal_of_snapshot
from rat_engine.lakehouse.types import ResultColumn
from rat_engine.metadata import attempts, lake
from rat_engine.metadata.attempts import RunningRun, Ticket
from rat_engine.metadata.lake import Pointer

TRIES = 5


class Branch:
    """One attempt's branch of one table. Nothing exists of it until ``write``, which makes it with its one snapshot in one commit."""

    def __init__(self, catalog: LakeCatalog, table: TableName, pointer: Pointer | None, name: str) -> None:
        self.catalog = catalog
        self.table = table
        self.name = name
        self.published = pointer is not None and pointer.published
        self.current: Table | None = catalog.table_at(table, pointer.metadata_location) if pointer else None
        self.base = _head(self.current, MAIN_BRANCH) if self.current else None
        self.head: int | None = None
        self.kept = False
        self._created = self.current is None
        self._home = Path(self.current.location()) if self.current else catalog.warehouse / new_id()
        if self.published and pointer is not None and pointer.snapshot_id != self.base:
            raise conflict(table, self.base, pointer.snapshot_id)

    @property
    def table_id(self) -> str:
        """The table's id: the name of its folder in the warehouse, which never changes."""
        return self._home.name

    @property
    def folder(self) -> Path:
        """Where this attempt's data files go."""
        return self._home / "data" / self.name

    @property
    def schema(self) -> Schema | None:
        """The published table's schema; None before the first publish, when any result will do."""
        return self.base_snapshot.schema if self.published else None

    @functools.cached_property
    def base_snapshot(self) -> scan.Snapshot:
        """What ``main`` was when the run began. Must not be called for a table that does not exist."""
        assert self.current is not None
        return scan.plan(self.current.metadata, self.base, self.catalog.files)

    def schema_for(self, columns: tuple[ResultColumn, ...]) -> Schema:
        """The table's schema where ``columns`` are its columns, otherwise one that keeps the ids of what stays. Raises SchemaMismatchError."""
        if self.current is None:
            return new_schema(columns)
        current = self.base_snapshot.schema
        return current if same_columns(columns, current) else changed_schema(columns, current, self.current.metadata.last_column_id)

    def write_files(self, rows: Rows, schema: Schema) -> tuple[DataFile, ...]:
        """Stream rows into data files of this attempt; see ``datafiles.write_data_files``."""
        return write_data_files(rows, schema, self.folder, PROPERTIES)

    def write(self, change: Change, summary: dict[str, str]) -> scan.Snapshot:
        """Commit ``change`` as one snapshot of the branch, and return it. ``main`` stays as it is.

        Branches that nobody needs any more, left by attempts that were killed, are forgotten in the same commit.
        Raises PublishConflictError when ``main`` has moved since the run began.
        """
        if self.current is None:
            self._commit_first(change, summary)
        else:
            self._commit_next(self.current, change, summary)
        assert self.current is not None
        return scan.plan(self.current.metadata, self.head, self.catalog.files)

    def keep(self) -> None:
        """Leave the branch in place when the block ends with an error, so that its rows can be looked at."""
        self.kept = True

    def reload(self) -> Table:
        """The table as the catalog has it now. Raises PublishConflictError when it is gone."""
        with self.catalog.database.read() as connection:
            pointer = lake.fetch_pointers(connection, [self.table]).get(self.table)
        return self.adopt(pointer)

    def adopt(self, pointer: Pointer | None) -> Table:
        """The table where ``pointer`` says it is. Raises PublishConflictError when it is gone."""
        if pointer is None:
            raise PublishConflictError(f"{self.table} was removed while the run went on. Nothing was published. Run it again.")
        if self.current is None or self.current.metadata_location != pointer.metadata_location:
            self.current = self.catalog.table_at(self.table, pointer.metadata_location)
        return self.current

    def discard(self, ticket: Ticket) -> None:
        """Remove the branch, its snapshot and its files; a table made only for it goes as well."""
        if self.head is not None:
            self._forget()
        if self.folder.exists():
            shutil.rmtree(self.folder)
        if self._created and self.current is None and self._home.exists():
            shutil.rmtree(self._home)
        with self.catalog.database.write() as transaction:
            attempts.forget_branch(transaction.connection, ticket)

    def _commit_first(self, change: Change, summary: dict[str, str]) -> None:
        location = str(self._home)
        empty = self.catalog.table_at(self.table, f"{location}/metadata/00000-{new_id()}.metadata.json", new_metadata(location, change.schema))
        metadata, head = first_metadata(empty, self.name, change, summary)
        staged = self.catalog.stage_new(self.catalog.table_at(self.table, empty.metadata_location, metadata))
        try:
            self._swap(staged, head)
        except StalePointerError:
            self.catalog.discard(staged)
            raise PublishConflictError(f"{self.table} was created by another run while this one went on. Nothing was published. Run it again.") from None
        self.base = _head(self.current, MAIN_BRANCH)

    def _commit_next(self, table: Table, change: Change, summary: dict[str, str]) -> None:
        assert self.base is not None
        ground = Ground(self.base, table.metadata)
        replaced = self.base_snapshot.data_files if change.replaces else ()
        for _ in range(TRIES):
            commit = branch_commit(table, self.name, ground, change, replaced, summary)
            try:
                staged = self.catalog.stage(table, commit.requirements, (*commit.updates, *removal(self._abandoned(table))))
            except CommitFailedException:
                raise conflict(self.table, _head(table, MAIN_BRANCH), self.base, "its columns") from None
            try:
                self._swap(staged, commit.snapshot_id)
            except StalePointerError:
                self.catalog.discard(staged)
                table = self.reload()
            else:
                self.catalog.tidy(staged)
                return
        raise PublishConflictError(f"{self.table} is being changed by others all the time. Nothing was published. Run it again.")

    def _swap(self, staged: Staged, head: int | None) -> None:
        with self.catalog.database.write(durable=True) as transaction:
            self.catalog.swap(transaction.connection, staged)
        self.current, self.head = self.catalog.table_at(self.table, staged.location, staged.metadata), head

    def _abandoned(self, table: Table) -> list[str]:
        others = [ref for ref in table.metadata.refs if ref.startswith(OWN_FOLDER) and ref != self.name]
        if not others:
            return []
        with self.catalog.database.read() as connection:
            kept = lake.fetch_kept_branches(connection, others)
        return [ref for ref in others if ref not in kept]

    def _forget(self) -> None:
        assert self.head is not None
        for _ in range(TRIES):
            table = self.reload()
            if self.name not in table.metadata.refs:
                return
            if self._created and self._drop(table):
                return
            staged = self.catalog.stage(table, (), removal_of_snapshot(self.head))
            with contextlib.suppress(StalePointerError):
                self._swap(staged, None)
                return
        raise PublishConflictError(f"The branch {self.name} of {self.table} could not be removed: the table is being changed all the time.")

    def _drop(self, table: Table) -> bool:
        with self.catalog.database.write(durable=True) as transaction:
            dropped = lake.delete_unpublished(transaction.connection, self.table, table.metadata_location)
        if dropped:
            self.current = None
        return dropped


@contextlib.contextmanager
def branch_of(catalog: LakeCatalog, pointer: Pointer | None, run: RunningRun, journal: Logger) -> Iterator[Branch]:
    """A run's branch for the time of the block: removed when the block raises, unless it was kept or published.

    ``pointer`` is the table the run fills, where it exists. A removal that fails is logged: the supervisor removes the files then, as it does
    after a death, and the next run of the table forgets the branch.
    Raises PublishConflictError when the table is not what the pointer says.
    """
    branch = Branch(catalog, run.table, pointer, run.branch)
    try:
        yield branch
    except BaseException:
        if not branch.kept:
            try:
                branch.discard(run.ticket)
            except (RatError, OSError, SQLAlchemyError, CommitFailedException) as error:
                journal.warning(f"The branch {run.branch} could not be removed: {error}. The next run of {run.table} removes it.")
        raise


def conflict(table: TableName, found: int | None, expected: int | None, what: str = "it") -> PublishConflictError:
    """The error for a ``main`` that moved or, where it did not, for ``what`` was changed beside it."""
    how = f"main is at snapshot {found}, the run began from {expected}" if found != expected else f"others changed {what}"
    return PublishConflictError(
        f"{table} changed while the run went on: {how}. Nothing was published. Run it again.",
        details={"found": found, "expected": expected},
    )


def _head(table: Table | None, ref: str) -> int | None:
    found = table.metadata.refs.get(ref) if table is not None else None
    return found.snapshot_id if found is not None else None
