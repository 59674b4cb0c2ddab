"""What the working day needs: saved queries, how far a query has come, runs found by facet and sorted by how long they took,
documentation and snapshots of tables.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# The trigger up to its colon, and the milliseconds from start to end, in the words of each database.
_KIND_AND_TOOK = {
    "sqlite": (
        """substr("trigger", 1, instr("trigger" || ':', ':') - 1)""",
        "CAST(round((julianday(finished_at) - julianday(started_at)) * 86400000) AS INTEGER)",
    ),
    "postgresql": ("""split_part("trigger", ':', 1)""", "round(extract(epoch FROM finished_at - started_at) * 1000)"),
}

RUN_INDEXES = {
    "ix_run_namespace": ["namespace", "id"],
    "ix_run_layer": ["layer", "id"],
    "ix_run_trigger": ["trigger_kind", "id"],
    "ix_run_pipeline": ["pipeline_id", "id"],
    "ix_run_took": ["took_ms", "id"],
    "ix_run_facets": ["namespace", "layer", "trigger_kind", "status", "started_at", "pipeline_id"],
}


def upgrade():
    """Create what is new."""
    op.create_table(
        "saved_query",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("namespace", sa.String(length=63), nullable=False),
        sa.Column("sql", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_query")),
    )
    op.create_index(
        "uq_saved_query_live_name",
        "saved_query",
        ["name"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.add_column("query", sa.Column("progress", sa.Float(), nullable=True))
    op.add_column("query", sa.Column("answer", sa.JSON(), nullable=True))
    op.create_index("ix_query_kind", "query", ["kind", "id"], unique=False)
    _keep_traces()
    _extend_runs()
    _extend_tables()


def _extend_runs():
    op.add_column("run", sa.Column("trigger_kind", sa.String(length=200), server_default=sa.text("''"), nullable=False))
    op.add_column("run", sa.Column("took_ms", BIG, server_default="-1", nullable=False))
    kind, took = _KIND_AND_TOOK[op.get_bind().dialect.name]
    # One statement each, however many runs there are.
    op.execute(f"UPDATE run SET trigger_kind = {kind}")
    op.execute(f"UPDATE run SET took_ms = {took} WHERE started_at IS NOT NULL AND finished_at IS NOT NULL")
    for name, columns in RUN_INDEXES.items():
        op.create_index(name, "run", columns, unique=False)


def _keep_traces():
    op.create_table(
        "column_trace",
        sa.Column("pipeline_id", sa.String(length=26), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("trace", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["pipeline_id"], ["pipeline.id"], name=op.f("fk_column_trace_pipeline_id_pipeline")),
        sa.PrimaryKeyConstraint("pipeline_id", name=op.f("pk_column_trace")),
    )


def _extend_tables():
    """Documentation, search and snapshots of published tables."""
    op.add_column("pipeline", sa.Column("docs", sa.JSON(), nullable=True))
    for column in (
        sa.Column("owner", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("tags", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("search_names", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("search_docs", sa.Text(), nullable=False, server_default=sa.text("''")),
    ):
        op.add_column("lake_table", column)
    op.create_table(
        "table_snapshot",
        sa.Column("table_id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("snapshot_id", BIG, nullable=False),
        sa.Column("operation", sa.String(length=16), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by_run", sa.String(length=26), nullable=False),
        sa.Column("row_count", BIG, nullable=False),
        sa.Column("size_bytes", BIG, nullable=False),
        sa.Column("file_count", BIG, nullable=False),
        sa.ForeignKeyConstraint(["table_id"], ["lake_table.id"], name=op.f("fk_table_snapshot_table_id")),
        sa.PrimaryKeyConstraint("table_id", "number", name=op.f("pk_table_snapshot")),
        sa.UniqueConstraint("table_id", "snapshot_id", name=op.f("uq_table_snapshot_table_id_snapshot_id")),
    )
    op.create_table(
        "inspection",
        sa.Column("query_id", sa.String(length=26), nullable=False),
        sa.Column("table_id", sa.String(length=26), nullable=False),
        sa.Column("snapshot_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("query_id", name=op.f("pk_inspection")),
    )
    op.create_index("ix_inspection_table", "inspection", ["table_id", "snapshot_id", "kind", "position"], unique=False)
    _fill_tables()


def _fill_tables():
    """Tables that were published before keep their snapshot, and can be found."""
    connection = op.get_bind()
    connection.execute(
        sa.text(
            "INSERT INTO table_snapshot (table_id, number, snapshot_id, operation, published_at, published_by_run, row_count, size_bytes, file_count) "
            "SELECT id, 1, snapshot_id, 'unknown', published_at, published_by_run, row_count, size_bytes, file_count FROM lake_table"
        )
    )
    text, json = sa.Text(), sa.JSON()
    names = [sa.column(name, text) for name in ("id", "namespace", "layer", "name", "description", "owner", "search_names", "search_docs")]
    lake = sa.table("lake_table", *names, sa.column("columns", json))
    pipeline = sa.table("pipeline", *(sa.column(name, text) for name in ("namespace", "layer", "name", "owner", "deleted_at")))
    owners = {tuple(row[:3]): row.owner for row in connection.execute(sa.select(pipeline).where(pipeline.c.deleted_at.is_(None)))}
    for row in connection.execute(sa.select(lake)).all():
        owner = owners.get((row.namespace, row.layer, row.name), "")
        full_name = f"{row.namespace}.{row.layer}.{row.name}"
        found = "\n".join([full_name, *(column["name"] for column in row.columns)]).casefold()
        said = "\n".join([row.description, *(column.get("description", "") for column in row.columns), owner]).casefold()
        changed = sa.update(lake).where(lake.c.id == row.id).values(owner=owner, search_names=found, search_docs=said)
        connection.execute(changed)
