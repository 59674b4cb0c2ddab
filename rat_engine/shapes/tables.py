"""What is known of a table beside its row: documentation, snapshots, files, neighbours, what its columns hold."""

from __future__ import annotations

from pydantic import Field

from rat_engine.domain import documentation as domain_documentation
from rat_engine.domain import inspection as domain_inspection
from rat_engine.domain import lake as domain_lake
from rat_engine.domain.lake import QueryStatus
from rat_engine.domain.paging import Page
from rat_engine.domain.result import ResultWindow
from rat_engine.shapes.base import BigId, Column, Id, LayerName, Moment, NamespaceName, Next, Shape, TableSimpleName, Total


class TableSchema(Shape):
    """A table's name and columns."""

    namespace: NamespaceName
    layer: LayerName
    name: TableSimpleName
    columns: tuple[Column, ...] = Field(description="Its columns, in their order.")


class TableSchemaList(Shape):
    """One page of schemas, by table."""

    tables: tuple[TableSchema, ...] = Field(description="The schemas of this page.")
    total: Total
    next: Next

    @classmethod
    def of(cls, page: Page[domain_lake.LakeTable]) -> TableSchemaList:
        """The shape of a page."""
        tables = (
            TableSchema(namespace=table.name.namespace, layer=table.name.layer, name=table.name.name, columns=tuple(map(Column.of, table.columns)))
            for table in page.items
        )
        return cls(tables=tuple(tables), total=page.total, next=page.next)


class TableDocumentation(Shape):
    """What is written about a table, in the files of its pipeline."""

    description: str = Field(description="What it holds, in Markdown; may be empty.", examples=["One row per flight"])
    columns: dict[str, str] = Field(description="Column → what it means, in Markdown.", examples=[{"dep_delay": "Minutes late at departure"}])
    owner: str = Field(description="Who answers for it; may be empty.", examples=["data team"])
    tags: tuple[str, ...] = Field(description="Its tags, in lower case.", examples=[["daily"]])
    revision: str = Field(description="Pass it back when changing the documentation; an outdated one is refused.", examples=["9f2c4e1a7b3d5068"])
    locked: tuple[str, ...] = Field(description="Fields that an annotation in `pipeline.sql` gives, so that they change there.", examples=[["owner"]])
    version: int | None = Field(description="The pipeline's version that holds it; null without one.", examples=[4])
    changed_by: str = Field(description="Who released that version; empty without one.", examples=["local"])

    @classmethod
    def of(cls, found: domain_documentation.TableDocumentation) -> TableDocumentation:
        """The shape of a table's documentation."""
        docs = found.docs
        told = {"description": docs.description, "columns": dict(docs.columns), "owner": docs.owner, "tags": docs.tags, "revision": docs.revision}
        return cls.model_validate({**told, "locked": found.locked, "version": found.version, "changed_by": found.changed_by})


class TableSnapshot(Shape):
    """What one publish made of a table."""

    number: int = Field(description="Counts the table's publishes from 1.", examples=[3])
    snapshot_id: BigId
    operation: str = Field(description="What Iceberg calls it.", examples=["overwrite"])
    published_at: Moment = Field(description="When readers began to see it.")
    run_id: Id = Field(description="The run that published it.")
    row_count: int = Field(description="Rows of the table since then.", examples=[80789])
    size_bytes: int = Field(description="Bytes of its data files.", examples=[1843200])
    file_count: int = Field(description="Its data files.", examples=[1])
    current: bool = Field(description="Whether readers see it now.", examples=[True])


class TableSnapshotList(Shape):
    """One page of snapshots, newest first."""

    snapshots: tuple[TableSnapshot, ...] = Field(description="The snapshots of this page.")
    total: Total
    next: Next

    @classmethod
    def of(cls, page: Page[domain_lake.TableSnapshot]) -> TableSnapshotList:
        """The shape of a page."""
        same = ("number", "operation", "published_at", "run_id", "row_count", "size_bytes", "file_count", "current")
        items = (TableSnapshot(snapshot_id=str(item.snapshot_id), **{name: getattr(item, name) for name in same}) for item in page.items)
        return cls(snapshots=tuple(items), total=page.total, next=page.next)


class DataFile(Shape):
    """A data file of a table."""

    path: str = Field(description="Its path within the table's folder.", examples=["data/run-01k2w9c7q4e8rj5h3v0x6n1t8z-1/data_0.parquet"])
    row_count: int = Field(description="Rows in the file, those that were deleted later included.", examples=[80789])
    size_bytes: int = Field(description="Its bytes.", examples=[1843200])
    delete_files: int = Field(description="How many files tell which of its rows are deleted.", examples=[0])


