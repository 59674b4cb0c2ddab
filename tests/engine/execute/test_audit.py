"""Quality tests judge the branch, before anybody reads it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rat_engine import Settings
from rat_engine.domain.access import LOCAL_USER
from rat_engine.domain.log import LogLevel
from rat_engine.domain.names import TableName
from rat_engine.domain.quality import Severity, TestResult, TestStatus
from rat_engine.domain.run import RunStatus, StepName
from rat_engine.errors import AuditFailedError, CompileError, MissingInputError
from tests.engine.lake.laboratory import Journal, Laboratory, laboratory

GOOD = "SELECT 1 AS id, 'a' AS label"
BAD = "SELECT -1 AS id, 'a' AS label, true AS extra"
POSITIVE = {"positive": "-- @description: Ids are positive.\n-- @remediation: Look at the source.\nSELECT * FROM {{ this }} WHERE id <= 0"}
ENDLESS = "SELECT count(*) FROM range(10000000) a, range(10000000) b"


def results(lab: Laboratory, run_id: str) -> dict[str, TestResult]:
    return {result.name: result for result in lab.detail(run_id).tests}


def test_a_failing_test_leaves_main_as_it_was_and_keeps_the_branch(lab: Laboratory) -> None:
    """The gate: rows, snapshot and schema of main stay; the branch is named on the run and can be read."""
    table = lab.pipeline("shop.silver.orders", GOOD, POSITIVE)
    lab.run(table)
    before = lab.main(table).metadata
    lab.pipeline("shop.silver.orders", BAD, POSITIVE)

    with pytest.raises(AuditFailedError) as caught:
        lab.run(table)

    after = lab.main(table).metadata
    assert (after.current_snapshot_id, after.current_schema_id) == (before.current_snapshot_id, before.current_schema_id)
    assert after.schema() == before.schema()
    assert lab.rows(table) == [(1, "a")]
    run = lab.last_run(table)
    assert (run.status, run.error_code, run.counts.rows_in) == (RunStatus.FAILED, "audit_failed", 1)
    assert lab.refs(table) == {"main", run.branch}
    assert lab.rows(table, ref=run.branch) == [(-1, "a", True)]
    assert [(step.name, step.ok) for step in lab.detail(run.id).steps][-1] == (StepName.AUDIT, False)
    assert "positive: 1 bad row. Ids are positive.\n" in caught.value.message
    assert "What to do: Look at the source." in caught.value.message
    assert caught.value.details == {"branch": run.branch, "tests": ["positive"]}


def test_tests_see_the_rows_of_their_run_and_not_what_is_published(lab: Laboratory) -> None:
    """Section 4.2 of the predecessor: there, tests judged the rows of the run before."""
    table = lab.pipeline("shop.silver.orders", "SELECT -1 AS id")
    lab.run(table)
    lab.pipeline("shop.silver.orders", "SELECT 1 AS id", {"positive": "SELECT * FROM {{ this }} WHERE id <= 0"})
    lab.run(table)
    assert lab.rows(table) == [(1,)]


def test_a_first_run_whose_audit_fails_makes_no_table(lab: Laboratory) -> None:
    table = lab.pipeline("shop.silver.orders", BAD, POSITIVE)
    reader = lab.pipeline("shop.gold.orders", "SELECT * FROM {{ ref('silver.orders') }}")
    with pytest.raises(AuditFailedError):
        lab.run(table)
    assert lab.engine.tables.list(LOCAL_USER).items == ()
    with pytest.raises(MissingInputError):
        lab.run(reader)
    failed = lab.last_run(table)
    assert lab.rows(table, ref=failed.branch) == [(-1, "a", True)]

    lab.pipeline("shop.silver.orders", GOOD, POSITIVE)
    lab.run(table)
    assert lab.rows(table) == [(1, "a")]
    assert lab.rows(table, ref=failed.branch) == [(-1, "a", True)]
    lab.run(reader)


def test_other_tables_in_a_test_are_what_was_pinned(lab: Laboratory) -> None:
    limits = lab.pipeline("shop.bronze.limits", "SELECT 10 AS top")
    lab.run(limits)
    tests = {"below": "SELECT * FROM {{ this }} JOIN {{ ref('bronze.limits') }} ON id > top"}
    table = lab.pipeline("shop.silver.orders", "SELECT 5 AS id", tests)

    def lower() -> None:
        lab.pipeline("shop.bronze.limits", "SELECT 1 AS top")
        lab.run(limits)

    result = lab.run(table, Journal().on("Reads shop.bronze.limits", lower))
    assert [test.status for test in result.report.results] == [TestStatus.PASS]
    assert [str(pin.table) for pin in lab.detail(result.run_id).inputs.tables] == ["shop.bronze.limits"]


def test_a_warning_is_stored_and_does_not_block(lab: Laboratory) -> None:
    tests = {"warns": "-- @severity: warn\nSELECT * FROM {{ this }}", "broken": "-- @severity: warn\nSELECT nothing FROM {{ this }}"}
    table = lab.pipeline("shop.silver.orders", GOOD, tests)
    journal = Journal()
    result = lab.run(table, journal)
    found = results(lab, result.run_id)
    assert (found["warns"].status, found["warns"].severity, found["warns"].violations) == (TestStatus.FAIL, Severity.WARN, 1)
    assert found["broken"].status is TestStatus.ERROR
    assert 'Referenced column "nothing" not found' in found["broken"].message
    assert "Test warns (warn): 1 bad row." in journal.texts(LogLevel.WARNING)
    assert lab.rows(table) == [(1, "a")]


def test_a_test_that_cannot_be_carried_out_blocks_and_the_others_still_run(lab: Laboratory) -> None:
    tests = {"a_broken": "SELECT * FROM {{ this }} WHERE nothing = 1", "b_fails": "SELECT * FROM {{ this }}", "c_passes": "SELECT 1 WHERE false"}
    table = lab.pipeline("shop.silver.orders", GOOD, tests)
    with pytest.raises(AuditFailedError) as caught:
        lab.run(table)
    found = results(lab, lab.last_run(table).id)
    assert {name: result.status for name, result in found.items()} == {"a_broken": TestStatus.ERROR, "b_fails": TestStatus.FAIL, "c_passes": TestStatus.PASS}
    assert caught.value.details["tests"] == ["a_broken", "b_fails"]


def test_a_test_that_never_ends_is_interrupted_and_called_an_error(tmp_path: Path) -> None:
    """P7-06, P2-12: really interrupted; the next test runs."""
    with laboratory(Settings(data=tmp_path / "data", test_timeout_seconds=0.3)) as lab:
        table = lab.pipeline("shop.silver.orders", GOOD, {"endless": ENDLESS, "fine": "SELECT 1 WHERE false"})
        with pytest.raises(AuditFailedError, match=r"took longer than 0\.3 s and was stopped \(RAT_TEST_TIMEOUT_SECONDS\)"):
            lab.run(table)
        found = results(lab, lab.last_run(table).id)
        assert (found["endless"].status, found["fine"].status) == (TestStatus.ERROR, TestStatus.PASS)


def test_a_test_that_needs_too_much_memory_names_the_limit(tmp_path: Path) -> None:
    with laboratory(Settings(data=tmp_path / "data", memory_limit_mb=128)) as lab:
        table = lab.pipeline("shop.silver.orders", GOOD, {"huge": "SELECT list(range) FROM range(100000000)"})
        with pytest.raises(AuditFailedError, match=r"more memory than its limit of 128 MiB \(RAT_MEMORY_LIMIT_MB\)"):
            lab.run(table)


@pytest.mark.parametrize("sql", ["COPY (SELECT 1) TO '/tmp/x'", "SELECT 1; SELECT 2", "SELECT * FROM shop.silver.orders, duckdb_settings()", "ATTACH 'x.db'"])
def test_a_test_may_do_no_more_than_read(lab: Laboratory, sql: str) -> None:
    table = TableName.parse("shop.silver.orders")
    lab.draft(table, {"pipeline.sql": GOOD, "tests/quality/bad.sql": sql})
    with pytest.raises((AuditFailedError, CompileError)):
        lab.run(table, draft=True)
    assert lab.engine.tables.list(LOCAL_USER).items == ()


def test_a_sample_holds_twenty_rows_and_short_cells_that_json_can_carry(lab: Laboratory) -> None:
    """P4-01: samples are cut."""
    sql = """SELECT range AS n, repeat('x', 500) AS long, '\\xFF'::BLOB AS blob, {'a': [1, NULL]} AS nested, 'nan'::DOUBLE AS nan, NULL AS nothing,
             TIMESTAMPTZ '2020-01-01 00:00:00+00' AS moment, 170141183460469231731687303715884105727::HUGEINT AS huge, 'b' AS n FROM range(1000)"""
    table = lab.pipeline("shop.silver.orders", GOOD, {"many": f"-- @severity: warn\n{sql}"})
    result = lab.run(table)
    [found] = lab.detail(result.run_id).tests
    assert found.violations == 1000
    assert found.message == "1,000 bad rows."
    assert found.sample_columns == ("n", "long", "blob", "nested", "nan", "nothing", "moment", "huge", "n")
    assert len(found.sample_rows) == 20
    cells = found.sample_rows[0]
    assert cells[1] == "x" * 200 + "…"
    assert cells[2:] == ("\\xFF", "{'a': [1, NULL]}", "nan", None, "2020-01-01 00:00:00+00", "170141183460469231731687303715884105727", "b")
    assert json.loads(json.dumps(found.sample_rows))


def test_exactly_twenty_violations_are_all_shown(lab: Laboratory) -> None:
    table = lab.pipeline("shop.silver.orders", GOOD, {"some": "-- @severity: warn\nSELECT * FROM range(20)"})
    [found] = lab.run(table).report.results
    assert (found.violations, len(found.sample_rows)) == (20, 20)


def test_a_table_that_a_test_empties_is_still_judged(lab: Laboratory) -> None:
    """No rows are a result: the tests see an empty table with its columns."""
    table = lab.pipeline("shop.silver.orders", "SELECT 1 AS id WHERE false", {"filled": "SELECT 'empty' AS why WHERE NOT EXISTS (SELECT id FROM {{ this }})"})
    with pytest.raises(AuditFailedError):
        lab.run(table)
