"""Use cases of a query's result: take it away as a file, see what is in a column, draw it, read a plan."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rat_engine.access.policy import Policy
from rat_engine.domain.access import Action, Actor
from rat_engine.domain.lake import Estimate, Query, QueryStatus, TableEstimate
from rat_engine.domain.result import ChartData, ChartOptions, ColumnStatistics, Export, ExportFormat, ExportOptions, PlanStep, QueryPlan
from rat_engine.errors import ConflictError, NotFoundError, UnavailableError, ValidationError
from rat_engine.metadata import queries as sql
from rat_engine.metadata.database import Database
from rat_engine.observe.charts import chart_data
from rat_engine.observe.export import export
from rat_engine.observe.results import reading, result_path
from rat_engine.observe.sheet import MAX_ROWS
from rat_engine.observe.statistics import column_statistics
from rat_engine.services.base import Service, action
from rat_engine.settings import Settings

KEPT_STATISTICS = 500


class ResultService(Service):
    """What can be done with the rows that a query or a preview has left. A result never changes, so what was computed of it is kept for a while."""

    def __init__(self, database: Database, policy: Policy, settings: Settings) -> None:
        super().__init__(database, policy)
        self._settings = settings
        self._statistics: OrderedDict[tuple[str, int], ColumnStatistics] = OrderedDict()
        self._lock = threading.Lock()

    @action(Action.QUERY)
    def export(self, actor: Actor, query_id: str, options: ExportOptions = ExportOptions()) -> Export:
        """All rows as a file that is made while its chunks are read.

        Raises NotFoundError when there is no result or it was cleaned up, ConflictError before it is there, ValidationError when XLSX has no room for it.
        """
        query, path = self._ended(query_id)
        if options.format is ExportFormat.XLSX and query.row_count >= MAX_ROWS:
            raise ValidationError(f"An XLSX sheet holds {MAX_ROWS - 1:,} rows and this result has {query.row_count:,}. Take Parquet or CSV.")
        return export(path, options, self._settings.scratch)

    @action(Action.QUERY)
    def statistics(self, actor: Actor, query_id: str, column: int) -> ColumnStatistics:
        """What is in column ``column`` (from 0) over all rows. Raises as ``export``, and NotFoundError for a column that there is not."""
        query, path = self._ended(query_id)
        if not 0 <= column < len(query.columns):
            raise NotFoundError(f"Query {query_id} has {len(query.columns)} columns, counted from 0; there is no column {column}.")
        with self._lock:
            kept = self._statistics.get((query_id, column))
        found = kept or column_statistics(path, column)
        with self._lock:
            self._statistics[query_id, column] = found
            while len(self._statistics) > KEPT_STATISTICS:
                self._statistics.popitem(last=False)
        return found

    @action(Action.QUERY)
    def chart(self, actor: Actor, query_id: str, options: ChartOptions = ChartOptions()) -> ChartData:
        """The values of a chart over all rows. Raises as ``export``, and ValidationError for columns that cannot be drawn so."""
        _, path = self._ended(query_id)
        return chart_data(path, options)

    @action(Action.QUERY)
    def plan(self, actor: Actor, query_id: str) -> QueryPlan:
        """The plan that ``queries.explain`` asked for. Raises as ``export``, and ConflictError for a query that was not explained."""
        query, path = self._ended(query_id)
        if [column.name for column in query.columns] != ["plan"]:
            raise ConflictError(f"Query {query_id} has rows and no plan: ask with explain.")
        with reading(path) as result:
            rows = next(result.arrays(0), None)
        if rows is None:
            raise ConflictError(f"Query {query_id} has no plan: ask with explain.")
        cell = rows[0].as_py()
        try:
            plan = json.loads(cell)
            # Plans that were kept before there were estimates have none.
            reads = Estimate(tuple(TableEstimate(**table) for table in plan.get("reads", ())))
            return QueryPlan(plan["analyzed"], plan["milliseconds"], tuple(map(_step, plan["steps"])), reads)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise UnavailableError(f"The plan of query {query_id} cannot be read. Explain it again.") from error

    def _ended(self, query_id: str) -> tuple[Query, Path]:
        """A query that succeeded, and the file of its result."""
        with self._database.read() as connection:
            query = sql.fetch_query(connection, query_id)
        if query.status is not QueryStatus.SUCCESS:
            raise ConflictError(f"Query {query_id} has no rows: it is {query.status.value}.")
        path = result_path(self._settings.results, query_id)
        if not path.exists():
            raise NotFoundError(f"The rows of query {query_id} were cleaned up. Run it again.")
        return query, path


def _step(told: Mapping[str, Any]) -> PlanStep:
    details = tuple((str(key), str(value)) for key, value in told["details"].items())
    return PlanStep(told["name"], details, told["estimated_rows"], told["rows"], told["milliseconds"], tuple(map(_step, told["steps"])))
