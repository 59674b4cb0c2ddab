"""What the supervisor does for each kind of job: begin it, describe it to a child, write how it ended."""

from __future__ import annotations

import errno
import logging
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from rat_engine.domain.job import Job, JobKind, Lane
from rat_engine.domain.lake import Column, QueryStatus
from rat_engine.domain.result import Making
from rat_engine.domain.run import RunStatus, branch_name
from rat_engine.errors import (
    AuditFailedError,
    ChildDiedError,
    DiskFullError,
    InterruptedByStopError,
    NeedsOpenSessionError,
    NotFoundError,
    QueryCancelledError,
    QueryTimeoutError,
    RatError,
    RunCancelledError,
    UnavailableError,
    shortened,
)
from rat_engine.jobs import lifecycle, queue
from rat_engine.jobs.lifecycle import QueryEnd, RunEnd
from rat_engine.metadata.database import Database, Transaction
from rat_engine.metadata.wake import log_topic
from rat_engine.observe.logs import LogReader, LogWriter, log_path
from rat_engine.observe.results import ResultShelf, made_path, result_path
from rat_engine.settings import Settings
from rat_engine.worker.leftovers import remove_data_files
from rat_engine.worker.pins import query_inputs
from rat_engine.worker.pool import Stop
from rat_engine.worker.process import Exit
from rat_engine.worker.protocol import Answer, Assignment

Write = Callable[[Transaction], object]

TAIL_LINES = 10
MAKING_SECONDS = 3_600.0

logger = logging.getLogger(__name__)

_STOPPED = "RAT was stopped while this was going on. Run it again."
_CANCELLED_RUN = "Cancelled. Nothing was published."
_STOPPED_RUN = {
    Stop.CANCEL: (RunStatus.CANCELLED, RunCancelledError.code, _CANCELLED_RUN),
    Stop.SHUTDOWN: (RunStatus.FAILED, InterruptedByStopError.code, f"{_STOPPED} Nothing was published."),
}


class Work(Protocol):
    """One kind of job. What writes an end is a value: it can be tried again when the database refuses it for the moment."""

    def begin(self, transaction: Transaction, job: Job, pid: int) -> Assignment | None:
        """Mark the job's subject as running in child ``pid``; what the child must know, or None when it has ended already."""
        ...

    def descriptors(self, job: Job) -> tuple[int, ...]:
        """Descriptors the child needs; the caller closes them. Raises RatError where they cannot be opened."""
        ...

    def refused(self, job: Job, error: RatError) -> Write:
        """How to write that the job could not be given to a child."""
        ...

    def answered(self, job: Job, answer: Answer, stop: Stop | None) -> Write:
        """How to write what the child answered."""
        ...

    def died(self, job: Job, exit_: Exit, stop: Stop | None) -> Write:
        """How to write that the child died without an answer; ``stop`` is why it was killed, if it was."""
        ...

    def interrupted(self, job: Job) -> Write:
        """How to write that RAT itself had ended while the job was running."""
        ...

    def limit_seconds(self) -> float | None:
        """How long the work may take before its child is killed; None without limit."""
        ...


