"""What a child keeps from one run to the next: the settings, the database, the catalog and the door to DuckDB."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rat_engine.lakehouse.catalog import LakeCatalog
from rat_engine.lakehouse.connection import Door
from rat_engine.metadata.database import Database
from rat_engine.settings import Settings


@dataclass(frozen=True, slots=True)
class Parts:
    """The engine's parts that carry out a run; what does not fit into memory goes below ``scratch``. The database belongs to whoever opened it."""

    settings: Settings
    database: Database
    catalog: LakeCatalog
    door: Door
    scratch: Path

    @classmethod
    def of(cls, settings: Settings, database: Database, scratch: Path | None = None) -> Parts:
        """The parts over an open database."""
        return cls(settings, database, LakeCatalog(database, settings.warehouse), Door(settings), scratch or settings.scratch)

    def warm(self) -> None:
        """Have ready what the next run would wait for; a child calls this while it is idle."""
        self.door.warm()

    def close(self) -> None:
        """Close what waits."""
        self.door.close()
