"""A run from its claim to its end, on the real parts."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from rat_engine import Settings
from rat_engine.domain.access import LOCAL_USER
from rat_engine.domain.log import LogLevel
from rat_engine.domain.names import TableName
from rat_engine.domain.quality import TestStatus
from rat_engine.domain.run import RunCounts, RunStatus, StepName
from rat_engine.errors import (
    AuditFailedError,
    CompileError,
    MissingInputError,
    NotFoundError,
    PublishConflictError,
    QueryFailedError,
    RunCancelledError,
    StatementRefusedError,
)
from rat_engine.lakehouse.connection import Door, Interrupter
from rat_engine.metadata import tables as t
from tests.engine.lake.laboratory import Held, Journal, Laboratory, laboratory

NUMBERS = "SELECT range AS id, 'row ' || range AS label FROM range(5)"
ENDLESS = "SELECT count(*) AS n FROM range(10000000) a, range(10000000) b"


def test_a_run_publishes_its_rows_and_stores_all_it_did(lab: Laboratory) -> None:
    """P3-03, P5-11."""
    table = lab.pipeline("shop.silver.orders", NUMBERS, {"no_negative_ids": "SELECT * FROM {{ this }} WHERE id < 0"})
    result = lab.run(table)

    assert lab.rows(table) == [(number, f"row {number}") for number in range(5)]
    assert lab.arrow(table).num_rows == 5
    assert result.counts == RunCounts(5, 5, 5, result.counts.bytes_written, 1)
    assert result.counts.bytes_written > 0
    run = lab.last_run(table)
    assert (run.status, run.counts, run.snapshot_id, run.branch) == (RunStatus.SUCCESS, result.counts, result.snapshot_id, "")
    assert run.finished_at is not None
    detail = lab.detail(run.id)
    assert [(step.name, step.ok) for step in detail.steps] == [(name, True) for name in StepName]
    assert [(test.name, test.status, test.violations) for test in detail.tests] == [("no_negative_ids", TestStatus.PASS, 0)]
    assert detail.attempts[0].finished_at is not None
    assert lab.refs(table) == {"main"}


def test_what_a_run_decided_is_kept_with_its_attempt(lab: Laboratory) -> None:
    """The write strategy, and the very SQL: what the template would become today is something else."""
    source = "-- @merge_strategy: append_only\nSELECT '{{ run_id }}' AS run{% if is_incremental() %} FROM {{ this }} LIMIT 1{% endif %}"
    table = lab.pipeline("shop.silver.orders", source)
    first, second = lab.run(table), lab.run(table)
    plans = [lab.detail(result.run_id).plan for result in (first, second)]
    assert [plan and (plan.strategy, plan.incremental, plan.sql.strip()) for plan in plans] == [
        ("append_only", False, f"SELECT '{first.run_id}' AS run"),
        ("append_only", True, f"SELECT '{second.run_id}' AS run FROM {table.sql} LIMIT 1"),
    ]
    with pytest.raises(NotFoundError, match="has no attempt 2"):
        lab.engine.runs.detail(LOCAL_USER, first.run_id, 2)


def test_an_attempt_that_ended_before_its_sql_was_compiled_has_no_plan(lab: Laboratory) -> None:
    lab.pipeline("shop.bronze.raw", NUMBERS)
    table = lab.pipeline("shop.silver.orders", "SELECT * FROM {{ ref('bronze.raw') }}")
    with pytest.raises(MissingInputError):
        lab.run(table)
    detail = lab.detail(lab.last_run(table).id)
    assert (detail.attempt, detail.plan) == (1, None)


def test_the_events_of_a_run_tell_each_step_and_the_publish(lab: Laboratory) -> None:
    table = lab.pipeline("shop.silver.orders", NUMBERS)
    lab.run(table)
    assert [data["step"] for _, data in lab.events("run.step")] == [name.value for name in StepName]
    [(_, published)] = lab.events("table.published")
    assert published["row_count"] == 5
    assert [data["status"] for _, data in lab.events("run.finished")] == ["success"]


def test_the_snapshot_tells_which_run_and_code_made_it(lab: Laboratory) -> None:
    table = lab.pipeline("shop.silver.orders", NUMBERS)
    result = lab.run(table)
    snapshot = lab.main(table).current_snapshot()
    assert snapshot is not None
    assert snapshot.summary is not None
    assert snapshot.summary["rat.run-id"] == result.run_id
    assert snapshot.summary["rat.code-hash"] == lab.last_run(table).code_hash


def test_a_run_frees_its_table_and_its_job_with_its_success(lab: Laboratory) -> None:
    table = lab.pipeline("shop.silver.orders", NUMBERS)
    lab.run(table)
    with lab.engine.database.read() as connection:
        assert connection.execute(t.job.select()).all() == []
    lab.run(table)
    assert lab.rows(table, "SELECT count(*) FROM {}") == [(5,)]


def test_ref_reads_the_snapshot_that_was_current_when_the_run_began(lab: Laboratory) -> None:
    """P5-08: what is published while the run goes on is not read, and what is read is stored."""
    source = lab.pipeline("shop.bronze.orders", "SELECT 1 AS id")
    first = lab.run(source)
    table = lab.pipeline("shop.silver.orders", "SELECT * FROM {{ ref('bronze.orders') }}")

    def publish_more() -> None:
        lab.pipeline("shop.bronze.orders", "SELECT 2 AS id")
        lab.run(source)

    result = lab.run(table, Journal().on("Reads shop.bronze.orders", publish_more))
    assert lab.rows(table) == [(1,)]
    assert lab.rows(source) == [(2,)]
    [pin] = lab.detail(result.run_id).inputs.tables
    assert (pin.table, pin.snapshot_id) == (source, first.snapshot_id)


def test_a_file_that_no_snapshot_names_is_invisible(lab: Laboratory) -> None:
    """P5-08: an orphan beside the table's files is never read."""
    source = lab.pipeline("shop.bronze.orders", "SELECT 1 AS id")
    lab.run(source)
    [data] = [path for path in lab.warehouse_files() if path.suffix == ".parquet"]
    data.with_name("orphan.parquet").write_bytes(data.read_bytes())
    table = lab.pipeline("shop.silver.orders", "SELECT * FROM {{ ref('bronze.orders') }}")
    lab.run(table)
    assert lab.rows(table) == [(1,)]