class RunWork:
    """Runs. A success is written by the child, in the transaction that publishes; everything else here."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database

    def begin(self, transaction: Transaction, job: Job, pid: int) -> Assignment | None:
        """Start the run's next attempt; its id is enough, the child reads the rest."""
        started = lifecycle.start_run(transaction, job, pid)
        return Assignment(job.subject, job.attempt, dict(job.payload), str(self._log(job))) if started else None

    def descriptors(self, job: Job) -> tuple[int, ...]:
        """None."""
        return ()

    def refused(self, job: Job, error: RatError) -> Write:
        """Failed."""
        return self._ending(job, RunEnd(RunStatus.FAILED, error.code, error.message))

    def answered(self, job: Job, answer: Answer, stop: Stop | None) -> Write:
        """Failed or cancelled as the child says; after a success only the attempt is closed."""
        peak = answer.max_rss_bytes
        if not answer.code:
            message = "The child process reported success, but the run was not published. Please report this."
            return self._ending(job, RunEnd(RunStatus.FAILED, "internal", message, max_rss_bytes=peak), logged=False)
        if stop is Stop.CANCEL or answer.code == RunCancelledError.code:
            return self._ending(job, RunEnd(RunStatus.CANCELLED, RunCancelledError.code, _CANCELLED_RUN, max_rss_bytes=peak))
        return self._ending(job, RunEnd(RunStatus.FAILED, answer.code, answer.message, max_rss_bytes=peak))

    def died(self, job: Job, exit_: Exit, stop: Stop | None) -> Write:
        """Cancelled, interrupted by our own stop, or failed with what native code said last."""
        if stop is Stop.CANCEL or stop is Stop.SHUTDOWN:
            status, code, message = _STOPPED_RUN[stop]
        else:
            last = LogReader(self._log(job), job.attempt, ended=True).native_tail(TAIL_LINES)
            status, code, message = RunStatus.FAILED, ChildDiedError.code, shortened("\n".join([f"{_death(exit_)} Nothing was published.", *last]))
        return self._ending(job, RunEnd(status, code, message, str(exit_), exit_.max_rss_bytes))

    def interrupted(self, job: Job) -> Write:
        """Cancelled when that was wanted, failed otherwise; the branch stays named."""
        return self._ending(job, RunEnd(*_STOPPED_RUN[Stop.CANCEL if job.cancel_requested else Stop.SHUTDOWN], exit="lost"))

    def limit_seconds(self) -> float | None:
        """Runs take as long as they take."""
        return None

    def _ending(self, job: Job, end: RunEnd, *, logged: bool = True) -> Write:
        """The write of ``end``, whose message becomes the last line of the attempt's log."""
        if logged:
            self._note(job, end.message)

        def write(transaction: Transaction) -> None:
            if not lifecycle.end_run(transaction, job.subject, end, fence=job.attempt):
                lifecycle.close_attempt(transaction, job.subject, job.attempt, end.exit, end.max_rss_bytes)
            elif end.code != AuditFailedError.code:
                # It was running and its child is done with it: nothing was published, and nothing will be.
                remove_data_files(self._settings.warehouse, branch_name(job.subject, job.attempt))

        return write

    def _note(self, job: Job, message: str) -> None:
        try:
            with LogWriter(self._log(job), lambda: self._database.bus.send([log_topic(job.subject)])) as log:
                log.error(message)
        except OSError as error:
            # The message is with the run in any case.
            logger.warning("The log of run %s cannot be written: %s", job.subject, error)

    def _log(self, job: Job) -> Path:
        return log_path(self._settings.logs, job.subject, job.attempt)


class QueryWork:
    """Queries and previews: the child holds no database, so all of it is written here."""

    def __init__(self, settings: Settings, shelf: ResultShelf) -> None:
        self._settings = settings
        self._shelf = shelf

    def begin(self, transaction: Transaction, job: Job, pid: int) -> Assignment | None:
        """Start the query: the statement, the exact files it may read, and its limits."""
        if not lifecycle.start_query(transaction, job):
            return None
        return Assignment(job.subject, job.attempt, {**job.payload, **query_inputs(transaction.connection, job.payload, self._settings)})

    def descriptors(self, job: Job) -> tuple[int, ...]:
        """The empty result file, which the child fills but can neither name nor reach."""
        return (_created(self._path(job)),)

    def refused(self, job: Job, error: RatError) -> Write:
        """Failed."""
        return self._ending(job, QueryEnd(QueryStatus.FAILED, code=error.code, message=error.message))

    def answered(self, job: Job, answer: Answer, stop: Stop | None) -> Write:
        """Success with columns and counts, or the error at its place in the typed text."""
        if answer.code == NeedsOpenSessionError.code and job.lane is Lane.INTERACTIVE:
            return lambda transaction: queue.requeue(transaction, job, Lane.OPEN) or lifecycle.end_query(transaction, job.subject, _CANCELLED)
        if not answer.code:
            return self._ending(job, _success(answer.result))
        if stop is Stop.CANCEL or answer.code == QueryCancelledError.code:
            return self._ending(job, _CANCELLED)
        place = answer.details
        line, column = int(place.get("line") or 0), int(place.get("column") or 0)
        return self._ending(job, QueryEnd(QueryStatus.FAILED, code=answer.code, message=answer.message, line=line, column=column))

    def died(self, job: Job, exit_: Exit, stop: Stop | None) -> Write:
        """Cancelled, too slow, interrupted by our own stop, or a death of its own."""
        if stop is Stop.CANCEL:
            return self._ending(job, _CANCELLED)
        if stop is Stop.TIMEOUT:
            limit = self._settings.query_timeout_seconds
            message = f"The query ran longer than its limit of {limit:g} s and was stopped. Read less, or raise RAT_QUERY_TIMEOUT_SECONDS."
            return self._ending(job, QueryEnd(QueryStatus.FAILED, code=QueryTimeoutError.code, message=message))
        if stop is Stop.SHUTDOWN:
            return self.interrupted(job)
        limit_mb = self._settings.query_memory_limit_mb
        message = f"{_death(exit_)} A query may use {limit_mb:,} MiB of memory (RAT_QUERY_MEMORY_LIMIT_MB)."
        return self._ending(job, QueryEnd(QueryStatus.FAILED, code=ChildDiedError.code, message=message))

    def interrupted(self, job: Job) -> Write:
        """Cancelled when that was wanted, failed otherwise."""
        stopped = QueryEnd(QueryStatus.FAILED, code=InterruptedByStopError.code, message=_STOPPED)
        return self._ending(job, _CANCELLED if job.cancel_requested else stopped)

    def limit_seconds(self) -> float | None:
        """The query limit; the child interrupts itself before."""
        return self._settings.query_timeout_seconds

    def _ending(self, job: Job, end: QueryEnd) -> Write:
        if end.status is not QueryStatus.SUCCESS:
            self._drop_result(job)
        try:
            self._shelf.tidy(time.time())
        except OSError as error:
            logger.warning("Old results cannot be removed: %s", error)
        return lambda transaction: lifecycle.end_query(transaction, job.subject, end)

    def _path(self, job: Job) -> Path:
        """The file that the child writes."""
        return result_path(self._settings.results, job.subject)

    def _drop_result(self, job: Job) -> None:
        try:
            self._path(job).unlink(missing_ok=True)
        except OSError as error:
            # It is not shown in any case; the query's end matters more.
            logger.warning("The unfinished result of query %s cannot be removed: %s", job.subject, error)


