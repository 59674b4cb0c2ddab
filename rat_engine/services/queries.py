"""Use cases of the query explorer and of previews: ask, watch, page through the result."""

from __future__ import annotations

import time
from datetime import timedelta

from rat_engine.access.policy import Policy
from rat_engine.domain.access import Action, Actor
from rat_engine.domain.authoring import Cursor
from rat_engine.domain.clock import now
from rat_engine.domain.job import CancelOutcome, JobKind, Lane, NewJob
from rat_engine.domain.lake import ESTIMATE, PREVIEW, QUERY, Estimate, Query, QueryFilter, QueryStatus, TableEstimate
from rat_engine.domain.names import TableName, checked_namespace
from rat_engine.domain.paging import Page, PageRequest
from rat_engine.domain.pipeline import SOURCE_FILE, PipelineFiles
from rat_engine.domain.result import ResultWindow
from rat_engine.errors import ConflictError, NotFoundError, QueryCancelledError, ValidationError
from rat_engine.jobs import queue
from rat_engine.jobs.lifecycle import QueryEnd, end_query
from rat_engine.metadata import pipelines
from rat_engine.metadata import queries as sql
from rat_engine.metadata.database import Database
from rat_engine.observe.results import read_window, result_path
from rat_engine.services.answers import take_answer
from rat_engine.services.base import Service, action
from rat_engine.services.pipelines import compile_place, read_by
from rat_engine.settings import Settings

MAX_SQL_BYTES = 100_000
MAX_PREVIEW_ROWS = 10_000
MAX_WINDOW_ROWS = 5_000

# The history: how long a query stays in it, and how many that are older go with each new one.
HISTORY_DAYS = 90
_FORGET = 20

# A query that a person waits for goes before what queries would read.
_LATER = 1


