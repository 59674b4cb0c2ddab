"""The state of the Run page and of its live log, over real events, a real database and real log files."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from rat_app import routes
from rat_app.engine import Portal
from rat_app.state.run import log as run_log
from rat_app.state.run.detail import RunState, reason, result_view, timeline
from rat_app.state.run.log import MAX_PIECE_BYTES, Piece, RunLogState, fitting
from rat_engine import LOCAL_USER, LogLevel, LogLine, Run, RunStatus, Severity, Step, StepName, TableName, TestResult, TestStatus
from rat_engine.domain.job import Lane
from rat_engine.jobs import queue
from rat_engine.jobs.lifecycle import RunEnd, end_run, start_run
from rat_engine.metadata import tables
from rat_engine.metadata.wake import log_topic
from rat_engine.observe.logs import LogWriter, log_path
from tests.app.tab import Browser, Tab

TABLE = TableName.parse("shop.silver.orders")
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
def run(portal: Portal) -> Run:
    """A pending run."""
    portal.engine.pipelines.create(LOCAL_USER, TABLE)
    portal.engine.pipelines.release(LOCAL_USER, TABLE)
    return portal.engine.runs.submit(LOCAL_USER, TABLE)


def begin(portal: Portal) -> None:
    """Do what a supervisor does when it gives a run to a child."""
    with portal.engine.database.write() as transaction:
        job = queue.claim(transaction, Lane.RUN, "test")
        assert job is not None
        assert start_run(transaction, job, 4711)


def end(portal: Portal, run: Run, status: RunStatus = RunStatus.FAILED, code: str = "audit_failed", message: str = "1 test failed.") -> None:
    with portal.engine.database.write() as transaction:
        assert end_run(transaction, run.id, RunEnd(status, code, message))


@pytest.fixture
def writer(portal: Portal, run: Run) -> Iterator[LogWriter]:
    """The log of the run's first attempt, which has begun."""
    begin(portal)
    with LogWriter(log_path(portal.engine.settings.logs, run.id, 1), lambda: portal.engine.database.bus.send([log_topic(run.id)])) as opened:
        yield opened


async def opened(browser: Browser, run: Run) -> Tab:
    """A tab on the run's page, once it is loaded."""
    tab = await browser.open(routes.run(run.id))
    await tab.start(RunState.follow)
    await tab.wait_for(RunState, lambda state: state.loaded)
    return tab


def pieces_sent(tab: Tab) -> list[Piece]:
    """Every piece of the log that reached the browser, in order."""
    return [value for delta in tab.deltas for values in delta.values() for name, value in values.items() if name.startswith("piece")]


def lines_sent(tab: Tab) -> dict[int, str]:
    """Every line that reached the browser, by number; a line that came twice must be the same."""
    found: dict[int, str] = {}
    for piece in pieces_sent(tab):
        for offset, (_, _, message) in enumerate(piece.lines):
            assert found.setdefault(piece.start + offset, message) == message
    return found


async def test_a_status_that_changes_is_seen_without_asking_again(browser: Browser, portal: Portal, run: Run) -> None:
    """P10-76, P5-11: the engine's events move the page."""
    tab = await opened(browser, run)
    begin(portal)
    state = await tab.wait_for(RunState, lambda state: state.run is not None and state.run.status == "running")
    assert not state.final
    end(portal, run)
    state = await tab.wait_for(RunState, lambda state: state.final)
    assert state.run is not None
    assert (state.run.error_code, state.run.error_message) == ("audit_failed", "1 test failed.")
    assert "listed under Tests" in state.advice


async def test_a_waiting_run_is_cancelled_at_once_and_can_be_run_again(browser: Browser, portal: Portal, run: Run) -> None:
    """P0-09: cancelled is a status of its own."""
    tab = await opened(browser, run)
    await tab.send(RunState.cancel)
    assert portal.engine.runs.get(LOCAL_USER, run.id).status is RunStatus.CANCELLED
    await tab.send(RunState.again)
    newest = portal.engine.runs.list(LOCAL_USER).items[0]
    assert newest.id != run.id
    assert tab.redirects() == [routes.run(newest.id)]


async def test_cancelling_a_run_that_has_ended_says_so(browser: Browser, portal: Portal, run: Run) -> None:
    """P6-22: a failed action tells what failed."""
    tab = await opened(browser, run)
    portal.engine.runs.cancel(LOCAL_USER, run.id)
    await tab.send(RunState.cancel)
    assert await tab.failures() == ["Could not cancel the run"]


