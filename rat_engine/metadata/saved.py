"""SQL for saved queries. A deleted one is kept for a while, so that deleting can be undone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from rat_engine.domain.clock import new_id, now
from rat_engine.domain.lake import SavedQuery
from rat_engine.domain.paging import Page, PageRequest
from rat_engine.errors import NotFoundError
from rat_engine.metadata.duplicates import refuse_duplicate
from rat_engine.metadata.paging import Order, contains, fetch_page
from rat_engine.metadata.saved_tables import saved_query as t

_ORDER = Order((t.c.name, t.c.id), sorts={"name": t.c.name, "updated_at": t.c.updated_at, "created_at": t.c.created_at})


def fetch_saved_queries(connection: Connection, search: str, page: PageRequest) -> Page[SavedQuery]:
    """Saved queries by name; ``search`` matches part of the name, the description or the text."""
    query = select(t).where(t.c.deleted_at.is_(None))
    if search:
        query = query.where(or_(contains(t.c.name, search), contains(t.c.description, search), contains(t.c.sql, search)))
    return fetch_page(connection, query, _ORDER, page, _saved)


def fetch_saved_query(connection: Connection, key: str) -> SavedQuery:
    """The saved query of that id or name. Raises NotFoundError."""
    row = connection.execute(select(t).where(t.c.deleted_at.is_(None), or_(t.c.id == key, t.c.name == key)).order_by(t.c.name == key)).first()
    if row is None:
        raise NotFoundError(f"There is no saved query {key[:100]!r}.")
    return _saved(row)


def insert_saved_query(connection: Connection, actor: str, values: Mapping[str, str]) -> str:
    """Save a query under ``name`` with its description, namespace and sql; its id. Raises AlreadyExistsError."""
    saved_id, moment = new_id(), now()
    with refuse_duplicate(_taken(values["name"])):
        connection.execute(insert(t).values(id=saved_id, revision=1, created_at=moment, updated_at=moment, updated_by=actor, **values))
    return saved_id


def update_saved_query(connection: Connection, saved_id: str, actor: str, values: Mapping[str, str]) -> None:
    """Change what ``values`` names. Raises AlreadyExistsError when another query has the new name."""
    live = update(t).where(t.c.id == saved_id, t.c.deleted_at.is_(None))
    with refuse_duplicate(_taken(values.get("name", ""))):
        connection.execute(live.values(revision=t.c.revision + 1, updated_at=now(), updated_by=actor, **values))


def mark_deleted(connection: Connection, saved_id: str) -> None:
    """Take a query off the list; its name is free again."""
    connection.execute(update(t).where(t.c.id == saved_id).values(deleted_at=now()))


def restore_saved_query(connection: Connection, saved_id: str) -> None:
    """Put a deleted query back. Raises NotFoundError when it is not there any more, AlreadyExistsError when its name was taken meanwhile."""
    row = connection.execute(select(t.c.name).where(t.c.id == saved_id)).one_or_none()
    if row is None:
        raise NotFoundError("The saved query is not there any more, so that its deletion cannot be undone.")
    with refuse_duplicate(f"{_taken(row.name)} Rename that one first."):
        connection.execute(update(t).where(t.c.id == saved_id).values(deleted_at=None))


def purge_deleted(connection: Connection, moment: datetime) -> None:
    """Forget what was deleted before ``moment``."""
    connection.execute(delete(t).where(t.c.deleted_at < moment))


def _taken(name: str) -> str:
    return f"There is a saved query called {name!r} already."


def _saved(row: Row[Any]) -> SavedQuery:
    names = ("id", "name", "description", "namespace", "sql", "revision", "created_at", "updated_at", "updated_by")
    return SavedQuery(**{name: getattr(row, name) for name in names})
