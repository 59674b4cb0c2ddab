"""A real installation in a temporary folder, and short ways of putting work into it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, insert, select

from rat_engine.domain.clock import new_id, now
from rat_engine.domain.job import CancelOutcome, JobKind, Lane, NewJob
from rat_engine.domain.lake import QueryStatus
from rat_engine.domain.run import RunStatus
from rat_engine.jobs import queue
from rat_engine.metadata import tables as t
from rat_engine.metadata.database import Database, Transaction, prepare
from rat_engine.metadata.migrate import migrate
from rat_engine.metadata.wake import Bus
from rat_engine.settings import Settings


def open_database(settings: Settings) -> Database:
    """The migrated database of ``settings``; its folders are made."""
    for folder in (settings.data, settings.logs, settings.results, settings.scratch, settings.warehouse, settings.landing):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = Database(prepare(create_engine(f"sqlite:///{settings.database_path}")), Bus(settings.data / "run"))
    migrate(database, settings.data / "migrate.lock")
    return database


@dataclass(frozen=True)
class Installation:
    """Settings and database of one data folder."""

    settings: Settings
    database: Database

    def add_pipeline(self, name: str = "orders") -> str:
        """A pipeline ``shop.bronze.<name>`` that was never released; its id."""
        pipeline_id = new_id()
        facts = {"type": "sql", "draft_hash": "0" * 64, "created_at": now(), "updated_at": now()}
        with self.database.write() as transaction:
            if transaction.connection.execute(select(t.namespace)).one_or_none() is None:
                transaction.connection.execute(insert(t.namespace).values(name="shop", description="", created_at=now(), created_by="local"))
            transaction.connection.execute(insert(t.pipeline).values(id=pipeline_id, namespace="shop", layer="bronze", name=name, **facts))
        return pipeline_id

    def add_run(self, pipeline_id: str, name: str = "orders", *, after: tuple[str, ...] = (), payload: dict[str, object] | None = None) -> str:
        """A pending run with its job; its id."""
        with self.database.write() as transaction:
            return insert_run(transaction, pipeline_id, name, after, payload or {})

    def add_query(self, sql: str = "select 1", **payload: object) -> str:
        """A pending query with its job; its id."""
        query_id = new_id()
        facts = {"kind": "query", "sql": sql, "actor": "local", "status": QueryStatus.PENDING.value, "created_at": now(), "columns": []}
        with self.database.write() as transaction:
            transaction.connection.execute(insert(t.query).values(id=query_id, **facts))
            queue.put(transaction, NewJob(JobKind.QUERY, Lane.INTERACTIVE, query_id, payload={"sql": sql, "limit_rows": 100, **payload}))
        return query_id

    def run(self, run_id: str) -> dict[str, object]:
        """The row of a run."""
        return self._row(select(t.run).where(t.run.c.id == run_id))

    def query(self, query_id: str) -> dict[str, object]:
        """The row of a query."""
        return self._row(select(t.query).where(t.query.c.id == query_id))

    def attempt(self, run_id: str, number: int = 1) -> dict[str, object]:
        """The row of an attempt."""
        return self._row(select(t.attempt).where(t.attempt.c.run_id == run_id, t.attempt.c.number == number))

    def jobs(self) -> int:
        """How many jobs there are."""
        with self.database.read() as connection:
            return len(connection.execute(select(t.job.c.id)).all())

    def status(self, subject: str) -> str:
        """The status of a run or query."""
        with self.database.read() as connection:
            found = connection.execute(select(t.run.c.status).where(t.run.c.id == subject)).scalar()
            return found or connection.execute(select(t.query.c.status).where(t.query.c.id == subject)).scalar_one()

    def cancel(self, subject: str) -> CancelOutcome:
        """Ask for a run or query to be cancelled."""
        with self.database.write() as transaction:
            return queue.request_cancel(transaction, subject)

    def wait_for(self, subject: str, *statuses: str, within: float = 60) -> str:
        """Wait for one of ``statuses`` (any final one when none is named), woken by events."""
        wanted = statuses or tuple(status.value for status in RunStatus if status.final)
        return self.wait_until(lambda: self.status(subject) if self.status(subject) in wanted else "", f"{subject} to be {wanted}", within=within)

    def wait_until(self, look: Callable[[], str], what: str, within: float = 60) -> str:
        """Wait until ``look`` returns something, woken by events."""
        deadline = time.monotonic() + within
        with self.database.bus.listen() as listener:
            while not (found := look()):
                assert time.monotonic() < deadline, f"waited {within} s for {what}"
                listener.wait(0.2)
            return found

    def _row(self, query: object) -> dict[str, object]:
        with self.database.read() as connection:
            return dict(connection.execute(query).mappings().one())  # pyright: ignore[reportArgumentType, reportCallIssue]


def insert_run(transaction: Transaction, pipeline_id: str, name: str, after: tuple[str, ...], payload: dict[str, object]) -> str:
    """A pending run that waits for the runs ``after``, with its job; its id."""
    run_id = new_id()
    facts = {"code_hash": "0" * 64, "status": RunStatus.PENDING.value, "trigger": "manual", "actor": "local", "parameters": {}, "created_at": now()}
    transaction.connection.execute(insert(t.run).values(id=run_id, pipeline_id=pipeline_id, namespace="shop", layer="bronze", name=name, **facts))
    if after:
        transaction.connection.execute(insert(t.run_dependency), [{"run_id": run_id, "depends_on": other} for other in after])
    queue.put(transaction, NewJob(JobKind.RUN, Lane.RUN, run_id, lease_key=f"shop.bronze.{name}", payload=payload))
    return run_id


def make(folder: Path, **values: object) -> Installation:
    """An installation in ``folder``."""
    settings = Settings.load(data=folder, **values)
    return Installation(settings, open_database(settings))
