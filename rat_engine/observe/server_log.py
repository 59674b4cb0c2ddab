"""The server's own log on stderr: one line per happening, ``key=value``, with the ids of request and run in every line.

A line is ``<ISO-8601 UTC>Z <level> <logger> <message> key=value …``; values with blanks, quotes or control characters are JSON
strings, so nobody can forge a line. A traceback follows its line, indented.
"""

from __future__ import annotations

import contextlib
import json
import logging
import re
import sys
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, TextIO

from rat_engine.domain.clock import iso

OURS = ("rat", "rat_engine", "rat_app")
_PLAIN = re.compile(r"[^\s\"=\\]+")
_context: ContextVar[Mapping[str, str]] = ContextVar("rat_log_context", default=MappingProxyType({}))


def start_logging(level: str, stream: TextIO | None = None) -> None:
    """Show what our modules log from ``level`` on, and warnings of everyone else, on ``stream`` (stderr by default). Calling it again replaces it."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(LineFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(level.upper())


@contextlib.contextmanager
def log_context(**ids: str) -> Iterator[None]:
    """Put ``ids`` (``request_id``, ``run_id``) into every line logged within the block, also by threads and tasks started there."""
    token = _context.set({**_context.get(), **ids})
    try:
        yield
    finally:
        _context.reset(token)


def log_fields(**values: Any) -> dict[str, dict[str, Any]]:
    """The ``extra`` of a log call that adds ``values`` to its line."""
    return {"fields": values}


class LineFormatter(logging.Formatter):
    """One line per record; the traceback, where there is one, indented below it."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as text."""
        moment = iso(datetime.fromtimestamp(record.created, UTC))
        values: dict[str, Any] = {**getattr(record, "fields", {}), **_context.get()}
        pairs = "".join(f" {key}={_value(value)}" for key, value in values.items())
        line = f"{moment} {record.levelname.lower()} {record.name} {_one_line(record.getMessage())}{pairs}"
        if not record.exc_info:
            return line
        return "\n".join((line, *(f"    {below}" for below in self.formatException(record.exc_info).splitlines())))


def _value(value: Any) -> str:
    text = str(value)
    return text if text.isprintable() and _PLAIN.fullmatch(text) else json.dumps(text)


def _one_line(text: str) -> str:
    return text if text.isprintable() else json.dumps(text)[1:-1]
