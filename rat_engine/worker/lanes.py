"""What the children of each lane open at birth and do with a task. Data libraries are imported when a lane opens, never before."""

from __future__ import annotations

import contextlib
import os
import resource
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from rat_engine.access.process import count_memory_exactly
from rat_engine.domain.lake import ESTIMATE
from rat_engine.domain.result import Making
from rat_engine.errors import QueryCancelledError
from rat_engine.metadata.wake import log_topic
from rat_engine.observe.logs import LogWriter
from rat_engine.settings import MEBIBYTE, Settings
from rat_engine.worker.child import Task, Worker
from rat_engine.worker.process import scratch_of

# Beside what DuckDB counts, a run child needs room for its libraries, and for what DuckDB does not count.
_RUN_MEMORY_FACTOR = 2
_RUN_MEMORY_MB = 1024


@contextlib.contextmanager
def open_run_lane(settings: Settings) -> Iterator[Worker]:
    """Runs: the database, the catalog and DuckDB, warm."""
    _limit_memory(settings.memory_limit_mb * _RUN_MEMORY_FACTOR + _RUN_MEMORY_MB)

    from rat_engine.engine import open_database
    from rat_engine.execute.parts import Parts
    from rat_engine.execute.runner import execute_run
    from rat_engine.lakehouse.connection import Interrupter

    database = open_database(settings)
    parts = Parts.of(settings, database, _own_scratch(settings))
    parts.warm()

    def carry_out(task: Task) -> Mapping[str, Any]:
        run_id, interrupter = task.assignment.subject, Interrupter()
        with (
            LogWriter(Path(task.assignment.log), lambda: database.bus.send([log_topic(run_id)])) as log,
            task.cancellation.interrupting(interrupter.interrupt),
        ):
            execute_run(parts, run_id, task.assignment.attempt, log, interrupter)
        return {}

    with contextlib.closing(database), contextlib.closing(parts):
        yield Worker(carry_out, rest=parts.warm)


@contextlib.contextmanager
def open_interactive_lane(settings: Settings) -> Iterator[Worker]:
    """Queries and previews, confined: no database, no network, no file but those of the warehouse and the landing zones."""
    from rat_engine.query.child import confine_child

    scratch = _own_scratch(settings)
    confinement = confine_child(settings, scratch)
    with _explorer(settings, scratch, confinement.why, confined=True) as worker:
        yield worker


@contextlib.contextmanager
def open_open_lane(settings: Settings) -> Iterator[Worker]:
    """Previews that read files outside RAT, as their pipelines may; limited, but not confined."""
    from rat_engine.access.process import set_limits
    from rat_engine.query.child import process_limits

    set_limits(process_limits(settings))
    with _explorer(settings, _own_scratch(settings), "", confined=False) as worker:
        yield worker


@contextlib.contextmanager
def _explorer(settings: Settings, scratch: Path, note: str, *, confined: bool) -> Iterator[Worker]:
    from rat_engine.lakehouse.connection import Door
    from rat_engine.observe.making import make
    from rat_engine.query.explorer import Explorer, cancellation
    from rat_engine.query.request import QueryRequest

    door = Door(settings, lingers=True)
    explorer = Explorer(door, scratch, settings.pipeline_reads_files, confined)
    explorer.warm()

    def carry_out(task: Task) -> Mapping[str, Any]:
        if task.assignment.request["kind"] in set(Making):
            return make(task.assignment.request, task.descriptors, partial(_check, task))
        interrupter, request = cancellation(), QueryRequest.of(task.assignment.request)
        if task.assignment.request["kind"] == ESTIMATE:
            return asdict(explorer.estimate(request))
        with task.cancellation.interrupting(interrupter.interrupt), os.fdopen(task.descriptors[0], "wb", closefd=False) as sink:
            return explorer.execute(request, sink, interrupter, task.tell).message()

    with contextlib.closing(door):
        yield Worker(carry_out, rest=door.warm, note=note)


def _check(task: Task) -> None:
    if task.cancellation.requested:
        raise QueryCancelledError("Cancelled.")


def _own_scratch(settings: Settings) -> Path:
    scratch = scratch_of(settings.scratch, os.getpid())
    scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
    return scratch


def _limit_memory(megabytes: int) -> None:
    """What exceeds this fails as out of memory, before the machine does; core files would be as large."""
    count_memory_exactly()
    for what, wanted in ((resource.RLIMIT_DATA, megabytes * MEBIBYTE), (resource.RLIMIT_CORE, 0)):
        _, hard = resource.getrlimit(what)
        resource.setrlimit(what, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
