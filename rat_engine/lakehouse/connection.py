"""The one door to DuckDB: a fresh, locked-down instance per job, that reaches exactly the files it was given."""

from __future__ import annotations

import contextlib
import functools
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from rat_engine.domain.names import quote_literal
from rat_engine.errors import QueryTimeoutError, RatError, RunCancelledError
from rat_engine.lakehouse.faults import Statement, Wording, translate
from rat_engine.settings import Settings, variable

# An interrupt that arrives between two statements is forgotten by DuckDB, so it is repeated until the job has heard it.
REPEAT_SECONDS = 0.05

_INITIAL: dict[str, Any] = {
    "allow_community_extensions": False,
    "allow_persistent_secrets": False,
    "allow_unsigned_extensions": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "errors_as_json": True,
    "python_enable_replacements": False,
    "python_scan_all_frames": False,
    "threads": 1,
}


@dataclass(frozen=True, slots=True)
class Reach:
    """What a session may touch: exactly ``files`` and whatever lies in ``folders``, or with ``anything`` every file and address."""

    files: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    anything: bool = False


NO_FILES = Reach()


@dataclass(frozen=True, slots=True)
class Limits:
    """What a session may use. ``memory_setting`` is the variable that an error about memory names."""

    memory_mb: int
    threads: int
    memory_setting: str

    @classmethod
    def of_runs(cls, settings: Settings) -> Limits:
        """The limits of a run."""
        return cls(settings.memory_limit_mb, settings.threads, variable("memory_limit_mb"))


