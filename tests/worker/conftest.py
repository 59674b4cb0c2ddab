"""Installations whose jobs are carried out by a supervisor with real child processes."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rat_engine.domain.job import Lane
from rat_engine.worker.pool import LanePlan
from rat_engine.worker.supervisor import Supervisor
from tests.worker.installation import Installation, make

RUNS = LanePlan(Lane.RUN, "tests.worker.lanes:open_runs", 2)
QUERIES = LanePlan(Lane.INTERACTIVE, "tests.worker.lanes:open_queries", 2)

Supervise = Callable[..., contextlib.AbstractContextManager[Supervisor]]


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Installation]:
    """An installation without anybody who carries out jobs."""
    installation = make(tmp_path / "data")
    yield installation
    installation.database.close()


@contextlib.contextmanager
def supervising(installation: Installation, *plans: LanePlan) -> Iterator[Supervisor]:
    """A supervisor over ``installation`` for the time of the block, in a thread; its children are real processes."""
    supervisor = Supervisor(installation.settings, installation.database, plans or (RUNS, QUERIES))
    failures: list[BaseException] = []

    def run() -> None:
        try:
            supervisor.run()
        except BaseException as error:
            failures.append(error)
            raise

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield supervisor
    finally:
        supervisor.stop()
        thread.join(60)
    assert not failures
    assert not thread.is_alive()
