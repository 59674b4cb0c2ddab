"""The one module that builds on PyIceberg's private classes: how a change becomes one snapshot on a branch."""

from __future__ import annotations

# PyIceberg's models take their fields by name, yet declare them by aliases with hyphens.
# pyright: reportCallIssue=false
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyiceberg.manifest import DataFile, ManifestFile
from pyiceberg.partitioning import UNPARTITIONED_PARTITION_SPEC
from pyiceberg.schema import Schema
from pyiceberg.table import Table, Transaction
from pyiceberg.table.metadata import TableMetadata, new_table_metadata
from pyiceberg.table.refs import MAIN_BRANCH, SnapshotRefType
from pyiceberg.table.snapshots import Operation
from pyiceberg.table.sorting import UNSORTED_SORT_ORDER
from pyiceberg.table.update import (
    AddSchemaUpdate,
    AssertLastAssignedFieldId,
    AssertRefSnapshotId,
    AssertTableUUID,
    RemoveSnapshotRefUpdate,
    RemoveSnapshotsUpdate,
    SetCurrentSchemaUpdate,
    SetSnapshotRefUpdate,
    TableRequirement,
    TableUpdate,
    _apply_table_update,  # pyright: ignore[reportPrivateUsage]
    _TableMetadataUpdateContext,  # pyright: ignore[reportPrivateUsage]
    _update_table_metadata_log,  # pyright: ignore[reportPrivateUsage]
)
from pyiceberg.table.update.snapshot import _FastAppendFiles, _OverwriteFiles  # pyright: ignore[reportPrivateUsage]

PROPERTIES = {
    "format-version": "2",
    "write.parquet.compression-codec": "zstd",
    "write.metadata.delete-after-commit.enabled": "true",
    "write.metadata.previous-versions-max": "20",
}


@dataclass(frozen=True, slots=True)
class Change:
    """What a write strategy wants done to a table: data files already written, under ``schema``; ``replaces`` everything or adds to it."""

    schema: Schema
    files: tuple[DataFile, ...]
    replaces: bool


@dataclass(frozen=True, slots=True)
class Commit:
    """Updates that add one snapshot to a branch, and what must still hold when they are committed."""

    updates: tuple[TableUpdate, ...]
    requirements: tuple[TableRequirement, ...]
    snapshot_id: int


class _ReplaceFiles(_OverwriteFiles):
    """Removes every file. PyIceberg would carry on the manifests of what earlier snapshots removed, one more with each run."""

    def _existing_manifests(self) -> list[ManifestFile]:
        return []


class _Staging(Transaction):
    """PyIceberg's transaction, its metadata computed once per update and not at each look."""

    def __init__(self, table: Table) -> None:
        super().__init__(table, autocommit=False)
        self._known = table.metadata
        self._applied = 0

    @property
    def table_metadata(self) -> TableMetadata:
        """The metadata with all updates so far."""
        if self._applied != len(self._updates):
            self._known = updated(self._known, self._updates[self._applied :])
            self._applied = len(self._updates)
        return self._known

    @property
    def updates(self) -> tuple[TableUpdate, ...]:
        """The updates so far."""
        return self._updates

    def add(self, *updates: TableUpdate) -> None:
        """Stage updates."""
        self._apply(updates)

    def snapshot(self, branch: str, change: Change, replaced: Iterable[DataFile], summary: Mapping[str, str]) -> int:
        """Stage one snapshot; its id."""
        kind, operation = (_ReplaceFiles, Operation.OVERWRITE) if change.replaces else (_FastAppendFiles, Operation.APPEND)
        producer = kind(operation, self, self._table.io, snapshot_properties=dict(summary), branch=branch)
        for file in change.files:
            producer.append_data_file(file)
        for file in replaced:
            producer.delete_data_file(file)
        producer.commit()
        return producer.snapshot_id


