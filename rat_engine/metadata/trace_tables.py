"""The table of traced columns."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, String, Table

from rat_engine.metadata.columns import ID, metadata

# A cache: ``key`` names what the trace was made from (the version and the columns of what it reads).
column_trace = Table(
    "column_trace",
    metadata,
    Column("pipeline_id", ID, ForeignKey("pipeline.id"), primary_key=True),
    Column("key", String(64), nullable=False),
    Column("trace", JSON, nullable=False),
)
