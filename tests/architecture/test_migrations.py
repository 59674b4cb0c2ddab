"""The migrations and the tables they make are one thing said twice; here they are compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from rat_engine import Engine, Settings
from rat_engine.metadata.migrate import scripts
from rat_engine.metadata.tables import SCHEMA_REVISION, metadata


def test_the_program_expects_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(scripts()))
    assert ScriptDirectory.from_config(config).get_heads() == [SCHEMA_REVISION]


def test_the_migrations_make_exactly_the_tables_of_the_program(tmp_path: Path) -> None:
    with Engine.open(Settings(data=tmp_path / "data")) as engine, engine.database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True, "render_as_batch": True})
        differences: list[Any] = compare_metadata(context, metadata)
    assert differences == []
