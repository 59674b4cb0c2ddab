"""The engine process: the supervisor and, with it, everything that is carried out.

Started by the watcher as ``python -m rat_engine.worker.start rat_engine.worker.engine_process`` with the settings in its environment.
"""

from __future__ import annotations

import signal
import sys
from types import FrameType

from rat_engine.engine import open_database
from rat_engine.errors import RatError
from rat_engine.observe.server_log import start_logging
from rat_engine.settings import Settings
from rat_engine.worker.lock import engine_lock
from rat_engine.worker.start import settled
from rat_engine.worker.supervisor import Supervisor, lane_plans


def main() -> int:
    """Supervise until SIGTERM. Returns the exit status; 1, with one line, when it cannot start."""
    try:
        settings = Settings.load()
        start_logging(settings.log_level)
        _supervise(settings)
    except RatError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    return 0


def _supervise(settings: Settings) -> None:
    database = open_database(settings)
    try:
        with engine_lock(settings.data):
            supervisor = Supervisor(settings, database, lane_plans(settings))

            def stop(_number: int, _frame: FrameType | None) -> None:
                supervisor.stop()

            signal.signal(signal.SIGTERM, stop)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            settled()
            supervisor.run()
    finally:
        database.close()


if __name__ == "__main__":
    sys.exit(main())
