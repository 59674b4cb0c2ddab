"""SQL for looks at one snapshot of a table: which queries have them."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from rat_engine.domain.inspection import InspectionKind
from rat_engine.domain.lake import LakeTable, Query
from rat_engine.metadata import tables as t
from rat_engine.metadata.queries import query_of


def fetch_inspection(connection: Connection, table: LakeTable, kind: InspectionKind) -> dict[int, Query]:
    """The last query of each part of a look at the table as it is now, by the part's position."""
    look = t.inspection.c
    same = (look.table_id == table.id, look.snapshot_id == table.snapshot_id, look.kind == kind.value)
    rows = connection.execute(select(look.position, t.query).join(t.query, t.query.c.id == look.query_id).where(*same).order_by(look.position, t.query.c.id))
    return {row.position: query_of(row) for row in rows}


def insert_inspection(connection: Connection, table: LakeTable, kind: InspectionKind, query_ids: dict[int, str]) -> None:
    """Remember queries by the position of their part. Looks at earlier snapshots are forgotten, since nobody asks for them any more."""
    look = t.inspection.c
    connection.execute(delete(t.inspection).where(look.table_id == table.id, look.snapshot_id != table.snapshot_id))
    rows = [
        {"query_id": query_id, "table_id": table.id, "snapshot_id": table.snapshot_id, "kind": kind.value, "position": position}
        for position, query_id in query_ids.items()
    ]
    connection.execute(insert(t.inspection), rows)
