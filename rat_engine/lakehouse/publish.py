"""Publishing: one or many branches become their tables' ``main`` in one transaction, together with whatever else must be true then."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pyiceberg.exceptions import CommitFailedException

from rat_engine.domain.clock import now
from rat_engine.domain.documentation import Documentation
from rat_engine.domain.event import EventKind, NewEvent
from rat_engine.domain.lake import LakeTable
from rat_engine.domain.names import TableName
from rat_engine.errors import PublishConflictError
from rat_engine.lakehouse.branch import Branch, conflict
from rat_engine.lakehouse.catalog import LakeCatalog, Staged, StalePointerError
from rat_engine.lakehouse.scan import Snapshot
from rat_engine.lakehouse.snapshots import publish_updates
from rat_engine.metadata import lake
from rat_engine.metadata.attempts import RunningRun
from rat_engine.metadata.database import Transaction

TRIES = 8
MAX_PAUSE_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Publication:
    """A written branch, what it holds (``row_count`` after deletes), and the documentation that its table gets."""

    branch: Branch
    snapshot: Snapshot
    row_count: int
    run: RunningRun
    description: str = ""
    column_descriptions: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def docs(self) -> Documentation:
        """The documentation that came with the run."""
        return Documentation(self.description, self.column_descriptions)

    @property
    def operation(self) -> str:
        """What Iceberg calls the snapshot: append, overwrite and so on."""
        made = self.branch.current.metadata.snapshot_by_id(self.snapshot.id) if self.branch.current is not None else None
        return made.summary.operation.value if made is not None and made.summary is not None else "unknown"

    def table(self, docs: Documentation) -> LakeTable:
        """The table's row as lists read it."""
        snapshot = self.snapshot
        columns = tuple(replace(column, description=docs.columns.get(column.name, "")) for column in snapshot.columns)
        numbers = (self.row_count, snapshot.size_bytes, len(snapshot.tasks), snapshot.id)
        run = self.run.ticket.run_id
        return LakeTable(self.branch.table_id, self.branch.table, columns, *numbers, now(), run, docs.description, docs.owner, docs.tags)


def publish(catalog: LakeCatalog, publications: Sequence[Publication], seal: Callable[[Transaction], None]) -> None:
    """Make every branch its table's ``main``, or none: all pointers move in the transaction that ``seal`` writes to first.

    ``seal`` raises to refuse, for instance when the run is no longer its caller's. Metadata files are written and synced before the
    transaction begins; after losing a race they are written again on top of what won, the last time under the lock.
    Raises PublishConflictError when some ``main`` is not where its branch was made from.
    """
    ordered = sorted(publications, key=lambda publication: publication.branch.table)
    for attempt in range(TRIES):
        staged = _Stage(catalog, ordered)
        try:
            _commit(staged, seal, under_lock=attempt == TRIES - 1)
        except StalePointerError:
            staged.undo()
            _reload(ordered)
            time.sleep(random.uniform(0, MAX_PAUSE_SECONDS * 2**attempt))  # noqa: S311
        except BaseException:
            staged.undo()
            raise
        else:
            staged.tidy()
            return
    raise PublishConflictError("The tables are being changed by others all the time. Nothing was published. Run it again.")


class _Stage:
    """The staged commits of one try."""

    def __init__(self, catalog: LakeCatalog, publications: Sequence[Publication]) -> None:
        self.catalog = catalog
        self.publications = publications
        self.commits: list[Staged] = []

    def write(self) -> None:
        """Write and sync a metadata file per table. Raises PublishConflictError."""
        for publication in self.publications:
            self.commits.append(_stage(self.catalog, publication.branch))

    def undo(self) -> None:
        """Delete the metadata files, unless the transaction may have been committed."""
        if not any(publication.branch.kept for publication in self.publications):
            for commit in self.commits:
                self.catalog.discard(commit)

    def tidy(self) -> None:
        """Delete metadata files that left their table's log."""
        for commit in self.commits:
            self.catalog.tidy(commit)


def _commit(stage: _Stage, seal: Callable[[Transaction], None], *, under_lock: bool) -> None:
    if not under_lock:
        stage.write()
    with stage.catalog.database.write(durable=True) as transaction:
        seal(transaction)
        if under_lock:
            _reload_within(transaction, stage.publications)
            stage.write()
        for publication, commit in zip(stage.publications, stage.commits, strict=True):
            stage.catalog.swap(transaction.connection, commit)
            _record(transaction, publication)
        # From here on the commit may have happened whatever is raised, so nothing may be taken back.
        for publication in stage.publications:
            publication.branch.keep()


def _stage(catalog: LakeCatalog, branch: Branch) -> Staged:
    table = branch.current
    assert table is not None
    assert branch.base is not None
    assert branch.head is not None
    try:
        return catalog.stage(table, *publish_updates(table.metadata, branch.name, branch.base, branch.head))
    except CommitFailedException:
        main = table.metadata.current_snapshot_id
        if main == branch.base:
            raise PublishConflictError(f"The branch {branch.name} of {branch.table} was changed or removed by others. Nothing was published.") from None
        raise conflict(branch.table, main, branch.base) from None


def _record(transaction: Transaction, publication: Publication) -> None:
    # What is written about the table may have been changed since the run began: the newest is kept.
    docs = lake.fetch_documentation(transaction.connection, publication.branch.table) or publication.docs
    table = publication.table(docs)
    lake.store_table(transaction.connection, table, publication.operation)
    data = {"run_id": publication.run.ticket.run_id, "snapshot_id": table.snapshot_id, "row_count": table.row_count}
    transaction.record(NewEvent(EventKind.TABLE_PUBLISHED, str(table.name), publication.run.actor, table.name.namespace, data))


def _reload(publications: Sequence[Publication]) -> None:
    for publication in publications:
        publication.branch.reload()


def _reload_within(transaction: Transaction, publications: Sequence[Publication]) -> None:
    tables: list[TableName] = [publication.branch.table for publication in publications]
    pointers = lake.fetch_pointers(transaction.connection, tables)
    for publication in publications:
        publication.branch.adopt(pointers.get(publication.branch.table))
