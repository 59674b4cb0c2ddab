"""What is kept of published tables beside their row: every snapshot that was published, and the questions people asked of one."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint

from rat_engine.metadata.columns import BIG, ID, UtcDateTime, metadata

# Written in the transaction that publishes, so that a list of snapshots never opens Iceberg. Numbers count from 1 within a table.
table_snapshot = Table(
    "table_snapshot",
    metadata,
    Column("table_id", ID, ForeignKey("lake_table.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("snapshot_id", BIG, nullable=False),
    Column("operation", String(16), nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
    Column("published_by_run", ID, nullable=False),
    Column("row_count", BIG, nullable=False),
    Column("size_bytes", BIG, nullable=False),
    Column("file_count", BIG, nullable=False),
    UniqueConstraint("table_id", "snapshot_id"),
)

# A query that looks at one snapshot of a table: its first rows, its files, or some columns of its profile. Asked once, then remembered.
inspection = Table(
    "inspection",
    metadata,
    Column("query_id", ID, primary_key=True),
    Column("table_id", ID, nullable=False),
    Column("snapshot_id", BIG, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("position", Integer, nullable=False),
    Index("ix_inspection_table", "table_id", "snapshot_id", "kind", "position"),
)
