"""The metadata database's tables. ``alembic/versions`` creates them; a test compares the two.

Times are UTC. Ids sort by creation. A status never leaves the values of its enum.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from rat_engine.metadata import lake_tables, plan_tables, saved_tables, trace_tables
from rat_engine.metadata.columns import BIG, ID, NAME, UtcDateTime, metadata

SCHEMA_REVISION = "0003"

# Tables with a module of their own, which belong to the metadata whoever looks at it.
table_snapshot, inspection = lake_tables.table_snapshot, lake_tables.inspection
saved_query, column_trace, attempt_plan = saved_tables.saved_query, trace_tables.column_trace, plan_tables.attempt_plan

namespace = Table(
    "namespace",
    metadata,
    Column("name", NAME, primary_key=True),
    Column("description", Text, nullable=False, default=""),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Text, nullable=False),
)

pipeline = Table(
    "pipeline",
    metadata,
    Column("id", ID, primary_key=True),
    Column("namespace", NAME, ForeignKey("namespace.name"), nullable=False),
    Column("layer", String(6), nullable=False),
    Column("name", NAME, nullable=False),
    Column("type", String(16), nullable=False),
    Column("description", Text, nullable=False, default=""),
    Column("owner", Text, nullable=False, default=""),
    Column("version", Integer),
    Column("version_hash", String(64)),
    Column("draft_hash", String(64), nullable=False),
    Column("docs", JSON),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("deleted_at", UtcDateTime),
    CheckConstraint("layer IN ('bronze', 'silver', 'gold')", name="layer"),
)
Index(
    "uq_pipeline_live_name",
    pipeline.c.namespace,
    pipeline.c.layer,
    pipeline.c.name,
    unique=True,
    sqlite_where=pipeline.c.deleted_at.is_(None),
    postgresql_where=pipeline.c.deleted_at.is_(None),
)

draft = Table(
    "draft",
    metadata,
    Column("pipeline_id", ID, ForeignKey("pipeline.id"), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("updated_by", Text, nullable=False),
)

draft_file = Table(
    "draft_file",
    metadata,
    Column("pipeline_id", ID, ForeignKey("draft.pipeline_id"), primary_key=True),
    Column("path", String(100), primary_key=True),
    Column("content", Text, nullable=False),
)

version = Table(
    "version",
    metadata,
    Column("pipeline_id", ID, ForeignKey("pipeline.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("hash", String(64), nullable=False),
    Column("message", Text, nullable=False, default=""),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Text, nullable=False),
)

version_file = Table(
    "version_file",
    metadata,
    Column("pipeline_id", ID, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("path", String(100), primary_key=True),
    Column("content", Text, nullable=False),
    ForeignKeyConstraint(["pipeline_id", "number"], ["version.pipeline_id", "version.number"]),
)

# What the current version reads: kind is "table" (layer and name) or "zone" (name only, layer empty).
dependency = Table(
    "dependency",
    metadata,
    Column("pipeline_id", ID, ForeignKey("pipeline.id"), primary_key=True),
    Column("kind", String(5), primary_key=True),
    Column("namespace", NAME, primary_key=True),
    Column("layer", String(6), primary_key=True),
    Column("name", NAME, primary_key=True),
    Index("ix_dependency_target", "kind", "namespace", "layer", "name"),
)

lake_table = Table(
    "lake_table",
    metadata,
    Column("id", ID, primary_key=True),
    Column("namespace", NAME, ForeignKey("namespace.name"), nullable=False),
    Column("layer", String(6), nullable=False),
    Column("name", NAME, nullable=False),
    Column("description", Text, nullable=False, default=""),
    Column("owner", Text, nullable=False, default="", server_default=text("''")),
    Column("tags", JSON, nullable=False, default=list, server_default="[]"),
    Column("columns", JSON, nullable=False),
    # What a search looks through, in lower case: the names of table and columns, and what is written about them.
    Column("search_names", Text, nullable=False, default="", server_default=text("''")),
    Column("search_docs", Text, nullable=False, default="", server_default=text("''")),
    Column("row_count", BIG, nullable=False),
    Column("size_bytes", BIG, nullable=False),
    Column("file_count", BIG, nullable=False),
    Column("snapshot_id", BIG, nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
    Column("published_by_run", ID, nullable=False),
    UniqueConstraint("namespace", "layer", "name"),
)

# PyIceberg's SqlCatalog, schema version v1: its names, our migrations.
iceberg_tables = Table(
    "iceberg_tables",
    metadata,
    Column("catalog_name", String(255), primary_key=True),
    Column("table_namespace", String(255), primary_key=True),
    Column("table_name", String(255), primary_key=True),
    Column("metadata_location", String(1000)),
    Column("previous_metadata_location", String(1000)),
    Column("iceberg_type", String(5)),
)

iceberg_namespace_properties = Table(
    "iceberg_namespace_properties",
    metadata,
    Column("catalog_name", String(255), primary_key=True),
    Column("namespace", String(255), primary_key=True),
    Column("property_key", String(255), primary_key=True),
    Column("property_value", String(1000), nullable=False),
)

landing_zone = Table(
    "landing_zone",
    metadata,
    Column("namespace", NAME, ForeignKey("namespace.name"), primary_key=True),
    Column("name", NAME, primary_key=True),
    Column("description", Text, nullable=False, default=""),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Text, nullable=False),
)

landing_file = Table(
    "landing_file",
    metadata,
    Column("id", ID, primary_key=True),
    Column("namespace", NAME, nullable=False),
    Column("zone", NAME, nullable=False),
    Column("filename", Text, nullable=False),
    Column("format", String(8), nullable=False),
    Column("path", Text, nullable=False),
    Column("size_bytes", BIG, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("uploaded_at", UtcDateTime, nullable=False),
    Column("uploaded_by", Text, nullable=False),
    ForeignKeyConstraint(["namespace", "zone"], ["landing_zone.namespace", "landing_zone.name"]),
    Index("ix_landing_file_zone", "namespace", "zone", "id"),
)

run_group = Table(
    "run_group",
    metadata,
    Column("id", ID, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Text, nullable=False),
)

run = Table(
    "run",
    metadata,
    Column("id", ID, primary_key=True),
    Column("group_id", ID, ForeignKey("run_group.id")),
    Column("pipeline_id", ID, ForeignKey("pipeline.id"), nullable=False),
    Column("namespace", NAME, nullable=False),
    Column("layer", String(6), nullable=False),
    Column("name", NAME, nullable=False),
    Column("version", Integer),
    Column("code_hash", String(64), nullable=False),
    Column("draft", Boolean, nullable=False, default=False),
    Column("status", String(10), nullable=False),
    Column("trigger", String(200), nullable=False),
    # The trigger's part before the colon, and whole milliseconds from start to finish (-1 before): lists group and sort by them.
    Column("trigger_kind", String(200), nullable=False, server_default=text("''")),
    Column("took_ms", BIG, nullable=False, server_default="-1"),
    Column("actor", Text, nullable=False),
    Column("request_id", String(64), nullable=False, default=""),
    Column("parameters", JSON, nullable=False),
    Column("clock", UtcDateTime),
    Column("fence", Integer, nullable=False, default=0),
    Column("created_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Column("branch", String(60), nullable=False, default=""),
    Column("snapshot_id", BIG),
    Column("rows_in", BIG, nullable=False, default=0),
    Column("rows_out", BIG, nullable=False, default=0),
    Column("rows_total", BIG, nullable=False, default=0),
    Column("bytes_written", BIG, nullable=False, default=0),
    Column("files_written", BIG, nullable=False, default=0),
    Column("error_code", String(40), nullable=False, default=""),
    Column("error_message", Text, nullable=False, default=""),
    Column("cancel_requested", Boolean, nullable=False, default=False),
    CheckConstraint("status IN ('pending', 'running', 'success', 'failed', 'cancelled', 'skipped')", name="status"),
    Index("ix_run_table", "namespace", "layer", "name", "id"),
    Index("ix_run_status", "status", "id"),
    Index("ix_run_group", "group_id"),
    Index("ix_run_namespace", "namespace", "id"),
    Index("ix_run_layer", "layer", "id"),
    Index("ix_run_trigger", "trigger_kind", "id"),
    Index("ix_run_pipeline", "pipeline_id", "id"),
    Index("ix_run_took", "took_ms", "id"),
    Index("ix_run_facets", "namespace", "layer", "trigger_kind", "status", "started_at", "pipeline_id"),
)

# The files of a draft run are copied: a draft may change while its run goes on.
run_file = Table(
    "run_file",
    metadata,
    Column("run_id", ID, ForeignKey("run.id"), primary_key=True),
    Column("path", String(100), primary_key=True),
    Column("content", Text, nullable=False),
)

# A run may be claimed only when every run it depends on succeeded; when one did not, it is skipped.
run_dependency = Table(
    "run_dependency",
    metadata,
    Column("run_id", ID, ForeignKey("run.id"), primary_key=True),
    Column("depends_on", ID, ForeignKey("run.id"), primary_key=True),
    Index("ix_run_dependency_depends_on", "depends_on"),
)

run_table_input = Table(
    "run_table_input",
    metadata,
    Column("run_id", ID, ForeignKey("run.id"), primary_key=True),
    Column("namespace", NAME, primary_key=True),
    Column("layer", String(6), primary_key=True),
    Column("name", NAME, primary_key=True),
    Column("table_id", ID, nullable=False),
    Column("snapshot_id", BIG, nullable=False),
    Column("metadata_location", Text, nullable=False),
)

run_file_input = Table(
    "run_file_input",
    metadata,
    Column("run_id", ID, ForeignKey("run.id"), primary_key=True),
    Column("file_id", ID, primary_key=True),
    Column("zone", String(130), nullable=False),
    Column("filename", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("size_bytes", BIG, nullable=False),
    Column("sha256", String(64), nullable=False),
    Index("ix_run_file_input_file_id", "file_id"),
)

attempt = Table(
    "attempt",
    metadata,
    Column("run_id", ID, ForeignKey("run.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("fence", Integer, nullable=False),
    Column("pid", Integer),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("exit", Text, nullable=False, default=""),
    Column("max_rss_bytes", BIG),
)

step = Table(
    "step",
    metadata,
    Column("run_id", ID, primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("name", String(10), primary_key=True),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("ok", Boolean),
    ForeignKeyConstraint(["run_id", "attempt"], ["attempt.run_id", "attempt.number"]),
)

test_result = Table(
    "test_result",
    metadata,
    Column("run_id", ID, primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("name", NAME, primary_key=True),
    Column("severity", String(5), nullable=False),
    Column("status", String(5), nullable=False),
    Column("violations", BIG, nullable=False),
    Column("duration_ms", BIG, nullable=False),
    Column("message", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("remediation", Text, nullable=False),
    Column("compiled_sql", Text, nullable=False),
    Column("sample_columns", JSON, nullable=False),
    Column("sample_rows", JSON, nullable=False),
    ForeignKeyConstraint(["run_id", "attempt"], ["attempt.run_id", "attempt.number"]),
)

# The queue: rows exist only while there is something to do, so claiming stays fast whatever the history.
job = Table(
    "job",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=True),
    Column("kind", String(10), nullable=False),
    Column("lane", String(12), nullable=False),
    Column("subject", ID, nullable=False, unique=True),
    Column("lease_key", String(200)),
    Column("state", String(8), nullable=False),
    Column("priority", Integer, nullable=False, default=0),
    Column("available_at", UtcDateTime, nullable=False),
    Column("attempt", Integer, nullable=False, default=0),
    Column("worker", String(64)),
    Column("lease_until", UtcDateTime),
    Column("cancel_requested", Boolean, nullable=False, default=False),
    Column("payload", JSON, nullable=False),
    CheckConstraint("state IN ('queued', 'running')", name="state"),
    Index("ix_job_ready", "lane", "state", "priority", "id"),
)
Index(
    "uq_job_lease",
    job.c.lease_key,
    unique=True,
    sqlite_where=text("state = 'running' AND lease_key IS NOT NULL"),
    postgresql_where=text("state = 'running' AND lease_key IS NOT NULL"),
)

query = Table(
    "query",
    metadata,
    Column("id", ID, primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("sql", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("namespace", NAME, nullable=False, default=""),
    Column("status", String(10), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Column("columns", JSON, nullable=False),
    Column("row_count", BIG, nullable=False, default=0),
    Column("truncated", Boolean, nullable=False, default=False),
    Column("error_code", String(40), nullable=False, default=""),
    Column("error_message", Text, nullable=False, default=""),
    Column("error_line", Integer, nullable=False, default=0),
    Column("error_column", Integer, nullable=False, default=0),
    Column("progress", Float),
    Column("answer", JSON),
    Index("ix_query_kind", "kind", "id"),
)

event = Table(
    "event",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("namespace", NAME, nullable=False, default=""),
    Column("actor", Text, nullable=False),
    Column("data", JSON, nullable=False),
    Index("ix_event_subject", "subject", "id"),
)
