"""Log lines of an attempt, and the piece of a log that a cursor asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class LogLevel(StrEnum):
    """How much a line matters."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line. ``at`` is None for what native code wrote by itself (a crash message), which has the level error."""

    at: datetime | None
    level: LogLevel
    message: str


@dataclass(frozen=True, slots=True)
class LogChunk:
    """Consecutive lines of one attempt's log.

    ``start`` is the number of the first line (from 0), ``next`` the cursor to pass back. ``complete`` means that the
    attempt has ended and no line follows ``next``.
    """

    attempt: int
    start: int
    lines: tuple[LogLine, ...]
    next: int
    complete: bool


class Logger(Protocol):
    """Where the steps of a run tell what they do; each message becomes one line of the attempt's log."""

    def debug(self, message: str) -> None:
        """Append a line of level debug."""
        ...

    def info(self, message: str) -> None:
        """Append a line of level info."""
        ...

    def warning(self, message: str) -> None:
        """Append a line of level warning."""
        ...

    def error(self, message: str) -> None:
        """Append a line of level error."""
        ...