def updated(metadata: TableMetadata, updates: Iterable[TableUpdate], location: str | None = None) -> TableMetadata:
    """``metadata`` with ``updates``; with ``location``, its own file, as the next version of a table that is there.

    As PyIceberg's ``update_table_metadata``, but without its deep copy of every snapshot the table ever had: metadata is never changed in place.
    """
    context, result = _TableMetadataUpdateContext(), metadata
    for update in updates:
        result = _apply_table_update(update, result, context)
    if location is None:
        return result
    logged = _update_table_metadata_log(result, location, metadata.last_updated_ms)
    return logged.model_copy(update={"last_updated_ms": max(logged.last_updated_ms, time.time_ns() // 1_000_000)})


def new_metadata(location: str, schema: Schema) -> TableMetadata:
    """Metadata of a table without snapshots. ``schema`` must have the ids of a new table's schema, which stay."""
    return new_table_metadata(schema, UNPARTITIONED_PARTITION_SPEC, UNSORTED_SORT_ORDER, location, dict(PROPERTIES))


def first_metadata(table: Table, branch: str, change: Change, summary: Mapping[str, str]) -> tuple[TableMetadata, int]:
    """A new table with an empty first snapshot on ``main``, and the change on a branch made from it; the change's snapshot id."""
    staging = _Staging(table)
    root = staging.snapshot(MAIN_BRANCH, Change(change.schema, (), replaces=False), (), {})
    staging.add(_point(branch, root))
    snapshot_id = staging.snapshot(branch, change, (), summary)
    return staging.table_metadata, snapshot_id


@dataclass(frozen=True, slots=True)
class Ground:
    """What a run began from: ``base``, the head of ``main``, and the ``known`` metadata, by which the data files' fields got their ids."""

    base: int
    known: TableMetadata


def branch_commit(table: Table, branch: str, ground: Ground, change: Change, replaced: Sequence[DataFile], summary: Mapping[str, str]) -> Commit:
    """The change on a branch made from the ``ground``, which must still hold. ``main`` keeps its snapshot and its schema.

    A branch of the same name is made anew: nothing of an earlier try at the same attempt stays.
    """
    staging, before = _Staging(table), table.metadata
    schema_id = _schema_id(before, change.schema)
    known = schema_id in {schema.schema_id for schema in before.schemas}
    if not known:
        staging.add(AddSchemaUpdate(schema=_numbered(change.schema, schema_id)))
    # A snapshot is made under the current schema; the schema belongs to the whole table, so main's is put back at once.
    staging.add(_point(branch, ground.base), SetCurrentSchemaUpdate(schema_id=schema_id))
    snapshot_id = staging.snapshot(branch, change, replaced, summary)
    staging.add(SetCurrentSchemaUpdate(schema_id=before.current_schema_id))
    unmoved = (AssertTableUUID(uuid=ground.known.table_uuid), AssertRefSnapshotId(ref=MAIN_BRANCH, snapshot_id=ground.base))
    # Field ids were given to data files already: nobody else may have given them out meanwhile.
    requirements = unmoved if known else (*unmoved, AssertLastAssignedFieldId(last_assigned_field_id=ground.known.last_column_id))
    return Commit(staging.updates, requirements, snapshot_id)


def publish_updates(metadata: TableMetadata, branch: str, base: int, head: int) -> tuple[tuple[TableRequirement, ...], tuple[TableUpdate, ...]]:
    """Requirements and updates that make ``main`` the branch: both must be where they were, and the schema follows the snapshot."""
    requirements = (
        AssertTableUUID(uuid=metadata.table_uuid),
        AssertRefSnapshotId(ref=MAIN_BRANCH, snapshot_id=base),
        AssertRefSnapshotId(ref=branch, snapshot_id=head),
    )
    snapshot = metadata.snapshot_by_id(head)
    schema_id = snapshot.schema_id if snapshot is not None and snapshot.schema_id is not None else metadata.current_schema_id
    return requirements, (SetCurrentSchemaUpdate(schema_id=schema_id), _point(MAIN_BRANCH, head), RemoveSnapshotRefUpdate(ref_name=branch))


def removal(branches: Iterable[str]) -> tuple[TableUpdate, ...]:
    """Updates that forget branches."""
    return tuple(RemoveSnapshotRefUpdate(ref_name=branch) for branch in branches)


def removal_of_snapshot(snapshot_id: int) -> tuple[TableUpdate, ...]:
    """Updates that forget a snapshot with every ref to it."""
    return (RemoveSnapshotsUpdate(snapshot_ids=[snapshot_id]),)


def _point(ref: str, snapshot_id: int) -> SetSnapshotRefUpdate:
    return SetSnapshotRefUpdate(snapshot_id=snapshot_id, ref_name=ref, type=SnapshotRefType.BRANCH)


def _schema_id(metadata: TableMetadata, schema: Schema) -> int:
    for known in metadata.schemas:
        if known.fields == schema.fields:
            return known.schema_id
    return max(known.schema_id for known in metadata.schemas) + 1


def _numbered(schema: Schema, schema_id: int) -> Schema:
    return Schema(*schema.fields, schema_id=schema_id)
