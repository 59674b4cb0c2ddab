"""Use cases of health: can requests be served, is everything in order, what is there."""

from __future__ import annotations

import platform
import shutil
import time
from dataclasses import replace
from importlib import metadata
from typing import Any, cast

from sqlalchemy import text

from rat_engine.access.policy import Policy
from rat_engine.domain.access import Action, Actor
from rat_engine.domain.health import Check, LaneStaff, Overview, Readiness, SettingFact
from rat_engine.domain.job import JobKind
from rat_engine.errors import DatabaseUnavailableError
from rat_engine.metadata.database import Database
from rat_engine.metadata.overview import fetch_overview
from rat_engine.metadata.runs import fetch_several
from rat_engine.metadata.tables import SCHEMA_REVISION
from rat_engine.observe.build import DISTRIBUTION, version
from rat_engine.observe.presence import engine_runs, engine_trouble
from rat_engine.observe.roster import read_roster, subjects
from rat_engine.services.base import Service, action
from rat_engine.settings import MEBIBYTE, Settings, variable

LOW_DISK_MB = 1024
# Many times the interval at which the engine gives a sign of life, so that a busy machine is not taken for a dead one.
SILENT_SECONDS = 15.0
NO_ENGINE = Check("engine", "fail", "No engine process runs: nothing would carry out runs and queries. Start it with `rat up`.")
# Nothing is wrong with an installation that is switched off.
NO_SERVER = Check("engine", "warn", "No server runs on this data folder; `rat up` starts one. Commands carry out by themselves what they ask for.")
_LIBRARIES = ("duckdb", "pyiceberg", "pyarrow", "sqlalchemy", "reflex")


class HealthService(Service):
    """What the health routes, ``rat doctor`` and the home page show."""

    def __init__(self, database: Database, policy: Policy, settings: Settings) -> None:
        super().__init__(database, policy)
        self._settings = settings

    @action(Action.SYSTEM_READ)
    def ready(self, actor: Actor) -> Readiness:
        """Whether requests can be served: the database answers, the engine runs, the data folder has room."""
        checks = (self._database_check(), self._engine_check(), self._disk_check())
        return Readiness(all(check.status != "fail" for check in checks), checks)

    @action(Action.SYSTEM_READ)
    def doctor(self, actor: Actor) -> tuple[Check, ...]:
        """Every check, with versions and how well queries are confined on this system."""
        from rat_engine.access.confinement import probe

        confinement = probe()
        versions = ", ".join(f"{name} {metadata.version(name)}" for name in _LIBRARIES)
        return (
            self._database_check(),
            self._engine_check(NO_SERVER),
            self._disk_check(),
            Check("confinement", "ok" if confinement.level == "strict" else "warn", ": ".join(filter(None, (confinement.level, confinement.why)))),
            Check("versions", "ok", f"{DISTRIBUTION} {version()}, Python {platform.python_version()}, {versions}"),
        )

    @action(Action.SYSTEM_READ)
    def settings(self, actor: Actor) -> tuple[SettingFact, ...]:
        """Every setting in force. A secret is never told."""
        return tuple(
            SettingFact(variable(name), _told(getattr(self._settings, name)), _told(field.default), field.description or "")
            for name, field in Settings.model_fields.items()
        )

    @action(Action.SYSTEM_READ)
    def workers(self, actor: Actor) -> tuple[LaneStaff, ...]:
        """The lanes and their worker processes, as the engine tells them within a second; nothing while no engine runs."""
        if not engine_runs(self._settings.data):
            return ()
        lanes = read_roster(self._settings.data)
        with self._database.read() as connection:
            runs = fetch_several(connection, subjects(lanes, JobKind.RUN))
        names = {run.id: str(run.table) for run in runs.values()}
        return tuple(replace(lane, workers=tuple(replace(each, table=names.get(each.subject, "")) for each in lane.workers)) for lane in lanes)

    @action(Action.SYSTEM_READ)
    def overview(self, actor: Actor) -> Overview:
        """The numbers of the home page."""
        with self._database.read() as connection:
            return fetch_overview(connection)

    def _database_check(self) -> Check:
        try:
            with self._database.read() as connection:
                revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        except DatabaseUnavailableError as error:
            return Check("database", "fail", error.message)
        return Check("database", "ok" if revision == SCHEMA_REVISION else "fail", f"schema {revision}")

    def _engine_check(self, missing: Check = NO_ENGINE) -> Check:
        """The engine process touches its lock every second as long as it works."""
        if not engine_runs(self._settings.data):
            return missing
        silent = time.time() - (self._settings.data / "engine.lock").stat().st_mtime
        if silent < SILENT_SECONDS:
            trouble = engine_trouble(self._settings.data)
            return Check("engine", "warn", f"No process can be started for runs, which wait: {trouble}") if trouble else Check("engine", "ok", "running")
        return Check("engine", "fail", f"The engine process exists but has not moved for {silent:.0f} s: it is stopped or stuck. Restart RAT.")

    def _disk_check(self) -> Check:
        free = shutil.disk_usage(self._settings.data).free // MEBIBYTE
        if free < LOW_DISK_MB:
            return Check("disk", "warn", f"{free:,} MiB free in the data folder; runs fail when it is full.")
        return Check("disk", "ok", f"{free:,} MiB free")


def _told(value: Any) -> str:
    """A setting's value as text, as its variable would hold it. Pydantic's secrets print as asterisks."""
    return ",".join(cast("tuple[str, ...]", value)) if isinstance(value, tuple) else str(value).lower() if isinstance(value, bool) else str(value)