async def test_a_run_that_does_not_exist_says_so_in_place(browser: Browser) -> None:
    tab = await browser.open(routes.run("01m7yww5jfesktj9r8d934vmkt"))
    await tab.send(RunState.follow)
    assert (await tab.state(RunState)).failure.title == "Could not open the run"


async def test_the_address_says_which_attempt_is_shown(browser: Browser, portal: Portal, run: Run, writer: LogWriter) -> None:
    writer.info("the first time")
    end(portal, run)
    with portal.engine.database.write() as transaction:
        first = {"run_id": run.id, "number": 2, "fence": 2, "pid": 4712, "started_at": NOON, "finished_at": NOON}
        transaction.connection.execute(insert(tables.attempt).values(**first))
        transaction.connection.execute(
            insert(tables.attempt_plan).values(run_id=run.id, attempt=2, strategy="append_only", incremental=True, compiled_sql="x" * 50_000)
        )
    with LogWriter(log_path(portal.engine.settings.logs, run.id, 2), lambda: None) as second:
        second.info("the second time")
    tab = await opened(browser, run)
    state = await tab.state(RunState)
    assert (state.attempt, state.steps) == (2, [])
    assert state.plan is not None
    assert (state.plan.strategy, state.plan.incremental, len(state.plan.sql), state.plan.characters) == ("append_only", True, 20_000, 50_000)
    assert [each.addresses["plan"] for each in state.attempts] == [routes.run(run.id, attempt="1", tab="plan"), routes.run(run.id, tab="plan")]
    tab = await browser.open(state.attempts[0].addresses["log"])
    await tab.start(RunState.follow)
    state = await tab.wait_for(RunState, lambda state: state.loaded)
    assert (state.attempt, state.plan, [step.name for step in state.steps]) == (1, None, ["plan"])
    await tab.start(RunLogState.follow)
    await tab.wait_for(RunLogState, lambda state: state.ended)
    assert list(lines_sent(tab).values()) == ["the first time"]


@pytest.mark.parametrize(("attempt", "words"), [("7", "has no attempt 7"), ("x", "not the number of an attempt"), ("0", "not the number")])
async def test_an_attempt_that_never_was_is_told_of(browser: Browser, run: Run, attempt: str, words: str) -> None:
    tab = await browser.open(routes.run(run.id, attempt=attempt))
    await tab.send(RunState.follow)
    assert words in (await tab.state(RunState)).failure.message


async def test_the_log_arrives_line_by_line_while_it_is_written_and_ends_with_the_run(browser: Browser, portal: Portal, run: Run, writer: LogWriter) -> None:
    """P2-07, P3-18, P10-59, P10-97: appended in small pieces, driven by wake-ups, and the page knows when nothing follows."""
    tab = await opened(browser, run)
    await tab.start(RunLogState.follow)
    await tab.wait_for(RunLogState, lambda state: state.begun)
    for number in range(200):
        writer.info(f"line {number}")
        if number == 100:
            await tab.wait_for(RunLogState, lambda state: state.piece.end > 100)
    end(portal, run)
    state = await tab.wait_for(RunLogState, lambda state: state.ended)
    assert lines_sent(tab) == {number: f"line {number}" for number in range(200)}
    assert state.url == f"/api/v1/runs/{run.id}/logs?attempt=1"


async def test_no_piece_is_larger_than_a_frame_should_be(browser: Browser, portal: Portal, run: Run, writer: LogWriter) -> None:
    """P2-07: the browser gets bounded batches however much is written at once."""
    for number in range(60):
        writer.info(f"{number} " + "x" * 4000)
    end(portal, run)
    tab = await opened(browser, run)
    await tab.send(RunLogState.follow)
    assert len(lines_sent(tab)) == 60
    assert all(sum(len(message.encode()) for _, _, message in piece.lines) <= MAX_PIECE_BYTES for piece in pieces_sent(tab))


async def test_after_a_lost_connection_the_log_goes_on_and_missing_lines_are_sent_when_asked_for(
    browser: Browser, portal: Portal, run: Run, writer: LogWriter
) -> None:
    """P6-23, P10-68: nothing lost, nothing doubled."""
    tab = await opened(browser, run)
    await tab.start(RunLogState.follow)
    writer.info("before")
    await tab.wait_for(RunLogState, lambda state: state.piece.end == 1)
    await tab.disconnect()
    for number in range(20):
        writer.info(f"meanwhile {number}")
    await tab.connect()
    tab.deltas.clear()
    await tab.start(RunLogState.follow)
    writer.info("after")
    await tab.wait_for(RunLogState, lambda state: state.piece.end == 22)
    assert lines_sent(tab)[21] == "after"
    tab.deltas.clear()
    await tab.send(RunLogState.fill, first=1, last=21)
    assert lines_sent(tab) == {number + 1: f"meanwhile {number}" for number in range(20)}


