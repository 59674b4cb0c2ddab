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
    owner: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableSnapshot:
    """What one publish made of a table. ``number`` counts from 1; ``operation`` is Iceberg's word; ``current`` tells that readers see it now."""

    number: int
    snapshot_id: int
    operation: str
    published_at: datetime
    run_id: str
    row_count: int
    size_bytes: int
    file_count: int
    current: bool = False


@dataclass(frozen=True, slots=True)
class TableGroup:
    """How many tables a namespace has in one layer."""

    namespace: str
    layer: Layer
    table_count: int


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A table or landing zone beside a table in the lineage. The last three are None where nothing was published (or it is a zone)."""

    kind: str
    namespace: str
    layer: str
    name: str
    description: str = ""
    row_count: int | None = None
    published_at: datetime | None = None
    has_pipeline: bool = False


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What a table is made from, and what is made from it."""

    upstream: tuple[Neighbour, ...]
    downstream: tuple[Neighbour, ...]


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


# Kinds of query rows: a person's query, a preview of a pipeline's file, and what a query would read.
QUERY, PREVIEW, ESTIMATE = "query", "preview", "estimate"


@dataclass(frozen=True, slots=True)
class Query:
    """A query of the explorer or a preview. ``truncated`` tells that rows beyond the limit were left out.

    ``error_line`` and ``error_column`` count from 1 in the text the person typed; 0 where unknown. ``progress`` is the share that is done,
    from 0 to 1; None where DuckDB has not said.
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
    namespace: str = ""
    progress: float | None = None


@dataclass(frozen=True, slots=True)
class QueryFilter:
    """Which queries the history shows; ``search`` matches part of the text."""

    search: str = ""
    status: QueryStatus | None = None


@dataclass(frozen=True, slots=True)
class TableEstimate:
    """What a statement will read of one table at most: rows and bytes of the columns it names, in ``files`` of the table's ``files_total``."""

    name: str
    rows: int
    size_bytes: int
    files: int
    files_total: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a statement will read at most, by the tables' manifests; no data file was opened."""

    tables: tuple[TableEstimate, ...] = ()

    @property
    def rows(self) -> int:
        """Rows of every table."""
        return sum(table.rows for table in self.tables)

    @property
    def size_bytes(self) -> int:
        """Bytes of every table."""
        return sum(table.size_bytes for table in self.tables)


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """A query that was given a name. ``revision`` grows with every change."""

    id: str
    name: str
    description: str
    namespace: str
    sql: str
    revision: int
    created_at: datetime
    updated_at: datetime
    updated_by: str


@dataclass(frozen=True, slots=True)
class TableFilter:
    """Which tables a list shows. Every word of ``search`` is part of a name (table, column) or of what is written about them; the best come first."""

    namespace: str | None = None
    layer: Layer | None = None
    search: str = ""
