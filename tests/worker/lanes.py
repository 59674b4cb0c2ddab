"""Small lanes whose children do what a job's payload says: real processes, real database, little to import."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import update

from rat_engine.domain.clock import now
from rat_engine.errors import MissingInputError, QueryFailedError, RunCancelledError
from rat_engine.jobs import queue
from rat_engine.metadata import tables as t
from rat_engine.metadata.database import Database
from rat_engine.metadata.wake import log_topic
from rat_engine.observe.logs import LogWriter
from rat_engine.settings import Settings
from rat_engine.worker.child import Task, Worker
from tests.worker.installation import open_database


@contextlib.contextmanager
def open_runs(settings: Settings) -> Iterator[Worker]:
    """Runs that write their steps to a file, and succeed, fail, hang or die as told."""
    database = open_database(settings)

    def work(task: Task) -> Mapping[str, Any]:
        wake = log_topic(task.assignment.subject)
        with LogWriter(Path(task.assignment.log), lambda: database.bus.send([wake])) as log:
            log.info("started")
            _act(task, log)
        _publish(database, task)
        return {}

    yield Worker(work)
    database.close()


@contextlib.contextmanager
def open_queries(settings: Settings) -> Iterator[Worker]:
    """Queries whose result is the length of their text, or an error at a place, or nothing ever."""

    def work(task: Task) -> Mapping[str, Any]:
        sql = task.assignment.request["sql"]
        if sql == "hang":
            time.sleep(3600)
        if sql == "die":
            os.kill(os.getpid(), signal.SIGABRT)
        if sql.startswith("selec "):
            raise QueryFailedError("syntax error", details={"line": 1, "column": 7})
        os.write(task.descriptors[0], sql.encode())
        return {"columns": [{"name": "n", "type": "BIGINT"}], "row_count": len(sql), "truncated": False}

    yield Worker(work)


@contextlib.contextmanager
def open_runs_unless_closed(settings: Settings) -> Iterator[Worker]:
    """Runs as above; while there is a file ``closed`` in the data folder the lane cannot be opened, and each try leaves a mark in it."""
    closed = settings.data / "closed"
    if closed.exists():
        with closed.open("a") as tries:
            tries.write("x")
        raise RuntimeError("this lane is closed")
    with open_runs(settings) as worker:
        yield worker


def open_never(settings: Settings) -> contextlib.AbstractContextManager[Worker]:
    """A lane that cannot be opened."""
    raise RuntimeError("this lane does not open")


def _act(task: Task, log: LogWriter) -> None:
    if wanted := task.assignment.request.get("do"):
        ACTS[wanted](task, log)


def _fail(_task: Task, _log: LogWriter) -> None:
    raise MissingInputError("shop.bronze.orders does not exist yet.")


def _descriptors(_task: Task, log: LogWriter) -> None:
    for entry in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            log.info(str(entry.readlink()))


def _long(_task: Task, _log: LogWriter) -> None:
    raise QueryFailedError("x" * 20_000_000)


def _bug(_task: Task, _log: LogWriter) -> None:
    raise ZeroDivisionError("nobody thought of this")


def _crash(_task: Task, _log: LogWriter) -> None:
    for number in range(10):
        os.write(2, f"native line {number}\n".encode())
    ctypes.string_at(0)


def _print(_task: Task, _log: LogWriter) -> None:
    print("printed by Python")
    sys.stdout.flush()
    os.write(1, b"printed by native code\n")


def _fill_disk(_task: Task, _log: LogWriter) -> None:
    with Path("/dev/full").open("wb", buffering=0) as full:
        full.write(b"x")


def _fill_memory(_task: Task, _log: LogWriter) -> None:
    bytearray(1 << 62)


def _hang(_task: Task, log: LogWriter) -> None:
    log.info("hangs")
    time.sleep(3600)


def _chatter(task: Task, log: LogWriter) -> None:
    for number in range(task.assignment.request["lines"]):
        log.info(str(number))


def _wait_for_file(task: Task, log: LogWriter) -> None:
    path = Path(task.assignment.request["file"])
    path.with_suffix(".waiting").touch()
    while not path.exists():
        time.sleep(0.02)
    if wanted := task.assignment.request.get("then"):
        ACTS[wanted](task, log)


def _endless_query(task: Task, log: LogWriter) -> None:
    import duckdb

    with duckdb.connect() as connection, task.cancellation.interrupting(connection.interrupt):
        log.info("query starts")
        try:
            connection.sql("select count(*) from range(1000000000) a, range(1000000000) b").fetchall()
        except duckdb.InterruptException as error:
            raise RunCancelledError("Interrupted.") from error


ACTS = {
    "fail": _fail,
    "long": _long,
    "descriptors": _descriptors,
    "bug": _bug,
    "crash": _crash,
    "print": _print,
    "full": _fill_disk,
    "memory": _fill_memory,
    "hang": _hang,
    "chatter": _chatter,
    "wait": _wait_for_file,
    "query": _endless_query,
}


def _publish(database: Database, task: Task) -> None:
    """What the real runner does in its publish transaction, without a table."""
    run_id, fence = task.assignment.subject, task.assignment.attempt
    with database.write() as transaction:
        this = (t.run.c.id == run_id, t.run.c.status == "running", t.run.c.fence == fence)
        changed = transaction.connection.execute(update(t.run).where(*this).values(status="success", finished_at=now(), rows_out=1))
        assert changed.rowcount == 1
        queue.finish(transaction, run_id, fence)
