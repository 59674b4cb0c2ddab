"""Runs before any worker touches them: asking, waiting, cancelling, groups."""

from __future__ import annotations

import pytest

from rat_engine import LOCAL_USER, Engine, EventKind, PipelineFiles, RunFilter, RunRequest, RunStatus, TableName
from rat_engine.domain.run import TRANSITIONS
from rat_engine.errors import CompileError, ConflictError, NotFoundError, RunFinishedError, ValidationError

ORDERS = TableName.parse("shop.bronze.orders")
CLEAN = TableName.parse("shop.silver.orders")
TOTALS = TableName.parse("shop.gold.totals")


@pytest.fixture
def shop(engine: Engine) -> Engine:
    for table, sql in ((ORDERS, "select 1 as a"), (CLEAN, "select * from {{ ref('bronze.orders') }}"), (TOTALS, "select * from {{ ref('silver.orders') }}")):
        engine.pipelines.create(LOCAL_USER, table, PipelineFiles({"pipeline.sql": sql}))
        engine.pipelines.release(LOCAL_USER, table)
    return engine


def test_what_a_run_is_given_has_a_size(shop: Engine) -> None:
    """P10-103."""
    with pytest.raises(ValidationError, match="at most 10,000"):
        shop.runs.submit(LOCAL_USER, ORDERS, RunRequest(parameters={"day": "x" * 10_000}))


def test_a_run_carries_the_version_and_hash_that_it_will_execute(shop: Engine) -> None:
    run = shop.runs.submit(LOCAL_USER, ORDERS, RunRequest(parameters={"day": "2024-01-01"}, request_id="r-1"))
    version = shop.pipelines.version(LOCAL_USER, ORDERS, 1)
    assert (run.status, run.version, run.code_hash, run.parameters) == (RunStatus.PENDING, 1, version.hash, {"day": "2024-01-01"})
    assert shop.runs.get(LOCAL_USER, run.id).waiting_for == "Waits for the engine, which does not run. Start it with `rat up`."


def test_a_pipeline_that_was_never_released_does_not_run(engine: Engine) -> None:
    engine.pipelines.create(LOCAL_USER, ORDERS)
    with pytest.raises(ConflictError, match="never been released"):
        engine.runs.submit(LOCAL_USER, ORDERS)
    assert engine.runs.list(LOCAL_USER).total == 0


def test_a_broken_draft_does_not_run(engine: Engine) -> None:
    engine.pipelines.create(LOCAL_USER, ORDERS, PipelineFiles({"pipeline.sql": "select {{ nothing }}"}))
    with pytest.raises(CompileError):
        engine.runs.submit(LOCAL_USER, ORDERS, RunRequest(draft=True))


def test_a_waiting_run_is_cancelled_at_once_and_for_good(shop: Engine) -> None:
    """P0-09."""
    run = shop.runs.submit(LOCAL_USER, ORDERS)
    assert shop.runs.cancel(LOCAL_USER, run.id).status is RunStatus.CANCELLED
    with pytest.raises(RunFinishedError):
        shop.runs.cancel(LOCAL_USER, run.id)


def test_a_group_runs_in_the_order_of_its_dependencies(shop: Engine) -> None:
    """P10-08."""
    runs = shop.runs.submit_group(LOCAL_USER, [TOTALS, ORDERS, CLEAN], "demo")
    assert [run.table for run in runs] == [ORDERS, CLEAN, TOTALS]
    assert shop.runs.get(LOCAL_USER, runs[1].id).waiting_for == "Waits for bronze.orders."
    assert shop.runs.list(LOCAL_USER, RunFilter(group_id=runs[0].group_id)).total == 3


def test_when_one_of_a_group_is_cancelled_its_readers_are_skipped_with_the_reason(shop: Engine) -> None:
    runs = shop.runs.submit_group(LOCAL_USER, [TOTALS, ORDERS, CLEAN], "demo")
    shop.runs.cancel(LOCAL_USER, runs[0].id)
    ended = [shop.runs.get(LOCAL_USER, run.id) for run in runs]
    assert [run.status for run in ended] == [RunStatus.CANCELLED, RunStatus.SKIPPED, RunStatus.SKIPPED]
    assert runs[0].id in ended[1].error_message


def test_a_group_with_one_table_that_cannot_run_submits_nothing(shop: Engine) -> None:
    with pytest.raises(NotFoundError):
        shop.runs.submit_group(LOCAL_USER, [ORDERS, TableName.parse("shop.gold.nothing")], "demo")
    assert shop.runs.list(LOCAL_USER).total == 0


def test_submitting_and_cancelling_append_their_events(shop: Engine) -> None:
    cursor = shop.events.latest(LOCAL_USER)
    run = shop.runs.submit(LOCAL_USER, ORDERS)
    shop.runs.cancel(LOCAL_USER, run.id)
    assert [(event.kind, event.subject) for event in shop.events.after(LOCAL_USER, cursor)] == [
        (EventKind.RUN_SUBMITTED, run.id),
        (EventKind.RUN_FINISHED, run.id),
    ]


def test_runs_are_filtered_by_status_and_counted(shop: Engine) -> None:
    first, second = shop.runs.submit(LOCAL_USER, ORDERS), shop.runs.submit(LOCAL_USER, CLEAN)
    shop.runs.cancel(LOCAL_USER, first.id)
    assert [run.id for run in shop.runs.list(LOCAL_USER, RunFilter(statuses=(RunStatus.PENDING,))).items] == [second.id]
    summary = shop.runs.summary(LOCAL_USER)
    assert (summary.pending, summary.running, dict(summary.last_day)) == (1, 0, {"cancelled": 1})


def test_a_run_that_has_not_started_has_an_empty_log(shop: Engine) -> None:
    chunk = shop.runs.log(LOCAL_USER, shop.runs.submit(LOCAL_USER, ORDERS).id)
    assert (chunk.lines, chunk.complete) == ((), False)


def test_final_statuses_lead_nowhere() -> None:
    assert {status for status in RunStatus if status.final} == {RunStatus.SUCCESS, RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.SKIPPED}
    assert set(TRANSITIONS) == set(RunStatus)
