"""Use cases of quality tests beside runs: what they are, what they found, carrying them out on the present rows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from rat_engine.access.policy import Policy
from rat_engine.compile import compile_pipeline
from rat_engine.domain.access import Action, Actor
from rat_engine.domain.lake import Query
from rat_engine.domain.names import TableName
from rat_engine.domain.pipeline import PipelineFiles
from rat_engine.domain.quality import QualityTest, TestOutcome, TestState
from rat_engine.errors import CompileError, NotFoundError, ValidationError
from rat_engine.metadata import pipelines as sql
from rat_engine.metadata.database import Database
from rat_engine.metadata.quality import fetch_outcomes
from rat_engine.services.base import Service, action
from rat_engine.services.pipelines import compile_catalog, compile_file
from rat_engine.services.queries import QueryService

HISTORY_RUNS = 20
MAX_HISTORY_RUNS = 200
SAMPLE_ROWS = 1_000


class QualityService(Service):
    """The quality tests of a draft."""

    def __init__(self, database: Database, policy: Policy, queries: QueryService) -> None:
        super().__init__(database, policy)
        self._queries = queries

    @action(Action.PIPELINE_READ)
    def tests(self, actor: Actor, table: TableName, runs: int = HISTORY_RUNS) -> tuple[TestState, ...]:
        """The tests of the draft by name, each with what the last ``runs`` runs found. Raises NotFoundError, ValidationError."""
        with self._database.read() as connection:
            files = _draft(connection, table)
            outcomes = fetch_outcomes(connection, table, _checked_runs(runs))
            return tuple(_state(connection, table, files, test, outcomes) for test in _tests(connection, table, files))

    @action(Action.PIPELINE_READ)
    def history(self, actor: Actor, table: TableName, runs: int = HISTORY_RUNS) -> tuple[TestOutcome, ...]:
        """What the tests of the last ``runs`` runs found, newest first, tests that are gone by now included. Raises NotFoundError, ValidationError."""
        with self._database.read() as connection:
            sql.fetch_pipeline(connection, table)
            return tuple(fetch_outcomes(connection, table, _checked_runs(runs)))

    @action(Action.QUERY)
    def run(self, actor: Actor, table: TableName, names: Sequence[str] = ()) -> tuple[tuple[QualityTest, Query], ...]:
        """Ask for the bad rows that tests of the draft, all or those of ``names``, find in the published table now.

        Nothing is written; each is a query of at most 1,000 rows that ends by itself: no row means that the test passes.
        Raises NotFoundError for a pipeline or test that is not there, CompileError.
        """
        with self._database.read() as connection:
            files = _draft(connection, table)
            found = {test.name: test for test in _tests(connection, table, files)}
        if missing := sorted(set(names) - found.keys()):
            raise NotFoundError(f"{table} has no quality test {missing[0][:60]!r}.")
        wanted = [test for name, test in found.items() if not names or name in names]
        return tuple((test, self._queries.preview(actor, table, files, test.path, SAMPLE_ROWS)) for test in wanted)


def _draft(connection: Connection, table: TableName) -> PipelineFiles:
    return sql.fetch_draft(connection, sql.fetch_pipeline(connection, table).id, table).files


def _tests(connection: Connection, table: TableName, files: PipelineFiles) -> Sequence[QualityTest]:
    return compile_pipeline(table, files, compile_catalog(connection)).tests


def _state(connection: Connection, table: TableName, files: PipelineFiles, test: QualityTest, outcomes: Sequence[TestOutcome]) -> TestState:
    compiled, problem = "", ""
    try:
        compiled = compile_file(connection, table, files, test.path).sql.strip("\n")
    except CompileError as error:
        problem = error.message
    return TestState(test, compiled, problem, tuple(outcome for outcome in outcomes if outcome.name == test.name))


def _checked_runs(runs: int) -> int:
    if not 1 <= runs <= MAX_HISTORY_RUNS:
        raise ValidationError(f"runs={runs} is out of range: choose 1 to {MAX_HISTORY_RUNS}.")
    return runs
