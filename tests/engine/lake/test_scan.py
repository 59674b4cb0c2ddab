"""Reading snapshots: exact files, columns by field id, deleted rows left out."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyiceberg.exceptions import CommitFailedException
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat, ManifestContent, ManifestEntry, ManifestEntryStatus, ManifestFile, ManifestWriterV2
from pyiceberg.table import Table
from pyiceberg.table.refs import MAIN_BRANCH
from pyiceberg.table.snapshots import Operation
from pyiceberg.table.update.snapshot import _FastAppendFiles
from pyiceberg.typedef import Record
from pyiceberg.types import LongType

from rat_engine import Settings
from rat_engine.domain.names import TableName
from rat_engine.errors import RunFailedError
from rat_engine.lakehouse.catalog import LakeCatalog
from rat_engine.lakehouse.scan import load_metadata, plan, table_relation
from rat_engine.metadata import lake
from tests.engine.lake.laboratory import Laboratory, laboratory


def iceberg(lab: Laboratory, table: TableName) -> Table:
    """The table through the catalog, to change it as another program would."""
    return lab.parts.catalog.load_table((table.namespace, table.layer.value, table.name))


def current(lab: Laboratory, table: TableName, sql: str = "SELECT * FROM {} ORDER BY ALL") -> list[tuple[Any, ...]]:
    return lab.rows(table, sql)


def test_columns_are_found_by_field_id_whatever_they_were_called_when_written(lab: Laboratory) -> None:
    table = lab.pipeline("shop.silver.orders", "-- @merge_strategy: append_only\nSELECT 1 AS id, 'a' AS label, 7 AS gone")
    lab.run(table)
    old = iceberg(lab, table)
    with old.update_schema(allow_incompatible_changes=True) as update:
        update.rename_column("label", "name")
        update.update_column("id", LongType())
        update.delete_column("gone")
        update.add_column("gone", LongType())
    new = iceberg(lab, table)
    new.append(pa.table({"id": [2], "name": ["b"], "gone": pa.array([8], pa.int64())}))

    assert current(lab, table) == [(1, "a", None), (2, "b", 8)]
    assert current(lab, table, "SELECT column_name, column_type FROM (DESCRIBE {})") == [("id", "BIGINT"), ("name", "VARCHAR"), ("gone", "BIGINT")]
    first = old.current_snapshot()
    assert first is not None
    before = plan(iceberg(lab, table).metadata, first.snapshot_id).relation(table)
    assert lab.query(before, f"SELECT * FROM {table.sql}") == [(1, "a", 7)]


class _DeleteWriter(ManifestWriterV2):
    def content(self) -> ManifestContent:
        return ManifestContent.DELETES

    @property
    def _meta(self) -> dict[str, str]:
        return {**super()._meta, "content": "deletes"}


class _DeletePositions(_FastAppendFiles):
    """Adds a file of position deletes, which PyIceberg itself cannot write."""

    delete_file: DataFile

    def _process_manifests(self, manifests: list[ManifestFile]) -> list[ManifestFile]:
        with _DeleteWriter(self.spec(0), self.schema(), self.new_manifest_output(), self._snapshot_id, self._compression) as writer:
            numbers: dict[str, Any] = {"snapshot_id": self._snapshot_id, "sequence_number": None, "file_sequence_number": None}
            writer.add(ManifestEntry.from_args(status=ManifestEntryStatus.ADDED, data_file=self.delete_file, **numbers))
        return [writer.to_manifest_file(), *manifests]


def delete_positions(table: Table, path: str, positions: list[int]) -> None:
    """Delete rows of a data file by their positions, as other engines do."""
    where = f"{table.location()}/data/deletes-{positions[0]}.parquet"
    kinds = {"file_path": (pa.string(), "2147483546"), "pos": (pa.int64(), "2147483545")}
    schema = pa.schema([pa.field(name, kind, metadata={"PARQUET:field_id": field_id}) for name, (kind, field_id) in kinds.items()])
    pq.write_table(pa.table({"file_path": [path] * len(positions), "pos": positions}, schema=schema), where)
    file = DataFile.from_args(
        content=DataFileContent.POSITION_DELETES,
        file_path=where,
        file_format=FileFormat.PARQUET,
        partition=Record(),
        record_count=len(positions),
        file_size_in_bytes=Path(where).stat().st_size,
        spec_id=0,
    )
    file.spec_id = 0
    with table.transaction() as transaction:
        producer = _DeletePositions(Operation.APPEND, transaction, table.io, branch=MAIN_BRANCH)
        producer.delete_file = file
        producer.commit()


def test_rows_deleted_by_position_are_left_out(lab: Laboratory) -> None:
    """As merge-on-read engines write them: some files with deletes, some without."""
    table = lab.pipeline("shop.silver.orders", '-- @merge_strategy: append_only\nSELECT range AS id, \'x\' || range AS "we\'ird ""name" FROM range(5)')
    lab.run(table)
    lab.run(table)
    [first, _] = [task.file.file_path for task in iceberg(lab, table).scan().plan_files()]
    delete_positions(iceberg(lab, table), first, [0, 3])
    delete_positions(iceberg(lab, table), first, [4])

    assert current(lab, table, "SELECT id FROM {} ORDER BY id") == [(0,), (1,), (1,), (2,), (2,), (3,), (4,)]
    assert sorted(lab.arrow(table)["id"].to_pylist()) == [0, 1, 1, 2, 2, 3, 4]


def test_row_counts_are_right_when_rows_were_deleted(lab: Laboratory) -> None:
    """P10-50, P10-43."""
    table = lab.pipeline("shop.silver.orders", "-- @merge_strategy: append_only\nSELECT range AS id FROM range(5)")
    lab.run(table)
    [data] = [task.file.file_path for task in iceberg(lab, table).scan().plan_files()]
    delete_positions(iceberg(lab, table), data, [0, 1])
    head = iceberg(lab, table).current_snapshot()
    assert head is not None
    with lab.engine.database.write() as transaction:
        transaction.connection.exec_driver_sql("UPDATE lake_table SET snapshot_id = ?", (head.snapshot_id,))
    assert lab.run(table).counts.rows_total == 8


def test_a_data_file_without_field_ids_is_refused_instead_of_read_as_nulls(lab: Laboratory) -> None:
    table = lab.pipeline("shop.silver.orders", "SELECT 1::BIGINT AS id")
    lab.run(table)
    foreign = lab.settings.data / "foreign.parquet"
    pq.write_table(pa.table({"id": [2]}), foreign)
    iceberg(lab, table).add_files([str(foreign)])
    with pytest.raises(RunFailedError, match=r"shop\.silver\.orders holds the data file foreign\.parquet, which has no field ids"):
        current(lab, table)


def test_a_data_file_of_another_program_with_field_ids_is_read(lab: Laboratory) -> None:
    table = lab.pipeline("shop.silver.orders", "SELECT 1::BIGINT AS id")
    lab.run(table)
    iceberg(lab, table).append(pa.table({"id": [2]}))
    assert current(lab, table) == [(1,), (2,)]


def test_every_snapshot_stays_readable_by_its_id(lab: Laboratory) -> None:
    table = TableName.parse("shop.silver.orders")
    for version in range(3):
        lab.run(lab.pipeline(str(table), f"SELECT {version} AS version"))
    pointer = lab.pointer(table)
    assert pointer is not None
    snapshots = load_metadata(pointer.metadata_location).snapshots
    relations = [table_relation(table, pointer.metadata_location, snapshot.snapshot_id) for snapshot in snapshots]
    assert [lab.query(relation, f"SELECT * FROM {table.sql}") for relation in relations] == [[], [(0,)], [(1,)], [(2,)]]


def test_a_table_whose_metadata_is_gone_is_a_clear_error_without_its_path(lab: Laboratory) -> None:
    """P0-04, P10-130."""
    with pytest.raises(RunFailedError, match=r"The table's metadata file gone\.json is gone or damaged"):
        load_metadata(str(lab.settings.data / "gone.json"))


def test_other_programs_find_the_tables_in_the_catalog(lab: Laboratory) -> None:
    """P6-12: it is PyIceberg's own catalog over our database."""
    table = lab.pipeline("shop.silver.orders", "SELECT 1 AS id")
    lab.run(table)
    catalog = lab.parts.catalog
    assert catalog.list_tables("shop.silver") == [("shop", "silver", "orders")]
    assert catalog.load_table("shop.silver.orders").scan().to_arrow()["id"].to_pylist() == [1]


