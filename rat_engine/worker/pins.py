"""What a query reads, resolved in one read of the database: rows only, no catalog and no file is opened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, and_, select

from rat_engine.domain.names import Layer, TableName, ZoneName
from rat_engine.metadata import tables as t
from rat_engine.metadata.lake import CATALOG
from rat_engine.settings import Settings


def query_inputs(connection: Connection, payload: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """The ``tables`` a query may read, each pinned to its snapshot (now, or the one in ``at``), the files of its ``zones``, and its ``limits``."""
    at: Mapping[str, int] = payload.get("at", {})
    return {
        "tables": [{**table, "snapshot_id": at.get(table["name"], table["snapshot_id"])} for table in _tables(connection)],
        "zones": [_zone(connection, ZoneName.parse(zone), settings) for zone in payload.get("zones", ())],
        "limits": {
            "rows": payload["limit_rows"],
            "megabytes": settings.result_limit_mb,
            "memory_mb": settings.query_memory_limit_mb,
            "threads": settings.threads,
            "seconds": settings.query_timeout_seconds,
        },
    }


def _tables(connection: Connection) -> list[dict[str, Any]]:
    lake, iceberg = t.lake_table.c, t.iceberg_tables.c
    same = and_(iceberg.catalog_name == CATALOG, iceberg.table_namespace == lake.namespace + "." + lake.layer, iceberg.table_name == lake.name)
    query = select(lake.namespace, lake.layer, lake.name, lake.snapshot_id, iceberg.metadata_location).join(t.iceberg_tables, same)
    return [
        {"name": str(TableName(row.namespace, Layer(row.layer), row.name)), "metadata_location": row.metadata_location, "snapshot_id": row.snapshot_id}
        for row in connection.execute(query)
    ]


def _zone(connection: Connection, zone: ZoneName, settings: Settings) -> dict[str, Any]:
    file = t.landing_file.c
    query = select(file.path, file.filename, file.format, file.size_bytes).where(file.namespace == zone.namespace, file.zone == zone.name).order_by(file.id)
    files = [
        {"path": str(settings.landing / row.path), "filename": row.filename, "format": row.format, "size_bytes": row.size_bytes}
        for row in connection.execute(query)
    ]
    return {"name": str(zone), "files": files}
