"""Transactions on the metadata database.

Writers begin IMMEDIATE on SQLite, so that a lock is taken before anything is read and never upgraded; readers see one
snapshot for a whole block. Topics of wake-ups are sent after the commit, never before.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Engine, event, insert
from sqlalchemy.exc import DatabaseError, OperationalError

from rat_engine.domain.clock import now
from rat_engine.domain.event import NewEvent
from rat_engine.errors import DatabaseUnavailableError
from rat_engine.metadata import tables as t
from rat_engine.metadata import wake

BUSY_TIMEOUT_MS = 30_000

# Values go along as parameters: as part of a statement they would be read anew, one by one, with every execution.
_EVENT = insert(t.event)


class Transaction:
    """One write transaction: a connection, the events it appends and the wake-ups that follow its commit."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.topics: list[str] = []

    def record(self, new: NewEvent) -> None:
        """Append an event; it exists exactly when the transaction commits."""
        values = {"kind": new.kind.value, "subject": new.subject, "namespace": new.namespace, "actor": new.actor, "data": dict(new.data)}
        self.connection.execute(_EVENT, {"at": now(), **values})
        self.wake(wake.EVENT)

    def wake(self, topic: str) -> None:
        """Send ``topic`` to every listener once the transaction is committed."""
        self.topics.append(topic)


class Database:
    """The metadata database of one installation."""

    def __init__(self, engine: Engine, bus: wake.Bus) -> None:
        self.engine = engine
        self.bus = bus
        self._durable = engine.execution_options(durable=True)
        self._reader = engine.execution_options(**_reading(engine))

    @contextlib.contextmanager
    def write(self, *, durable: bool = False) -> Iterator[Transaction]:
        """A write transaction: committed at the end of the block, rolled back when it raises.

        After a ``durable`` one it is on the disk, with everything before it; a power cut may take the last seconds of others.
        Raises DatabaseUnavailableError.
        """
        with _foreign_errors(), (self._durable if durable else self.engine).begin() as connection:
            transaction = Transaction(connection)
            yield transaction
        self.bus.send(transaction.topics)

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """A read transaction: one snapshot for the whole block. Raises DatabaseUnavailableError."""
        with _foreign_errors(), self._reader.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()
        self.bus.close()


def prepare(engine: Engine) -> Engine:
    """Give every connection of ``engine`` our transaction rules; on SQLite also WAL, foreign keys and a busy timeout."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextlib.contextmanager
def _foreign_errors() -> Iterator[None]:
    """Raise DatabaseUnavailableError for what the database cannot do now. What our own statements do wrong stays what it is."""
    try:
        yield
    except DatabaseError as error:
        # Constraints, types and the like are subclasses; SQLite calls a wrong statement "operational", too, under its general code.
        ours = type(error) not in (DatabaseError, OperationalError) or getattr(error.orig, "sqlite_errorname", "") == "SQLITE_ERROR"
        if ours:
            raise
        message = f"The metadata database cannot be used now: {error.orig}. Nothing was changed. Try again; `rat doctor` tells more."
        raise DatabaseUnavailableError(message) from error


def _configure_sqlite(connection: Any, _record: Any) -> None:
    # The driver must not begin transactions by itself: _begin_sqlite chooses their kind.
    connection.isolation_level = None
    for pragma in (f"busy_timeout={BUSY_TIMEOUT_MS}", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("write", True):
        connection.exec_driver_sql("BEGIN")
        return
    # Waiting for the disk takes 0.5 to 20 ms, a hundred times as long as the commit itself: worth it where files depend on the order.
    connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if options.get('durable') else 'NORMAL'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _reading(engine: Engine) -> dict[str, Any]:
    return {"write": False} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
