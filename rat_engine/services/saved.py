"""Use cases of saved queries, and of the pipeline that a query becomes."""

from __future__ import annotations

from datetime import timedelta

from rat_engine.compile.from_query import pipeline_source
from rat_engine.domain.access import Action, Actor
from rat_engine.domain.clock import now
from rat_engine.domain.event import EventKind, NewEvent
from rat_engine.domain.lake import SavedQuery
from rat_engine.domain.names import TableName, checked_namespace
from rat_engine.domain.paging import Page, PageRequest
from rat_engine.domain.pipeline import MAX_DESCRIPTION, SOURCE_FILE, Pipeline, PipelineFiles
from rat_engine.errors import ValidationError
from rat_engine.metadata import pipelines, published
from rat_engine.metadata import saved as sql
from rat_engine.metadata.database import Transaction
from rat_engine.services.base import Service, action, checked_length
from rat_engine.services.pipelines import create_pipeline
from rat_engine.services.queries import checked_statement

MAX_NAME = 100
UNDO_HOURS = 24


class SavedQueryService(Service):
    """Queries with a name."""

    @action(Action.SAVED_READ)
    def list(self, actor: Actor, search: str = "", page: PageRequest = PageRequest()) -> Page[SavedQuery]:
        """Saved queries by name."""
        with self._database.read() as connection:
            return sql.fetch_saved_queries(connection, search, page)

    @action(Action.SAVED_READ)
    def get(self, actor: Actor, key: str) -> SavedQuery:
        """The saved query of that id or name. Raises NotFoundError."""
        with self._database.read() as connection:
            return sql.fetch_saved_query(connection, key)

    @action(Action.SAVED_WRITE)
    def create(self, actor: Actor, name: str, statement: str, namespace: str = "", description: str = "") -> SavedQuery:
        """Save a query; it need not work yet. Raises AlreadyExistsError, ValidationError."""
        values = _checked({"name": name, "sql": statement, "namespace": namespace, "description": description})
        with self._database.write() as transaction:
            saved_id = sql.insert_saved_query(transaction.connection, actor.name, values)
            return _recorded(transaction, EventKind.SAVED_CREATED, saved_id, actor)

    @action(Action.SAVED_WRITE)
    def update(self, actor: Actor, key: str, **changed: str) -> SavedQuery:
        """Change ``name``, ``sql``, ``namespace`` or ``description`` of a saved query; what is not given stays.

        Raises NotFoundError, AlreadyExistsError, ValidationError.
        """
        values = _checked(changed)
        with self._database.write() as transaction:
            saved = sql.fetch_saved_query(transaction.connection, key)
            sql.update_saved_query(transaction.connection, saved.id, actor.name, values)
            return _recorded(transaction, EventKind.SAVED_UPDATED, saved.id, actor)

    @action(Action.SAVED_WRITE)
    def delete(self, actor: Actor, key: str) -> SavedQuery:
        """Delete a saved query and return what it was; ``restore`` brings it back within 24 hours. Raises NotFoundError."""
        with self._database.write() as transaction:
            saved = sql.fetch_saved_query(transaction.connection, key)
            sql.purge_deleted(transaction.connection, now() - timedelta(hours=UNDO_HOURS))
            sql.mark_deleted(transaction.connection, saved.id)
            transaction.record(NewEvent(EventKind.SAVED_DELETED, saved.id, actor.name, saved.namespace, {"name": saved.name}))
            return saved

    @action(Action.SAVED_WRITE)
    def restore(self, actor: Actor, saved_id: str) -> SavedQuery:
        """Undo a deletion. Raises NotFoundError, and AlreadyExistsError when another query took the name."""
        with self._database.write() as transaction:
            sql.restore_saved_query(transaction.connection, saved_id)
            return _recorded(transaction, EventKind.SAVED_CREATED, saved_id, actor)

    @action(Action.PIPELINE_WRITE)
    def to_pipeline(self, actor: Actor, table: TableName, statement: str, namespace: str = "", description: str = "") -> Pipeline:
        """Create the pipeline that fills ``table`` with what ``statement`` selects; published tables in it become ref().

        ``layer.name`` means ``namespace``. Raises AlreadyExistsError, ValidationError.
        """
        checked_statement(statement)
        checked_length(description, MAX_DESCRIPTION, "description")
        with self._database.write() as transaction:
            known = published.fetch_table_names(transaction.connection)
            source = pipeline_source(table, statement, known, namespace, description)
            create_pipeline(transaction, table, PipelineFiles({SOURCE_FILE: source}), actor, description)
            return pipelines.fetch_pipeline(transaction.connection, table)


def _checked(values: dict[str, str]) -> dict[str, str]:
    """``values`` when each can be stored. Raises ValidationError."""
    if "name" in values:
        values = {**values, "name": _checked_name(values["name"])}
    if "sql" in values:
        checked_statement(values["sql"])
    if values.get("namespace"):
        checked_namespace(values["namespace"])
    checked_length(values.get("description", ""), MAX_DESCRIPTION, "description")
    return values


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise ValidationError("A saved query needs a name.")
    if "/" in name or not name.isprintable():
        raise ValidationError("The name of a saved query cannot contain a slash or a character that is not shown.")
    return checked_length(name, MAX_NAME, "name")


def _recorded(transaction: Transaction, kind: EventKind, saved_id: str, actor: Actor) -> SavedQuery:
    saved = sql.fetch_saved_query(transaction.connection, saved_id)
    transaction.record(NewEvent(kind, saved.id, actor.name, saved.namespace, {"name": saved.name}))
    return saved