async def test_of_a_long_log_only_the_end_is_sent(browser: Browser, portal: Portal, run: Run, writer: LogWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    """P2-07: capped; the lines before are paged in when somebody scrolls up."""
    monkeypatch.setattr(run_log, "TAIL_LINES", 50)
    for number in range(1_000):
        writer.info(f"line {number}")
    end(portal, run)
    tab = await opened(browser, run)
    await tab.send(RunLogState.follow)
    sent = lines_sent(tab)
    assert max(sent) == 999
    assert 50 <= len(sent) <= 150


async def test_what_native_code_wrote_is_an_error_line_of_the_log(browser: Browser, portal: Portal, run: Run, writer: LogWriter) -> None:
    """P6-21: what cannot be parsed is shown, never swallowed."""
    with log_path(portal.engine.settings.logs, run.id, 1).open("ab") as raw:
        raw.write(b"Segmentation fault\n")
    end(portal, run)
    tab = await opened(browser, run)
    await tab.send(RunLogState.follow)
    assert (await tab.state(RunLogState)).piece.lines == ((None, "error", "Segmentation fault"),)


async def test_the_loss_of_the_very_last_piece_can_be_noticed(
    browser: Browser, portal: Portal, run: Run, writer: LogWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P6-23: after a pause the place where the log stands is said once more, and only once."""
    monkeypatch.setattr(run_log, "MARK_SECONDS", 0.1)
    tab = await opened(browser, run)
    await tab.start(RunLogState.follow)
    writer.info("the last for a while")
    await tab.wait_for(RunLogState, lambda state: state.piece == Piece(1, (), 1))
    await asyncio.sleep(0.5)
    marks = [
        value for delta in tab.deltas for values in delta.values() for name, value in values.items() if name.startswith("piece") and value == Piece(1, (), 1)
    ]
    assert len(marks) == 1


def test_a_single_line_larger_than_a_piece_is_sent_alone() -> None:
    lines = [LogLine(None, LogLevel.INFO, "x" * (MAX_PIECE_BYTES + 1)), LogLine(None, LogLevel.INFO, "next")]
    assert fitting(lines) == lines[:1]
    assert fitting([]) == []


def test_steps_become_bars_over_the_time_of_the_attempt(run: Run) -> None:
    steps = [
        Step(StepName.PLAN, NOON, NOON + timedelta(seconds=1), ok=True),
        Step(StepName.EXECUTE, NOON + timedelta(seconds=1), NOON + timedelta(seconds=4), ok=False),
    ]
    plan, execute = timeline(steps, run)
    assert (plan.left, plan.width, plan.status, plan.milliseconds) == (0, 25, "success", 1000)
    assert (execute.left, execute.width, execute.status) == (25, 75, "failed")
    assert timeline([], run) == []


def test_a_step_without_end_runs_with_its_run_and_ends_with_it(run: Run) -> None:
    from dataclasses import replace

    going = [Step(StepName.PLAN, NOON)]
    assert timeline(going, replace(run, status=RunStatus.RUNNING))[0].status == "running"
    assert timeline(going, replace(run, status=RunStatus.CANCELLED))[0].status == "cancelled"


@pytest.mark.parametrize(
    ("trigger", "words"),
    [("manual", "started by hand by local"), ("group", "run together with others"), ("schedule:nightly", "schedule nightly"), ("file_landed", "file landed")],
)
def test_why_a_run_is_there_is_said_in_words(run: Run, trigger: str, words: str) -> None:
    from dataclasses import replace

    assert reason(replace(run, trigger=trigger)) == words


def test_bad_rows_that_do_not_block_are_a_warning() -> None:
    found = TestResult("gaps", Severity.WARN, TestStatus.FAIL, 2, 1.5, sample_columns=("id", "note"), sample_rows=((1, None), (2, "y" * 999)))
    view = result_view(found)
    assert view.status == "warn"
    assert view.rows == (("1", None), ("2", "y" * 200))
    assert result_view(TestResult("t", Severity.ERROR, TestStatus.FAIL, 1, 1)).status == "fail"
    assert result_view(TestResult("t", Severity.WARN, TestStatus.ERROR, 0, 1)).status == "error"
