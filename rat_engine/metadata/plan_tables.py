"""The table of what attempts decided to do."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKeyConstraint, Integer, String, Table, Text

from rat_engine.metadata.columns import ID, metadata

# Written when the plan is made and never changed: what a run did stays known after templates, helpers and defaults have changed.
attempt_plan = Table(
    "attempt_plan",
    metadata,
    Column("run_id", ID, primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("strategy", String(40), nullable=False),
    Column("incremental", Boolean, nullable=False),
    Column("compiled_sql", Text, nullable=False),
    ForeignKeyConstraint(["run_id", "attempt"], ["attempt.run_id", "attempt.number"]),
)
