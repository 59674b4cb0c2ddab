"""Composition root: opens everything from the settings and wires the services. Imports neither DuckDB nor PyIceberg."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import create_engine

from rat_engine.access.policy import LocalPolicy, Policy
from rat_engine.errors import DataFolderMovedError, DataFolderOwnedError, DiskFullError, UnavailableError
from rat_engine.metadata.database import Database, prepare
from rat_engine.metadata.lake import fetch_foreign_location
from rat_engine.metadata.migrate import migrate
from rat_engine.metadata.wake import Bus
from rat_engine.observe.presence import owner_of
from rat_engine.services.authoring import AuthoringService
from rat_engine.services.configuration import ConfigurationService
from rat_engine.services.demo import DemoService
from rat_engine.services.documentation import DocumentationService
from rat_engine.services.events import EventService
from rat_engine.services.health import HealthService
from rat_engine.services.inspections import InspectionService
from rat_engine.services.landing import LandingService
from rat_engine.services.lifecycle import LifecycleService
from rat_engine.services.lineage import LineageService
from rat_engine.services.namespaces import NamespaceService
from rat_engine.services.pipelines import PipelineService
from rat_engine.services.quality import QualityService
from rat_engine.services.queries import QueryService
from rat_engine.services.results import ResultService
from rat_engine.services.runs import RunService
from rat_engine.services.saved import SavedQueryService
from rat_engine.services.search import SearchService
from rat_engine.services.tables import TableService
from rat_engine.services.trees import TreeService
from rat_engine.services.versions import VersionService
from rat_engine.settings import Settings


class Engine:
    """One installation: its database and its services. Safe to share between threads."""

    def __init__(self, settings: Settings, database: Database, policy: Policy) -> None:
        self.settings = settings
        self.database = database
        self.namespaces = NamespaceService(database, policy)
        self.pipelines = PipelineService(database, policy)
        self.versions = VersionService(database, policy)
        self.lifecycle = LifecycleService(database, policy)
        self.configuration = ConfigurationService(database, policy)
        self.authoring = AuthoringService(database, policy)
        self.runs = RunService(database, policy, settings)
        self.landing = LandingService(database, policy, settings)
        self.tables = TableService(database, policy)
        self.lineage = LineageService(database, policy)
        self.documentation = DocumentationService(database, policy)
        self.inspections = InspectionService(database, policy, settings)
        self.queries = QueryService(database, policy, settings)
        self.saved = SavedQueryService(database, policy)
        self.quality = QualityService(database, policy, self.queries)
        self.results = ResultService(database, policy, settings)
        self.events = EventService(database, policy)
        self.trees = TreeService(database, policy)
        self.search = SearchService(database, policy)
        self.health = HealthService(database, policy, settings)
        self.demo = DemoService(database, policy, self.landing, self.runs)

    @classmethod
    @contextlib.contextmanager
    def open(cls, settings: Settings) -> Iterator[Engine]:
        """The engine over ``settings.data`` for the time of the block; creates the folder and migrates the database first.

        Raises UnavailableError when the folder cannot be used, DatabaseTooNewError when a newer program migrated it, DataFolderMovedError when
        its tables' files lie elsewhere.
        """
        database = open_database(settings)
        try:
            yield cls(settings, database, LocalPolicy())
        finally:
            database.close()


def open_database(settings: Settings) -> Database:
    """Create the data folder where it is new, and open its migrated database.

    Raises UnavailableError, DatabaseTooNewError, DataFolderMovedError, and DataFolderOwnedError when it must be migrated under another's work.
    """
    with _explained(settings.data):
        for folder in (settings.data, settings.warehouse, settings.landing, settings.logs, settings.results, settings.scratch):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        bus = Bus(settings.data / "run")
    database = Database(prepare(create_engine(f"sqlite:///{settings.database_path}")), bus)
    migrate(database, settings.data / "migrate.lock", lambda: _refuse_owned(settings.data))
    _refuse_moved(database, settings)
    return database


def _refuse_owned(data: Path) -> None:
    """An older RAT that works here would fail with everything from the upgrade on. Its own server's processes are not meant."""
    pid = owner_of(data)
    if pid is not None and pid not in (os.getpid(), os.getppid()):
        raise DataFolderOwnedError(
            f"This version of RAT must upgrade the database in {data}, which another RAT (pid {pid or 'unknown'}) is working on. Stop that one first.",
            details={"pid": pid or None},
        )


def _refuse_moved(database: Database, settings: Settings) -> None:
    """Tables name their files by whole paths: in a copy, runs would read and tidy away the files of the original."""
    with database.read() as connection:
        location = fetch_foreign_location(connection, str(settings.warehouse))
    # <data>/warehouse/<table>/metadata/<file>. The same folder may go by several names.
    origin = Path(location).parents[3] if location else settings.data
    if origin == settings.data or (origin.exists() and origin.samefile(settings.data)):
        return
    database.close()
    what, advice = ("is a copy of", f"Work there: --data {origin}") if origin.exists() else ("was moved here from", "Move it back")
    raise DataFolderMovedError(
        f"The data folder {settings.data} {what} {origin}, where its tables name their files; it cannot be used here. {advice}, or choose another folder."
    )


@contextlib.contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        kind = DiskFullError if error.errno == errno.ENOSPC else UnavailableError
        raise kind(f"The data folder {folder} cannot be used: {error.strerror}. Choose another with --data or RAT_DATA.") from None
