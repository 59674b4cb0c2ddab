"""The real lanes: runs that publish Iceberg tables, queries in confined children, previews that read files, and what their deaths leave."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from rat_engine import LOCAL_USER, Engine, Layer, LogLevel, PipelineFiles, QueryStatus, RunStatus, TableName, ZoneName
from rat_engine.access.policy import LocalPolicy
from rat_engine.domain.lake import Query
from rat_engine.domain.run import Run
from rat_engine.observe.results import result_path
from rat_engine.worker.supervisor import Supervisor, lane_plans
from tests.worker.conftest import supervising
from tests.worker.installation import Installation

ENDLESS = "select count(*) as n from range(100000) a, range(100000) b, range(100000) c"
ORDERS = TableName("shop", Layer.BRONZE, "orders")
TOTALS = TableName("shop", Layer.SILVER, "totals")


class Shop:
    """An engine whose jobs are carried out by real children."""

    def __init__(self, here: Installation, supervisor: Supervisor) -> None:
        self.here = here
        self.engine = Engine(here.settings, here.database, LocalPolicy())
        self.supervisor = supervisor

    def release(self, table: TableName, sql: str, tests: dict[str, str] | None = None) -> None:
        """Make ``sql`` the released version of the pipeline of ``table``."""
        files = PipelineFiles({"pipeline.sql": sql, **{f"tests/quality/{name}.sql": text for name, text in (tests or {}).items()}})
        self.engine.pipelines.create(LOCAL_USER, table, files)
        self.engine.pipelines.release(LOCAL_USER, table)

    def run(self, table: TableName) -> Run:
        """Run the pipeline of ``table`` to its end."""
        run = self.engine.runs.submit(LOCAL_USER, table)
        self.here.wait_for(run.id)
        return self.engine.runs.get(LOCAL_USER, run.id)

    def query(self, sql: str) -> Query:
        """The query once it has ended."""
        return self.engine.queries.wait(LOCAL_USER, self.engine.queries.submit(LOCAL_USER, sql).id, 60)

    def start(self, table: TableName) -> str:
        """A run of the pipeline of ``table`` that executes its SQL; its id."""
        run = self.engine.runs.submit(LOCAL_USER, table)
        self.here.wait_until(
            lambda: "yes" if any(step.name == "execute" for step in self.engine.runs.detail(LOCAL_USER, run.id).steps) else "", "the SQL to start"
        )
        return run.id

    def rows(self, sql: str) -> list[list[object]]:
        """The rows of a query that succeeds."""
        query = self.query(sql)
        assert query.status is QueryStatus.SUCCESS, query.error_message
        return [list(row) for row in self.engine.queries.rows(LOCAL_USER, query.id).rows]

    def log(self, run: Run) -> list[str]:
        """The lines of a run's log."""
        return [line.message for line in self.engine.runs.log(LOCAL_USER, run.id).lines]


@pytest.fixture(scope="module")
def module_here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    from tests.worker.installation import make

    installation = make(tmp_path_factory.mktemp("shop") / "data", query_timeout_seconds=4)
    yield installation
    installation.database.close()


@pytest.fixture(scope="module")
def shop(module_here: Installation) -> Iterator[Shop]:
    """One engine with warm children for all tests of this module; each test uses tables of its own."""
    with supervising(module_here, *lane_plans(module_here.settings)) as supervisor:
        yield Shop(module_here, supervisor)


def test_a_run_publishes_its_table_and_a_query_reads_it(shop: Shop) -> None:
    shop.release(ORDERS, "select i as id, i * 10 as amount from range(5) t(i)", {"positive": "select * from {{ this }} where amount < 0"})
    run = shop.run(ORDERS)
    assert (run.status, run.counts.rows_total) == (RunStatus.SUCCESS, 5), run.error_message
    shop.release(TOTALS, "select sum(amount)::int as total from {{ ref('bronze.orders') }}")
    assert shop.run(TOTALS).status is RunStatus.SUCCESS
    assert shop.rows("select total from shop.silver.totals") == [[100]]
    detail = shop.engine.runs.detail(LOCAL_USER, run.id)
    assert detail.attempts[0].pid != os.getpid()
    assert (detail.attempts[0].max_rss_bytes or 0) > 10_000_000
    assert shop.log(run)[-1] == "Publishes shop.bronze.orders: 5 rows."


def test_an_endless_run_can_be_cancelled_and_publishes_nothing(shop: Shop) -> None:
    """P0-09, F18: a cancel acts within an endless query, and the table does not come to be."""
    table = TableName("shop", Layer.BRONZE, "endless")
    shop.release(table, ENDLESS)
    run_id = shop.start(table)
    shop.engine.runs.cancel(LOCAL_USER, run_id)
    assert shop.here.wait_for(run_id) == "cancelled"
    assert shop.query("select * from shop.bronze.endless").status is QueryStatus.FAILED


