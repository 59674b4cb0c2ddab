"""Lineage as JSON."""

from __future__ import annotations

from pydantic import Field

from rat_engine.domain import lineage as domain
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
