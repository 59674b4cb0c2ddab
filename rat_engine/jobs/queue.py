"""The durable queue: rows that exist only while there is something to do.

Races are settled by the database. On SQLite a write transaction excludes every other; on Postgres claimers skip each
other's locked rows, and the partial unique index on ``lease_key`` decides between two jobs of one table. Times are the
database server's, so that the clocks of several machines do not matter.
"""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, delete, func, insert, literal_column, select, update
from sqlalchemy.exc import IntegrityError

from rat_engine.domain.clock import now
from rat_engine.domain.job import CancelOutcome, Job, JobKind, Lane, NewJob, Standing
from rat_engine.domain.run import RunStatus
from rat_engine.metadata import wake
from rat_engine.metadata.database import Transaction
from rat_engine.metadata.tables import job, run, run_dependency

LEASE_SECONDS = 30.0

_QUEUED = "queued"
_RUNNING = "running"
_CLAIM_TRIES = 8


def put(transaction: Transaction, new: NewJob) -> int:
    """Queue a job; the workers of its lane are woken by the commit, whichever process made it. The job's id."""
    values = {"kind": new.kind.value, "lane": new.lane.value, "subject": new.subject, "lease_key": new.lease_key, "priority": new.priority}
    moment = new.available_at or clock(transaction.connection)
    transaction.wake(lane_topic(new.lane))
    row = {**values, "state": _QUEUED, "available_at": moment, "payload": dict(new.payload)}
    return transaction.connection.execute(_PUT, row).scalar_one()


def lane_topic(lane: Lane) -> str:
    """The topic that tells of a new job in ``lane``. ``wake.JOB`` tells that a job is gone, so that others may start."""
    return f"{wake.JOB}:{lane.value}"


def claim(transaction: Transaction, lane: Lane, worker: str, lease_seconds: float = LEASE_SECONDS) -> Job | None:
    """Take the first job of ``lane`` that may start, for ``worker`` alone; None when there is none.

    A job may start when its time has come, no job with its lease key runs, and every run it depends on succeeded.
    """
    connection = transaction.connection
    for _ in range(_CLAIM_TRIES):
        moment = clock(connection)
        candidate = connection.execute(_CLAIM, {"wanted": lane.value, "moment": moment}).scalar()
        if candidate is None:
            return None
        held = {"candidate": candidate, "state": _RUNNING, "worker": worker, "lease_until": moment + timedelta(seconds=lease_seconds)}
        try:
            with _undoable(connection):
                row = connection.execute(_TAKE, held).one_or_none()
        except IntegrityError:
            # On Postgres another worker may have claimed a job of the same table meanwhile; the next look sees it.
            continue
        if row is not None:
            return _job(row)
    return None


def is_claimable(connection: Connection, lane: Lane) -> bool:
    """Whether ``claim`` would find something: a look that takes no lock."""
    return connection.execute(_CLAIMABLE, {"wanted": lane.value, "moment": clock(connection)}).scalar() is not None


def fetch_queued_lanes(connection: Connection) -> frozenset[Lane]:
    """Lanes in which jobs are queued, whether they may start or not: a look that takes no lock."""
    lanes = connection.execute(select(job.c.lane).where(job.c.state == _QUEUED).distinct()).scalars()
    return frozenset(map(Lane, lanes))


def extend(transaction: Transaction, held: Job, lease_seconds: float = LEASE_SECONDS) -> Standing:
    """Prolong the lease of a claimed job and learn how it stands."""
    until = clock(transaction.connection) + timedelta(seconds=lease_seconds)
    statement = update(job).where(*_held(held.subject, held.attempt)).returning(job.c.cancel_requested)
    asked = transaction.connection.execute(statement, {"lease_until": until}).scalar()
    if asked is None:
        return Standing.LOST
    return Standing.CANCEL if asked else Standing.HELD


def finish(transaction: Transaction, subject: str, attempt: int) -> bool:
    """Delete a claimed job because its work ended. False when another holder has it or it is gone: then the work is void."""
    done = transaction.connection.execute(delete(job).where(*_held(subject, attempt))).rowcount == 1
    if done:
        # Its table and its worker are free again.
        transaction.wake(wake.JOB)
    return done