def test_branches_of_one_table_can_be_committed_at_once_by_other_programs(settings: Settings) -> None:
    """P10-57: PyIceberg reports this race as a wrong value, and would give up; here it tries again."""
    with laboratory(settings) as lab:
        table = lab.pipeline("shop.silver.orders", "SELECT 1::BIGINT AS id")
        lab.run(table)
        for number in range(3):
            start = iceberg(lab, table)
            start.manage_snapshots().create_branch(start.metadata.refs["main"].snapshot_id, f"b{number}").commit()
        failures: list[Exception] = []

        def commit(number: int) -> None:
            mine = LakeCatalog(lab.engine.database, lab.settings.warehouse)
            for _ in range(3):
                append_patiently(mine, table, number, failures)

        threads = [threading.Thread(target=commit, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert [len(lab.rows(table, ref=f"b{number}")) for number in range(3)] == [4, 4, 4]


def append_patiently(catalog: LakeCatalog, table: TableName, number: int, failures: list[Exception]) -> None:
    """Append a row to a branch, again and again while others come first."""
    for _ in range(50):
        try:
            catalog.load_table((table.namespace, table.layer.value, table.name)).append(pa.table({"id": [number]}), branch=f"b{number}")
        except CommitFailedException:
            continue
        except ValueError as error:
            failures.append(error)
        return


def test_an_unpublished_table_is_known_to_the_catalog_only(lab: Laboratory) -> None:
    table = TableName.parse("shop.silver.orders")
    lab.draft(table, {"pipeline.sql": "SELECT 1 AS id"})
    lab.run(table, draft=True)
    with lab.engine.database.read() as connection:
        [pointer] = lake.fetch_pointers(connection, [table]).values()
    assert not pointer.published
    assert current(lab, table) == []
