"""An engine for the time of one command, where no server has the data folder."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rat_engine.engine import open_database
from rat_engine.metadata.database import Database
from rat_engine.settings import Settings
from rat_engine.worker.lock import engine_lock, try_to_own
from rat_engine.worker.pool import LanePlan
from rat_engine.worker.supervisor import Supervisor, lane_plans

TAKE_OVER_SECONDS = 0.5


@contextlib.contextmanager
def local_engine(settings: Settings, plans: Sequence[LanePlan] | None = None) -> Iterator[None]:
    """See that somebody carries out jobs during the block: the server or command that has the data folder or, when nobody has it, this process.

    An owner that ends meanwhile is succeeded. When the block ends well, what this process still carries out (it may be
    another command's) is waited for; when it raises, it is stopped soon. Raises UnavailableError.
    """
    database = open_database(settings)
    # Nothing is warmed in advance: what a command needs it asks for at once.
    stand_in = _StandIn(settings, database, plans or [replace(plan, warm=0) for plan in lane_plans(settings)])
    stand_in.start()
    ended_well = False
    try:
        yield
        ended_well = True
    finally:
        stand_in.stop(drain=ended_well)
        stand_in.join()
        database.close()


class _StandIn(threading.Thread):
    """Supervises as soon as, and as long as, nobody else has the data folder."""

    def __init__(self, settings: Settings, database: Database, plans: Sequence[LanePlan]) -> None:
        super().__init__(name="local-engine", daemon=True)
        self._settings = settings
        self._database = database
        self._supervisor = Supervisor(settings, database, plans)
        self._leaving = threading.Event()

    def run(self) -> None:
        """Wait for the folder, then supervise until told to stop."""
        owned = try_to_own(self._settings.data)
        while owned is None and not self._leaving.wait(TAKE_OVER_SECONDS):
            owned = try_to_own(self._settings.data)
        if owned is None:
            self._supervisor.close()
            return
        try:
            with engine_lock(self._settings.data):
                self._supervisor.run()
        finally:
            os.close(owned)

    def stop(self, *, drain: bool) -> None:
        """End the thread; with ``drain`` after what it carries out."""
        # In this order: once the thread knows that it may leave, it closes what stop needs.
        self._supervisor.stop(drain=drain)
        self._leaving.set()
