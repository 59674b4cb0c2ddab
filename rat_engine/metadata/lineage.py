"""SQL for the lineage graph: everything about every node in a handful of statements, however many nodes there are."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select

from rat_engine.domain.lineage import LineageNode, NodeKind, Place
from rat_engine.domain.names import Layer, TableName, ZoneName
from rat_engine.domain.quality import Severity, TestStatus
from rat_engine.metadata import tables as t


def fetch_edge_pairs(connection: Connection) -> list[tuple[Place, Place]]:
    """Each (source, target) that a released pipeline makes."""
    owner, read = t.pipeline.c, t.dependency.c
    query = (
        select(
            owner.namespace, owner.layer, owner.name, read.kind, read.namespace.label("on_namespace"), read.layer.label("on_layer"), read.name.label("on_name")
        )
        .join(t.dependency, owner.id == read.pipeline_id)
        .where(owner.deleted_at.is_(None), owner.version.is_not(None))
        .order_by(owner.id)
    )
    return [(_source(row), TableName(row.namespace, Layer(row.layer), row.name)) for row in connection.execute(query)]


def fetch_nodes(connection: Connection) -> dict[Place, LineageNode]:
    """Every live pipeline, published table and landing zone with its state, by name."""
    failing = _fetch_findings(connection)
    nodes: dict[Place, LineageNode] = {}
    for row in connection.execute(_pipelines()):
        table = TableName(row.namespace, Layer(row.layer), row.name)
        nodes[table] = _pipeline_node(table, row, failing.get(row.last_run_id, (0, 0)))
    for row in connection.execute(_orphans()):
        table = TableName(row.namespace, Layer(row.layer), row.name)
        nodes[table] = _table_node(table, row)
    for row in connection.execute(_zones()):
        zone = ZoneName(row.namespace, row.name)
        nodes[zone] = LineageNode(
            zone, NodeKind.ZONE, row.description, published_at=row.arrived, size_bytes=int(row.bytes or 0), file_count=row.files, row_count=None
        )
    return dict(sorted(nodes.items(), key=lambda item: (item[0].namespace, item[1].kind is NodeKind.TABLE, item[1].id)))


def _source(row: Any) -> Place:
    return ZoneName(row.on_namespace, row.on_name) if row.kind == "zone" else TableName(row.on_namespace, Layer(row.on_layer), row.on_name)


def _pipelines() -> Any:
    pipeline, run, lake = t.pipeline.c, t.run.c, t.lake_table.c
    same = (run.namespace == pipeline.namespace, run.layer == pipeline.layer, run.name == pipeline.name)
    last = select(run.id).where(*same).order_by(run.id.desc()).limit(1).correlate(t.pipeline).scalar_subquery()
    published = and_(lake.namespace == pipeline.namespace, lake.layer == pipeline.layer, lake.name == pipeline.name)
    shown = (run.id.label("last_run_id"), run.status.label("last_run_status"), run.created_at.label("last_run_at"))
    facts = (lake.published_at, lake.row_count, lake.size_bytes, lake.file_count)
    named = (pipeline.namespace, pipeline.layer, pipeline.name, pipeline.description, pipeline.owner, pipeline.version)
    joined = t.pipeline.outerjoin(t.run, run.id == last).outerjoin(t.lake_table, published)
    return select(*named, *shown, *facts).select_from(joined).where(pipeline.deleted_at.is_(None))


def _orphans() -> Any:
    """Tables whose pipeline was deleted."""
    pipeline, lake = t.pipeline.c, t.lake_table.c
    live = and_(pipeline.namespace == lake.namespace, pipeline.layer == lake.layer, pipeline.name == lake.name, pipeline.deleted_at.is_(None))
    facts = (lake.namespace, lake.layer, lake.name, lake.description, lake.published_at, lake.row_count, lake.size_bytes, lake.file_count)
    return select(*facts).select_from(t.lake_table.outerjoin(t.pipeline, live)).where(pipeline.id.is_(None))


def _zones() -> Any:
    zone, file = t.landing_zone.c, t.landing_file.c
    counts = (func.count(file.id).label("files"), func.sum(file.size_bytes).label("bytes"), func.max(file.uploaded_at).label("arrived"))
    joined = t.landing_zone.outerjoin(t.landing_file, and_(file.namespace == zone.namespace, file.zone == zone.name))
    return select(zone.namespace, zone.name, zone.description, *counts).select_from(joined).group_by(zone.namespace, zone.name, zone.description)


def _fetch_findings(connection: Connection) -> dict[str, tuple[int, int]]:
    """By last run of each pipeline: the quality tests that failed or broke in its last attempt, and those that warned."""
    pipeline, run, result = t.pipeline.c, t.run.c, t.test_result.c
    same = (run.namespace == pipeline.namespace, run.layer == pipeline.layer, run.name == pipeline.name)
    last = select(run.id).where(*same).order_by(run.id.desc()).limit(1).correlate(t.pipeline).scalar_subquery()
    later = t.test_result.alias("later")
    attempt = select(func.max(later.c.attempt)).where(later.c.run_id == result.run_id).correlate(t.test_result).scalar_subquery()
    bad = or_(result.status == TestStatus.ERROR.value, result.status == TestStatus.FAIL.value)
    query = (
        select(result.run_id, result.severity, func.count())
        .select_from(t.pipeline.join(t.test_result, result.run_id == last))
        .where(pipeline.deleted_at.is_(None), bad, result.attempt == attempt)
        .group_by(result.run_id, result.severity)
    )
    found: dict[str, tuple[int, int]] = {}
    for run_id, severity, number in connection.execute(query):
        failing, warning = found.get(run_id, (0, 0))
        found[run_id] = (failing + number, warning) if severity == Severity.ERROR.value else (failing, warning + number)
    return found


def _pipeline_node(table: TableName, row: Row[Any], findings: tuple[int, int]) -> LineageNode:
    same = ("description", "owner", "version", "last_run_id", "last_run_status", "last_run_at", "published_at", "row_count", "size_bytes", "file_count")
    return LineageNode(table, NodeKind.TABLE, pipeline=True, failing=findings[0], warning=findings[1], **{name: getattr(row, name) for name in same})


def _table_node(table: TableName, row: Row[Any]) -> LineageNode:
    same = ("description", "published_at", "row_count", "size_bytes", "file_count")
    return LineageNode(table, NodeKind.TABLE, **{name: getattr(row, name) for name in same})
