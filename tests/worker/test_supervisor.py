"""The supervisor with real child processes: every job ends, exactly once, as what it was."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from rat_engine import LOCAL_USER, Engine
from rat_engine.access.policy import LocalPolicy
from rat_engine.domain.access import SYSTEM
from rat_engine.domain.job import CancelOutcome, JobKind, Lane
from rat_engine.domain.log import LogLevel
from rat_engine.domain.run import RunStatus
from rat_engine.jobs import lifecycle, queue
from rat_engine.jobs.lifecycle import RunEnd
from rat_engine.metadata import tables as t
from rat_engine.observe.logs import LogReader, log_path
from rat_engine.observe.presence import engine_trouble
from rat_engine.services.health import HealthService
from rat_engine.worker.lock import engine_lock
from rat_engine.worker.pool import TRIES, LanePlan
from tests.worker.conftest import QUERIES, RUNS, supervising
from tests.worker.installation import Installation, open_database

# Two children at most, which cannot be started while a file says so.
CLOSABLE = LanePlan(Lane.RUN, "tests.worker.lanes:open_runs_unless_closed", 2, patient=True)


def _log(here: Installation, run_id: str) -> list[tuple[LogLevel, str]]:
    chunk = LogReader(log_path(here.settings.logs, run_id, 1), 1, ended=True).read(0, 1000)
    return [(line.level, line.message) for line in chunk.lines]


def test_a_job_is_carried_out_by_a_child_and_the_attempt_tells_by_which(here: Installation) -> None:
    with supervising(here):
        run_id = here.add_run(here.add_pipeline())
        assert here.wait_for(run_id) == "success"
        here.wait_until(lambda: str(here.attempt(run_id)["max_rss_bytes"] or ""), "the attempt to be closed")
    attempt, run = here.attempt(run_id), here.run(run_id)
    assert attempt["pid"] not in (None, os.getpid())
    assert attempt["finished_at"] is not None
    assert int(str(attempt["max_rss_bytes"])) > 1_000_000
    assert (run["fence"], run["branch"], here.jobs()) == (1, f"run-{run_id}-1", 0)
    assert _log(here, run_id) == [(LogLevel.INFO, "started")]
    with here.database.read() as connection:
        kinds = [row.kind for row in connection.execute(select(t.event).where(t.event.c.subject == run_id).order_by(t.event.c.id))]
    assert kinds == ["run.started", "run.step"]


def test_others_are_told_which_children_there_are_and_what_they_do(here: Installation) -> None:
    health = HealthService(here.database, LocalPolicy(), here.settings)

    def told() -> set[str]:
        return {f"{lane.lane.value} {each.state.value} {each.table}".strip() for lane in health.workers(LOCAL_USER) for each in lane.workers}

    with engine_lock(here.settings.data), supervising(here):
        here.wait_until(lambda: "told" if "run idle" in told() else "", "a child that has nothing to do")
        run_id = here.add_run(here.add_pipeline(), payload={"do": "query"})
        here.wait_until(lambda: "told" if any(each.startswith("run busy shop") for each in told()) else "", "a child at work")
        (worker,) = [each for lane in health.workers(LOCAL_USER) for each in lane.workers if each.subject == run_id]
        assert (worker.kind, worker.pid, worker.memory_bytes > 1_000_000) == (JobKind.RUN, here.attempt(run_id)["pid"], True)
        assert here.cancel(run_id) is CancelOutcome.ASKED
        assert here.wait_for(run_id) == "cancelled"
        here.wait_until(lambda: "" if any(" busy" in each for each in told()) else "told", "nobody to be at work")
    assert health.workers(LOCAL_USER) == ()


def test_jobs_queued_before_the_start_are_carried_out_two_tables_at_a_time(here: Installation) -> None:
    """P2-04: the queue is durable; P5-12: as many children as there are workers."""
    ids = [here.add_run(here.add_pipeline(f"t{number}"), f"t{number}") for number in range(5)]
    with supervising(here):
        assert [here.wait_for(run_id) for run_id in ids] == ["success"] * 5


def test_a_run_waits_for_what_it_reads_and_is_skipped_when_that_fails(here: Installation) -> None:
    pipelines = {name: here.add_pipeline(name) for name in ("a", "b", "c", "d")}
    a = here.add_run(pipelines["a"], "a")
    b = here.add_run(pipelines["b"], "b", after=(a,), payload={"do": "fail"})
    c = here.add_run(pipelines["c"], "c", after=(b,))
    d = here.add_run(pipelines["d"], "d", after=(a,))
    with supervising(here):
        assert [here.wait_for(run_id) for run_id in (a, b, c, d)] == ["success", "failed", "skipped", "success"]
    assert here.run(c)["error_message"] == f"Skipped because shop.bronze.b, which it reads, ended as failed (run {b})."


def test_an_error_of_the_run_ends_it_with_its_code_and_message_and_the_last_line_of_its_log(here: Installation) -> None:
    with supervising(here):
        run_id = here.add_run(here.add_pipeline(), payload={"do": "fail"})
        assert here.wait_for(run_id) == "failed"
    run = here.run(run_id)
    assert (run["error_code"], run["error_message"]) == ("missing_input", "shop.bronze.orders does not exist yet.")
    assert _log(here, run_id)[-1] == (LogLevel.ERROR, "shop.bronze.orders does not exist yet.")


def test_a_child_holds_no_descriptor_of_the_processes_above(here: Installation, tmp_path: Path) -> None:
    """The engine's own lock on the data folder is one that the watcher handed down."""
    path = tmp_path / "handed down"
    with path.open("w") as file:
        os.set_inheritable(file.fileno(), True)
        with supervising(here, RUNS):
            run_id = here.add_run(here.add_pipeline(), payload={"do": "descriptors"})
            assert here.wait_for(run_id) == "success"
    held = [message for _, message in _log(here, run_id)]
    assert "/dev/null" in held
    assert str(path) not in held


