"""SQL for the question every waiting run raises: what for?"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, func, or_, select

from rat_engine.domain.names import Layer, TableName
from rat_engine.domain.run import RunStatus
from rat_engine.metadata import tables as t

_QUEUED = "queued"
_RUNNING = "running"


# Built once: building a statement takes ten times as long as the database takes to answer it.
_OTHER = t.run.alias("other")
_BEFORE = (
    select(_OTHER.c.id, _OTHER.c.layer, _OTHER.c.name)
    .join(t.run_dependency, _OTHER.c.id == t.run_dependency.c.depends_on)
    .where(t.run_dependency.c.run_id == bindparam("waiting"), _OTHER.c.status != RunStatus.SUCCESS.value)
)
_HOLDER = select(t.job.c.subject).where(t.job.c.state == _RUNNING, t.job.c.lease_key == bindparam("lease"))
_OWN, _AHEAD = t.job.alias("own"), t.job.alias("ahead")
_EARLIER = or_(_AHEAD.c.priority < _OWN.c.priority, and_(_AHEAD.c.priority == _OWN.c.priority, _AHEAD.c.id < _OWN.c.id))
_PLACE = (
    select(func.count())
    .select_from(_OWN.join(_AHEAD, and_(_AHEAD.c.lane == _OWN.c.lane, _AHEAD.c.state == _QUEUED, _EARLIER)))
    .where(_OWN.c.subject == bindparam("waiting"))
)


def waiting(connection: Connection, row: Row[Any]) -> tuple[str, tuple[str, ...]]:
    """What the run ``row`` waits for, in words, and the ids of the runs among that; nothing for one that does not wait."""
    if row.status != RunStatus.PENDING:
        return "", ()
    return _dependencies(connection, row.id) or _lease(connection, row) or (_queue(connection, row.id), ())


def _dependencies(connection: Connection, run_id: str) -> tuple[str, tuple[str, ...]] | None:
    before = connection.execute(_BEFORE, {"waiting": run_id}).all()
    if not before:
        return None
    return "Waits for " + ", ".join(f"{row.layer}.{row.name}" for row in before) + ".", tuple(row.id for row in before)


def _lease(connection: Connection, row: Row[Any]) -> tuple[str, tuple[str, ...]] | None:
    table = str(TableName(row.namespace, Layer(row.layer), row.name))
    holder = connection.execute(_HOLDER, {"lease": table}).scalar()
    return (f"Waits for run {holder}, which writes the same table.", (holder,)) if holder else None


def _queue(connection: Connection, run_id: str) -> str:
    count = connection.execute(_PLACE, {"waiting": run_id}).scalar_one()
    if not count:
        return "Waits for a free worker."
    return f"Waits for a free worker; {count:,} {'job is' if count == 1 else 'jobs are'} before it in the queue."