def test_a_run_whose_child_is_killed_fails_and_leaves_the_table_as_it_was(shop: Shop) -> None:
    """P2-01, F1: kill -9 in the middle; readers see the old rows, and the next run succeeds."""
    table = TableName("shop", Layer.BRONZE, "steady")
    shop.release(table, "select 1 as n")
    assert shop.run(table).status is RunStatus.SUCCESS
    shop.engine.pipelines.save_draft(LOCAL_USER, table, PipelineFiles({"pipeline.sql": ENDLESS}), shop.engine.pipelines.draft(LOCAL_USER, table).revision)
    shop.engine.pipelines.release(LOCAL_USER, table)
    run_id = shop.start(table)
    pid = shop.engine.runs.detail(LOCAL_USER, run_id).attempts[0].pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert shop.here.wait_for(run_id) == "failed"
    failed = shop.engine.runs.get(LOCAL_USER, run_id)
    assert (failed.error_code, "SIGKILL" in failed.error_message) == ("child_died", True)
    assert shop.rows("select n from shop.bronze.steady") == [[1]]
    assert not any(shop.here.settings.scratch.rglob(f"child-{pid}/*"))
    assert not list(shop.here.settings.scratch.glob("duckdb-*"))
    again = shop.start(table)
    shop.engine.runs.cancel(LOCAL_USER, again)
    assert shop.here.wait_for(again) == "cancelled"


def test_an_error_in_sql_is_told_once_with_its_place(shop: Shop) -> None:
    table = TableName("shop", Layer.BRONZE, "broken")
    shop.release(table, "select 1 as n,\n  no_such_column as m")
    run = shop.run(table)
    assert (run.status, run.error_code) == (RunStatus.FAILED, "query_failed")
    assert "pipeline.sql:2:3" in run.error_message
    assert len([line for line in shop.log(run) if "no_such_column" in line and "pipeline.sql" in line]) == 1


def test_a_value_larger_than_memory_fails_the_run_and_not_the_machine(shop: Shop) -> None:
    """F7: a single value is not held back by DuckDB's memory limit, but by the child's."""
    table = TableName("shop", Layer.BRONZE, "huge")
    shop.release(table, "select length(repeat(repeat('x', 1000000), 6000)) as n")
    run = shop.run(table)
    assert run.status is RunStatus.FAILED
    assert run.error_message


def test_a_query_that_never_ends_is_stopped_at_its_limit_or_when_cancelled(shop: Shop) -> None:
    stopped = shop.query(ENDLESS)
    assert (stopped.status, stopped.error_code) == (QueryStatus.FAILED, "query_timeout")
    query = shop.engine.queries.submit(LOCAL_USER, ENDLESS)
    shop.here.wait_for(query.id, "running")
    shop.engine.queries.cancel(LOCAL_USER, query.id)
    assert shop.here.wait_for(query.id) == "cancelled"
    assert not result_path(shop.here.settings.results, query.id).exists()
    assert shop.rows("select 42 as n") == [[42]]


def test_a_query_reads_no_file_and_its_error_has_a_place(shop: Shop) -> None:
    for sql in ("select * from read_text('/etc/passwd')", f"select * from '{shop.here.settings.database_path}'"):
        refused = shop.query(sql)
        assert refused.status is QueryStatus.FAILED
    typo = shop.query("select 1,\n  nothing")
    assert (typo.error_line, typo.error_column) == (2, 3)


def test_a_preview_of_landed_files_is_confined_and_one_of_other_files_goes_to_an_open_child(shop: Shop, tmp_path: Path) -> None:
    zone = ZoneName("shop", "inbox")
    source = tmp_path / "a.csv"
    source.write_text("id,name\n1,one\n2,two\n")
    with source.open("rb") as stream:
        shop.engine.landing.land(LOCAL_USER, zone, "a.csv", stream)
    landed, outside = TableName("shop", Layer.BRONZE, "landed"), TableName("shop", Layer.BRONZE, "outside")
    for table, sql in ((landed, "select id, name from {{ landing_zone('inbox') }}"), (outside, f"select id, name from read_csv('{source}')")):
        shop.engine.pipelines.create(LOCAL_USER, table, PipelineFiles({"pipeline.sql": sql}))
        preview = shop.engine.queries.wait(LOCAL_USER, shop.engine.queries.preview(LOCAL_USER, table).id, 60)
        assert preview.status is QueryStatus.SUCCESS, preview.error_message
        assert [list(row) for row in shop.engine.queries.rows(LOCAL_USER, preview.id).rows] == [[1, "one"], [2, "two"]]


def test_many_runs_use_one_warm_child_after_the_other(shop: Shop) -> None:
    table = TableName("shop", Layer.BRONZE, "often")
    shop.release(table, "select 1 as n")
    runs = [shop.run(table) for _ in range(5)]
    assert [run.status for run in runs] == [RunStatus.SUCCESS] * 5
    pids = {shop.engine.runs.detail(LOCAL_USER, run.id).attempts[0].pid for run in runs}
    assert len(pids) <= 2
    assert not [line for run in runs for line in shop.engine.runs.log(LOCAL_USER, run.id).lines if line.level is LogLevel.ERROR]


def test_settings_reach_the_children(shop: Shop) -> None:
    assert shop.query(ENDLESS).error_message.count("4 s") == 1
