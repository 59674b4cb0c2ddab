"""Looks into tables by real interactive children: first rows, files, and what the columns of a wide table with odd types hold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rat_engine import LOCAL_USER, DocumentationChange, Engine, Layer, PipelineFiles, QueryStatus, RunStatus, TableName, TableProfile
from rat_engine.access.policy import LocalPolicy
from rat_engine.observe.results import result_path
from rat_engine.worker.supervisor import lane_plans
from tests.worker.conftest import supervising
from tests.worker.installation import Installation, make

ODD = """
SELECT i::INTEGER AS whole, (i % 7)::BIGINT AS "day of week", i / 3.0 AS share, 'x' || (i % 4) AS letter, DATE '2020-01-01' + i::INTEGER AS day,
    TIMESTAMP '2020-01-01' + to_hours(i) AS moment, TIMESTAMPTZ '2020-01-01 00:00:00+00' AS zoned, TIME '10:00:00' AS hour, [i, i] AS list,
    {'k': i, 'deep': [{'v': 'x'}]} AS thing, MAP {'a': i} AS pairs, 'z'::BLOB AS bytes, i % 2 = 0 AS even, (i / 7)::DECIMAL(18, 3) AS price,
    CASE i WHEN 1 THEN 'nan'::DOUBLE WHEN 2 THEN '-inf'::DOUBLE ELSE i END AS endless, CAST(NULL AS VARCHAR) AS nothing, 'q"u''o' AS "odd ""name"
FROM range(1000) AS r(i)
"""
WIDE = f"SELECT {', '.join(f'i + {n} AS c{n}' for n in range(200))} FROM range(50) AS r(i)"


class Here:
    """An engine whose jobs are carried out."""

    def __init__(self, installation: Installation) -> None:
        self.engine = Engine(installation.settings, installation.database, LocalPolicy())
        self._installation = installation

    def publish(self, name: str, sql: str) -> TableName:
        """The table that ``sql`` fills."""
        table = TableName("shop", Layer.SILVER, name)
        self.engine.pipelines.create(LOCAL_USER, table, PipelineFiles({"pipeline.sql": sql}))
        self.engine.pipelines.release(LOCAL_USER, table)
        self.run(table)
        return table

    def run(self, table: TableName) -> None:
        """Fill the table once more."""
        run = self.engine.runs.submit(LOCAL_USER, table)
        self._installation.wait_for(run.id)
        ended = self.engine.runs.get(LOCAL_USER, run.id)
        assert ended.status is RunStatus.SUCCESS, ended.error_message

    def profile(self, table: TableName) -> TableProfile:
        """The table's profile once it is whole."""
        self.engine.inspections.ask_profile(LOCAL_USER, table)

        def ended() -> str:
            status = self.engine.inspections.profile(LOCAL_USER, table).status
            return status.value if status is not None and status.final else ""

        assert self._installation.wait_until(ended, "the profile") == "success", self.engine.inspections.profile(LOCAL_USER, table).error_message
        return self.engine.inspections.profile(LOCAL_USER, table)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    installation = make(tmp_path_factory.mktemp("shop") / "data")
    with supervising(installation, *lane_plans(installation.settings)):
        yield Here(installation)
    installation.database.close()


@pytest.fixture(scope="module")
def odd(here: Here) -> TableName:
    return here.publish("odd", ODD)


def test_a_profile_counts_what_each_column_holds(here: Here, odd: TableName) -> None:
    profile = here.profile(odd)
    columns = {column.name: column for column in profile.columns}
    assert [column.name for column in profile.columns] == [column.name for column in here.engine.tables.get(LOCAL_USER, odd).columns]
    assert (profile.total, profile.sampled) == (17, False)
    whole = columns["whole"]
    assert (whole.rows, whole.nulls, whole.distinct, whole.least, whole.greatest, whole.mean) == (1000, 0, 1000, "0", "999", 499.5)
    assert (sum(whole.bins), len(whole.bins)) == (1000, 24)
    assert [(value.value, value.rows) for value in columns["letter"].values] == [("x0", 250), ("x1", 250), ("x2", 250), ("x3", 250)]
    assert (columns["day"].least, columns["day"].greatest) == ("2020-01-01", "2022-09-26")
    assert (columns["nothing"].nulls, columns["nothing"].distinct, columns["nothing"].least) == (1000, 0, None)
    assert (columns["thing"].distinct, columns["thing"].least, columns["pairs"].distinct, columns["bytes"].distinct) == (1000, None, 1000, 1)
    assert (columns["endless"].mean, sum(columns["endless"].bins)) == (None, 998)
    assert {column.name for column in profile.columns if column.bins} == {"whole", "day of week", "share", "day", "moment", "price", "endless"}