class Interrupter:
    """Stops a job from another thread. ``reason`` is the error that the job's thread then raises."""

    def __init__(self, reason: type[RatError] = RunCancelledError, message: str = "The run was cancelled. Nothing was published.") -> None:
        self._reason = reason
        self._message = message
        self._asked = threading.Event()
        self._lock = threading.Lock()
        self._watched: _Watched | None = None

    def interrupt(self) -> None:
        """Stop the statement that runs, and every later one. Returns at once; safe from any thread and more than once."""
        with self._lock:
            if self._asked.is_set():
                return
            self._asked.set()
            if self._watched is not None:
                threading.Thread(target=self._watched.interrupt, name="interrupter", daemon=True).start()

    def check(self) -> None:
        """Raise the reason when somebody asked to stop."""
        if self._asked.is_set():
            raise self._reason(self._message)

    @contextlib.contextmanager
    def watching(self, connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """Stop ``connection`` when asked to, for the time of the block."""
        watched = _Watched(connection)
        with self._lock:
            self._watched = watched
        try:
            yield
        finally:
            with self._lock:
                self._watched = None
            watched.end()


class _Watched:
    """A connection that may be interrupted until its job has ended."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._over = threading.Event()
        self._lock = threading.Lock()

    def interrupt(self) -> None:
        """Interrupt until the job has ended."""
        while True:
            with self._lock:
                if self._over.is_set():
                    return
                self._connection.interrupt()
            self._over.wait(REPEAT_SECONDS)

    def end(self) -> None:
        """Interrupt no more: the connection may be closed when this returns."""
        with self._lock:
            self._over.set()


class Door:
    """Opens sessions. Keeps one blank instance ready, since opening one takes some 10 ms; each serves one job and is then closed.

    One that ``lingers`` closes them only when it is warmed or opens the next, because somebody waits for the answer and closing takes as long.
    """

    def __init__(self, settings: Settings, *, lingers: bool = False) -> None:
        self._settings = settings
        self._lingers = lingers
        self._spare: list[duckdb.DuckDBPyConnection] = []
        self._spent = contextlib.ExitStack()

    def warm(self) -> None:
        """Have an instance ready for the next job; a child calls this while it is idle."""
        self._spent.close()
        if not self._spare:
            self._spare.append(_blank())

    def close(self) -> None:
        """Close the instance that waits, and the last one if it lingers."""
        self._spent.close()
        while self._spare:
            self._spare.pop().close()

    @contextlib.contextmanager
    def connect(self, scratch: Path, reach: Reach = NO_FILES, limits: Limits | None = None, interrupter: Interrupter | None = None) -> Iterator[Session]:
        """A locked session: external files as ``reach`` allows, spilling below ``scratch``, within ``limits`` (a run's by default)."""
        limits = limits or Limits.of_runs(self._settings)
        interrupter = interrupter or Interrupter()
        self._spent.close()
        connection = self._spare.pop() if self._spare else _blank()
        with contextlib.ExitStack() as held, interrupter.watching(connection):
            held.callback(connection.close)
            spill = held.enter_context(tempfile.TemporaryDirectory(prefix="duckdb-", dir=scratch))
            if self._lingers:
                self._spent = held.pop_all()
            wording = Wording(limits.memory_mb, limits.memory_setting, {f"{self._settings.data}/": ""})
            session = Session(connection, wording, interrupter)
            session.run("; ".join(_lock(reach, limits, spill)))
            yield session


@contextlib.contextmanager
def connect(settings: Settings, scratch: Path, reach: Reach = NO_FILES, limits: Limits | None = None) -> Iterator[Session]:
    """A locked session of a fresh instance, for a caller that opens only one."""
    with Door(settings).connect(scratch, reach, limits) as session:
        yield session


@functools.cache
def parser() -> duckdb.DuckDBPyConnection:
    """An instance of this process without data or files, locked, for reading statements the way DuckDB reads them. Use a cursor of it."""
    connection = _blank()
    connection.execute("SET enable_external_access = false; SET lock_configuration = true")
    return connection


class Session:
    """One job's DuckDB. Every method raises errors of our tree: QueryFailedError with line and column, ResourceLimitError naming
    the limit, DiskFullError, and RunCancelledError (or the interrupter's reason) once somebody asked to stop.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, wording: Wording, interrupter: Interrupter) -> None:
        self.raw = connection
        self._wording = wording
        self._interrupter = interrupter
        self._expired = threading.Event()

    def name_paths(self, names: Mapping[str, str]) -> None:
        """Have errors show ``names`` (path → what the user calls the file) instead of paths."""
        self._wording = replace(self._wording, names={**self._wording.names, **names})

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        """Execute a statement of our own and return its rows."""
        return self.run_around("", before=sql)

    def run_around(self, query: str, before: str = "", after: str = "") -> list[tuple[Any, ...]]:
        """Execute ``query`` (one SELECT, already checked) wrapped between two texts of ours, and return the rows."""
        statement = Statement(_trimmed(query), before, after)
        with self.translating(statement):
            return self.raw.execute(statement.text).fetchall()

    def describe(self, query: str) -> tuple[tuple[str, Any], ...]:
        """Names and DuckDB types of a query's columns, without running it; duplicate names are kept as they are."""
        text = _trimmed(query)
        with self.translating(Statement(text)):
            try:
                return self._columns(text)
            except duckdb.Error:
                # Relations forget where the error is; preparing the same text does not.
                self.run_around(query, before="PREPARE rat_described AS ")
                raise

    def columns_of(self, sql: str) -> tuple[tuple[str, Any], ...]:
        """As ``describe`` for a SELECT of our own, whose text no error points into."""
        with self.translating(Statement(before=sql)):
            return self._columns(sql)

    def stream(self, query: str, before: str = "", after: str = "", batch_rows: int = 1_000) -> tuple[Any, Iterator[Any]]:
        """The Arrow schema and the record batches of ``query`` (one SELECT, already checked) wrapped between two texts of ours.

        Batches are made as they are read, so memory stays flat; reading them raises like every method.
        """
        statement = Statement(_trimmed(query), before, after)
        with self.translating(statement):
            reader = self.raw.sql(statement.text).to_arrow_reader(batch_rows)
        return reader.schema, self._batches(reader, statement)

    def _batches(self, reader: Any, statement: Statement) -> Iterator[Any]:
        with self.translating(statement):
            try:
                yield from reader
            except OSError as error:
                raise _streamed(error) from error

    @contextlib.contextmanager
    def translating(self, statement: Statement) -> Iterator[None]:
        """Raise errors of our tree for what DuckDB raises within the block while it carries out ``statement``."""
        self._interrupter.check()
        try:
            yield
        except duckdb.InterruptException as error:
            if self._expired.is_set():
                raise QueryTimeoutError("The statement took longer than it may and was stopped.") from error
            self._interrupter.check()
            raise RunCancelledError("The statement was interrupted.") from error
        except duckdb.Error as error:
            raise translate(error, statement, self._wording) from error

    def progress(self) -> float | None:
        """The share of the running statement that is done, from 0 to 1, asked from another thread; None while DuckDB cannot say."""
        percent = self.raw.query_progress()
        return percent / 100 if percent >= 0 else None

    @contextlib.contextmanager
    def deadline(self, seconds: float) -> Iterator[None]:
        """Interrupt whatever still runs after ``seconds``; it raises QueryTimeoutError."""
        ended = threading.Event()
        watcher = threading.Thread(target=self._expire, args=(seconds, ended), name="deadline", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            ended.set()
            watcher.join()
            self._expired.clear()

    def _columns(self, sql: str) -> tuple[tuple[str, Any], ...]:
        relation = self.raw.sql(sql)
        return tuple(zip(relation.columns, relation.types, strict=True))

    def _expire(self, seconds: float, ended: threading.Event) -> None:
        while not ended.wait(seconds):
            self._expired.set()
            self.raw.interrupt()
            seconds = REPEAT_SECONDS


def _streamed(error: OSError) -> duckdb.Error:
    """What DuckDB said while rows were being read: PyArrow, which reads them, keeps the text and forgets the kind."""
    kinds = {"INTERRUPT": duckdb.InterruptException, "Out of Memory": duckdb.OutOfMemoryException}
    return kinds.get(str(error).partition(" Error: ")[0], duckdb.Error)(str(error))


def text_list(values: Sequence[str]) -> str:
    """A SQL list of string literals."""
    return "[" + ", ".join(map(quote_literal, values)) + "]"


def _blank() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:", config=dict(_INITIAL))


def _lock(reach: Reach, limits: Limits, spill: str) -> list[str]:
    """The order matters: paths before the ban on others, and the lock last, after which nothing can be set."""
    settings = [
        f"SET memory_limit = '{limits.memory_mb}MiB'",
        f"SET threads = {limits.threads}",
        f"SET temp_directory = {quote_literal(spill)}",
        "SET TimeZone = 'UTC'",
        # Counted, for whoever asks how far a statement is; never printed.
        "SET enable_progress_bar = true",
        "SET enable_progress_bar_print = false",
    ]
    if not reach.anything:
        # A folder's own name is not in the folder, yet it is what a COPY of several files is given.
        folders = [folder.rstrip("/") for folder in reach.folders]
        settings.append(f"SET allowed_paths = {text_list((*reach.files, *folders))}")
        settings.append(f"SET allowed_directories = {text_list([f'{folder}/' for folder in folders])}")
        settings.append("SET enable_external_access = false")
    return [*settings, "SET lock_configuration = true"]


def _trimmed(query: str) -> str:
    """``query`` without the semicolons and comments after its end, so that it can stand in brackets."""
    tokens = [(offset, kind.name) for offset, kind in duckdb.tokenize(query)] if query else []
    encoded, end = query.encode(), len(query.encode())
    for offset, kind in reversed(tokens):
        if kind != "comment" and encoded[offset : offset + 1] != b";":
            break
        end = offset
    return encoded[:end].decode()
