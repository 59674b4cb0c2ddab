"""Tell a duplicate from every other database error: only a duplicate is the caller's conflict."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator

from sqlalchemy.exc import IntegrityError

from rat_engine.errors import AlreadyExistsError

_SQLITE_DUPLICATE = frozenset({sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY})
_POSTGRES_DUPLICATE = "23505"


@contextlib.contextmanager
def refuse_duplicate(message: str) -> Iterator[None]:
    """Turn a unique violation within the block into AlreadyExistsError(``message``); anything else passes unchanged."""
    try:
        yield
    except IntegrityError as error:
        code = getattr(error.orig, "sqlite_errorcode", None)
        if code in _SQLITE_DUPLICATE or getattr(error.orig, "sqlstate", None) == _POSTGRES_DUPLICATE:
            raise AlreadyExistsError(message) from None
        raise
