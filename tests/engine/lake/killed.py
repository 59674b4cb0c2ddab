"""A run child that dies by SIGKILL at a chosen point, or whose disk is full: ``DATA RUN FENCE POINT``."""

from __future__ import annotations

import os
import resource
import signal
import sys
from pathlib import Path
from typing import NoReturn

from rat_engine import Settings
from rat_engine.engine import open_database
from rat_engine.errors import RatError
from rat_engine.execute.parts import Parts
from rat_engine.execute.runner import execute_run
from rat_engine.lakehouse.branch import Branch
from rat_engine.metadata import lake
from tests.engine.lake.laboratory import Journal


def die(*_: object, **__: object) -> NoReturn:
    """End without any clean-up."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def main() -> None:
    """Carry out the run."""
    data, run_id, fence, point = sys.argv[1:]
    settings = Settings(data=Path(data))
    database = open_database(settings)
    journal = Journal()
    if point == "data":
        Branch.write = die
    elif point == "branch":
        journal.on("Audit:", die)
    elif point == "swap":
        lake.store_table = die
    elif point == "full":
        resource.setrlimit(resource.RLIMIT_FSIZE, (4 << 20, 4 << 20))
    try:
        execute_run(Parts.of(settings, database), run_id, int(fence), journal)
    except RatError as error:
        print(f"{error.code}: {error.message}")


if __name__ == "__main__":
    main()
