"""SQL for what quality tests found over time."""

from __future__ import annotations

from sqlalchemy import Connection, and_, select

from rat_engine.domain.names import TableName
from rat_engine.domain.quality import Severity, TestOutcome, TestStatus
from rat_engine.metadata import tables as t


def fetch_outcomes(connection: Connection, table: TableName, runs: int) -> list[TestOutcome]:
    """What the tests of the last ``runs`` tested runs of a table found, newest first, then by name. Draft runs do not count."""
    run, result = t.run.c, t.test_result.c
    last_attempt = and_(result.run_id == run.id, result.attempt == run.fence)
    named = (run.namespace == table.namespace, run.layer == table.layer.value, run.name == table.name, run.draft.is_(False))
    tested = select(run.id).where(*named, select(result.run_id).where(last_attempt).exists()).order_by(run.id.desc()).limit(runs)
    found = (result.name, result.run_id, result.severity, result.status, result.violations, result.duration_ms, result.message)
    query = select(*found, run.created_at.label("at")).join(t.run, last_attempt).where(run.id.in_(tested.scalar_subquery()))
    return [
        TestOutcome(row.name, row.run_id, row.at, Severity(row.severity), TestStatus(row.status), row.violations, row.duration_ms, row.message)
        for row in connection.execute(query.order_by(run.id.desc(), result.name))
    ]
