"""The data files of one table as a result: read from its manifests, never from the files themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

from rat_engine.domain.lake import Column
from rat_engine.lakehouse.scan import Snapshot, load_metadata, plan
from rat_engine.observe.results import BATCH_ROWS, Written, write_result
from rat_engine.query.request import QueryLimits, QueryResult

if TYPE_CHECKING:
    from rat_engine.query.request import PinnedTable

COLUMNS = (Column("path", "VARCHAR"), Column("rows", "BIGINT"), Column("bytes", "BIGINT"), Column("delete_files", "BIGINT"))


def list_files(table: PinnedTable, limits: QueryLimits, sink: BinaryIO) -> QueryResult:
    """Write path (within the table's folder), rows, bytes and the number of delete files of every data file to ``sink``, by path.

    Rows are those of the file, before deletes. Raises RunFailedError when the table's metadata is gone.
    """
    import pyarrow as pa

    schema = pa.schema([(COLUMNS[0].name, pa.string()), *((column.name, pa.int64()) for column in COLUMNS[1:])])
    snapshot = plan(load_metadata(table.metadata_location), table.snapshot_id)
    written: Written = write_result(schema, _batches(snapshot, schema), COLUMNS, sink, max_rows=limits.rows, max_bytes=limits.megabytes << 20)
    return QueryResult(COLUMNS, written.rows, written.truncated)


def _batches(snapshot: Snapshot, schema: Any) -> Iterator[Any]:
    import pyarrow as pa

    prefix = f"{snapshot.location}/"
    rows = sorted(
        (task.file.file_path.removeprefix(prefix), task.file.record_count, task.file.file_size_in_bytes, len(task.delete_files)) for task in snapshot.tasks
    )
    for start in range(0, len(rows), BATCH_ROWS):
        columns: list[Any] = list(zip(*rows[start : start + BATCH_ROWS], strict=True))
        yield pa.record_batch([pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)], schema=schema)
