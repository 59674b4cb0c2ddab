"""What each attempt decided to do: its write strategy and its SQL."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade():
    """Create what is new. Attempts before it have no plan."""
    op.create_table(
        "attempt_plan",
        sa.Column("run_id", sa.String(length=26), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("strategy", sa.String(length=40), nullable=False),
        sa.Column("incremental", sa.Boolean(), nullable=False),
        sa.Column("compiled_sql", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_id", "attempt"], ["attempt.run_id", "attempt.number"], name=op.f("fk_attempt_plan_run_id_attempt")),
        sa.PrimaryKeyConstraint("run_id", "attempt", name=op.f("pk_attempt_plan")),
    )
