"""Use cases of namespaces."""

from __future__ import annotations

from rat_engine.domain.access import Action, Actor
from rat_engine.domain.event import EventKind, NewEvent
from rat_engine.domain.names import checked_namespace
from rat_engine.domain.paging import Page, PageRequest
from rat_engine.domain.pipeline import MAX_DESCRIPTION, Namespace
from rat_engine.errors import ConflictError
from rat_engine.metadata import namespaces as sql
from rat_engine.services.base import Service, action, checked_length


class NamespaceService(Service):
    """Tenant areas."""

    @action(Action.NAMESPACE_READ)
    def list(self, actor: Actor, page: PageRequest = PageRequest()) -> Page[Namespace]:
        """Namespaces by name."""
        with self._database.read() as connection:
            return sql.fetch_namespaces(connection, page)

    @action(Action.NAMESPACE_READ)
    def get(self, actor: Actor, name: str) -> Namespace:
        """One namespace. Raises NotFoundError."""
        with self._database.read() as connection:
            return sql.fetch_namespace(connection, name)

    @action(Action.NAMESPACE_WRITE)
    def create(self, actor: Actor, name: str, description: str = "") -> Namespace:
        """Create a namespace. Raises InvalidNameError, AlreadyExistsError."""
        checked_namespace(name)
        checked_length(description, MAX_DESCRIPTION, "description")
        with self._database.write() as transaction:
            sql.insert_namespace(transaction.connection, name, description, actor.name)
            transaction.record(NewEvent(EventKind.NAMESPACE_CREATED, name, actor.name, name))
            return sql.fetch_namespace(transaction.connection, name)

    @action(Action.NAMESPACE_WRITE)
    def update(self, actor: Actor, name: str, description: str) -> Namespace:
        """Change the description. Raises NotFoundError."""
        checked_length(description, MAX_DESCRIPTION, "description")
        with self._database.write() as transaction:
            sql.fetch_namespace(transaction.connection, name)
            sql.update_namespace(transaction.connection, name, description)
            transaction.record(NewEvent(EventKind.NAMESPACE_UPDATED, name, actor.name, name))
            return sql.fetch_namespace(transaction.connection, name)

    @action(Action.NAMESPACE_WRITE)
    def delete(self, actor: Actor, name: str) -> None:
        """Delete an empty namespace. Raises NotFoundError, and ConflictError saying what it still holds."""
        with self._database.write() as transaction:
            sql.fetch_namespace(transaction.connection, name)
            held = {what: count for what, count in sql.contents(transaction.connection, name).items() if count}
            if held:
                advice = "Delete its pipelines first." if "pipelines" in held else "What was published, landed or run stays, and so does its namespace."
                raise ConflictError(f"The namespace {name!r} still holds {', '.join(_counted(*each) for each in held.items())}. {advice}")
            sql.delete_namespace(transaction.connection, name)
            transaction.record(NewEvent(EventKind.NAMESPACE_DELETED, name, actor.name, name))


def _counted(what: str, count: int) -> str:
    return f"{count:,} {what.removesuffix('s') if count == 1 else what}"
