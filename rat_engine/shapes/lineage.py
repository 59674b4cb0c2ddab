"""Lineage as JSON."""

from __future__ import annotations

from pydantic import Field

from rat_engine.domain import columns as domain_columns
from rat_engine.domain import lineage as domain
from rat_engine.domain.columns import ColumnKind
from rat_engine.domain.lineage import NodeKind
from rat_engine.domain.names import LANDING_SCHEMA, TableName
from rat_engine.shapes.base import Id, Moment, NamespaceName, Shape

NODE = "flights.silver.flights"


class LineageNode(Shape):
    """A table, with the pipeline that fills it, or a landing zone."""

    id: str = Field(description="Its three-part name; a landing zone's middle part is `landing`.", examples=[NODE])
    kind: NodeKind = Field(description="What it is.", examples=["table"])
    namespace: NamespaceName
    layer: str = Field(description="The medallion layer, or `landing`.", examples=["silver"])
    name: str = Field(description="The name within namespace and layer.", examples=["flights"])
    description: str = Field(description="What it is for; may be empty.", examples=["Flights with real types"])
    owner: str = Field(description="Who answers for it; may be empty.", examples=["data@example.org"])
    pipeline: bool = Field(description="Whether a pipeline of this name exists.", examples=[True])
    version: int | None = Field(description="The released version; null for what no released pipeline fills.", examples=[3])
    last_run_id: Id | None = Field(description="The pipeline's last run; null before the first.")
    last_run_status: str | None = Field(description="How that run stands; null before the first.", examples=["success"])
    last_run_at: Moment | None = Field(description="When it was asked for; null before the first.")
    published_at: Moment | None = Field(description="When its rows were published, or the zone's last file arrived; null before.")
    row_count: int | None = Field(description="Its rows; null before the first publish and for a zone.", examples=[80789])
    size_bytes: int | None = Field(description="Bytes of its files; null before the first publish.", examples=[1843200])
    file_count: int | None = Field(description="Its files; null before the first publish.", examples=[1])
    failing: int = Field(description="Quality tests of severity error that found something in the last run.", examples=[0])
    warning: int = Field(description="Quality tests of severity warn that found something in the last run.", examples=[0])

    @classmethod
    def of(cls, node: domain.LineageNode) -> LineageNode:
        """The shape of a node."""
        same = ("id", "kind", "description", "owner", "pipeline", "version", "last_run_id", "last_run_status", "last_run_at", "published_at")
        counts = ("row_count", "size_bytes", "file_count", "failing", "warning")
        place = node.place
        layer = place.layer.value if isinstance(place, TableName) else LANDING_SCHEMA
        return cls(**{name: getattr(node, name) for name in (*same, *counts)}, namespace=place.namespace, layer=layer, name=place.name)


class LineageEdge(Shape):
    """The target reads the source."""

    source: str = Field(description="The id of what is read.", examples=["flights.bronze.flights"])
    target: str = Field(description="The id of what reads it.", examples=[NODE])


class LineageGraph(Shape):
    """Nodes and the edges between them, from the released versions."""

    nodes: tuple[LineageNode, ...] = Field(description="The nodes of the part that was asked for.")
    edges: tuple[LineageEdge, ...] = Field(description="The edges between them.")
    total: int = Field(description="How many nodes the whole graph has.", examples=[21])

    @classmethod
    def of(cls, graph: domain.LineageGraph) -> LineageGraph:
        """The shape of a graph."""
        edges = tuple(LineageEdge(source=source, target=target) for source, target in graph.edges)
        return cls(nodes=tuple(map(LineageNode.of, graph.nodes)), edges=edges, total=graph.total)


class ColumnReference(Shape):
    """A column of a table or landing zone."""

    table: str = Field(description="The id of the table or landing zone.", examples=[NODE])
    column: str = Field(description="The column.", examples=["departure_delay"])

    @classmethod
    def of(cls, ref: domain_columns.ColumnRef) -> ColumnReference:
        """The shape of a reference."""
        return cls(table=domain.place_id(ref.place), column=ref.column)