def test_a_job_that_cannot_be_read_fails_and_not_the_engine(here: Installation) -> None:
    with supervising(here, QUERIES):
        broken = here.add_query(zones=["no such name!"])
        assert here.wait_for(broken) == "failed"
        assert here.wait_for(here.add_query()) == "success"
    assert "the job cannot be read" in str(here.query(broken)["error_message"])


def test_a_job_too_large_to_be_told_fails_and_its_child_goes_on(here: Installation) -> None:
    with supervising(here, QUERIES):
        large = here.add_query("x" * 17_000_000)
        assert here.wait_for(large) == "failed"
        assert here.wait_for(here.add_query()) == "success"
    assert here.query(large)["error_code"] == "too_large"


def test_an_error_that_quotes_megabytes_is_told_in_its_first_part(here: Installation) -> None:
    """P10-103."""
    with supervising(here, RUNS):
        run_id = here.add_run(here.add_pipeline(), payload={"do": "long"})
        assert here.wait_for(run_id) == "failed"
    run = here.run(run_id)
    assert (run["error_code"], run["error_message"]) == ("query_failed", "x" * 8_000 + "… (19,992,000 more characters)")


def test_an_error_nobody_thought_of_leaves_its_traceback_in_the_log(here: Installation) -> None:
    with supervising(here):
        run_id = here.add_run(here.add_pipeline(), payload={"do": "bug"})
        assert here.wait_for(run_id) == "failed"
        again = here.add_run(here.add_pipeline("other"), "other")
        assert here.wait_for(again) == "success"
    assert (here.run(run_id)["error_code"], here.run(run_id)["error_message"]) == (
        "internal",
        "RAT failed by itself: ZeroDivisionError. The traceback is in the log.",
    )
    messages = [message for _, message in _log(here, run_id)]
    assert "Traceback (most recent call last):" in messages
    assert "ZeroDivisionError: nobody thought of this" in messages


@pytest.mark.parametrize(("act", "code"), [("full", "disk_full"), ("memory", "resource_limit")])
def test_a_full_disk_and_a_full_memory_are_told_as_what_they_are(here: Installation, act: str, code: str) -> None:
    """F6, F7: wherever they strike."""
    with supervising(here, RUNS):
        run_id = here.add_run(here.add_pipeline(), payload={"do": act})
        assert here.wait_for(run_id) == "failed"
    assert here.run(run_id)["error_code"] == code
    assert "Traceback" not in " ".join(message for _, message in _log(here, run_id))


def test_what_python_and_native_code_print_is_in_the_log(here: Installation) -> None:
    with supervising(here):
        run_id = here.add_run(here.add_pipeline(), payload={"do": "print"})
        assert here.wait_for(run_id) == "success"
    assert _log(here, run_id) == [(LogLevel.INFO, "started"), (LogLevel.ERROR, "printed by Python"), (LogLevel.ERROR, "printed by native code")]


def test_a_crash_fails_the_run_with_the_signal_and_the_last_ten_lines_of_native_code(here: Installation) -> None:
    """P2-01, P6-21: a dead child is noticed at once, and what it said last is in message and log."""
    with supervising(here):
        run_id = here.add_run(here.add_pipeline(), payload={"do": "crash"})
        assert here.wait_for(run_id) == "failed"
        assert here.wait_for(here.add_run(here.add_pipeline("next"), "next")) == "success"
    run = here.run(run_id)
    first, *last = str(run["error_message"]).splitlines()
    assert run["error_code"] == "child_died"
    assert (
        first
        == "The process that carried this out was killed by SIGSEGV (signal 11). It may have needed more memory than it is allowed. Nothing was published."
    )
    assert len(last) == 10
    messages = [message for _, message in _log(here, run_id)]
    assert [f"native line {number}" for number in range(10)] == [message for message in messages if message.startswith("native")]
    assert any("Segmentation fault" in message for message in messages)
    assert here.attempt(run_id)["exit"] == "was killed by SIGSEGV (signal 11)"


