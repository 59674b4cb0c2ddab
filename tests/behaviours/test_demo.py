"""The demo through the public API: landed, built, tested, published, and its gate seen to hold."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from rat_engine import (
    LOCAL_USER,
    DemoLoad,
    Engine,
    PageRequest,
    PipelineFiles,
    Run,
    RunFilter,
    RunRequest,
    RunStatus,
    Settings,
    TableFilter,
    TableName,
    TestStatus,
    ZoneName,
)
from rat_engine.worker.local import local_engine

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial" / "first-pipeline.md"
GATED = TableName.parse("flights.gold.on_time_promise")
ENRICHED = TableName.parse("flights.silver.flights_enriched")
# Counted on the files themselves, not by RAT.
ROWS = {
    "bronze.airlines": 16,
    "bronze.airports": 1_458,
    "bronze.flights": 80_789,
    "bronze.planes": 3_322,
    "bronze.weather": 6_463,
    "silver.flights": 80_789,
    "silver.planes": 3_322,
    "silver.weather": 6_463,
    "silver.flights_enriched": 80_789,
    "gold.aircraft_age_delay": 7,
    "gold.busiest_routes": 200,
    "gold.delay_by_carrier_and_hour": 186,
    "gold.weather_delay": 5,
}


@dataclass(frozen=True)
class Demo:
    """The engine with the demo in it, and what its first loading asked for and became."""

    engine: Engine
    load: DemoLoad
    runs: dict[TableName, Run]

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """The first rows of a query."""
        query = self.engine.queries.wait(LOCAL_USER, self.engine.queries.submit(LOCAL_USER, sql).id, 60)
        assert query.error_message == ""
        return [tuple(row) for row in self.engine.queries.rows(LOCAL_USER, query.id).rows]


def _ended(engine: Engine, runs: tuple[Run, ...]) -> dict[TableName, Run]:
    """The runs once all of them have ended."""
    deadline = time.monotonic() + 150
    with engine.database.bus.listen() as listener:
        while not all((found := engine.runs.get(LOCAL_USER, run.id)).status.final for run in runs):
            assert time.monotonic() < deadline, f"{found.table} is {found.status.value}"
            listener.wait(0.5)
    return {run.table: engine.runs.get(LOCAL_USER, run.id) for run in runs}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    settings = Settings.load(data=tmp_path_factory.mktemp("demo"))
    with Engine.open(settings) as engine, local_engine(settings):
        load = engine.demo.load(LOCAL_USER)
        yield Demo(engine, load, _ended(engine, load.runs))


def test_every_pipeline_succeeds_but_the_one_that_shows_the_gate(demo: Demo) -> None:
    assert {str(table): run.error_message for table, run in demo.runs.items() if run.status is not RunStatus.SUCCESS}.keys() == {str(GATED)}
    assert len(demo.runs) == len(ROWS) + 1


def test_the_runs_are_one_group_in_the_order_of_what_they_read(demo: Demo) -> None:
    """P10-08: the graph of refs orders the runs."""
    grouped = demo.engine.runs.list(LOCAL_USER, RunFilter(group_id=demo.load.group_id), PageRequest(500))
    assert {run.id for run in grouped.items} == {run.id for run in demo.load.runs}
    layers = [run.table.layer for run in demo.load.runs]
    assert layers == sorted(layers, key=["bronze", "silver", "gold"].index)
    enriched = demo.runs[ENRICHED]
    read = {pin.table for pin in demo.engine.runs.detail(LOCAL_USER, enriched.id).inputs.tables}
    assert {str(table) for table in read} == {
        "flights.bronze.airlines",
        "flights.bronze.airports",
        "flights.silver.flights",
        "flights.silver.planes",
        "flights.silver.weather",
    }
    assert enriched.started_at is not None
    assert all((finished := demo.runs[table].finished_at) and finished <= enriched.started_at for table in read)


def test_every_table_has_the_rows_of_the_files(demo: Demo) -> None:
    tables = demo.engine.tables.list(LOCAL_USER, TableFilter(namespace="flights"), PageRequest(500)).items
    assert {f"{table.name.layer}.{table.name.name}": table.row_count for table in tables} == ROWS


def test_every_column_of_every_table_is_described(demo: Demo) -> None:
    tables = demo.engine.tables.list(LOCAL_USER, TableFilter(namespace="flights"), PageRequest(500)).items
    silent = [(str(table.name), column.name) for table in tables for column in table.columns if not column.description]
    assert (silent, [str(table.name) for table in tables if not table.description]) == ([], [])


def test_every_row_of_bronze_names_the_file_it_came_from(demo: Demo) -> None:
    found = demo.rows("SELECT _file, count(*) FROM flights.bronze.flights GROUP BY ALL ORDER BY ALL")
    assert found == [("flights_2013_01.csv", 27_004), ("flights_2013_02.csv", 24_951), ("flights_2013_03.csv", 28_834)]


def test_silver_cleans_the_quirks_of_the_source(demo: Demo) -> None:
    sql = """
        SELECT count(*) FILTER (cancelled), count(*) FILTER (tailnum IS NULL), count(*) FILTER (diverted),
            count(*) FILTER (NOT cancelled AND departure IS NULL), max(departure_delay)
        FROM flights.silver.flights
    """
    assert demo.rows(sql) == [(2_643, 841, 235, 0, 1_301)]


def test_gold_tells_what_weather_costs(demo: Demo) -> None:
    found = demo.rows("SELECT conditions, flights, share_cancelled, average_departure_delay FROM flights.gold.weather_delay ORDER BY 4 DESC")
    assert found == [
        ("snow or ice", 877, 0.282, 52.1),
        ("fog", 1_626, 0.069, 29.5),
        ("rain", 6_043, 0.093, 23.6),
        ("strong wind", 2_998, 0.102, 16.3),
        ("fair", 69_164, 0.02, 9.5),
    ]


def test_gold_knows_the_busiest_route(demo: Demo) -> None:
    found = demo.rows("SELECT origin, destination_name, airlines, flights_per_day FROM flights.gold.busiest_routes WHERE rank = 1")
    assert found == [("JFK", "Los Angeles Intl", 5, 30.3)]


def test_a_test_of_severity_warn_finds_rows_and_blocks_nothing(demo: Demo) -> None:
    tests = {test.name: test for test in demo.engine.runs.detail(LOCAL_USER, demo.runs[ENRICHED].id).tests}
    warned = tests.pop("every_plane_is_known")
    assert (warned.status, warned.severity, warned.violations) == (TestStatus.FAIL, "warn", 646)
    assert (warned.sample_columns, tuple(warned.sample_rows[0])) == (("tailnum", "airline", "flights"), ("N723MQ", "Envoy Air", "199"))
    assert "fleet numbers" in warned.remediation
    assert {test.status for test in tests.values()} == {TestStatus.PASS}
    assert demo.runs[ENRICHED].status is RunStatus.SUCCESS


def test_the_gate_publishes_nothing_and_names_branch_and_reason(demo: Demo) -> None:
    run = demo.runs[GATED]
    assert (run.status, run.error_code) == (RunStatus.FAILED, "audit_failed")
    assert run.branch in run.error_message
    tests = {test.name: test for test in demo.engine.runs.detail(LOCAL_USER, run.id).tests}
    failed = tests["airlines_keep_their_promise"]
    assert (failed.status, failed.violations, "on purpose" in failed.description) == (TestStatus.FAIL, 2, True)
    assert [row[1] for row in failed.sample_rows] == ["ExpressJet Airlines Inc.", "JetBlue Airways"]
    assert GATED not in {table.name for table in demo.engine.tables.list(LOCAL_USER, page=PageRequest(500)).items}


def test_the_tutorial_comes_true(demo: Demo) -> None:
    engine = demo.engine
    weather, source, test, answer = re.findall(r"```sql\n(.*?)```", TUTORIAL.read_text(encoding="utf-8"), re.DOTALL)
    assert demo.rows(weather)[0][:3] == ("snow or ice", 877, 0.282)
    table = TableName.parse("flights.gold.delay_by_airport")
    path = "tests/quality/three_airports.sql"

    engine.pipelines.create(LOCAL_USER, table, PipelineFiles({"pipeline.sql": source, path: test}))
    engine.pipelines.release(LOCAL_USER, table)
    assert _ended(engine, (engine.runs.submit(LOCAL_USER, table),))[table].status is RunStatus.SUCCESS
    assert engine.tables.get(LOCAL_USER, table).row_count == 9
    found = demo.rows(answer)
    assert [row[0] for row in found] == ["LGA", "JFK", "EWR"]

    draft = engine.pipelines.draft(LOCAL_USER, table)
    engine.pipelines.save_draft(LOCAL_USER, table, PipelineFiles({"pipeline.sql": source, path: test.replace(", 'LGA'", "")}), draft.revision)
    engine.pipelines.release(LOCAL_USER, table)
    failed = _ended(engine, (engine.runs.submit(LOCAL_USER, table),))[table]
    assert failed.status is RunStatus.FAILED
    assert [test.violations for test in engine.runs.detail(LOCAL_USER, failed.id).tests] == [3]
    assert demo.rows(answer) == found


def test_doing_what_the_failed_test_says_publishes_the_table(demo: Demo) -> None:
    engine = demo.engine
    draft = engine.pipelines.draft(LOCAL_USER, GATED)
    path = "tests/quality/airlines_keep_their_promise.sql"
    eased = PipelineFiles({**draft.files.texts, path: draft.files.texts[path].replace("share_on_time < 0.75", "share_on_time < 0.60")})
    engine.pipelines.save_draft(LOCAL_USER, GATED, eased, draft.revision)
    engine.pipelines.release(LOCAL_USER, GATED, "A promise that can be kept")
    run = engine.runs.submit(LOCAL_USER, GATED, RunRequest())
    assert _ended(engine, (run,))[GATED].status is RunStatus.SUCCESS
    assert engine.tables.get(LOCAL_USER, GATED).row_count == 16

    again = engine.demo.load(LOCAL_USER)
    runs = _ended(engine, again.runs)

    # Nothing landed twice, nothing appended twice, and what somebody changed is still as they left it.
    assert {run.status for run in runs.values()} == {RunStatus.SUCCESS}
    assert engine.landing.files(LOCAL_USER, ZoneName("flights", "flights"), PageRequest()).total == 3
    assert engine.tables.get(LOCAL_USER, TableName.parse("flights.bronze.flights")).row_count == 80_789
    assert runs[TableName.parse("flights.bronze.flights")].counts.rows_out == 0
    assert engine.pipelines.get(LOCAL_USER, GATED).version == 2
