"""DuckDB's and the disk's errors as ours: which limit, which line and column, which disk."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import duckdb

from rat_engine.errors import DatabaseUnavailableError, DiskFullError, QueryFailedError, RatError, ResourceLimitError, shortened

DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

_DATABASE_FULL = "database or disk is full"
_DISK_FULL_TEXTS = tuple(map(os.strerror, DISK_FULL))
_LOCATION = re.compile(r"\n+LINE \d+:.*", re.DOTALL)
_MEMORY_LIMIT = re.compile(r"\([\d.]+ \w+/([\d.]+ \w+) used\)")
# DuckDB's advice is about settings and options that users of RAT cannot set; for a CSV file its list of options follows.
_ADVICE = re.compile(r"\n+(\* |Possible [a-z]+:|  file = |Stack Trace:|This error signals an assertion failure).*", re.DOTALL | re.IGNORECASE)
_CSV_FILE = re.compile(r"^  file = (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Statement:
    """Text on its way to DuckDB: the user's ``query`` with what we wrote ``before`` and ``after`` it.

    Places in an error are told only within ``query``, counted from its beginning.
    """

    query: str = ""
    before: str = ""
    after: str = ""

    @property
    def text(self) -> str:
        """What DuckDB is given."""
        return self.before + self.query + self.after

    def place(self, offset: int) -> tuple[int, int] | None:
        """Line and column within ``query``, from 1, of a byte offset in ``text``; None when it lies in our part."""
        inside, query = offset - len(self.before.encode()), self.query.encode()
        if not 0 <= inside <= len(query) or not query:
            return None
        until = query[:inside].decode(errors="ignore")
        return until.count("\n") + 1, len(until) - until.rfind("\n")


@dataclass(frozen=True, slots=True)
class Wording:
    """How a session's errors are worded: its memory limit, the setting that raises it, and paths with the names users know them by."""

    memory_limit_mb: int = 0
    memory_setting: str = ""
    names: Mapping[str, str] = field(default_factory=dict[str, str])

    def without_paths(self, message: str) -> str:
        """``message`` with every path replaced by the name its reader knows."""
        for path in sorted(self.names, key=len, reverse=True):
            message = message.replace(path, self.names[path])
        return message


def translate(error: duckdb.Error, statement: Statement, wording: Wording) -> RatError:
    """The error of our tree that says what DuckDB's says."""
    kind, message, place = _read(error, statement)
    if any(text in message for text in _DISK_FULL_TEXTS):
        return disk_full(shortened(wording.without_paths(message)))
    if isinstance(error, duckdb.OutOfMemoryException):
        return _limit(message, wording)
    message = shortened(wording.without_paths(message))
    if place is None:
        return QueryFailedError(f"{kind} Error: {message}")
    line, column = place
    return QueryFailedError(f"{kind} Error: {message} (line {line}, column {column})", details={"line": line, "column": column})


def disk_full(cause: object) -> DiskFullError:
    """The error for a disk, quota or file size that is used up."""
    return DiskFullError(f"The disk has no room left: {cause}. Nothing was published. Free some space in the data folder and run again.")


@contextlib.contextmanager
def disk_errors() -> Iterator[None]:
    """Raise DiskFullError for a write within the block, also one of the database, that found no room."""
    try:
        yield
    except OSError as error:
        if error.errno in DISK_FULL:
            raise disk_full(error.strerror) from error
        raise
    except DatabaseUnavailableError as error:
        if _DATABASE_FULL in error.message:
            raise disk_full(_DATABASE_FULL) from error
        raise


def _read(error: duckdb.Error, statement: Statement) -> tuple[str, str, tuple[int, int] | None]:
    """Kind, message and place; DuckDB gives them as JSON (``errors_as_json``) except where its own layers rewrap the text."""
    kind, _, rest = str(error).partition(" Error: ")
    try:
        told = json.loads(rest)
    except ValueError:
        return kind, _without_advice(_LOCATION.sub("", rest or str(error))), None
    message = _without_advice(str(told.get("exception_message", rest)))
    offset = str(told.get("position", ""))
    place = statement.place(int(offset)) if offset.isdigit() else None
    return str(told.get("exception_type", kind)), message, place


def _without_advice(message: str) -> str:
    file = _CSV_FILE.search(message)
    return _ADVICE.sub("", message).strip() + (f"\nThe file is {file[1]}." if file else "")


def _limit(message: str, wording: Wording) -> ResourceLimitError:
    if "max_temp_directory_size" in message:
        return ResourceLimitError(
            "The statement needed more disk for intermediate results than there is room for in the data folder. "
            f"Free some space, or make the statement smaller. ({message.splitlines()[0]})"
        )
    used = _MEMORY_LIMIT.search(message)
    limit = f"{wording.memory_limit_mb} MiB ({wording.memory_setting})" if wording.memory_limit_mb else used[1] if used else "its limit"
    return ResourceLimitError(f"The statement needed more memory than its limit of {limit}. Raise the limit, or make the statement smaller.")