class DataFileWindow(Shape):
    """Some consecutive data files of a table, by path."""

    files: tuple[DataFile, ...] = Field(description="The files.")
    offset: int = Field(description="The number of the first file, counted from 0.", examples=[0])
    total: int = Field(description="How many files the table has.", examples=[1])

    @classmethod
    def of(cls, window: ResultWindow) -> DataFileWindow:
        """The shape of a window of the files' query."""
        files = (DataFile(path=path, row_count=int(rows), size_bytes=int(size), delete_files=int(deletes)) for path, rows, size, deletes in window.rows)
        return cls(files=tuple(files), offset=window.offset, total=window.total)


class Neighbour(Shape):
    """A table or landing zone beside a table in the lineage."""

    kind: str = Field(description="table or zone.", examples=["table"])
    namespace: NamespaceName
    layer: str = Field(description="The table's layer; empty for a zone.", examples=["bronze"])
    name: str = Field(description="The name within namespace and layer.", examples=["flights"])
    description: str = Field(description="What it is for; may be empty.", examples=["Flights as they came"])
    row_count: int | None = Field(description="Its rows; null for a zone and before the first publish.", examples=[80789])
    published_at: Moment | None = Field(description="When it was published last; null for a zone and before.")


class Neighbours(Shape):
    """What a table is made from, and what is made from it."""

    upstream: tuple[Neighbour, ...] = Field(description="What its pipeline reads.")
    downstream: tuple[Neighbour, ...] = Field(description="Tables whose pipelines read it.")

    @classmethod
    def of(cls, found: domain_lake.Neighbours) -> Neighbours:
        """The shape of a table's neighbours."""
        return cls(upstream=tuple(map(_neighbour, found.upstream)), downstream=tuple(map(_neighbour, found.downstream)))


class ValueCount(Shape):
    """A value and how often it is there."""

    value: str = Field(description="The value as text, cut after 200 characters.", examples=["UA"])
    rows: int = Field(description="In how many rows it is.", examples=[58665])


class ColumnProfile(Shape):
    """What a column holds."""

    name: str = Field(description="The column's name.", examples=["carrier"])
    type: str = Field(description="The type in DuckDB's spelling.", examples=["VARCHAR"])
    rows: int = Field(description="Rows that were looked at.", examples=[80789])
    nulls: int = Field(description="How many of them are NULL.", examples=[0])
    distinct: int = Field(description="Different values among them.", examples=[16])
    least: str | None = Field(description="The least value as text; null where there is none.", examples=["9E"])
    greatest: str | None = Field(description="The greatest value as text; null where there is none.", examples=["YV"])
    mean: float | None = Field(description="The mean of numbers; null for other types.", examples=[12.6])
    values: tuple[ValueCount, ...] = Field(description="The most frequent values that are there more than once.")
    bins: tuple[int, ...] = Field(description="Rows in 24 intervals of equal length from least to greatest; empty without a scale.", examples=[[3, 12, 4]])


class TableProfile(Shape):
    """What the columns of a table hold at its present snapshot."""

    snapshot_id: BigId
    status: QueryStatus | None = Field(description="null: nobody has asked for it since the last publish.", examples=["success"])
    columns: tuple[ColumnProfile, ...] = Field(description="The columns that are ready.")
    total: int = Field(description="How many columns there are.", examples=[19])
    sampled: bool = Field(description="Whether rows were picked at random, so that all numbers are estimates.", examples=[False])
    error: str = Field(description="Why it failed; empty unless it did.", examples=[""])

    @classmethod
    def of(cls, profile: domain_inspection.TableProfile) -> TableProfile:
        """The shape of a profile."""
        columns = tuple(map(_column_profile, profile.columns))
        return cls(
            snapshot_id=str(profile.snapshot_id),
            status=profile.status,
            columns=columns,
            total=profile.total,
            sampled=profile.sampled,
            error=profile.error_message,
        )


def _neighbour(found: domain_lake.Neighbour) -> Neighbour:
    same = ("kind", "namespace", "layer", "name", "description", "row_count", "published_at")
    return Neighbour(**{name: getattr(found, name) for name in same})


def _column_profile(column: domain_inspection.ColumnProfile) -> ColumnProfile:
    same = ("name", "type", "rows", "nulls", "distinct", "least", "greatest", "mean", "bins")
    values = tuple(ValueCount(value=found.value, rows=found.rows) for found in column.values)
    return ColumnProfile(**{name: getattr(column, name) for name in same}, values=values)
