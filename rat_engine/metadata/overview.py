"""SQL for the numbers of the home page."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from rat_engine.domain.health import Overview
from rat_engine.metadata import tables as t
from rat_engine.metadata.runs import fetch_summary


def fetch_overview(connection: Connection) -> Overview:
    """Counts over everything."""
    layers = select(t.pipeline.c.layer, func.count()).where(t.pipeline.c.deleted_at.is_(None)).group_by(t.pipeline.c.layer)
    tables = connection.execute(select(func.count(), func.coalesce(func.sum(t.lake_table.c.row_count), 0)).select_from(t.lake_table)).one()
    return Overview(
        namespaces=connection.execute(select(func.count()).select_from(t.namespace)).scalar_one(),
        pipelines_by_layer=dict(connection.execute(layers).all()),
        tables=tables[0],
        rows=tables[1],
        runs=fetch_summary(connection),
    )