def test_the_numbers_of_a_table_are_read_without_opening_its_files(lab: Laboratory) -> None:
    """P10-50: they are stored at publish, so they are shown even when the warehouse cannot be read."""
    table = lab.pipeline("shop.silver.orders", NUMBERS, table_yaml="description: All orders.\ncolumns:\n- name: id\n  description: The order.\n")
    result = lab.run(table)
    for path in lab.warehouse_files():
        path.unlink()
    [shown] = lab.engine.tables.list(LOCAL_USER).items
    assert (shown.row_count, shown.file_count, shown.size_bytes) == (5, 1, result.counts.bytes_written)
    assert [(column.name, column.type, column.description) for column in shown.columns] == [("id", "BIGINT", "The order."), ("label", "VARCHAR", "")]
    assert (shown.description, shown.snapshot_id, shown.published_by_run) == ("All orders.", result.snapshot_id, result.run_id)


def test_one_session_serves_all_steps_of_a_run(lab: Laboratory, monkeypatch: pytest.MonkeyPatch) -> None:
    """P5-09."""
    opened: list[str] = []
    connect = Door.connect

    def counted(self: Door, *args: Any, **kwargs: Any) -> Any:
        opened.append("session")
        return connect(self, *args, **kwargs)

    monkeypatch.setattr(Door, "connect", counted)
    table = lab.pipeline("shop.silver.orders", NUMBERS, {"one": "SELECT 1 WHERE false", "two": "SELECT * FROM {{ this }} WHERE id < 0"})
    lab.run(table)
    assert opened == ["session"]


def test_a_waiting_instance_is_used_by_the_next_run_and_only_by_it(lab: Laboratory) -> None:
    table = lab.pipeline("shop.silver.orders", NUMBERS)
    lab.parts.warm()
    lab.run(table)
    lab.run(table)
    assert lab.rows(table, "SELECT count(*) FROM {}") == [(5,)]


