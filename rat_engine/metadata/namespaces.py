"""SQL for namespaces."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from rat_engine.domain.clock import now
from rat_engine.domain.paging import Page, PageRequest
from rat_engine.domain.pipeline import Namespace
from rat_engine.errors import NotFoundError
from rat_engine.metadata import tables as t
from rat_engine.metadata.duplicates import refuse_duplicate
from rat_engine.metadata.paging import Order, fetch_page

_ORDER = Order((t.namespace.c.name,), sorts={name: t.namespace.c[name] for name in ("name", "created_at")})


def fetch_namespaces(connection: Connection, page: PageRequest) -> Page[Namespace]:
    """Namespaces by name."""
    return fetch_page(connection, _query(), _ORDER, page, _namespace)


def fetch_namespace(connection: Connection, name: str) -> Namespace:
    """One namespace. Raises NotFoundError."""
    row = connection.execute(_query().where(t.namespace.c.name == name)).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no namespace {name!r}.")
    return _namespace(row)


def insert_namespace(connection: Connection, name: str, description: str, actor: str) -> None:
    """Create a namespace. Raises AlreadyExistsError."""
    with refuse_duplicate(f"The namespace {name!r} exists already."):
        connection.execute(insert(t.namespace).values(name=name, description=description, created_at=now(), created_by=actor))


def ensure_namespace(connection: Connection, name: str, actor: str) -> bool:
    """Create the namespace unless it exists; whether it was created."""
    if connection.execute(select(t.namespace.c.name).where(t.namespace.c.name == name)).scalar() is not None:
        return False
    insert_namespace(connection, name, "", actor)
    return True


def update_namespace(connection: Connection, name: str, description: str) -> None:
    """Change the description."""
    connection.execute(update(t.namespace).where(t.namespace.c.name == name).values(description=description))


def contents(connection: Connection, name: str) -> dict[str, int]:
    """How many live pipelines, tables and landing zones a namespace holds, and pipelines deleted but remembered by runs."""
    counted = {
        "pipelines": select(func.count()).where(t.pipeline.c.namespace == name, t.pipeline.c.deleted_at.is_(None)),
        "tables": select(func.count()).where(t.lake_table.c.namespace == name),
        "landing zones": select(func.count()).where(t.landing_zone.c.namespace == name),
        "deleted pipelines": select(func.count()).where(t.pipeline.c.namespace == name, t.pipeline.c.deleted_at.is_not(None)),
    }
    return {what: connection.execute(query).scalar_one() for what, query in counted.items()}


def delete_namespace(connection: Connection, name: str) -> None:
    """Delete an empty namespace."""
    connection.execute(delete(t.namespace).where(t.namespace.c.name == name))


def _query() -> Select[Any]:
    pipelines = (
        select(func.count()).where(t.pipeline.c.namespace == t.namespace.c.name, t.pipeline.c.deleted_at.is_(None)).correlate(t.namespace).scalar_subquery()
    )
    return select(t.namespace, pipelines.label("pipeline_count"))


def _namespace(row: Row[Any]) -> Namespace:
    return Namespace(row.name, row.description, row.created_at, row.pipeline_count)