class TracedColumn(Shape):
    """A column and where it comes from."""

    name: str = Field(description="The column.", examples=["departure_delay"])
    kind: ColumnKind = Field(
        description="How it comes from its sources. `origin`: it came with a file, or no pipeline makes it. `unknown`: it could not be traced.",
        examples=["computed"],
    )
    expression: str = Field(description="What makes it, as DuckDB reads the SQL; may be empty.", examples=["TRY_CAST(flights.dep_delay AS INT)"])
    sources: tuple[ColumnReference, ...] = Field(description="The columns its values come from.")
    reason: str = Field(description="Why it could not be traced; empty when it was.", examples=[""])

    @classmethod
    def of(cls, column: domain_columns.TracedColumn) -> TracedColumn:
        """The shape of a column."""
        same = {name: getattr(column, name) for name in ("name", "kind", "expression", "reason")}
        return cls(**same, sources=tuple(map(ColumnReference.of, column.sources)))


class ColumnLineage(Shape):
    """The columns of a table or landing zone."""

    table: str = Field(description="The id of the table or landing zone.", examples=[NODE])
    columns: tuple[TracedColumn, ...] = Field(description="Its columns; of a landing zone those that some pipeline reads by name.")
    rows: tuple[ColumnReference, ...] = Field(description="The columns that decide which rows there are: filters, joins, groups.")
    traced: int = Field(description="How many of the columns could be traced.", examples=[15])
    total: int = Field(description="How many columns there are.", examples=[15])
    problem: str = Field(description="What kept columns from being traced, or hides them; empty when nothing did.", examples=[""])

    @classmethod
    def of(cls, found: domain_columns.ColumnLineage) -> ColumnLineage:
        """The shape of a table's columns."""
        trace = found.trace
        return cls(
            table=domain.place_id(found.place),
            columns=tuple(map(TracedColumn.of, trace.columns)),
            rows=tuple(map(ColumnReference.of, trace.rows)),
            traced=found.traced,
            total=found.total,
            problem=trace.problem,
        )


class ColumnStep(Shape):
    """A column before or after another one."""

    table: str = Field(description="The id of its table or landing zone.", examples=["flights.gold.weather_delay"])
    column: TracedColumn = Field(description="The column, with its own direct sources.")
    distance: int = Field(description="How many tables away.", examples=[1])

    @classmethod
    def of(cls, step: domain_columns.ColumnStep) -> ColumnStep:
        """The shape of a step."""
        return cls(table=domain.place_id(step.ref.place), column=TracedColumn.of(step.column), distance=step.distance)


class ColumnImpact(Shape):
    """Everything that a column comes from, and everything that comes from it."""

    table: str = Field(description="The id of its table or landing zone.", examples=[NODE])
    column: TracedColumn = Field(description="The column itself.")
    upstream: tuple[ColumnStep, ...] = Field(description="What it comes from, nearest first.")
    downstream: tuple[ColumnStep, ...] = Field(description="What comes from it, nearest first.")
    rows: tuple[str, ...] = Field(description="Tables whose rows, by a filter, join or group, depend on it or on what comes from it.", examples=[[NODE]])
    untraced: tuple[str, ...] = Field(description="Tables further down with columns that could not be traced, which may depend on it too.", examples=[[]])

    @classmethod
    def of(cls, found: domain_columns.ColumnImpact) -> ColumnImpact:
        """The shape of an impact."""
        return cls(
            table=domain.place_id(found.ref.place),
            column=TracedColumn.of(found.column),
            upstream=tuple(map(ColumnStep.of, found.upstream)),
            downstream=tuple(map(ColumnStep.of, found.downstream)),
            rows=tuple(map(str, found.rows)),
            untraced=tuple(map(str, found.untraced)),
        )