def test_a_draft_goes_up_to_its_audit_and_stays_on_its_branch(lab: Laboratory) -> None:
    table = lab.pipeline("shop.silver.orders", NUMBERS)
    lab.run(table)
    lab.draft(table, {"pipeline.sql": "SELECT 99 AS id", "tests/quality/some.sql": "SELECT * FROM {{ this }} WHERE id <> 99"})
    result = lab.run(table, draft=True)

    run = lab.last_run(table)
    assert (run.status, run.branch, run.version) == (RunStatus.SUCCESS, result.branch, None)
    assert [test.status for test in result.report.results] == [TestStatus.PASS]
    assert lab.rows(table, ref=result.branch) == [(99,)]
    assert lab.rows(table, "SELECT count(*) FROM {}") == [(5,)]
    assert lab.engine.tables.get(LOCAL_USER, table).row_count == 5
    assert [step.name for step in lab.detail(run.id).steps] == [StepName.PLAN, StepName.EXECUTE, StepName.WRITE, StepName.AUDIT]
    assert len(lab.events("table.published")) == 1


def test_a_draft_of_a_new_table_does_not_make_the_table_exist(lab: Laboratory) -> None:
    table = TableName.parse("shop.silver.orders")
    lab.draft(table, {"pipeline.sql": NUMBERS})
    result = lab.run(table, draft=True)
    assert lab.engine.tables.list(LOCAL_USER).items == ()
    assert lab.rows(table, "SELECT count(*) FROM {}", ref=result.branch) == [(5,)]
    reader = lab.pipeline("shop.gold.orders", "SELECT * FROM {{ ref('silver.orders') }}")
    with pytest.raises(MissingInputError, match=r"There is no table shop\.silver\.orders yet"):
        lab.run(reader)


def test_a_query_that_fails_leaves_nothing_behind_and_names_its_line(lab: Laboratory) -> None:
    """P6-15, P6-24: the error is the cause itself, at its place in the file, and no table appears."""
    table = lab.pipeline("shop.silver.orders", "-- @description: Orders.\nSELECT 1 AS id,\n  nothing AS label\nFROM (SELECT 1 AS something)")
    with pytest.raises(QueryFailedError, match=r'pipeline\.sql:3:3: Binder Error: Referenced column "nothing" not found') as caught:
        lab.run(table)
    assert (caught.value.details["line"], caught.value.details["column"]) == (3, 3)
    assert lab.pointer(table) is None
    assert lab.warehouse_files() == set()
    steps = lab.detail(lab.last_run(table).id).steps
    assert [(step.name, step.ok) for step in steps] == [(StepName.PLAN, True), (StepName.EXECUTE, False)]


def test_a_query_that_fails_half_way_leaves_the_table_as_it_was(lab: Laboratory) -> None:
    """P6-15: nothing continues on half-changed data."""
    table = lab.pipeline("shop.silver.orders", NUMBERS)
    lab.run(table)
    before = (lab.pointer(table), lab.warehouse_files())
    lab.pipeline("shop.silver.orders", "SELECT CAST(CASE WHEN range > 400000 THEN 'x' ELSE range::VARCHAR END AS BIGINT) AS id FROM range(500000)")
    with pytest.raises(QueryFailedError, match="Could not convert string 'x'"):
        lab.run(table)
    assert (lab.pointer(table), lab.warehouse_files()) == before
    assert lab.rows(table, "SELECT count(*) FROM {}") == [(5,)]


def test_a_pipeline_whose_input_is_gone_says_which(lab: Laboratory) -> None:
    """P6-24."""
    lab.pipeline("shop.bronze.orders", "SELECT 1 AS id")
    table = lab.pipeline("shop.silver.orders", "SELECT * FROM {{ ref('bronze.orders') }}")
    with pytest.raises(MissingInputError, match=r"There is no table shop\.bronze\.orders yet\. Run its pipeline first\."):
        lab.run(table)


