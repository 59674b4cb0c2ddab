"""A statement as DuckDB itself reads it: DuckDB parses, we look at the tree, so the two can never understand a text differently."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from typing import Any

import duckdb

from rat_engine.domain.pipeline import MAX_SQL_BYTES
from rat_engine.errors import QueryFailedError, StatementRefusedError
from rat_engine.lakehouse.connection import parser
from rat_engine.lakehouse.faults import Statement

ONE_SELECT = "Exactly one SELECT is accepted here (or WITH, FROM, VALUES, DESCRIBE, SUMMARIZE)."

_TREE = "SELECT json_serialize_sql(CAST(? AS VARCHAR), skip_null := true, skip_empty := true)"


def parse(sql: str) -> dict[str, Any]:
    """The tree of the one SELECT in ``sql``.

    Raises QueryFailedError for a syntax error, with line and column; StatementRefusedError for a text that is no such statement or too long.
    """
    _check_text(sql)
    tree = _serialize(sql)
    if tree["error"]:
        raise _refused(sql, tree)
    statements: list[dict[str, Any]] = tree["statements"]
    if len(statements) != 1:
        raise StatementRefusedError(f"{'There is no statement' if not statements else f'There are {len(statements)} statements'}. {ONE_SELECT}")
    return statements[0]


def located(sql: str, offset: int) -> tuple[str, dict[str, int]]:
    """The end of a message and an error's details for a byte offset in ``sql``."""
    place = Statement(sql).place(offset)
    if place is None:
        return "", {}
    return f" (line {place[0]}, column {place[1]})", {"line": place[0], "column": place[1]}


def _check_text(sql: str) -> None:
    try:
        size = len(sql.encode())
    except UnicodeEncodeError:
        raise StatementRefusedError("The statement contains half of a character (an unpaired surrogate). Remove it.") from None
    if size > MAX_SQL_BYTES:
        raise StatementRefusedError(f"The statement has {size:,} bytes; at most {MAX_SQL_BYTES:,} are accepted.")
    if "\x00" in sql:
        message, details = located(sql, sql.encode().index(0))
        raise StatementRefusedError(f"The statement contains a NUL character. Remove it.{message}", details=details)


def _serialize(sql: str) -> dict[str, Any]:
    try:
        with contextlib.closing(parser().cursor()) as cursor:
            row = cursor.execute(_TREE, [sql]).fetchone()
        return json.loads(row[0] if row else "")
    except (duckdb.Error, RecursionError) as error:
        raise StatementRefusedError("The statement is nested too deeply.") from error


def _refused(sql: str, tree: dict[str, Any]) -> QueryFailedError | StatementRefusedError:
    if tree.get("error_type") == "parser":
        message, details = located(sql, int(tree.get("position", len(sql.encode()))))
        return QueryFailedError(f"Parser Error: {tree['error_message']}{message}", details=details)
    kinds = _kinds(sql)
    if "MULTI" in kinds:
        return StatementRefusedError("PIVOT needs to be told its columns: write PIVOT … ON column IN ('a', 'b').")
    if len(kinds) > 1:
        return StatementRefusedError(f"There are {len(kinds)} statements. {ONE_SELECT}")
    return StatementRefusedError(f"{kinds[0] if kinds else 'This'} is not allowed. {ONE_SELECT}")


def _kinds(sql: str) -> list[str]:
    """What each of the statements is."""
    try:
        with contextlib.closing(parser().cursor()) as cursor:
            statements: Iterable[Any] = cursor.extract_statements(sql)
            return [statement.type.name for statement in statements]
    except duckdb.Error:
        return []