def test_a_child_killed_from_outside_fails_its_run_and_another_takes_over(here: Installation) -> None:
    with supervising(here):
        run_id = here.add_run(here.add_pipeline(), payload={"do": "hang"})
        here.wait_for(run_id, "running")
        os.kill(int(str(here.attempt(run_id)["pid"])), signal.SIGKILL)
        assert here.wait_for(run_id) == "failed"
        assert here.wait_for(here.add_run(here.add_pipeline("next"), "next")) == "success"
    assert "SIGKILL (signal 9)" in str(here.run(run_id)["error_message"])
    assert here.jobs() == 0


def test_a_run_that_is_cancelled_while_it_computes_is_interrupted(here: Installation) -> None:
    """P0-09: cancelled is a status of its own, not a failure."""
    with supervising(here):
        run_id = here.add_run(here.add_pipeline(), payload={"do": "query"})
        here.wait_until(lambda: "yes" if (LogLevel.INFO, "query starts") in _log(here, run_id) else "", "the query to start")
        assert here.cancel(run_id) is CancelOutcome.ASKED
        assert here.wait_for(run_id) == "cancelled"
    assert here.run(run_id)["error_message"] == "Cancelled. Nothing was published."


def test_a_run_that_does_not_listen_is_killed_and_counts_as_cancelled(here: Installation) -> None:
    with supervising(here):
        run_id = here.add_run(here.add_pipeline(), payload={"do": "hang"})
        here.wait_until(lambda: "yes" if (LogLevel.INFO, "hangs") in _log(here, run_id) else "", "the run to hang")
        here.cancel(run_id)
        assert here.wait_for(run_id) == "cancelled"
        assert here.wait_for(here.add_run(here.add_pipeline("next"), "next")) == "success"
    assert here.attempt(run_id)["exit"] == "was killed by SIGKILL (signal 9)"


def test_a_queued_run_that_is_cancelled_is_never_started(here: Installation) -> None:
    run_id = here.add_run(here.add_pipeline())
    with here.database.write() as transaction:
        assert queue.request_cancel(transaction, run_id) is CancelOutcome.REMOVED
        lifecycle.end_run(transaction, run_id, RunEnd(RunStatus.CANCELLED, "cancelled", "Cancelled by local."), SYSTEM.name)
    with supervising(here):
        other = here.add_run(here.add_pipeline("other"), "other")
        assert here.wait_for(other) == "success"
    assert here.status(run_id) == "cancelled"
    assert here.run(run_id)["started_at"] is None


def test_a_stop_gives_running_work_time_and_marks_what_does_not_end(here: Installation, tmp_path: Path) -> None:
    """P8-09, P2-09: a stop lets what is going on end, marks the rest, and leaves no process."""
    quick_file = tmp_path / "go"
    with supervising(here):
        quick = here.add_run(here.add_pipeline("quick"), "quick", payload={"do": "wait", "file": str(quick_file)})
        endless = here.add_run(here.add_pipeline("endless"), "endless", payload={"do": "hang"})
        here.wait_for(quick, "running")
        here.wait_for(endless, "running")
        here.wait_until(lambda: "yes" if quick_file.with_suffix(".waiting").exists() else "", "the quick one to wait")
        pids = [int(str(here.attempt(run_id)["pid"])) for run_id in (quick, endless)]
        quick_file.touch()
    assert (here.status(quick), here.status(endless)) == ("success", "failed")
    run = here.run(endless)
    assert run["error_code"] == "interrupted"
    assert "RAT was stopped" in str(run["error_message"])
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
    assert here.jobs() == 0


def test_what_was_running_when_everything_died_is_failed_at_the_next_start_and_the_queue_survives(here: Installation) -> None:
    """P2-01: after a crash each run in flight is resolved at start-up."""
    pipelines = {name: here.add_pipeline(name) for name in ("a", "b", "c")}
    lost, waits = here.add_run(pipelines["a"], "a"), here.add_run(pipelines["b"], "b")
    after = here.add_run(pipelines["c"], "c", after=(lost,))
    query = here.add_query()
    with here.database.write() as transaction:
        for lane in (Lane.RUN, Lane.INTERACTIVE):
            job = queue.claim(transaction, lane, "a worker that is dead")
            assert job is not None
            (lifecycle.start_query(transaction, job) if lane is Lane.INTERACTIVE else lifecycle.start_run(transaction, job, 1))
    with supervising(here):
        assert [here.wait_for(subject) for subject in (lost, query, after)] == ["failed", "failed", "skipped"]
        assert here.wait_for(waits) == "success"
    run = here.run(lost)
    assert (run["error_code"], run["branch"]) == ("interrupted", f"run-{lost}-1")
    assert here.attempt(lost)["exit"] == "lost"
    assert here.query(query)["error_code"] == "interrupted"
    assert _log(here, lost)[-1][0] is LogLevel.ERROR


