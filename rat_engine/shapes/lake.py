"""Tables, landing zones and queries as JSON."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from rat_engine.domain import lake as domain_lake
from rat_engine.domain import result as domain_result
from rat_engine.domain.lake import FileFormat, QueryStatus
from rat_engine.domain.paging import Page
from rat_engine.shapes.base import BigId, Column, Id, LayerName, Moment, NamespaceName, Next, Shape, TableSimpleName, Total

ROWS_EXAMPLE = [["UA", 12.02], ["DL", 9.22]]


class Table(Shape):
    """A published table; its numbers were stored at publish."""

    namespace: NamespaceName
    layer: LayerName
    name: TableSimpleName
    description: str = Field(description="What it is for; may be empty.", examples=["Flights with readable carriers"])
    owner: str = Field(description="Who answers for it; may be empty.", examples=["data team"])
    tags: tuple[str, ...] = Field(description="Its tags, in lower case.", examples=[["daily"]])
    columns: tuple[Column, ...] = Field(description="Its columns, in their order.")
    row_count: int = Field(description="Its rows.", examples=[80789])
    size_bytes: int = Field(description="Bytes of its data files.", examples=[1843200])
    file_count: int = Field(description="Its data files.", examples=[1])
    snapshot_id: BigId
    published_at: Moment = Field(description="When the rows it has now were published.")
    run_id: Id = Field(description="The run that published them.")

    @classmethod
    def of(cls, table: domain_lake.LakeTable) -> Table:
        """The shape of a table."""
        return cls(
            namespace=table.name.namespace,
            layer=table.name.layer,
            name=table.name.name,
            description=table.description,
            owner=table.owner,
            tags=table.tags,
            columns=tuple(map(Column.of, table.columns)),
            row_count=table.row_count,
            size_bytes=table.size_bytes,
            file_count=table.file_count,
            snapshot_id=str(table.snapshot_id),
            published_at=table.published_at,
            run_id=table.published_by_run,
        )


class TableList(Shape):
    """One page of tables, by name."""

    tables: tuple[Table, ...] = Field(description="The tables of this page.")
    total: Total
    next: Next

    @classmethod
    def of(cls, page: Page[domain_lake.LakeTable]) -> TableList:
        """The shape of a page."""
        return cls(tables=tuple(map(Table.of, page.items)), total=page.total, next=page.next)


class LandingZone(Shape):
    """A place for files that pipelines read."""

    namespace: NamespaceName
    name: str = Field(description="The zone's name.", examples=["flights"])
    description: str = Field(description="What it is for; may be empty.", examples=["Monthly files of the airports"])
    created_at: Moment = Field(description="When it was created.")
    file_count: int = Field(description="Its files.", examples=[3])
    total_bytes: int = Field(description="Bytes of its files.", examples=[7207029])

    @classmethod
    def of(cls, zone: domain_lake.LandingZone) -> LandingZone:
        """The shape of a zone."""
        return cls(
            namespace=zone.name.namespace,
            name=zone.name.name,
            description=zone.description,
            created_at=zone.created_at,
            file_count=zone.file_count,
            total_bytes=zone.total_bytes,
        )


class LandingZoneList(Shape):
    """One page of landing zones, by name."""

    landing_zones: tuple[LandingZone, ...] = Field(description="The zones of this page.")
    total: Total
    next: Next

    @classmethod
    def of(cls, page: Page[domain_lake.LandingZone]) -> LandingZoneList:
        """The shape of a page."""
        return cls(landing_zones=tuple(map(LandingZone.of, page.items)), total=page.total, next=page.next)


class LandingFile(Shape):
    """A file in a landing zone."""

    id: Id = Field(description="The file's id.")
    namespace: NamespaceName
    zone: str = Field(description="The landing zone's name.", examples=["flights"])
    filename: str = Field(description="What its owner called it.", examples=["flights-2013-01.csv"])
    format: FileFormat = Field(description="How it is read.", examples=["csv"])
    size_bytes: int = Field(description="Its size.", examples=[2402343])
    sha256: str = Field(description="SHA-256 of its content, in hex.", examples=["9f2c…"])
    uploaded_at: Moment = Field(description="When it arrived.")
    uploaded_by: str = Field(description="Who brought it.", examples=["local"])

    @classmethod
    def of(cls, file: domain_lake.LandingFile) -> LandingFile:
        """The shape of a landing file."""
        same = {name: getattr(file, name) for name in ("id", "filename", "format", "size_bytes", "sha256", "uploaded_at", "uploaded_by")}
        return cls(**same, namespace=file.zone.namespace, zone=file.zone.name)


class LandingFileList(Shape):
    """One page of landing files."""

    files: tuple[LandingFile, ...] = Field(description="The files of this page.")
    total: Total
    next: Next

    @classmethod
    def of(cls, page: Page[domain_lake.LandingFile]) -> LandingFileList:
        """The shape of a page."""
        return cls(files=tuple(map(LandingFile.of, page.items)), total=page.total, next=page.next)


class QueryError(Shape):
    """Why a query failed."""

    code: str = Field(description="A stable code.", examples=["query_failed"])
    message: str = Field(description="What is wrong and what to do.", examples=["Column carier does not exist. Did you mean carrier?"])
    line: int = Field(description="Line in the text that was sent, counted from 1; 0 where unknown.", examples=[1])
    column: int = Field(description="Column in that line, counted from 1; 0 where unknown.", examples=[8])


class Query(Shape):
    """A query and how it goes."""

    id: Id = Field(description="The query's id.")
    sql: str = Field(description="The text that was sent.", examples=["SELECT 1"])
    status: QueryStatus = Field(description="success, failed and cancelled are final.", examples=["success"])
    created_at: Moment = Field(description="When it was asked for.")
    started_at: Moment | None = Field(description="When a worker began; null before.")
    finished_at: Moment | None = Field(description="When it ended; null before.")
    duration_ms: float | None = Field(description="Milliseconds from start to finish; null before.", examples=[12.5])
    columns: tuple[Column, ...] = Field(description="The result's columns; empty before it succeeded.")
    row_count: int = Field(description="Rows of the result.", examples=[16])
    truncated: bool = Field(description="Whether rows beyond the limit were left out.", examples=[False])
    namespace: str = Field(description="The namespace that two-part names mean; may be empty.", examples=["flights"])
    progress: float | None = Field(description="The share that is done, from 0 to 1; null where it is not known.", examples=[0.42])
    error: QueryError | None = Field(description="Why it failed; null unless it did.")

    @classmethod
    def of(cls, query: domain_lake.Query) -> Query:
        """The shape of a query."""
        same = ("id", "sql", "status", "created_at", "started_at", "finished_at", "duration_ms", "row_count", "truncated", "namespace", "progress")
        return cls(**{name: getattr(query, name) for name in same}, columns=tuple(map(Column.of, query.columns)), error=query_error(query))


def query_error(query: domain_lake.Query) -> QueryError | None:
    """Why a query failed, or None."""
    if not query.error_code:
        return None
    return QueryError(code=query.error_code, message=query.error_message, line=query.error_line, column=query.error_column)


class RowWindow(Shape):
    """Some consecutive rows of a query's result."""

    columns: tuple[Column, ...] = Field(description="The result's columns.")
    rows: tuple[tuple[Any, ...], ...] = Field(description="The rows, each a list of cells in the columns' order.", examples=[ROWS_EXAMPLE])
    offset: int = Field(description="The number of the first row, counted from 0.", examples=[0])
    total: int = Field(description="Rows of the whole result.", examples=[16])

    @classmethod
    def of(cls, window: domain_result.ResultWindow) -> RowWindow:
        """The shape of a window."""
        return cls(columns=tuple(map(Column.of, window.columns)), rows=window.rows, offset=window.offset, total=window.total)


class QueryResult(Shape):
    """A finished query with its rows."""

    query_id: Id = Field(description="The query.")
    columns: tuple[Column, ...] = Field(description="The result's columns.")
    rows: tuple[tuple[Any, ...], ...] = Field(description="The rows, each a list of cells in the columns' order.", examples=[ROWS_EXAMPLE])
    row_count: int = Field(description="How many rows are in this answer.", examples=[2])
    truncated: bool = Field(description="Whether the query has more rows than this answer.", examples=[False])
    duration_ms: float | None = Field(description="Milliseconds it took.", examples=[12.5])

    @classmethod
    def of(cls, query: domain_lake.Query, rows: tuple[tuple[Any, ...], ...]) -> QueryResult:
        """The shape of a finished query with its first ``rows``."""
        return cls(
            query_id=query.id,
            columns=tuple(map(Column.of, query.columns)),
            rows=rows,
            row_count=len(rows),
            truncated=query.truncated or query.row_count > len(rows),
            duration_ms=query.duration_ms,
        )
