"""Use cases of looking into a table: its first rows, its data files, what its columns hold.

Each look is carried out by interactive children, once per snapshot: asking again shows what is there already.
"""

from __future__ import annotations

from collections.abc import Mapping

from rat_engine.access.policy import Policy
from rat_engine.domain.access import Action, Actor
from rat_engine.domain.inspection import ColumnProfile, InspectionKind, TableProfile
from rat_engine.domain.job import CancelOutcome, JobKind, Lane, NewJob
from rat_engine.domain.lake import LakeTable, Query, QueryStatus
from rat_engine.domain.names import TableName
from rat_engine.errors import QueryCancelledError
from rat_engine.jobs import queue
from rat_engine.jobs.lifecycle import QueryEnd, end_query
from rat_engine.metadata import inspections, published
from rat_engine.metadata import queries as sql
from rat_engine.metadata.database import Database, Transaction
from rat_engine.observe.results import read_window, result_path
from rat_engine.services import profiling
from rat_engine.services.base import Service, action
from rat_engine.settings import Settings

PREVIEW_ROWS = 1_000
MAX_FILES = 1_000_000

# Whoever waits for a query or for first rows goes before whoever waits for a profile.
_LATER = 5
_PROFILE_ROWS = 10_000


class InspectionService(Service):
    """Looks at published tables as they are now."""

    def __init__(self, database: Database, policy: Policy, settings: Settings) -> None:
        super().__init__(database, policy)
        self._settings = settings

    @action(Action.QUERY)
    def preview(self, actor: Actor, table: TableName) -> Query:
        """Ask for a table's first rows, at most 1,000 and in no particular order. Raises NotFoundError."""
        with self._database.write() as transaction:
            found = published.fetch_table(transaction.connection, table)
            return self._once(transaction, actor, found, InspectionKind.PREVIEW, {"sql": f"SELECT * FROM {table.sql}", "limit_rows": PREVIEW_ROWS})

    @action(Action.QUERY)
    def files(self, actor: Actor, table: TableName) -> Query:
        """Ask for a table's data files: path, rows, bytes and number of delete files, by path. Raises NotFoundError."""
        with self._database.write() as transaction:
            found = published.fetch_table(transaction.connection, table)
            wanted = {"sql": f"-- data files of {table}", "files_of": str(table), "limit_rows": MAX_FILES}
            return self._once(transaction, actor, found, InspectionKind.FILES, wanted)

    @action(Action.QUERY)
    def ask_profile(self, actor: Actor, table: TableName) -> TableProfile:
        """Ask for what a table's columns hold; what is there already, or under way, is not asked again. Raises NotFoundError."""
        with self._database.write() as transaction:
            found = published.fetch_table(transaction.connection, table)
            known = {place: query for place, query in self._known(transaction, found, InspectionKind.PROFILE).items() if self._usable(query)}
            missing = {place: columns for place, columns in enumerate(profiling.parts(found.columns)) if place not in known}
            asked = {
                place: self._ask(transaction, actor, found, {"sql": profiling.statement(found, columns), "limit_rows": _PROFILE_ROWS}, _LATER)
                for place, columns in missing.items()
            }
            if asked:
                inspections.insert_inspection(transaction.connection, found, InspectionKind.PROFILE, asked)
        return self.profile(actor, table)

    @action(Action.TABLE_READ)
    def profile(self, actor: Actor, table: TableName) -> TableProfile:
        """What is known of a table's columns, as far as it is ready. Nothing is asked for by this. Raises NotFoundError."""
        with self._database.read() as connection:
            found = published.fetch_table(connection, table)
            known = inspections.fetch_inspection(connection, found, InspectionKind.PROFILE)
        return self._profile(found, known)

    @action(Action.QUERY)
    def cancel_profile(self, actor: Actor, table: TableName) -> TableProfile:
        """Stop profiling; what is ready stays. Raises NotFoundError."""
        with self._database.write() as transaction:
            found = published.fetch_table(transaction.connection, table)
            for query in self._known(transaction, found, InspectionKind.PROFILE).values():
                if not query.status.final and queue.request_cancel(transaction, query.id) is not CancelOutcome.ASKED:
                    message = f"Cancelled by {actor.name} before it started."
                    end_query(transaction, query.id, QueryEnd(QueryStatus.CANCELLED, code=QueryCancelledError.code, message=message))
        return self.profile(actor, table)

    def _once(self, transaction: Transaction, actor: Actor, table: LakeTable, kind: InspectionKind, wanted: Mapping[str, object]) -> Query:
        known = self._known(transaction, table, kind).get(0)
        if known is not None and self._usable(known):
            return known
        query_id = self._ask(transaction, actor, table, wanted)
        inspections.insert_inspection(transaction.connection, table, kind, {0: query_id})
        return sql.fetch_query(transaction.connection, query_id)

    def _known(self, transaction: Transaction, table: LakeTable, kind: InspectionKind) -> dict[int, Query]:
        return inspections.fetch_inspection(transaction.connection, table, kind)

    def _ask(self, transaction: Transaction, actor: Actor, table: LakeTable, wanted: Mapping[str, object], priority: int = 0) -> str:
        namespace = table.name.namespace
        query_id = sql.insert_query(transaction.connection, "look", str(wanted["sql"]), namespace, actor.name)
        # The snapshot is named, so that rows published in between are not taken for this one's.
        payload: dict[str, object] = {**wanted, "namespace": namespace, "kind": "look", "zones": [], "at": {str(table.name): table.snapshot_id}}
        queue.put(transaction, NewJob(JobKind.QUERY, Lane.INTERACTIVE, query_id, priority=priority, payload=payload))
        return query_id

    def _usable(self, query: Query) -> bool:
        """Whether a query is under way, or has rows that are still there."""
        return not query.status.final or self._has_rows(query)

    def _has_rows(self, query: Query) -> bool:
        return query.status is QueryStatus.SUCCESS and result_path(self._settings.results, query.id).exists()

    def _profile(self, table: LakeTable, known: Mapping[int, Query]) -> TableProfile:
        columns = [profile for place, part in enumerate(profiling.parts(table.columns)) for profile in self._columns(part, known.get(place))]
        wrong = next((query for query in known.values() if query.status is QueryStatus.FAILED), None)
        code, message = (wrong.error_code, wrong.error_message) if wrong is not None else ("", "")
        status = _status(known, len(columns), len(table.columns))
        return TableProfile(table.name, table.snapshot_id, status, tuple(columns), len(table.columns), profiling.sampled(table), code, message)

    def _columns(self, part: profiling.Part, query: Query | None) -> list[ColumnProfile]:
        if query is None or not self._has_rows(query):
            return []
        return profiling.profiles(part, read_window(result_path(self._settings.results, query.id), 0, _PROFILE_ROWS).rows)


def _status(known: Mapping[int, Query], ready: int, total: int) -> QueryStatus | None:
    """How a profile stands: as its parts, the unfinished ones first; None when some were never asked for or are gone."""
    statuses = {query.status for query in known.values()}
    for status in (QueryStatus.RUNNING, QueryStatus.PENDING, QueryStatus.FAILED, QueryStatus.CANCELLED):
        if status in statuses:
            return status
    return QueryStatus.SUCCESS if known and ready == total else None
