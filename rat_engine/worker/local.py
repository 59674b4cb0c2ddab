"""An engine for the time of one command, where no server has the data folder."""

from __future__ import annotations

import _thread
import contextlib
import logging
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlalchemy.exc import SQLAlchemyError

from rat_engine.engine import open_database
from rat_engine.errors import RatError, UnavailableError
from rat_engine.metadata.database import Database
from rat_engine.settings import Settings
from rat_engine.worker.lock import engine_lock, try_to_own
from rat_engine.worker.pool import LanePlan
from rat_engine.worker.supervisor import Supervisor, lane_plans

TAKE_OVER_SECONDS = 0.5
PAUSE_SECONDS = 1.0
TRIES = 3

logger = logging.getLogger(__name__)


@contextlib.contextmanager
def local_engine(settings: Settings, plans: Sequence[LanePlan] | None = None) -> Iterator[None]:
    """See that somebody carries out jobs during the block: the server or command that has the data folder or, when nobody has it, this process.

    An owner that ends meanwhile is succeeded. When the block ends well, what this process still carries out (it may be
    another command's) is waited for; when it raises, it is stopped soon. Where this process cannot carry out anything, the block is
    interrupted (KeyboardInterrupt in the main thread), and the reason raised. Raises UnavailableError.
    """
    database = open_database(settings)
    # Nothing is warmed in advance: what a command needs it asks for at once, and waits for it.
    stand_in = _StandIn(settings, database, plans or [replace(plan, warm=0, patient=False) for plan in lane_plans(settings)])
    stand_in.start()
    ended_well = False
    try:
        yield
        ended_well = True
    finally:
        stand_in.stop(drain=ended_well)
        stand_in.join()
        database.close()
        stand_in.check()


class _StandIn(threading.Thread):
    """Supervises as soon as, and as long as, nobody else has the data folder."""

    def __init__(self, settings: Settings, database: Database, plans: Sequence[LanePlan]) -> None:
        super().__init__(name="local-engine", daemon=True)
        self._settings = settings
        self._database = database
        self._plans = plans
        self._supervisor: Supervisor | None = None
        self._leaving = threading.Event()
        self._lock = threading.Lock()
        self._failures: list[BaseException] = []
        self._gave_up = False

    def run(self) -> None:
        """Wait for the folder, then supervise until told to stop. What fails is tried again, some times."""
        while not self._leaving.is_set():
            try:
                self._take_over()
            except (RatError, SQLAlchemyError, OSError) as error:
                self._failed(error)
            except BaseException as error:
                self._give_up(error)
                raise

    def stop(self, *, drain: bool) -> None:
        """End the thread; with ``drain`` after what it carries out."""
        with self._lock:
            self._leaving.set()
            if self._supervisor is not None:
                self._supervisor.stop(drain=drain)

    def check(self) -> None:
        """Raise UnavailableError when nothing could be carried out, and the block was interrupted for that."""
        if self._gave_up:
            error = self._failures[-1]
            told = error.message if isinstance(error, RatError) else f"{type(error).__name__}: {error}"
            raise UnavailableError(f"This command could not carry out its work itself: {told}") from error

    def _take_over(self) -> None:
        owned = try_to_own(self._settings.data)
        if owned is None:
            self._leaving.wait(TAKE_OVER_SECONDS)
            return
        try:
            with engine_lock(self._settings.data):
                if (supervisor := self._opened()) is not None:
                    supervisor.run()
        finally:
            os.close(owned)

    def _opened(self) -> Supervisor | None:
        with self._lock:
            self._supervisor = None if self._leaving.is_set() else Supervisor(self._settings, self._database, self._plans)
            return self._supervisor

    def _failed(self, error: BaseException) -> None:
        logger.error("What carries out the work of this command has ended: %s", error)
        if len(self._failures) + 1 >= TRIES:
            self._give_up(error)
        else:
            self._failures.append(error)
            self._leaving.wait(PAUSE_SECONDS)

    def _give_up(self, error: BaseException) -> None:
        """Interrupt the block, which would wait for ever; not when it has ended already."""
        with self._lock:
            self._failures.append(error)
            if not self._leaving.is_set():
                self._gave_up = True
                self._leaving.set()
                _thread.interrupt_main()