def test_a_wide_table_is_profiled_part_by_part(here: Here) -> None:
    profile = here.profile(here.publish("wide", WIDE))
    assert [(column.name, column.least) for column in profile.columns] == [(f"c{n}", str(n)) for n in range(200)]


def test_a_profile_is_asked_for_once_per_snapshot(here: Here, odd: TableName) -> None:
    here.profile(odd)
    before = len(list(here.engine.settings.results.iterdir()))
    assert here.engine.inspections.ask_profile(LOCAL_USER, odd).status is QueryStatus.SUCCESS
    assert len(list(here.engine.settings.results.iterdir())) == before
    here.run(odd)
    assert here.engine.inspections.profile(LOCAL_USER, odd).status is None


def test_a_profile_whose_rows_were_cleaned_up_is_asked_for_again(here: Here, odd: TableName) -> None:
    here.profile(odd)
    for file in here.engine.settings.results.iterdir():
        file.unlink()
    assert here.engine.inspections.profile(LOCAL_USER, odd).status is None
    assert len(here.profile(odd).columns) == 17


def test_the_files_of_a_table_come_from_its_manifests(here: Here, odd: TableName) -> None:
    query = here.engine.queries.wait(LOCAL_USER, here.engine.inspections.files(LOCAL_USER, odd).id, 60)
    assert query.status is QueryStatus.SUCCESS, query.error_message
    [(path, rows, size, deletes)] = here.engine.queries.rows(LOCAL_USER, query.id).rows
    table = here.engine.tables.get(LOCAL_USER, odd)
    assert path.startswith("data/run-")
    assert not Path(path).is_absolute()
    assert (rows, size, deletes) == (1000, table.size_bytes, 0)


def test_the_first_rows_are_asked_for_once(here: Here, odd: TableName) -> None:
    query = here.engine.queries.wait(LOCAL_USER, here.engine.inspections.preview(LOCAL_USER, odd).id, 60)
    assert (query.status, query.row_count) == (QueryStatus.SUCCESS, 1000)
    assert here.engine.inspections.preview(LOCAL_USER, odd).id == query.id
    result_path(here.engine.settings.results, query.id).unlink()
    assert here.engine.inspections.preview(LOCAL_USER, odd).id != query.id


def test_every_publish_is_a_snapshot_and_the_last_one_is_current(here: Here) -> None:
    table = here.publish("history", "SELECT 1 AS n")
    here.run(table)
    snapshots = here.engine.tables.snapshots(LOCAL_USER, table).items
    assert [(snapshot.number, snapshot.row_count, snapshot.current) for snapshot in snapshots] == [(2, 1, True), (1, 1, False)]
    assert here.engine.tables.get(LOCAL_USER, table).snapshot_id == snapshots[0].snapshot_id
    assert here.engine.runs.get(LOCAL_USER, snapshots[1].run_id).snapshot_id == snapshots[1].snapshot_id


def test_documentation_written_before_a_column_exists_appears_with_it(here: Here) -> None:
    table = TableName("shop", Layer.SILVER, "later")
    files = {"pipeline.sql": "SELECT 1 AS n", "table.yaml": "columns:\n  - name: n\n    description: A number\n"}
    here.engine.pipelines.create(LOCAL_USER, table, PipelineFiles(files))
    here.engine.pipelines.release(LOCAL_USER, table)
    here.engine.documentation.change(LOCAL_USER, table, DocumentationChange("Says more", owner="ops", tags=("late",)))
    here.run(table)
    published = here.engine.tables.get(LOCAL_USER, table)
    assert (published.description, published.columns[0].description, published.owner, published.tags) == ("Says more", "A number", "ops", ("late",))
