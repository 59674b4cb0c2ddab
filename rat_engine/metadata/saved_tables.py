"""The table of saved queries."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text

from rat_engine.metadata.columns import ID, NAME, UtcDateTime, metadata

saved_query = Table(
    "saved_query",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", String(100), nullable=False),
    Column("description", Text, nullable=False, default=""),
    Column("namespace", NAME, nullable=False, default=""),
    Column("sql", Text, nullable=False),
    Column("revision", Integer, nullable=False, default=1),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("updated_by", Text, nullable=False),
    Column("deleted_at", UtcDateTime),
)
# A deleted query keeps its name only until another one takes it.
Index(
    "uq_saved_query_live_name",
    saved_query.c.name,
    unique=True,
    sqlite_where=saved_query.c.deleted_at.is_(None),
    postgresql_where=saved_query.c.deleted_at.is_(None),
)
