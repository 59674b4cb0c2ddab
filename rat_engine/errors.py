"""Every error the engine raises on purpose: a small tree with stable codes.

A message says what, where, why and what to do. Front ends map ``kind`` to an HTTP status or an exit code in one table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, ClassVar

MAX_TOLD = 8_000


class ErrorKind(StrEnum):
    """The coarse class of an error; the ``type`` of the REST envelope."""

    VALIDATION = "VALIDATION"
    AUTHENTICATION = "AUTHENTICATION"
    AUTHORIZATION = "AUTHORIZATION"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    RATE_LIMIT = "RATE_LIMIT"
    UNAVAILABLE = "UNAVAILABLE"
    INTERNAL = "INTERNAL"


class RatError(Exception):
    """The root: anything raised on purpose, with a stable ``code`` and a message made for its reader."""

    code: ClassVar[str] = "internal"
    kind: ClassVar[ErrorKind] = ErrorKind.INTERNAL

    def __init__(self, message: str, *, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details: dict[str, Any] = dict(details or {})


class ValidationError(RatError):
    """What the caller gave cannot be accepted."""

    code = "invalid"
    kind = ErrorKind.VALIDATION


class InvalidNameError(ValidationError):
    """A namespace, layer, table, zone, test or column name breaks the naming rule."""

    code = "invalid_name"


class SettingsError(ValidationError):
    """An environment variable or option has a value that cannot be used; the message names it."""

    code = "invalid_setting"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a pipeline's files. ``line`` and ``column`` count from 1; 0 means the file as a whole."""

    file: str
    line: int
    column: int
    message: str
    hint: str = ""
    severity: str = "error"

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{where}: {self.message}" + (f" {self.hint}" if self.hint else "")


def shortened(message: str) -> str:
    """``message`` with at most MAX_TOLD characters and what was left out counted: a library may quote a whole value, or a line of a file."""
    return message if len(message) <= MAX_TOLD else f"{message[:MAX_TOLD]}… ({len(message) - MAX_TOLD:,} more characters)"


class CompileError(ValidationError):
    """A pipeline's files do not compile; ``problems`` holds every one found."""

    code = "compile_failed"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)), details={"problems": [asdict(p) for p in problems]})
        self.problems = tuple(problems)


class FormatError(ValidationError):
    """A file cannot be laid out anew; the message says why, and nothing was changed."""

    code = "not_formatted"


class StatementRefusedError(ValidationError):
    """A statement is not one SELECT over what its caller may read."""

    code = "statement_refused"


class QueryFailedError(ValidationError):
    """DuckDB refused or failed a statement; ``details`` has ``line`` and ``column`` (from 1) where they are known."""

    code = "query_failed"


class NeedsOpenSessionError(StatementRefusedError):
    """A preview reads files outside RAT, which a confined child cannot: it must go to one that is not confined."""

    code = "needs_open_session"


class QueryCancelledError(RatError):
    """Somebody cancelled the query."""

    code = "query_cancelled"
    kind = ErrorKind.VALIDATION


class QueryTimeoutError(RatError):
    """A query or test ran longer than its limit and was stopped."""

    code = "query_timeout"
    kind = ErrorKind.VALIDATION


class ResourceLimitError(ValidationError):
    """A statement needed more memory, disk or result size than its limit; the message names the limit."""

    code = "resource_limit"


class TooLargeError(ValidationError):
    """A body or file is larger than the server accepts; the message names the limit."""

    code = "too_large"


class NotFoundError(RatError):
    """The named thing does not exist."""

    code = "not_found"
    kind = ErrorKind.NOT_FOUND


class ForbiddenError(RatError):
    """The policy does not allow this actor this action."""

    code = "forbidden"
    kind = ErrorKind.AUTHORIZATION


class ConflictError(RatError):
    """The request contradicts the present state."""

    code = "conflict"
    kind = ErrorKind.CONFLICT


class AlreadyExistsError(ConflictError):
    """Something of that name exists already."""

    code = "already_exists"


class StaleDraftError(ConflictError):
    """The draft was saved by someone else since it was read; ``details`` carries the current revision and files."""

    code = "stale_draft"


class StaleDocumentationError(ConflictError):
    """A table's documentation was changed by someone else since it was read; ``details`` carries the present texts and their revision."""

    code = "stale_documentation"


class RunFinishedError(ConflictError):
    """The run has reached a final status, which never changes."""

    code = "run_finished"


class PublishConflictError(ConflictError):
    """``main`` is not where the run expected it, or the run no longer owns its lease; nothing was published."""

    code = "publish_conflict"


class RunFailedError(RatError):
    """A run could not be carried out; nothing was published."""

    code = "run_failed"
    kind = ErrorKind.VALIDATION


class AuditFailedError(RunFailedError):
    """Quality tests of severity error failed on the branch; nothing was published."""

    code = "audit_failed"


class MissingInputError(RunFailedError):
    """A table or landing zone that the pipeline reads does not exist yet."""

    code = "missing_input"


class SchemaMismatchError(RunFailedError):
    """A result's columns do not fit the table, or cannot be a table's columns at all; the message lists the differences."""

    code = "schema_mismatch"


class UnsupportedTypeError(RunFailedError):
    """A result has a column whose type Iceberg cannot hold without loss; the message names column, type and the CAST to write."""

    code = "unsupported_type"


class RunCancelledError(RunFailedError):
    """Somebody cancelled the run; nothing was published."""

    code = "cancelled"


class ChildDiedError(RunFailedError):
    """The child process that carried out the work ended without an answer."""

    code = "child_died"
    kind = ErrorKind.UNAVAILABLE


class InterruptedByStopError(RunFailedError):
    """RAT itself was stopped, or died, while the work was going on; nothing was published."""

    code = "interrupted"
    kind = ErrorKind.UNAVAILABLE


class DiskFullError(RunFailedError):
    """The disk has no room for what was being written; nothing was published."""

    code = "disk_full"
    kind = ErrorKind.UNAVAILABLE


class UnavailableError(RatError):
    """Something the engine needs does not answer or belongs to someone else."""

    code = "unavailable"
    kind = ErrorKind.UNAVAILABLE


class DatabaseUnavailableError(UnavailableError):
    """The metadata database is locked, full, damaged or away; the transaction did not happen."""

    code = "database_unavailable"


class ConfinementError(UnavailableError):
    """A process cannot be confined as it must be; the message says what stands in the way."""

    code = "confinement_failed"


class DataFolderOwnedError(UnavailableError):
    """Another process owns the data folder; the message names its pid."""

    code = "data_folder_owned"


class DataFolderMovedError(UnavailableError):
    """The tables of the data folder name their files in another folder: it was copied or moved."""

    code = "data_folder_moved"


class DatabaseTooNewError(UnavailableError):
    """The database was migrated by a newer program than this one."""

    code = "database_too_new"


class PortTakenError(UnavailableError):
    """Another process listens on the port."""

    code = "port_taken"


def restore(code: str, message: str, details: Mapping[str, Any] | None = None) -> RatError:
    """The error that was stored, or came from another process, as ``code`` and ``message``; RatError itself for a code nobody knows."""
    kind = next((each for each in _descendants(RatError) if each.code == code), RatError)
    error = kind.__new__(kind)
    RatError.__init__(error, message, details=details)
    return error


def _descendants(root: type[RatError]) -> Iterator[type[RatError]]:
    for branch in root.__subclasses__():
        yield branch
        yield from _descendants(branch)