def test_a_version_that_no_longer_compiles_fails_its_run(lab: Laboratory) -> None:
    lab.pipeline("shop.bronze.orders", "SELECT 1 AS id")
    table = lab.pipeline("shop.silver.orders", "SELECT * FROM {{ ref('bronze.orders') }}")
    with lab.engine.database.write() as transaction:
        transaction.connection.execute(t.pipeline.update().where(t.pipeline.c.layer == "bronze").values(name="renamed"))
    with pytest.raises(CompileError, match=r"There is no table or pipeline 'shop\.bronze\.orders'"):
        lab.run(table)
    assert [(step.name, step.ok) for step in lab.detail(lab.last_run(table).id).steps] == [(StepName.PLAN, False)]


@pytest.mark.parametrize("sql", ["SELECT * FROM shop.bronze.orders", "SELECT * FROM duckdb_settings()", "SELECT getenv('HOME') AS home"])
def test_a_pipeline_reads_only_what_it_names_by_ref(lab: Laboratory, sql: str) -> None:
    source = lab.pipeline("shop.bronze.orders", "SELECT 1 AS id")
    lab.run(source)
    table = lab.pipeline("shop.silver.orders", sql)
    with pytest.raises(StatementRefusedError, match=r"^pipeline\.sql:1:"):
        lab.run(table)
    assert lab.pointer(table) is None


def test_files_outside_are_read_only_where_that_is_allowed(tmp_path: Path) -> None:
    """P4-05: the file's name may hold quotes."""
    outside = tmp_path / 'it\'s "mine".csv'
    outside.write_text("id\n7\n")
    sql = f"SELECT * FROM read_csv('{str(outside).replace(chr(39), chr(39) * 2)}')"
    with laboratory(Settings(data=tmp_path / "open")) as lab:
        table = lab.pipeline("shop.silver.orders", sql)
        lab.run(table)
        assert lab.rows(table) == [(7,)]
    with laboratory(Settings(data=tmp_path / "closed", pipeline_reads_files=False)) as lab:
        table = lab.pipeline("shop.silver.orders", sql)
        with pytest.raises(StatementRefusedError, match="RAT_PIPELINE_READS_FILES"):
            lab.run(table)


def test_everything_works_in_a_session_that_reaches_only_its_inputs(tmp_path: Path) -> None:
    """P4-05: in a data folder with quotes, blanks, wildcards and letters of other alphabets in its name."""
    with laboratory(Settings(data=tmp_path / "a 'b' \"c\" [d] é*?#%20 ;--", pipeline_reads_files=False)) as lab:
        lab.land("shop.uploads", "day 'one'.csv", "id,label\n1,a\n")
        source = lab.pipeline("shop.bronze.orders", "-- @merge_strategy: append_only\nSELECT * FROM {{ landing_zone('uploads') }}")
        lab.run(source)
        lab.run(source)
        table = lab.pipeline(
            "shop.silver.orders", "SELECT id, count(*) AS n FROM {{ ref('bronze.orders') }} GROUP BY id", {"few": "SELECT * FROM {{ this }} WHERE n > 2"}
        )
        lab.run(table)
        assert lab.rows(source) == [(1, "a", "day 'one'.csv")] * 2
        assert lab.rows(table) == [(1, 2)]


def test_cancelling_stops_a_query_that_would_never_end(lab: Laboratory) -> None:
    """P0-09, P7-06: the query is really interrupted; nothing is published and no branch stays."""
    table = lab.pipeline("shop.silver.orders", ENDLESS)
    interrupter = Interrupter()
    threading.Timer(0.3, interrupter.interrupt).start()
    with pytest.raises(RunCancelledError):
        lab.carry_out(lab.hold(table), interrupter=interrupter)
    assert lab.last_run(table).status is RunStatus.CANCELLED
    assert lab.pointer(table) is None
    assert lab.warehouse_files() == set()


def test_cancelling_before_the_first_statement_is_heard(lab: Laboratory) -> None:
    table = lab.pipeline("shop.silver.orders", NUMBERS)
    interrupter = Interrupter()
    interrupter.interrupt()
    with pytest.raises(RunCancelledError):
        lab.carry_out(lab.hold(table), interrupter=interrupter)


