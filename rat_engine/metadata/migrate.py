"""Bring the database to this program's schema, under a lock, once."""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import inspect, text

from rat_engine.errors import DatabaseTooNewError
from rat_engine.metadata.database import Database
from rat_engine.metadata.tables import SCHEMA_REVISION

_PACKAGE = Path(__file__).resolve().parent.parent


def scripts() -> Path:
    """The migrations: inside the package when installed from a wheel, beside it in a checkout."""
    packaged = _PACKAGE / "_alembic"
    return packaged if packaged.is_dir() else _PACKAGE.parent / "alembic"


def migrate(database: Database, lock: Path, permit: Callable[[], None] = lambda: None) -> None:
    """Migrate to SCHEMA_REVISION in one transaction; of several starters one does it and the others wait.

    ``permit`` raises where a database that is in use must stay as it is. Raises DatabaseTooNewError when a newer program has migrated it.
    """
    with lock.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if _revision(database) != SCHEMA_REVISION:
            _upgrade(database, permit)


def _revision(database: Database) -> str | None:
    with database.read() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(database: Database, permit: Callable[[], None]) -> None:
    # Alembic takes 0.2 s to import and is needed once per upgrade.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(scripts()))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    current = _revision(database)
    if current is not None and current not in known:
        raise DatabaseTooNewError(
            f"The database is at schema {current}, which this version of RAT does not know (it knows up to {SCHEMA_REVISION}). "
            "Start the newer version that migrated it, or restore a backup from before the upgrade."
        )
    if current is not None:
        permit()
    with database.write() as transaction:
        config.attributes["connection"] = transaction.connection
        command.upgrade(config, "head")
