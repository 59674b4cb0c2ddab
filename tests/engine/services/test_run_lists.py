"""Runs as lists find them: facets, search, time, sorting; several cancelled at once; one run again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rat_engine import (
    LOCAL_USER,
    Engine,
    FacetCount,
    Layer,
    NotFoundError,
    PageRequest,
    PipelineFiles,
    RunFilter,
    RunRequest,
    RunStatus,
    TableName,
    ValidationError,
)
from rat_engine.domain.clock import now
from rat_engine.domain.job import Lane
from rat_engine.jobs import queue
from rat_engine.jobs.lifecycle import RunEnd, end_run, start_run
from rat_engine.metadata.runs import fetch_run

ORDERS, CLEAN = TableName.parse("shop.bronze.orders"), TableName.parse("bakery.silver.daily_bread")


@pytest.fixture
def shop(engine: Engine) -> Engine:
    for table in (ORDERS, CLEAN):
        engine.pipelines.create(LOCAL_USER, table)
        engine.pipelines.release(LOCAL_USER, table)
    return engine


def start(engine: Engine) -> None:
    with engine.database.write() as transaction:
        job = queue.claim(transaction, Lane.RUN, "test")
        assert job is not None
        assert start_run(transaction, job, 4711)


def fail(engine: Engine, run_id: str) -> None:
    with engine.database.write() as transaction:
        assert end_run(transaction, run_id, RunEnd(RunStatus.FAILED, "audit_failed", "1 test failed."))


def test_facets_count_what_is_left_by_every_other_filter(shop: Engine) -> None:
    for table, trigger in ((ORDERS, "manual"), (ORDERS, "schedule:nightly"), (CLEAN, "schedule:hourly")):
        shop.runs.submit(LOCAL_USER, table, RunRequest(trigger=trigger))
    shop.runs.cancel(LOCAL_USER, shop.runs.list(LOCAL_USER).items[0].id)
    every = shop.runs.facets(LOCAL_USER)
    assert every.total == 3
    assert every.statuses == (FacetCount("pending", 2), FacetCount("cancelled", 1))
    assert every.triggers == (FacetCount("schedule", 2), FacetCount("manual", 1))
    bronze = shop.runs.facets(LOCAL_USER, RunFilter(layer=Layer.BRONZE, statuses=(RunStatus.FAILED,)))
    assert bronze.total == 0
    assert bronze.statuses == (FacetCount("pending", 2), FacetCount("failed", 0)), "what was chosen stays to be taken back"
    assert bronze.layers == (FacetCount("bronze", 0),)
    assert shop.runs.facets(LOCAL_USER, RunFilter(trigger="schedule")).total == shop.runs.list(LOCAL_USER, RunFilter(trigger="schedule")).total == 2


def test_runs_are_found_by_their_id_and_by_a_part_of_their_pipelines_name(shop: Engine) -> None:
    orders, bread = (shop.runs.submit(LOCAL_USER, table) for table in (ORDERS, CLEAN))

    def ids(search: str) -> list[str]:
        found = shop.runs.list(LOCAL_USER, RunFilter(search=search))
        assert shop.runs.facets(LOCAL_USER, RunFilter(search=search)).total == found.total
        return [run.id for run in found.items]

    assert ids(orders.id) == ids(f" {orders.id[:-1].upper()} ") == [orders.id]
    assert ids("bread") == ids("bakery.silver") == ids("DAILY_b") == [bread.id]
    assert ids("dailyxbread") == ids("%") == []
    assert sorted(ids(orders.id[:6])) == sorted([orders.id, bread.id])
    assert ids("01") == [], "a beginning that nearly every id has says nothing"


def test_runs_are_found_by_the_time_they_began(shop: Engine) -> None:
    """P10-101."""
    run = shop.runs.submit(LOCAL_USER, ORDERS)
    moment = now()
    assert shop.runs.list(LOCAL_USER, RunFilter(started_after=moment - timedelta(days=1))).total == 0, "it has not begun"
    start(shop)
    for after, before, count in ((-1, 1, 1), (1, 2, 0), (-2, -1, 0)):
        period = RunFilter(started_after=moment + timedelta(hours=after), started_before=moment + timedelta(hours=before))
        assert shop.runs.list(LOCAL_USER, period).total == count
        assert shop.runs.facets(LOCAL_USER, period).total == count
    assert shop.runs.get(LOCAL_USER, run.id).status is RunStatus.RUNNING


def test_runs_are_sorted_by_how_long_they_took(shop: Engine) -> None:
    """P10-100: by keyset, with those that have not ended before the shortest."""
    waiting, ended = shop.runs.submit(LOCAL_USER, CLEAN), shop.runs.submit(LOCAL_USER, ORDERS)
    shop.runs.cancel(LOCAL_USER, waiting.id)
    start(shop)
    fail(shop, ended.id)
    first = shop.runs.list(LOCAL_USER, page=PageRequest(1, sort="-duration_ms"))
    assert [run.id for run in first.items] == [ended.id]
    second = shop.runs.list(LOCAL_USER, page=PageRequest(1, first.next, sort="-duration_ms"))
    assert [run.id for run in second.items] == [waiting.id]
    assert [run.id for run in shop.runs.list(LOCAL_USER, page=PageRequest(sort="created_at")).items] == [waiting.id, ended.id]


def test_several_runs_are_cancelled_at_once_and_each_is_told_of(shop: Engine) -> None:
    going, waiting, gone = (shop.runs.submit(LOCAL_USER, table) for table in (ORDERS, CLEAN, ORDERS))
    start(shop)
    shop.runs.cancel(LOCAL_USER, gone.id)
    report = shop.runs.cancel_many(LOCAL_USER, [going.id, waiting.id, gone.id, "01nothing", waiting.id])
    assert (report.asked, report.cancelled, report.ended, report.missing) == ((going.id,), (waiting.id,), (gone.id,), ("01nothing",))
    assert shop.runs.get(LOCAL_USER, going.id).cancel_requested
    for wrong in ([], ["01"] * 501):
        with pytest.raises(ValidationError, match="at once"):
            shop.runs.cancel_many(LOCAL_USER, wrong)


def test_a_run_that_is_skipped_because_another_is_cancelled_was_not_cancelled_itself(shop: Engine) -> None:
    totals = TableName.parse("shop.gold.totals")
    shop.pipelines.create(LOCAL_USER, totals, PipelineFiles({"pipeline.sql": "select * from {{ ref('bronze.orders') }}"}))
    shop.pipelines.release(LOCAL_USER, totals)
    first, second = shop.runs.submit_group(LOCAL_USER, [ORDERS, totals], "group")
    report = shop.runs.cancel_many(LOCAL_USER, [first.id, second.id])
    assert (report.cancelled, report.ended) == ((first.id,), (second.id,))
    assert shop.runs.get(LOCAL_USER, second.id).status is RunStatus.SKIPPED


def test_a_run_is_run_again_with_its_parameters_and_says_which_it_repeats(shop: Engine) -> None:
    run = shop.runs.submit(LOCAL_USER, ORDERS, RunRequest(parameters={"day": "monday"}))
    again = shop.runs.rerun(LOCAL_USER, run.id, "r-9")
    assert (again.table, again.parameters, again.trigger, again.request_id) == (ORDERS, {"day": "monday"}, f"rerun:{run.id}", "r-9")
    with pytest.raises(NotFoundError):
        shop.runs.rerun(LOCAL_USER, "01nothing")


def test_the_request_id_reaches_every_event_of_the_run(shop: Engine) -> None:
    """P10-131."""
    run = shop.runs.submit(LOCAL_USER, ORDERS, RunRequest(request_id="from-my-cron-17"))
    start(shop)
    shop.runs.cancel(LOCAL_USER, run.id)
    fail(shop, run.id)
    events = [event for event in shop.events.after(LOCAL_USER, 0) if event.subject == run.id]
    assert [event.kind for event in events] == ["run.submitted", "run.started", "run.step", "run.cancel_requested", "run.finished"]
    assert {event.data["request_id"] for event in events} == {"from-my-cron-17"}


def test_what_a_run_waits_for_is_said_with_the_runs_among_it(shop: Engine) -> None:
    holder, waiting = shop.runs.submit(LOCAL_USER, ORDERS), shop.runs.submit(LOCAL_USER, ORDERS)
    behind = shop.runs.submit(LOCAL_USER, CLEAN)
    assert "engine, which does not run" in shop.runs.get(LOCAL_USER, holder.id).waiting_for
    with shop.database.read() as connection:
        assert fetch_run(connection, behind.id).waiting_for == "Waits for a free worker; 2 jobs are before it in the queue."
    start(shop)
    waits = shop.runs.get(LOCAL_USER, waiting.id)
    assert (waits.waiting_for, waits.waiting_on) == (f"Waits for run {holder.id}, which writes the same table.", (holder.id,))
