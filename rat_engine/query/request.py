"""What an interactive child is asked, as its supervisor sends it, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rat_engine.domain.lake import PREVIEW, Column
from rat_engine.domain.names import TableName, ZoneName
from rat_engine.domain.run import FilePin


@dataclass(frozen=True, slots=True)
class PinnedTable:
    """A table the statement may read, at one snapshot."""

    name: TableName
    metadata_location: str
    snapshot_id: int


@dataclass(frozen=True, slots=True)
class QueryLimits:
    """What the query may take: result rows and MiB, memory in MiB, threads, seconds."""

    rows: int
    megabytes: int
    memory_mb: int
    threads: int
    seconds: float


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """One statement with everything it may read, or, with ``files_of``, the wish to see a table's data files.

    A preview has the rights of its pipeline: its landing zones, and files where those are allowed. ``explain`` (plan or analyze) asks
    for how the statement is carried out instead of for its rows. ``known`` are the tables that its files refer to, published or not.
    """

    sql: str
    tables: tuple[PinnedTable, ...]
    zones: Mapping[ZoneName, tuple[FilePin, ...]]
    limits: QueryLimits
    namespace: str = ""
    preview: bool = False
    explain: str = ""
    files_of: TableName | None = None
    known: tuple[str, ...] = ()

    @classmethod
    def of(cls, message: Mapping[str, Any]) -> QueryRequest:
        """The request in a supervisor's message: ``sql``, ``namespace``, ``kind``, ``tables``, ``zones`` and ``limits``."""
        return cls(
            sql=message["sql"],
            tables=tuple(PinnedTable(TableName.parse(each["name"]), each["metadata_location"], each["snapshot_id"]) for each in message["tables"]),
            zones={ZoneName.parse(zone["name"]): tuple(_file(zone["name"], each) for each in zone["files"]) for zone in message["zones"]},
            limits=QueryLimits(**message["limits"]),
            namespace=message.get("namespace", ""),
            preview=message.get("kind") == PREVIEW,
            explain=message.get("explain", ""),
            known=tuple(message.get("known", ())),
            files_of=TableName.parse(message["files_of"]) if message.get("files_of") else None,
        )


@dataclass(frozen=True, slots=True)
class QueryResult:
    """What was written: columns with DuckDB's types, rows, and whether some were left out to keep a limit."""

    columns: tuple[Column, ...]
    row_count: int
    truncated: bool

    def message(self) -> dict[str, Any]:
        """The answer to the supervisor."""
        return {
            "columns": [{"name": column.name, "type": column.type} for column in self.columns],
            "row_count": self.row_count,
            "truncated": self.truncated,
        }


def _file(zone: str, each: Mapping[str, Any]) -> FilePin:
    return FilePin(zone, file_id="", filename=each["filename"], path=each["path"], size_bytes=each.get("size_bytes", 0), sha256="")
