"""Use cases of a query's result: take it away as a file, see what is in a column, draw it, read a plan."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from pydantic import TypeAdapter

from rat_engine.access.policy import Policy
from rat_engine.domain.access import Action, Actor
from rat_engine.domain.job import JobKind, Lane, NewJob
from rat_engine.domain.lake import Estimate, Query, QueryStatus, TableEstimate
from rat_engine.domain.result import ChartData, ChartOptions, ColumnStatistics, Export, ExportFormat, ExportOptions, Making, PlanStep, QueryPlan
from rat_engine.errors import ConflictError, NotFoundError, UnavailableError, ValidationError
from rat_engine.jobs import queue
from rat_engine.metadata import queries as sql
from rat_engine.metadata.database import Database
from rat_engine.observe.charts import chart_data
from rat_engine.observe.export import export, named
from rat_engine.observe.results import made_path, reading, result_path
from rat_engine.observe.sheet import MAX_ROWS
from rat_engine.observe.statistics import column_statistics
from rat_engine.services.answers import take_answer
from rat_engine.services.base import Service, action
from rat_engine.settings import Settings

KEPT_STATISTICS = 500

# Cells of a result whose file is made so soon that no query waits long for the child that makes it.
QUICK_CELLS = 500_000

_PIECE_BYTES = 1 << 20


class ResultService(Service):
    """What can be done with the rows that a query or a preview has left. A result never changes, so what was computed of it is kept for a while.

    ``export``, ``statistics`` and ``chart`` compute in the process that calls them, which suits a command or a script. A server, which others wait
    for, asks a child with ``ask_…``, waits for the end of what it was given, and takes the answer.
    """

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
        _check_room(query, options)
        return export(path, options, query_id)

    @action(Action.QUERY)
    def ask_export(self, actor: Actor, query_id: str, options: ExportOptions = ExportOptions()) -> Query:
        """Ask for all rows as a file; once it has ended, ``take_export`` gives it. Raises as ``export``."""
        query, _ = self._ended(query_id)
        _check_room(query, options)
        lane = Lane.INTERACTIVE if query.row_count * len(query.columns) <= QUICK_CELLS else Lane.EXPORT
        return self._ask(actor, query, Making.EXPORT, asdict(options), lane)

    @action(Action.QUERY)
    def take_export(self, actor: Actor, asked_id: str, query_id: str, options: ExportOptions = ExportOptions()) -> Export:
        """The file that ``ask_export`` gave ``asked_id`` for; it is gone once it has been read, or left.

        Raises NotFoundError, ConflictError before it has ended, and what was wrong when it failed.
        """
        size = int(take_answer(self._database, asked_id, Making.EXPORT)["size"])
        path = made_path(self._settings.results, asked_id)
        try:
            file = path.open("rb")
        except FileNotFoundError:
            raise NotFoundError("The file was made and is gone by now. Ask for it again.") from None
        # From here on it ends with its descriptor, however this process ends.
        path.unlink()
        return named(options, query_id, _pieces(file), size)

    @action(Action.QUERY)
    def statistics(self, actor: Actor, query_id: str, column: int) -> ColumnStatistics:
        """What is in column ``column`` (from 0) over all rows. Raises as ``export``, and NotFoundError for a column that there is not."""
        query, path = self._ended(query_id)
        _check_column(query, column)
        return self._kept(query_id, column) or self._keep(query_id, column, column_statistics(path, column))

    @action(Action.QUERY)
    def known_statistics(self, actor: Actor, query_id: str, column: int) -> ColumnStatistics | None:
        """What ``statistics`` gives when it is known already, else None. Raises as it does."""
        query, _ = self._ended(query_id)
        _check_column(query, column)
        return self._kept(query_id, column)

    @action(Action.QUERY)
    def ask_statistics(self, actor: Actor, query_id: str, column: int) -> Query:
        """Ask for what is in a column; once it has ended, ``take_statistics`` gives it. Raises as ``statistics``."""
        query, _ = self._ended(query_id)
        _check_column(query, column)
        return self._ask(actor, query, Making.STATISTICS, {"column": column})

    @action(Action.QUERY)
    def take_statistics(self, actor: Actor, asked_id: str, query_id: str, column: int) -> ColumnStatistics:
        """The statistics that ``ask_statistics`` gave ``asked_id`` for. Raises as ``take_export``."""
        answer = take_answer(self._database, asked_id, Making.STATISTICS)
        return self._keep(query_id, column, TypeAdapter(ColumnStatistics).validate_python(answer))

    @action(Action.QUERY)
    def chart(self, actor: Actor, query_id: str, options: ChartOptions = ChartOptions()) -> ChartData:
        """The values of a chart over all rows. Raises as ``export``, and ValidationError for columns that cannot be drawn so."""
        _, path = self._ended(query_id)
        return chart_data(path, options)

    @action(Action.QUERY)
    def ask_chart(self, actor: Actor, query_id: str, options: ChartOptions = ChartOptions()) -> Query:
        """Ask for the values of a chart; once it has ended, ``take_chart`` gives them. Raises as ``export``."""
        query, _ = self._ended(query_id)
        return self._ask(actor, query, Making.CHART, asdict(options))

    @action(Action.QUERY)
    def take_chart(self, actor: Actor, asked_id: str) -> ChartData:
        """The values that ``ask_chart`` gave ``asked_id`` for. Raises as ``take_export``, and ValidationError for columns that cannot be drawn so."""
        return TypeAdapter(ChartData).validate_python(take_answer(self._database, asked_id, Making.CHART))

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

    def _ask(self, actor: Actor, query: Query, making: Making, options: Mapping[str, Any], lane: Lane = Lane.INTERACTIVE) -> Query:
        payload = {"kind": making.value, "result": query.id, "options": dict(options)}
        with self._database.write() as transaction:
            asked_id = sql.insert_query(transaction.connection, making.value, f"-- {making.value} of {query.id}", query.namespace, actor.name)
            queue.put(transaction, NewJob(JobKind.MAKING, lane, asked_id, payload=payload))
            return sql.fetch_query(transaction.connection, asked_id)

    def _kept(self, query_id: str, column: int) -> ColumnStatistics | None:
        with self._lock:
            return self._statistics.get((query_id, column))

    def _keep(self, query_id: str, column: int, found: ColumnStatistics) -> ColumnStatistics:
        with self._lock:
            self._statistics[query_id, column] = found
            while len(self._statistics) > KEPT_STATISTICS:
                self._statistics.popitem(last=False)
        return found

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


def _check_room(query: Query, options: ExportOptions) -> None:
    if options.format is ExportFormat.XLSX and query.row_count >= MAX_ROWS:
        raise ValidationError(f"An XLSX sheet holds {MAX_ROWS - 1:,} rows and this result has {query.row_count:,}. Take Parquet or CSV.")


def _check_column(query: Query, column: int) -> None:
    if not 0 <= column < len(query.columns):
        raise NotFoundError(f"Query {query.id} has {len(query.columns)} columns, counted from 0; there is no column {column}.")


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE_BYTES):
            yield piece


def _step(told: Mapping[str, Any]) -> PlanStep:
    details = tuple((str(key), str(value)) for key, value in told["details"].items())
    return PlanStep(told["name"], details, told["estimated_rows"], told["rows"], told["milliseconds"], tuple(map(_step, told["steps"])))