def test_a_lane_that_cannot_be_opened_says_why_and_does_not_stop_the_others(here: Installation) -> None:
    with supervising(here, RUNS, LanePlan(Lane.INTERACTIVE, "tests.worker.lanes:open_never", 1)):
        query_id = here.add_query()
        assert here.wait_for(here.add_run(here.add_pipeline())) == "success"
        assert here.wait_for(query_id) == "failed"
    row = here.query(query_id)
    assert row["error_code"] == "unavailable"
    assert "No process for this can be started: RuntimeError: this lane does not open" in str(row["error_message"])


def test_runs_stay_queued_while_no_child_can_be_started_and_say_why(here: Installation) -> None:
    """P2-04: what keeps children from starting delays runs; it ends none."""
    runs = Engine(here.settings, here.database, LocalPolicy()).runs
    closed = here.settings.data / "closed"
    closed.touch()
    run_id = here.add_run(here.add_pipeline())
    with engine_lock(here.settings.data), supervising(here, CLOSABLE):
        here.wait_until(lambda: engine_trouble(here.settings.data), "the engine to tell of its trouble")
        assert "RuntimeError: this lane is closed" in runs.get(LOCAL_USER, run_id).waiting_for
        closed.unlink()
        assert here.wait_for(run_id) == "success"
        here.wait_until(lambda: "" if engine_trouble(here.settings.data) else "over", "the trouble to be over")


def test_while_one_child_works_others_that_cannot_start_end_no_queued_run(here: Installation, tmp_path: Path) -> None:
    """P2-04: the queue waits for the child that is there."""
    closed, go = here.settings.data / "closed", tmp_path / "go"
    with supervising(here, CLOSABLE):
        first = here.add_run(here.add_pipeline("a"), "a", payload={"do": "wait", "file": str(go)})
        here.wait_until(lambda: "yes" if go.with_suffix(".waiting").exists() else "", "the run to wait")
        closed.touch()
        queued = [here.add_run(here.add_pipeline(name), name) for name in ("b", "c")]
        here.wait_until(lambda: closed.read_text()[TRIES:], "more starts to fail than are forgiven")
        go.touch()
        assert [here.wait_for(run_id) for run_id in (first, *queued)] == ["success"] * 3


def test_while_the_database_refuses_writes_nothing_is_lost(here: Installation, tmp_path: Path) -> None:
    """F6: a disk that is full or read-only for a while delays ends and claims, and takes nothing with it."""
    refused = threading.Event()

    def refuse(connection: Any, _record: Any, _proxy: Any) -> None:
        connection.execute(f"PRAGMA query_only={'ON' if refused.is_set() else 'OFF'}")

    own = open_database(here.settings)
    event.listen(own.engine, "checkout", refuse)
    go = tmp_path / "go"
    with supervising(Installation(here.settings, own)):
        first = here.add_run(here.add_pipeline("a"), "a", payload={"do": "wait", "file": str(go), "then": "fail"})
        here.wait_until(lambda: "yes" if go.with_suffix(".waiting").exists() else "", "the run to wait")
        refused.set()
        go.touch()
        second = here.add_run(here.add_pipeline("b"), "b")
        time.sleep(2)
        assert (here.status(first), here.status(second)) == ("running", "pending")
        refused.clear()
        assert (here.wait_for(first), here.wait_for(second)) == ("failed", "success")
    own.close()


def test_a_hundred_thousand_lines_of_a_child_are_followed_by_cursor_without_loss(here: Installation) -> None:
    """P3-18, P10-16: woken by the child's writes, resuming by cursor, until the run has ended."""
    seen: list[str] = []
    with supervising(here), here.database.bus.listen() as listener:
        run_id = here.add_run(here.add_pipeline(), payload={"do": "chatter", "lines": 100_000})
        here.wait_for(run_id, "running")
        after, complete = 0, False
        while not complete:
            ended = here.status(run_id) != "running"
            chunk = LogReader(log_path(here.settings.logs, run_id, 1), 1, ended=ended).read(after, 5_000)
            seen += [line.message for line in chunk.lines]
            after, complete = chunk.next, chunk.complete
            if not chunk.lines and not complete:
                listener.wait(1)
    assert seen == ["started", *map(str, range(100_000))]
