"""What the demo ships: data that fits into the wheel, pipelines that compile and say what they are for."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest

from rat_engine import demo
from rat_engine.compile import Compilation, CompileCatalog, RenderContext, compile_pipeline, render, topological_order
from rat_engine.domain.names import TableName
from rat_engine.domain.pipeline import SOURCE_FILE, PipelineFiles
from rat_engine.domain.quality import Severity
from rat_engine.domain.tree import split_tree_path

FIRST_RUN = RenderContext("run", "2026-11-21T10:00:00.000Z", table_exists=False)
MAX_BYTES = 3_000_000


def _pipelines() -> dict[TableName, PipelineFiles]:
    texts: dict[TableName, dict[str, str]] = {}
    for path, text in demo.tree().items():
        table, inner = split_tree_path(path)
        texts.setdefault(table, {})[inner] = text
    return {table: PipelineFiles(found) for table, found in texts.items()}


PIPELINES = _pipelines()
CATALOG = CompileCatalog(pipelines=frozenset(PIPELINES), zones=frozenset(zone.name for zone in demo.zones()))
COMPILED: dict[TableName, Compilation] = {table: compile_pipeline(table, files, CATALOG) for table, files in PIPELINES.items()}


def test_the_data_is_small_enough_for_the_wheel() -> None:
    folder = Path(demo.__file__).parent / "data"
    assert sum(file.stat().st_size for file in folder.iterdir()) <= MAX_BYTES
    assert {file.name for file in folder.iterdir()} == {f"{name}.gz" for zone in demo.zones() for name in zone.filenames}


@pytest.mark.parametrize("filename", [name for zone in demo.zones() for name in zone.filenames])
def test_each_file_is_csv_whose_rows_are_as_wide_as_its_header(filename: str) -> None:
    rows = csv.reader(demo.content(filename).decode().splitlines())
    width = len(next(rows))
    assert {len(row) for row in rows} == {width}


@pytest.mark.parametrize("table", PIPELINES, ids=str)
def test_each_pipeline_compiles_without_a_problem_and_is_described_and_tested_beyond_bronze(table: TableName) -> None:
    compilation = COMPILED[table]
    assert compilation.problems == ()
    assert compilation.config.description
    assert compilation.docs.description
    assert all(test.description for test in compilation.tests)
    assert compilation.tests or table.layer == "bronze"


def test_one_test_warns_and_one_is_meant_to_fail() -> None:
    tests = {test.name: test for compilation in COMPILED.values() for test in compilation.tests}
    assert [test.name for test in tests.values() if test.severity is Severity.WARN] == ["every_plane_is_known"]
    assert [test.name for test in tests.values() if "on purpose" in test.description] == ["airlines_keep_their_promise"]
    assert all(test.remediation for test in tests.values() if test.name in ("every_plane_is_known", "airlines_keep_their_promise"))


def test_the_sql_is_right_on_plain_duckdb_and_the_docs_name_its_columns(tmp_path: Path) -> None:
    """Without our engine in between: the same relations under the same names, and every test on them."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("ATTACH ':memory:' AS flights")
    for schema in ("landing", "bronze", "silver", "gold"):
        connection.execute(f"CREATE SCHEMA flights.{schema}")
    for zone in demo.zones():
        paths = [tmp_path / name for name in zone.filenames]
        for path in paths:
            path.write_bytes(demo.content(path.name))
        listed = ", ".join(f"'{path}'" for path in paths)
        connection.execute(
            f"CREATE VIEW {zone.name.sql} AS SELECT * EXCLUDE (filename), parse_filename(filename) AS _file"
            f" FROM read_csv([{listed}], union_by_name = true, filename = true)"
        )

    violations: dict[str, int] = {}
    for table in topological_order({table: [read.table for read in found.dependencies if read.table] for table, found in COMPILED.items()}):
        connection.execute(f"CREATE TABLE {table.sql} AS {render(table, PIPELINES[table].source, SOURCE_FILE, FIRST_RUN)}")
        columns = [row[0] for row in connection.execute(f"DESCRIBE {table.sql}").fetchall()]
        assert columns == list(COMPILED[table].docs.columns)
        for test in COMPILED[table].tests:
            found = connection.execute(f"SELECT count(*) FROM ({render(table, test.sql, test.path, FIRST_RUN)})").fetchall()[0][0]
            violations |= {test.name: found} if found else {}
    assert violations == {"every_plane_is_known": 646, "airlines_keep_their_promise": 2}