def test_cancelling_stops_a_quality_test(lab: Laboratory) -> None:
    table = lab.pipeline("shop.silver.orders", NUMBERS, {"endless": ENDLESS})
    interrupter = Interrupter()
    threading.Timer(0.5, interrupter.interrupt).start()
    with pytest.raises(RunCancelledError):
        lab.carry_out(lab.hold(table), interrupter=interrupter)
    assert lab.pointer(table) is None


def test_a_cancel_that_arrives_after_the_audit_still_keeps_the_run_from_publishing(lab: Laboratory) -> None:
    """P0-09: the publishing transaction itself looks."""
    table = lab.pipeline("shop.silver.orders", NUMBERS)
    lab.run(table)
    before = lab.pointer(table)
    lab.pipeline("shop.silver.orders", "SELECT 1 AS id, 'x' AS label")
    held = lab.hold(table)
    journal = Journal().on("Audit:", lambda: lab.engine.runs.cancel(LOCAL_USER, held.run_id))
    with pytest.raises(RunCancelledError):
        lab.carry_out(held, journal)
    after = lab.pointer(table)
    assert before is not None
    assert after is not None
    assert after.snapshot_id == before.snapshot_id
    assert lab.refs(table) == {"main"}


def test_a_run_under_an_old_fence_is_refused(lab: Laboratory) -> None:
    table = lab.pipeline("shop.silver.orders", NUMBERS)
    held = lab.hold(table)
    with pytest.raises(PublishConflictError, match="no longer held by this process"):
        lab.carry_out(Held(held.run_id, held.fence - 1))


def test_a_child_that_lost_its_run_while_it_worked_cannot_publish(lab: Laboratory) -> None:
    """P2-08: the fence is looked at in the transaction that moves the pointer."""
    table = lab.pipeline("shop.silver.orders", NUMBERS)
    held = lab.hold(table)

    def another_attempt() -> None:
        with lab.engine.database.write() as transaction:
            transaction.connection.execute(t.run.update().where(t.run.c.id == held.run_id).values(fence=held.fence + 1))

    with pytest.raises(PublishConflictError, match="another attempt took over"):
        lab.carry_out(held, Journal().on("Audit:", another_attempt))
    assert lab.engine.tables.list(LOCAL_USER).items == ()
    assert lab.events("table.published") == []


def test_the_compiled_sql_is_logged_at_debug_only(lab: Laboratory) -> None:
    """P4-01."""
    table = lab.pipeline("shop.silver.orders", NUMBERS)
    journal = Journal()
    lab.run(table, journal)
    assert "FROM range(5)" in journal.texts(LogLevel.DEBUG)
    assert "FROM range(5)" not in journal.texts(LogLevel.INFO)


def test_errors_do_not_show_where_files_lie(lab: Laboratory) -> None:
    """P10-130: the user's file name is told, the path is not."""
    lab.land("shop.uploads", "my orders.csv", "id,label\n" + "1,a\n" * 30_000 + "1,2,3,4\n")
    table = lab.pipeline("shop.bronze.orders", "SELECT * FROM {{ landing_zone('uploads') }}")
    with pytest.raises(QueryFailedError) as caught:
        lab.run(table)
    assert "CSV Error on Line: 30002" in caught.value.message
    assert "The file is my orders.csv." in caught.value.message
    assert str(lab.settings.data) not in caught.value.message


def test_an_audit_that_cannot_read_a_table_of_a_later_pipeline_is_an_error_of_that_test(lab: Laboratory) -> None:
    lab.pipeline("shop.gold.totals", "SELECT 1 AS n")
    tests = {"fits": "SELECT * FROM {{ ref('gold.totals') }} WHERE n < 0"}
    table = lab.pipeline("shop.silver.orders", NUMBERS, tests)
    with pytest.raises(AuditFailedError, match=r"There is nothing to read yet at shop\.gold\.totals"):
        lab.run(table)
