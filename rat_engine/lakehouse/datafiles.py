"""Rows to data files: DuckDB streams a query into Parquet with Iceberg's field ids, footers become Iceberg's statistics."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
from pyiceberg.io.pyarrow import compute_statistics_plan, data_file_statistics_from_parquet_metadata, parquet_path_to_id_mapping
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat
from pyiceberg.schema import Schema
from pyiceberg.typedef import Record

from rat_engine.domain.names import quote_literal
from rat_engine.lakehouse.connection import Session
from rat_engine.lakehouse.files import sync
from rat_engine.lakehouse.schema import casts, field_ids
from rat_engine.lakehouse.types import ResultColumn

TARGET_FILE_SIZE = "128MB"


@dataclass(frozen=True, slots=True)
class Rows:
    """A checked query, ready to be carried out in ``session``; nothing has run yet but its binding."""

    session: Session
    query: str
    columns: tuple[ResultColumn, ...]


def write_data_files(rows: Rows, schema: Schema, folder: Path, properties: Mapping[str, str]) -> tuple[DataFile, ...]:
    """Run the query into Parquet files in ``folder``, which is made anew: columns by name, in the schema's types; none when there are no rows.

    Memory stays constant whatever the size. The files are on the disk when this returns. Raises QueryFailedError, ResourceLimitError,
    DiskFullError, RunCancelledError.
    """
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    options = f"FORMAT parquet, COMPRESSION zstd, FILE_SIZE_BYTES '{TARGET_FILE_SIZE}', FIELD_IDS {field_ids(schema)}, RETURN_STATS"
    after = f"\n) AS rat_rows) TO {quote_literal(str(folder))} ({options})"
    written = rows.session.run_around(rows.query, f"COPY (SELECT {casts(schema)} FROM (\n", after)
    paths: list[Path] = []
    for name, count, *_ in written:
        if count:
            paths.append(Path(name))
        else:
            Path(name).unlink()
    files = tuple(_data_file(path, schema, properties) for path in sorted(paths))
    # A durable file needs its name to be durable, too, and that of the folder that was made for it.
    for changed in (folder, folder.parent):
        sync(changed)
    return files


def _data_file(path: Path, schema: Schema, properties: Mapping[str, str]) -> DataFile:
    sync(path)
    plan = compute_statistics_plan(schema, dict(properties))
    statistics = data_file_statistics_from_parquet_metadata(pq.read_metadata(path), plan, parquet_path_to_id_mapping(schema))
    file = DataFile.from_args(
        content=DataFileContent.DATA,
        file_path=str(path),
        file_format=FileFormat.PARQUET,
        partition=Record(),
        file_size_in_bytes=path.stat().st_size,
        sort_order_id=None,
        spec_id=0,
        equality_ids=None,
        key_metadata=None,
        **statistics.to_serialized_dict(),
    )
    file.spec_id = 0
    return file