def requeue(transaction: Transaction, held: Job, lane: Lane | None = None) -> bool:
    """Put a claimed job back, into another ``lane`` when one is given. False when it was lost, or is to be cancelled."""
    back = {"state": _QUEUED, "worker": None, "lease_until": None, "lane": (lane or held.lane).value}
    statement = update(job).where(*_held(held.subject, held.attempt), job.c.cancel_requested.is_(False)).values(**back)
    transaction.wake(lane_topic(lane or held.lane))
    return transaction.connection.execute(statement).rowcount == 1


def request_cancel(transaction: Transaction, subject: str) -> CancelOutcome:
    """Remove a queued job, or ask the worker of a running one to stop it."""
    connection = transaction.connection
    if connection.execute(delete(job).where(job.c.subject == subject, job.c.state == _QUEUED)).rowcount:
        return CancelOutcome.REMOVED
    if connection.execute(update(job).where(job.c.subject == subject, job.c.state == _RUNNING).values(cancel_requested=True)).rowcount:
        transaction.wake(wake.CANCEL)
        return CancelOutcome.ASKED
    return CancelOutcome.ABSENT


def remove(transaction: Transaction, subject: str) -> None:
    """Delete the job of ``subject``, whatever its state: its subject has reached a final status."""
    transaction.connection.execute(delete(job).where(job.c.subject == subject))
    transaction.wake(wake.JOB)


def fetch_cancels(connection: Connection, worker: str) -> frozenset[str]:
    """Subjects of the jobs of ``worker`` that somebody wants stopped."""
    wanted = select(job.c.subject).where(job.c.state == _RUNNING, job.c.worker == worker, job.c.cancel_requested.is_(True))
    return frozenset(connection.execute(wanted).scalars())


def lock_abandoned(transaction: Transaction, worker: str, *, alone: bool) -> tuple[Job, ...]:
    """Running jobs of other workers that are gone: their lease ran out, or ``worker`` knows to be ``alone``. Locked until the commit."""
    connection = transaction.connection
    others = select(job).where(job.c.state == _RUNNING, job.c.worker != worker).order_by(job.c.id).with_for_update(skip_locked=True)
    gone = others if alone else others.where(job.c.lease_until < clock(connection))
    return tuple(map(_job, connection.execute(gone)))


def clock(connection: Connection) -> datetime:
    """The database server's present; SQLite's server is this machine."""
    if connection.dialect.name == "sqlite":
        return now()
    return connection.execute(select(func.clock_timestamp())).scalar_one()


def _undoable(connection: Connection) -> contextlib.AbstractContextManager[object]:
    # On SQLite nobody else writes meanwhile, so there is nothing to undo.
    return contextlib.nullcontext() if connection.dialect.name == "sqlite" else connection.begin_nested()


def _first_claimable() -> Select[tuple[int]]:
    busy = job.alias("busy")
    # A literal, not a bound value: only then can SQLite see that the partial index on lease_key answers this.
    leased = select(busy.c.id).where(busy.c.state == literal_column("'running'"), busy.c.lease_key.is_not(None), busy.c.lease_key == job.c.lease_key)
    before = run_dependency.join(run, run.c.id == run_dependency.c.depends_on)
    unmet = select(run.c.id).select_from(before).where(run_dependency.c.run_id == job.c.subject, run.c.status != RunStatus.SUCCESS.value)
    due = job.c.available_at <= bindparam("moment", type_=job.c.available_at.type)
    ready = and_(job.c.lane == bindparam("wanted", type_=job.c.lane.type), job.c.state == _QUEUED, due)
    return select(job.c.id).where(ready, ~leased.exists(), ~unmet.exists()).order_by(job.c.priority, job.c.id).limit(1)


def _held(subject: str, attempt: int) -> tuple[ColumnElement[bool], ...]:
    return (job.c.subject == subject, job.c.attempt == attempt, job.c.state == _RUNNING)


def _job(row: Row[Any]) -> Job:
    return Job(row.id, JobKind(row.kind), Lane(row.lane), row.subject, row.attempt, row.worker, row.cancel_requested, row.payload)


# Made once: building them takes longer than executing them.
_CLAIMABLE = _first_claimable()
_CLAIM = _CLAIMABLE.with_for_update(skip_locked=True, of=job)
_PUT = insert(job).returning(job.c.id)
_TAKE = update(job).where(job.c.id == bindparam("candidate"), job.c.state == _QUEUED).values(attempt=job.c.attempt + 1).returning(job)
