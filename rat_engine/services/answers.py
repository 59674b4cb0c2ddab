"""Answers that are asked for, waited for, and taken once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rat_engine.domain.lake import QueryStatus
from rat_engine.errors import ConflictError, restore
from rat_engine.metadata import queries as sql
from rat_engine.metadata.database import Database


def take_answer(database: Database, asked_id: str, kind: str) -> Mapping[str, Any]:
    """What came of the ``kind`` of thing that was asked for; it is forgotten then.

    Raises NotFoundError, ConflictError before it has ended, and what it ended with when it failed.
    """
    with database.write() as transaction:
        query = sql.fetch_query(transaction.connection, asked_id, kind)
        if not query.status.final:
            raise ConflictError(f"The {kind} {asked_id} is {query.status.value}.")
        answer: Mapping[str, Any] = sql.fetch_answer(transaction.connection, asked_id) if query.status is QueryStatus.SUCCESS else {}
        sql.delete_query(transaction.connection, asked_id)
    if query.error_code:
        raise restore(query.error_code, query.error_message, {"line": query.error_line, "column": query.error_column})
    return answer
