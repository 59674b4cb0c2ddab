"""Log lines of an attempt, and the piece of a log that a cursor asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
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


@dataclass(frozen=True, slots=True)
class LogSearch:
    """Which lines of a log are looked for: those of ``level`` or above that contain ``text``, whatever its ASCII letters' case."""

    level: LogLevel = LogLevel.DEBUG
    text: str = ""

    @property
    def everything(self) -> bool:
        """Whether every line is meant."""
        return self.level is LogLevel.DEBUG and not self.text


@dataclass(frozen=True, slots=True)
class LogPage:
    """Which matches: ``limit`` of them from line ``after`` on, or, with ``skip``, behind the first ``skip`` of all."""

    after: int = 0
    limit: int = 1000
    skip: int | None = None


@dataclass(frozen=True, slots=True)
class LogMatches:
    """Matching lines of one attempt's log, each with its number.

    ``first`` counts the matches before them, ``found`` those known in all, ``seen`` the lines looked at so far; ``next`` is the line to
    go on at. ``scanning`` means that the log has lines which were not looked at yet; ``complete`` is that of a chunk.
    """

    attempt: int
    lines: tuple[tuple[int, LogLine], ...]
    first: int
    found: int
    seen: int
    next: int
    scanning: bool
    complete: bool


@dataclass(frozen=True, slots=True)
class LogFile:
    """The file of an attempt's log and how many bytes it has now."""

    path: Path
    attempt: int
    size: int


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
