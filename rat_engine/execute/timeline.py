"""The steps of an attempt as they go: each change is in the database, with its event, before the step's work begins."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

from sqlalchemy import Connection

from rat_engine.domain.clock import now
from rat_engine.domain.event import EventKind, NewEvent, asked_by
from rat_engine.domain.run import StepName
from rat_engine.lakehouse.connection import Interrupter
from rat_engine.metadata import attempts
from rat_engine.metadata.attempts import RunningRun
from rat_engine.metadata.database import Database, Transaction


class Timeline:
    """A block of steps, beginning with ``plan``. When the block raises, the step that goes on ends as failed."""

    def __init__(self, database: Database, run: RunningRun, interrupter: Interrupter) -> None:
        self._database = database
        self._run = run
        self._interrupter = interrupter
        self._step = StepName.PLAN

    def __enter__(self) -> Timeline:
        with self._database.write() as transaction:
            self._start(transaction, StepName.PLAN)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is not None:
            with self._database.write() as transaction:
                self._end(transaction, ok=False)

    def next(self, step: StepName, *writes: Callable[[Connection], None]) -> None:
        """End the step that goes on and begin ``step``, storing what was found (``writes``) in the same transaction.

        Raises RunCancelledError when somebody asked to stop.
        """
        self._interrupter.check()
        with self._database.write() as transaction:
            for write in writes:
                write(transaction.connection)
            self._end(transaction, ok=True)
            self._start(transaction, step)
        self._step = step

    def note(self, write: Callable[[Connection], None]) -> None:
        """Store what was found while the step goes on."""
        with self._database.write() as transaction:
            write(transaction.connection)

    def finish(self, transaction: Transaction) -> None:
        """End the last step within the transaction that ends the run."""
        self._end(transaction, ok=True)

    def _start(self, transaction: Transaction, step: StepName) -> None:
        attempts.start_step(transaction.connection, self._run.ticket, step, now())
        data = {"step": step.value, "attempt": self._run.ticket.attempt, "table": str(self._run.table), **asked_by(self._run.request_id)}
        transaction.record(NewEvent(EventKind.RUN_STEP, self._run.ticket.run_id, self._run.actor, self._run.table.namespace, data))

    def _end(self, transaction: Transaction, *, ok: bool) -> None:
        attempts.end_step(transaction.connection, self._run.ticket, self._step, now(), ok=ok)
