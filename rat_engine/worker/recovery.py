"""End what nobody carries out any more."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import timedelta

from rat_engine.domain.clock import now
from rat_engine.domain.job import JobKind
from rat_engine.domain.lake import QueryStatus
from rat_engine.domain.run import RunStatus
from rat_engine.errors import InterruptedByStopError
from rat_engine.jobs import lifecycle, queue
from rat_engine.jobs.lifecycle import QueryEnd, RunEnd
from rat_engine.metadata import queries
from rat_engine.metadata.database import Database, Transaction
from rat_engine.observe.results import ResultShelf
from rat_engine.worker.work import Work

# An answer is taken within moments, or never.
LEFT_HOURS = 1

_LOST = "RAT was stopped while this was going on."


def recover(database: Database, work: Mapping[JobKind, Work], worker: str, *, alone: bool) -> None:
    """End the jobs of workers that are gone: those whose lease ran out or, where ``worker`` knows to be ``alone``, all that are not its own.

    Queued jobs stay queued. ``alone`` also ends what is called running although no job stands for it.
    """
    with database.write() as transaction:
        for job in queue.lock_abandoned(transaction, worker, alone=alone):
            work[job.kind].interrupted(job)(transaction)
        if alone:
            _end_orphans(transaction)
            lifecycle.skip_stranded(transaction)


def tidy(database: Database, shelf: ResultShelf) -> None:
    """Remove results and files made of them that are too old or too many, and forget answers that nobody came for."""
    shelf.tidy(time.time())
    with database.write() as transaction:
        queries.delete_passing(transaction.connection, now() - timedelta(hours=LEFT_HOURS))


def _end_orphans(transaction: Transaction) -> None:
    code = InterruptedByStopError.code
    for run_id in lifecycle.fetch_orphaned_runs(transaction.connection):
        lifecycle.end_run(transaction, run_id, RunEnd(RunStatus.FAILED, code, _LOST, exit="lost"))
    for query_id in lifecycle.fetch_orphaned_queries(transaction.connection):
        lifecycle.end_query(transaction, query_id, QueryEnd(QueryStatus.FAILED, code=code, message=_LOST))
