"""The explorer as a person meets it: through the service, carried out by confined children of a real supervisor."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import insert

from rat_engine import LOCAL_USER, Engine, QueryStatus
from rat_engine.access import landlock
from rat_engine.access.policy import LocalPolicy
from rat_engine.domain.clock import new_id, now
from rat_engine.domain.job import Lane
from rat_engine.domain.lake import Query
from rat_engine.metadata import tables as t
from rat_engine.worker.supervisor import lane_plans
from tests.engine.query.lake import make_lake
from tests.worker.conftest import supervising
from tests.worker.installation import Installation, make

pytestmark = pytest.mark.skipif(landlock.abi() < landlock.ABI_WITH_TRUNCATE, reason="this kernel has no Landlock that can keep a file from being emptied")

WAIT_SECONDS = 60


class Desk:
    """Somebody who asks queries."""

    def __init__(self, here: Installation) -> None:
        self.here = here
        self.engine = Engine(here.settings, here.database, LocalPolicy())

    def ask(self, sql: str) -> Query:
        """The query once it has ended."""
        return self.engine.queries.wait(LOCAL_USER, self.engine.queries.submit(LOCAL_USER, sql, "flights").id, WAIT_SECONDS)

    def rows(self, query: Query) -> list[list[object]]:
        """The rows of a query that succeeded."""
        assert query.status is QueryStatus.SUCCESS, query.error_message
        return [list(row) for row in self.engine.queries.rows(LOCAL_USER, query.id).rows]

    def publish(self, name: str, metadata_location: str, snapshot_id: int) -> None:
        """Register a table ``flights.gold.<name>``."""
        facts = {"columns": [], "row_count": 0, "size_bytes": 0, "file_count": 1, "published_at": now(), "published_by_run": new_id()}
        pointer = {"catalog_name": "rat", "table_namespace": "flights.gold", "table_name": name, "metadata_location": metadata_location}
        with self.here.database.write() as transaction:
            table = insert(t.lake_table).values(id=new_id(), namespace="flights", layer="gold", name=name, snapshot_id=snapshot_id, **facts)
            transaction.connection.execute(table)
            transaction.connection.execute(insert(t.iceberg_tables).values(**pointer))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk with one published table, and two confined children behind it."""
    lake = make_lake(tmp_path_factory.mktemp("desk"))
    lake.settings.database_path.unlink()
    here = make(lake.settings.data, query_timeout_seconds=3, query_memory_limit_mb=256)
    with supervising(here, *(plan for plan in lane_plans(here.settings) if plan.lane is Lane.INTERACTIVE)):
        desk = Desk(here)
        desk.engine.namespaces.create(LOCAL_USER, "flights")
        desk.publish("flights", lake.tables[0].metadata_location, lake.tables[0].snapshot_id)
        yield desk
    here.database.close()


def test_many_queries_at_once_give_each_its_own_rows(desk: Desk) -> None:
    """P10-57: more people than children, honest and wrong statements mixed."""

    def ask(number: int) -> object:
        query = desk.ask(f"select {number}, count(*) from gold.flights where number < {number}" if number % 4 else f"select nothing_{number}")
        return desk.rows(query) if query.status is QueryStatus.SUCCESS else (query.error_code, f"nothing_{number}" in query.error_message, query.error_column)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(1, 33)))
    assert answers == [[[number, number]] if number % 4 else ("query_failed", True, 8) for number in range(1, 33)]


def test_a_table_whose_files_never_answer_is_given_up_at_the_limit(desk: Desk) -> None:
    """P0-07, P2-12: planning is outside DuckDB, where no interrupt is heard; the process is ended instead, and the next query works."""
    pipe = desk.here.settings.warehouse / "stuck.metadata.json"
    os.mkfifo(pipe)
    desk.publish("stuck", str(pipe), 1)
    query = desk.ask("from gold.stuck")
    assert (query.status, query.error_code) == (QueryStatus.FAILED, "query_timeout")
    assert desk.rows(desk.ask("select count(*) from gold.flights")) == [[2_500]]


def test_a_value_larger_than_memory_is_a_clear_error_and_the_next_query_works(desk: Desk) -> None:
    """P1-03: whether DuckDB notices or its process dies, the person reads what happened."""
    for bomb in ("select repeat('x', 10000000000)", "select len(repeat('x', 3000000000))", "select list(range) from range(1000000000)"):
        query = desk.ask(bomb)
        assert query.status is QueryStatus.FAILED
        assert query.error_code in {"query_failed", "resource_limit", "query_timeout", "child_died"}
        assert query.error_message
    assert desk.rows(desk.ask("select 1")) == [[1]]


def test_an_error_reaches_the_person_with_its_place_and_without_a_path(desk: Desk) -> None:
    """P10-130, P10-15."""
    query = desk.ask("select number,\n  delayed\nfrom gold.flights")
    assert (query.status, query.error_code) == (QueryStatus.FAILED, "query_failed")
    assert (query.error_line, query.error_column) == (2, 3)
    assert '"delay"' in query.error_message
    assert str(desk.here.settings.data) not in query.error_message


def test_a_table_whose_file_is_gone_is_an_error_that_names_the_table_and_no_path(desk: Desk) -> None:
    """P10-130."""
    gone = Path(desk.here.settings.warehouse) / "gone.metadata.json"
    desk.publish("gone", str(gone), 1)
    query = desk.ask("from gold.gone")
    assert query.status is QueryStatus.FAILED
    assert query.error_code != "internal", query.error_message
    assert str(desk.here.settings.data) not in query.error_message, query.error_message