class QueryService(Service):
    """Ad-hoc queries over published tables, and previews of pipeline files."""

    def __init__(self, database: Database, policy: Policy, settings: Settings) -> None:
        super().__init__(database, policy)
        self._settings = settings

    @action(Action.QUERY)
    def submit(self, actor: Actor, statement: str, namespace: str = "", limit: int | None = None) -> Query:
        """Ask for one SELECT over published tables; ``layer.name`` means ``namespace``. At most ``limit`` rows are kept.

        Raises ValidationError for a statement or limit beyond the limits; what DuckDB says of it is in the query.
        """
        if namespace:
            checked_namespace(namespace)
        most = self._settings.result_limit_rows
        return self._ask(actor, QUERY, statement, namespace, {"limit_rows": _checked_limit(limit or most, most), "zones": []})

    @action(Action.QUERY)
    def estimate(self, actor: Actor, statement: str, namespace: str = "") -> Query:
        """Ask what a statement would read at most. ``wait`` for it, then ``estimated`` tells. Raises ValidationError."""
        if namespace:
            checked_namespace(namespace)
        return self._ask(actor, ESTIMATE, statement, namespace, {"limit_rows": 1, "zones": []})

    @action(Action.QUERY)
    def estimated(self, actor: Actor, query_id: str) -> Estimate:
        """What came of an estimate; it is forgotten then. Raises NotFoundError, ConflictError before it has ended, and what was wrong with the statement."""
        answer = take_answer(self._database, query_id, ESTIMATE)
        return Estimate(tuple(TableEstimate(**table) for table in answer.get("tables", ())))

    @action(Action.QUERY)
    def list(self, actor: Actor, wanted: QueryFilter = QueryFilter(), page: PageRequest = PageRequest()) -> Page[Query]:
        """The queries that the actor asked in the last 90 days, newest first."""
        with self._database.read() as connection:
            return sql.fetch_queries(connection, actor.name, wanted, page)

    @action(Action.QUERY)
    def preview(self, actor: Actor, table: TableName, files: PipelineFiles | None = None, path: str | Cursor = SOURCE_FILE, limit: int = 100) -> Query:
        """Ask for the rows that ``path`` of ``files``, or of the draft, would give now; nothing is written.

        With a cursor for a path they are the rows of the CTE that it is in. Raises CompileError, NotFoundError, ValidationError.
        """
        _checked_limit(limit, MAX_PREVIEW_ROWS)
        with self._database.read() as connection:
            texts = files or pipelines.fetch_draft(connection, pipelines.fetch_pipeline(connection, table).id, table).files
            statement = compile_place(connection, table, texts, path)
            read = read_by(connection, table, texts)
        zones = [str(each.zone) for each in read if each.zone is not None]
        known = sorted({str(table), *(str(each.table) for each in read if each.table is not None)})
        return self._ask(actor, PREVIEW, statement, table.namespace, {"limit_rows": limit, "zones": zones, "known": known})

    @action(Action.QUERY)
    def explain(self, actor: Actor, statement: str, namespace: str = "", analyze: bool = False) -> Query:
        """Ask how a SELECT over published tables is carried out; with ``analyze`` it is run to its end, to see what each step took.

        The statement must pass the same checks as a query. Its plan is then read by ``results.plan``. Raises ValidationError.
        """
        if namespace:
            checked_namespace(namespace)
        return self._ask(actor, "explain", statement, namespace, {"limit_rows": 1, "zones": [], "explain": "analyze" if analyze else "plan"})

    @action(Action.QUERY)
    def get(self, actor: Actor, query_id: str) -> Query:
        """One query. Raises NotFoundError."""
        with self._database.read() as connection:
            return sql.fetch_query(connection, query_id)

    @action(Action.QUERY)
    def wait(self, actor: Actor, query_id: str, timeout: float) -> Query:
        """The query once it has ended, or as it stands after ``timeout`` seconds. Raises NotFoundError."""
        deadline = time.monotonic() + timeout
        with self._database.bus.listen() as listener:
            query = self.get(actor, query_id)
            while not query.status.final and (left := deadline - time.monotonic()) > 0:
                # The wake-up is the fast path; looking again each second is the safety net.
                listener.wait(min(left, 1.0))
                query = self.get(actor, query_id)
        return query

    @action(Action.QUERY)
    def cancel(self, actor: Actor, query_id: str) -> Query:
        """End a waiting query at once; ask a running one to stop. Raises NotFoundError, ConflictError when it has ended."""
        with self._database.write() as transaction:
            query = sql.fetch_query(transaction.connection, query_id)
            if query.status.final:
                raise ConflictError(f"Query {query_id} ended as {query.status.value}; a final status never changes.")
            if queue.request_cancel(transaction, query_id) is not CancelOutcome.ASKED:
                message = f"Cancelled by {actor.name} before it started."
                end_query(transaction, query_id, QueryEnd(QueryStatus.CANCELLED, code=QueryCancelledError.code, message=message))
            return sql.fetch_query(transaction.connection, query_id)

    @action(Action.QUERY)
    def rows(self, actor: Actor, query_id: str, offset: int = 0, limit: int = 500) -> ResultWindow:
        """Rows ``offset`` to ``offset + limit`` of a result. Raises NotFoundError when there is none or it was cleaned up, ConflictError before it is there."""
        if offset < 0:
            raise ValidationError(f"offset={offset} is negative.")
        _checked_limit(limit, MAX_WINDOW_ROWS)
        query = self.get(actor, query_id)
        if query.status is not QueryStatus.SUCCESS:
            raise ConflictError(f"Query {query_id} has no rows: it is {query.status.value}.")
        path = result_path(self._settings.results, query_id)
        if not path.exists():
            raise NotFoundError(f"The rows of query {query_id} were cleaned up. Run it again.")
        return read_window(path, offset, limit)

    def _ask(self, actor: Actor, kind: str, statement: str, namespace: str, payload: dict[str, object]) -> Query:
        checked_statement(statement)
        job_kind, priority = (JobKind.ESTIMATE, _LATER) if kind == ESTIMATE else (JobKind.QUERY, 0)
        with self._database.write() as transaction:
            forgotten = sql.delete_before(transaction.connection, now() - timedelta(days=HISTORY_DAYS), _FORGET)
            query_id = sql.insert_query(transaction.connection, kind, statement, namespace, actor.name)
            request = {"sql": statement, "namespace": namespace, "kind": kind, **payload}
            queue.put(transaction, NewJob(job_kind, Lane.INTERACTIVE, query_id, priority=priority, payload=request))
            query = sql.fetch_query(transaction.connection, query_id)
        for old in forgotten:
            result_path(self._settings.results, old).unlink(missing_ok=True)
        return query


def checked_statement(statement: str) -> str:
    """``statement`` itself when it can be asked. Raises ValidationError."""
    if not statement.strip():
        raise ValidationError("The statement is empty. Write one SELECT.")
    if len(statement.encode()) > MAX_SQL_BYTES:
        raise ValidationError(f"The statement has more than {MAX_SQL_BYTES:,} bytes.")
    return statement


def _checked_limit(limit: int, most: int) -> int:
    if not 1 <= limit <= most:
        raise ValidationError(f"limit={limit} is out of range: choose 1 to {most:,}.")
    return limit