class EstimateWork(QueryWork):
    """What a query will read: an answer without rows."""

    def descriptors(self, job: Job) -> tuple[int, ...]:
        """None."""
        return ()

    def answered(self, job: Job, answer: Answer, stop: Stop | None) -> Write:
        """What the child found out, or why it could not."""
        if answer.code:
            return super().answered(job, answer, stop)
        return self._ending(job, QueryEnd(QueryStatus.SUCCESS, answer=answer.result))


class MakingWork(EstimateWork):
    """What is made of a result: the child holds the result, and the file to write, but no way to either."""

    def begin(self, transaction: Transaction, job: Job, pid: int) -> Assignment | None:
        """Start it: what to make, and how."""
        return Assignment(job.subject, job.attempt, dict(job.payload)) if lifecycle.start_query(transaction, job) else None

    def descriptors(self, job: Job) -> tuple[int, ...]:
        """The result and, for an export, the empty file to write."""
        try:
            result = os.open(result_path(self._settings.results, job.payload["result"]), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            raise NotFoundError(f"The rows of query {job.payload['result']} were cleaned up. Run it again.") from None
        if job.payload["kind"] != Making.EXPORT:
            return (result,)
        try:
            return (result, _created(self._path(job)))
        except RatError:
            os.close(result)
            raise

    def died(self, job: Job, exit_: Exit, stop: Stop | None) -> Write:
        """As for queries, where it took too long in other words."""
        if stop is not Stop.TIMEOUT:
            return super().died(job, exit_, stop)
        message = f"The {job.payload['kind']} took longer than {MAKING_SECONDS:,.0f} s and was stopped. Take Parquet, or fewer rows."
        return self._ending(job, QueryEnd(QueryStatus.FAILED, code=QueryTimeoutError.code, message=message))

    def limit_seconds(self) -> float | None:
        """A result has an end, and so has what is made of it; this is for what nobody foresaw."""
        return MAKING_SECONDS

    def _path(self, job: Job) -> Path:
        return made_path(self._settings.results, job.subject)


_CANCELLED = QueryEnd(QueryStatus.CANCELLED, code=QueryCancelledError.code, message="Cancelled.")


def all_work(settings: Settings, database: Database, shelf: ResultShelf) -> Mapping[JobKind, Work]:
    """Every kind of job with what is done for it."""
    return {
        JobKind.RUN: RunWork(settings, database),
        JobKind.QUERY: QueryWork(settings, shelf),
        JobKind.ESTIMATE: EstimateWork(settings, shelf),
        JobKind.MAKING: MakingWork(settings, shelf),
    }


def _created(path: Path) -> int:
    """A descriptor of the new, empty file ``path``. Raises DiskFullError, UnavailableError."""
    try:
        return os.open(path, os.O_CREAT | os.O_RDWR | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    except OSError as error:
        kind = DiskFullError if error.errno == errno.ENOSPC else UnavailableError
        raise kind(f"The file of the query's result cannot be made: {error.strerror}.") from error


def _success(result: Mapping[str, Any]) -> QueryEnd:
    columns = tuple(Column(str(column["name"]), str(column["type"])) for column in result["columns"])
    return QueryEnd(QueryStatus.SUCCESS, columns, int(result["row_count"]), bool(result["truncated"]))


# DuckDB dies by a fault of its own where one value needs more memory than there is.
_OUT_OF_MEMORY = " It may have needed more memory than it is allowed."
_DEATH_HINTS = {9: " The system may have run out of memory."} | dict.fromkeys((6, 7, 11), _OUT_OF_MEMORY)


def _death(exit_: Exit) -> str:
    hint = _DEATH_HINTS.get(exit_.signal, "")
    return f"The process that carried this out {exit_}.{hint}"
