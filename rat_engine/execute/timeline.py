"""The steps of an attempt as they go: each change is in the database, with its event, before the step's work begins."""

from __future__ import annotations

import logging
from collections.abc import Callable
from types import TracebackType

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from rat_engine.domain.clock import now
from rat_engine.domain.run import StepName
from rat_engine.errors import RatError
from rat_engine.jobs.lifecycle import begin_step
from rat_engine.lakehouse.connection import Interrupter
from rat_engine.metadata import attempts
from rat_engine.metadata.attempts import RunningRun
from rat_engine.metadata.database import Database, Transaction

logger = logging.getLogger(__name__)


class Timeline:
    """A block of steps. ``plan`` goes on when it begins: the attempt began with it. When the block raises, the step that goes on ends as failed."""

    def __init__(self, database: Database, run: RunningRun, interrupter: Interrupter) -> None:
        self._database = database
        self._run = run
        self._interrupter = interrupter
        self._step = StepName.PLAN

    def __enter__(self) -> Timeline:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            return
        try:
            with self._database.write() as transaction:
                self._end(transaction, ok=False)
        except (RatError, SQLAlchemyError) as failure:
            # Why the run ended matters more; the supervisor closes the attempt in any case.
            logger.warning("The end of step %s cannot be written: %s", self._step.value, failure)

    def next(self, step: StepName, *writes: Callable[[Connection], None]) -> None:
        """End the step that goes on and begin ``step``, storing what was found (``writes``) in the same transaction.

        Raises RunCancelledError when somebody asked to stop, PublishConflictError when the run is no longer this process's.
        """
        self._interrupter.check()
        with self._database.write() as transaction:
            self._require_held(transaction)
            for write in writes:
                write(transaction.connection)
            self._end(transaction, ok=True)
            begin_step(transaction, self._run, step)
        self._step = step

    def note(self, write: Callable[[Connection], None]) -> None:
        """Store what was found while the step goes on. Raises PublishConflictError when the run is no longer this process's."""
        with self._database.write() as transaction:
            self._require_held(transaction)
            write(transaction.connection)

    def finish(self, transaction: Transaction) -> None:
        """End the last step within the transaction that ends the run."""
        self._end(transaction, ok=True)

    def _require_held(self, transaction: Transaction) -> None:
        ticket = self._run.ticket
        attempts.fetch_running(transaction.connection, ticket.run_id, ticket.fence)

    def _end(self, transaction: Transaction, *, ok: bool) -> None:
        attempts.end_step(transaction.connection, self._run.ticket, self._step, now(), ok=ok)
