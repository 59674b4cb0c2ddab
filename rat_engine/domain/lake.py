"""Tables, landing files and queries as lists and headers show them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from rat_engine.domain.names import Layer, TableName, ZoneName


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table or result: its name and its type in DuckDB's spelling."""

    name: str
    type: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class LakeTable:
    """A published table. Facts are stored at publish; reading this never opens Iceberg."""

    id: str
    name: TableName
    columns: tuple[Column, ...]
    row_count: int
    size_bytes: int
    file_count: int
    snapshot_id: int
    published_at: datetime
    published_by_run: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class LandingZone:
    """A landing zone with what it holds."""

    name: ZoneName
    description: str
    created_at: datetime
    file_count: int
    total_bytes: int


class FileFormat(StrEnum):
    """The formats a landing zone accepts."""

    CSV = "csv"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class LandingFile:
    """A file in a zone. ``filename`` is what the user called it; the name on disk is the id."""

    id: str
    zone: ZoneName
    filename: str
    format: FileFormat
    size_bytes: int
    sha256: str
    uploaded_at: datetime
    uploaded_by: str


class QueryStatus(StrEnum):
    """A query's status; the last three are final."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Whether the status never changes again."""
        return self not in (QueryStatus.PENDING, QueryStatus.RUNNING)


@dataclass(frozen=True, slots=True)
class Query:
    """A query of the explorer or a preview. ``truncated`` tells that rows beyond the limit were left out.

    ``error_line`` and ``error_column`` count from 1 in the text the person typed; 0 where unknown.
    """

    id: str
    sql: str
    status: QueryStatus
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    duration_ms: float | None = None
    columns: tuple[Column, ...] = field(default=())
    row_count: int = 0
    truncated: bool = False
    error_code: str = ""
    error_message: str = ""
    error_line: int = 0
    error_column: int = 0


@dataclass(frozen=True, slots=True)
class TableFilter:
    """Which tables a list shows; ``search`` matches part of the name or description."""

    namespace: str | None = None
    layer: Layer | None = None
    search: str = ""
