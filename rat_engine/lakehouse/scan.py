"""Reading a table at a snapshot: PyIceberg names the exact data files, DuckDB reads them as one relation by field id."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyiceberg.expressions import AlwaysTrue, BooleanExpression
from pyiceberg.io import FileIO
from pyiceberg.manifest import DataFile
from pyiceberg.schema import Schema
from pyiceberg.serializers import FromInputFile
from pyiceberg.table import DataScan, FileScanTask
from pyiceberg.table.metadata import TableMetadata

from rat_engine.domain.lake import Column
from rat_engine.domain.names import TableName, quote_identifier
from rat_engine.errors import RunFailedError
from rat_engine.lakehouse.connection import Session, text_list
from rat_engine.lakehouse.files import LocalFiles
from rat_engine.lakehouse.schema import field_map
from rat_engine.lakehouse.types import duckdb_type

# Files of ours lie in a folder per attempt, whose name begins so; they always carry field ids.
OWN_FOLDER = "run-"

ALWAYS_TRUE = AlwaysTrue()


@dataclass(frozen=True, slots=True)
class Relation:
    """Something a session can read under a three-part name: the SQL behind it and every file that SQL opens.

    ``unproven`` are those of the files that we did not write: without field ids they would read as NULL throughout.
    """

    path: tuple[str, str, str]
    sql: str
    files: tuple[str, ...]
    unproven: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The dotted name."""
        return ".".join(self.path)

    def resolved(self, session: Session) -> Relation:
        """The relation with whatever ``session`` must look up first; a table's needs nothing."""
        _refuse_files_without_ids(session, self)
        return self


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A table's files at one snapshot, with the schema that the snapshot was written with."""

    id: int
    location: str
    schema: Schema
    tasks: tuple[FileScanTask, ...]

    @property
    def data_files(self) -> tuple[DataFile, ...]:
        """The data files."""
        return tuple(task.file for task in self.tasks)

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns in DuckDB's spelling."""
        return tuple(Column(field.name, duckdb_type(field.field_type)) for field in self.schema.fields)

    @property
    def has_deletes(self) -> bool:
        """Whether some rows of the data files are deleted, so that the files' row counts are too high."""
        return any(task.delete_files for task in self.tasks)

    @property
    def recorded_rows(self) -> int:
        """Rows in the data files, before deletes."""
        return sum(task.file.record_count for task in self.tasks)

    @property
    def size_bytes(self) -> int:
        """Bytes of the data files."""
        return sum(task.file.file_size_in_bytes for task in self.tasks)

    def relation(self, table: TableName) -> Relation:
        """The table at this snapshot, as a relation under its own name."""
        deletes = sorted({file.file_path for task in self.tasks for file in task.delete_files})
        data = [task.file.file_path for task in self.tasks]
        own = f"{self.location}/data/{OWN_FOLDER}"
        unproven = tuple(path for path in data if not path.startswith(own))
        return Relation((table.namespace, table.layer.value, table.name), snapshot_sql(self), (*data, *deletes), unproven)


def load_metadata(location: str, io: FileIO | None = None) -> TableMetadata:
    """A table's metadata from its file. Raises RunFailedError when the file is gone or damaged."""
    try:
        return FromInputFile.table_metadata((io or LocalFiles()).new_input(location))
    except (FileNotFoundError, ValueError) as error:
        raise RunFailedError(f"The table's metadata file {Path(location).name} is gone or damaged; `rat doctor` tells more.") from error


def plan(metadata: TableMetadata, snapshot_id: int | None, io: FileIO | None = None, wanted: BooleanExpression = ALWAYS_TRUE) -> Snapshot:
    """The files of a snapshot that may hold a ``wanted`` row; None is a table that never had one, which is empty."""
    if snapshot_id is None:
        return Snapshot(0, metadata.location, metadata.schema(), ())
    scan = DataScan(table_metadata=metadata, io=io or LocalFiles(), snapshot_id=snapshot_id, row_filter=wanted)
    return Snapshot(snapshot_id, metadata.location, scan.projection(), tuple(scan.plan_files()))


@functools.lru_cache(maxsize=256)
def table_relation(table: TableName, metadata_location: str, snapshot_id: int) -> Relation:
    """A table at a pinned snapshot. Opens its metadata and manifests, never its data; neither ever changes, so they are read once."""
    return plan(load_metadata(metadata_location), snapshot_id).relation(table)


def snapshot_sql(snapshot: Snapshot) -> str:
    """A SELECT over a snapshot's files: columns by field id, deleted rows left out, an empty table with typed columns."""
    if not snapshot.tasks:
        return _empty(snapshot.schema)
    columns = field_map(snapshot.schema)
    clean = [task.file.file_path for task in snapshot.tasks if not task.delete_files]
    dirty = [task for task in snapshot.tasks if task.delete_files]
    parts: list[str] = []
    if clean:
        parts.append(f"SELECT * FROM read_parquet({text_list(clean)}, schema = {columns})")
    if dirty:
        parts.append(_without_deleted(dirty, snapshot.schema, columns))
    return " UNION ALL ".join(parts)


def attach(session: Session, relations: Sequence[Relation]) -> None:
    """Create each relation's database (in memory), schema and view, replacing views that exist.

    Raises RunFailedError for files whose columns cannot be told apart (see ``Relation.resolved``), QueryFailedError for unreadable ones.
    """
    relations = [relation.resolved(session) for relation in relations]
    databases = dict.fromkeys(relation.path[0] for relation in relations)
    schemas = dict.fromkeys(relation.path[:2] for relation in relations)
    statements = [f"ATTACH IF NOT EXISTS ':memory:' AS {quote_identifier(database)}" for database in databases]
    statements += [f"CREATE SCHEMA IF NOT EXISTS {_quoted(schema)}" for schema in schemas]
    statements += [f"CREATE OR REPLACE VIEW {_quoted(relation.path)} AS {relation.sql}" for relation in relations]
    if statements:
        session.run(";\n".join(statements))


def _quoted(path: Iterable[str]) -> str:
    return ".".join(map(quote_identifier, path))


def _empty(schema: Schema) -> str:
    columns = (f"CAST(NULL AS {duckdb_type(field.field_type)}) AS {quote_identifier(field.name)}" for field in schema.fields)
    return f"SELECT {', '.join(columns)} WHERE false"


def _without_deleted(tasks: Sequence[FileScanTask], schema: Schema, columns: str) -> str:
    names = ", ".join(f"t.{quote_identifier(field.name)}" for field in schema.fields)
    data = text_list([task.file.file_path for task in tasks])
    deletes = text_list(sorted({file.file_path for task in tasks for file in task.delete_files}))
    return (
        f"SELECT {names} FROM read_parquet({data}, schema = {columns}) t ANTI JOIN read_parquet({deletes}) d "
        "ON t.filename = d.file_path AND t.file_row_number = d.pos"
    )


def _refuse_files_without_ids(session: Session, relation: Relation) -> None:
    if not relation.unproven:
        return
    columns = f"SELECT file_name FROM parquet_schema({text_list(relation.unproven)}) WHERE num_children IS NULL AND field_id IS NULL"
    found = session.run(f"SELECT min(file_name) FROM ({columns})")[0][0]
    if found is not None:
        raise RunFailedError(
            f"{relation.name} holds the data file {Path(found).name}, which has no field ids, so its columns cannot be told apart. "
            "Write the rows through a pipeline instead of adding the file to the table."
        )
