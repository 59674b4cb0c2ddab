"""Alembic's entry: migrates the connection that the program hands over, or the scratch database that `make migration` names."""

from alembic import context
from sqlalchemy import create_engine

from rat_engine.metadata import saved_tables  # noqa: F401 - its table belongs to the metadata
from rat_engine.metadata.tables import metadata


def migrate(connection):
    """Run the migrations within the caller's transaction."""
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, transaction_per_migration=False)
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    with create_engine(f"sqlite:///{context.get_x_argument(as_dictionary=True).get('scratch', '')}").begin() as scratch:
        migrate(scratch)
