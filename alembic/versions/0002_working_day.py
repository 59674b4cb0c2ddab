"""What the working day needs: saved queries, how far a query has come, runs found by facet and sorted by how long they took."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

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


def _extend_runs():
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("run", sa.Column("trigger_kind", sa.String(length=200), server_default=sa.text("''"), nullable=False))
    op.add_column("run", sa.Column("took_ms", big, server_default="-1", nullable=False))
    moments = (sa.column(name, sa.DateTime(timezone=True)) for name in ("started_at", "finished_at"))
    run = sa.table("run", *(sa.column(name) for name in ("id", "trigger", "trigger_kind", "took_ms")), *moments)
    connection = op.get_bind()
    for row in connection.execute(sa.select(run.c.id, run.c.trigger, run.c.started_at, run.c.finished_at)).all():
        took = round((row.finished_at - row.started_at).total_seconds() * 1000) if row.started_at and row.finished_at else -1
        connection.execute(sa.update(run).where(run.c.id == row.id).values(trigger_kind=row.trigger.partition(":")[0], took_ms=took))
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
