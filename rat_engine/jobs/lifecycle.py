"""How claimed runs and queries begin, and which of them nobody carries out any more."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from rat_engine.domain.access import SYSTEM
from rat_engine.domain.clock import now
from rat_engine.domain.event import EventKind, NewEvent
from rat_engine.domain.job import Job
from rat_engine.domain.lake import QueryStatus
from rat_engine.domain.names import Layer, TableName
from rat_engine.domain.run import RunStatus, branch_name
from rat_engine.jobs import queue
from rat_engine.metadata import tables as t
from rat_engine.metadata.database import Transaction


def start_run(transaction: Transaction, job: Job, pid: int) -> bool:
    """Begin an attempt of a claimed run in child ``pid``. False when the run is no longer pending; its job is then gone too."""
    moment = now()
    values = {"status": RunStatus.RUNNING.value, "started_at": moment, "clock": moment, "fence": job.attempt, "branch": branch_name(job.subject, job.attempt)}
    pending = update(t.run).where(t.run.c.id == job.subject, t.run.c.status == RunStatus.PENDING.value)
    row = transaction.connection.execute(pending.values(**values).returning(t.run)).one_or_none()
    if row is None:
        queue.remove(transaction, job.subject)
        return False
    transaction.connection.execute(insert(t.attempt).values(run_id=row.id, number=job.attempt, fence=job.attempt, pid=pid, started_at=moment))
    table = TableName(row.namespace, Layer(row.layer), row.name)
    transaction.record(NewEvent(EventKind.RUN_STARTED, row.id, SYSTEM.name, row.namespace, {"table": str(table), "attempt": job.attempt}))
    return True


def start_query(transaction: Transaction, job: Job) -> bool:
    """Begin a claimed query. False when it is no longer pending; its job is then gone too."""
    pending = update(t.query).where(t.query.c.id == job.subject, t.query.c.status == QueryStatus.PENDING.value)
    if transaction.connection.execute(pending.values(status=QueryStatus.RUNNING.value, started_at=now())).rowcount:
        return True
    queue.remove(transaction, job.subject)
    return False


def fetch_orphaned_runs(connection: Connection) -> tuple[str, ...]:
    """Runs that are called running while no job stands for them: nobody else will ever end them."""
    held = select(t.job.c.id).where(t.job.c.subject == t.run.c.id)
    return tuple(connection.execute(select(t.run.c.id).where(t.run.c.status == RunStatus.RUNNING.value, ~held.exists())).scalars())


def fetch_orphaned_queries(connection: Connection) -> tuple[str, ...]:
    """Queries without a final status for which no job stands: nobody else will ever end them."""
    held = select(t.job.c.id).where(t.job.c.subject == t.query.c.id)
    unfinished = [status.value for status in QueryStatus if not status.final]
    return tuple(connection.execute(select(t.query.c.id).where(t.query.c.status.in_(unfinished), ~held.exists())).scalars())
