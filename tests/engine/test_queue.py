"""The queue: every claim is exclusive, tables run one run at a time, dependencies and order are kept, final is final."""

import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql

from rat_engine.domain.clock import now
from rat_engine.domain.job import CancelOutcome, Job, JobKind, Lane, NewJob, Standing
from rat_engine.domain.run import RunStatus
from rat_engine.jobs import lifecycle, queue
from rat_engine.jobs.lifecycle import RunEnd
from rat_engine.metadata import tables as t
from tests.worker.installation import Installation, make

CLAIMER = """
import json, sys
from pathlib import Path
from rat_engine.domain.job import Lane
from rat_engine.jobs import queue
from rat_engine.settings import Settings
from tests.worker.installation import open_database

worker = sys.argv[2]
database = open_database(Settings.load(data=Path(sys.argv[1])))
print("ready", flush=True)
sys.stdin.readline()
claimed = []
while True:
    with database.write() as transaction:
        job = queue.claim(transaction, Lane.RUN, worker)
        if job is None:
            break
        claimed.append(job.subject)
print(json.dumps(claimed))
"""


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Installation]:
    installation = make(tmp_path / "data")
    yield installation
    installation.database.close()


def _put(here: Installation, subject: str, *, lease_key: str | None = None, priority: int = 0, later: float = 0) -> None:
    moment = now() + timedelta(seconds=later) if later else None
    with here.database.write() as transaction:
        queue.put(transaction, NewJob(JobKind.RUN, Lane.RUN, subject, lease_key=lease_key, priority=priority, available_at=moment))


def _claim(here: Installation, worker: str = "w1", lease_seconds: float = 30) -> Job | None:
    with here.database.write() as transaction:
        return queue.claim(transaction, Lane.RUN, worker, lease_seconds)


def _claimed(here: Installation) -> Job:
    job = _claim(here)
    assert job is not None
    return job


def test_several_processes_claim_every_job_exactly_once(here: Installation) -> None:
    """P5-12: several workers at once, each claim exclusive."""
    for number in range(60):
        _put(here, f"job-{number}")
    command = [sys.executable, "-c", CLAIMER, str(here.settings.data)]
    workers = [subprocess.Popen([*command, f"w{n}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for n in range(4)]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    claimed = Counter[str]()
    outputs = []
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    outputs = [worker.communicate(timeout=60)[0] for worker in workers]
    for output in outputs:
        claimed.update(json.loads(output))
    assert claimed == Counter(f"job-{number}" for number in range(60))


def test_a_smaller_priority_goes_first_then_who_came_first_and_nobody_before_their_time(here: Installation) -> None:
    _put(here, "second")
    _put(here, "third")
    _put(here, "first", priority=-1)
    _put(here, "last", priority=5)
    _put(here, "tomorrow", priority=-9, later=86_400)
    claimed = [_claimed(here).subject for _ in range(4)]
    assert claimed == ["first", "second", "third", "last"]
    assert _claim(here) is None


def test_one_table_runs_one_run_at_a_time_and_does_not_hold_up_the_others(here: Installation) -> None:
    """P2-04: a busy table is skipped; being busy is no error."""
    _put(here, "a1", lease_key="shop.bronze.a")
    _put(here, "a2", lease_key="shop.bronze.a")
    _put(here, "b1", lease_key="shop.bronze.b")
    first = _claimed(here)
    assert (first.subject, _claimed(here).subject) == ("a1", "b1")
    assert _claim(here) is None
    with here.database.write() as transaction:
        assert queue.finish(transaction, "a1", first.attempt)
    assert _claimed(here).subject == "a2"


def test_a_run_waits_until_everything_it_reads_has_succeeded(here: Installation) -> None:
    ids = {name: here.add_pipeline(name) for name in ("a", "b", "c")}
    a, b = here.add_run(ids["a"], "a"), here.add_run(ids["b"], "b")
    c = here.add_run(ids["c"], "c", after=(a, b))
    assert [_claimed(here).subject, _claimed(here).subject] == [a, b]
    assert _claim(here) is None
    for run_id in (a, b):
        with here.database.write() as transaction:
            transaction.connection.execute(update(t.run).where(t.run.c.id == run_id).values(status="success"))
    assert _claimed(here).subject == c


def test_what_waits_for_a_run_that_did_not_succeed_is_skipped_all_the_way_down(here: Installation) -> None:
    """P0-09: cancelled is an end of its own, for the run and for those that wait for it."""
    ids = {name: here.add_pipeline(name) for name in ("a", "b", "c", "d")}
    a = here.add_run(ids["a"], "a")
    b = here.add_run(ids["b"], "b", after=(a,))
    c = here.add_run(ids["c"], "c", after=(b,))
    d = here.add_run(ids["d"], "d")
    with here.database.write() as transaction:
        assert lifecycle.end_run(transaction, a, RunEnd(RunStatus.CANCELLED, "cancelled", "Cancelled by local."), "local")
    assert [here.status(run_id) for run_id in (a, b, c, d)] == ["cancelled", "skipped", "skipped", "pending"]
    assert here.run(b)["error_message"] == f"Skipped because shop.bronze.a, which it reads, ended as cancelled (run {a})."
    assert here.run(c)["error_message"] == f"Skipped because shop.bronze.b, which it reads, ended as skipped (run {b})."
    assert here.jobs() == 1
    with here.database.read() as connection:
        told = [(row.kind, row.subject, row.data["status"]) for row in connection.execute(select(t.event).order_by(t.event.c.id))]
    assert told == [("run.finished", a, "cancelled"), ("run.finished", b, "skipped"), ("run.finished", c, "skipped")]


def test_a_final_status_never_changes(here: Installation) -> None:
    run_id = here.add_run(here.add_pipeline())
    ends = [RunEnd(RunStatus.CANCELLED), RunEnd(RunStatus.FAILED, "x", "x"), RunEnd(RunStatus.SKIPPED)]
    told = []
    for end in ends:
        with here.database.write() as transaction:
            told.append(lifecycle.end_run(transaction, run_id, end))
    assert (told, here.status(run_id)) == ([True, False, False], "cancelled")


def test_an_outdated_holder_can_neither_finish_nor_extend_nor_end(here: Installation) -> None:
    run_id = here.add_run(here.add_pipeline())
    old = _claimed(here)
    with here.database.write() as transaction:
        assert lifecycle.start_run(transaction, old, pid=1)
        assert queue.requeue(transaction, old)
        transaction.connection.execute(update(t.run).values(status="pending"))
    again = _claimed(here)
    with here.database.write() as transaction:
        assert lifecycle.start_run(transaction, again, pid=2)
        assert (old.attempt, again.attempt, old.worker) == (1, 2, again.worker)
        assert not queue.finish(transaction, run_id, old.attempt)
        assert queue.extend(transaction, old) is Standing.LOST
        assert not lifecycle.end_run(transaction, run_id, RunEnd(RunStatus.FAILED), fence=old.attempt)
        assert queue.extend(transaction, again) is Standing.HELD
    assert (here.status(run_id), here.jobs()) == ("running", 1)


def test_cancel_removes_a_queued_job_and_asks_the_worker_of_a_running_one(here: Installation) -> None:
    _put(here, "queued")
    _put(here, "running", priority=-1)
    held = _claimed(here)
    with here.database.bus.listen() as listener:
        with here.database.write() as transaction:
            assert queue.request_cancel(transaction, "queued") is CancelOutcome.REMOVED
            assert queue.request_cancel(transaction, "running") is CancelOutcome.ASKED
            assert queue.request_cancel(transaction, "unknown") is CancelOutcome.ABSENT
        assert "cancel" in listener.wait(10)
    with here.database.write() as transaction:
        assert queue.extend(transaction, held) is Standing.CANCEL
        assert queue.fetch_cancels(transaction.connection, "w1") == {"running"}
        assert not queue.requeue(transaction, held)


def test_a_job_is_announced_to_other_processes_only_when_it_is_there(here: Installation) -> None:
    """P3-18: workers are woken, and by the commit of whichever transaction queued the job."""
    with here.database.bus.listen() as listener:
        with here.database.write() as transaction:
            queue.put(transaction, NewJob(JobKind.RUN, Lane.RUN, "x"))
            assert listener.drain() == frozenset()
        assert "job:run" in listener.wait(10)


def test_jobs_of_workers_that_are_gone_are_found_and_no_others(here: Installation) -> None:
    """P2-01: whatever a dead worker held is found again."""
    for name in ("expired", "held", "mine"):
        _put(here, name)
    _claim(here, "dead", lease_seconds=-1)
    _claim(here, "alive")
    _claim(here, "me", lease_seconds=-1)
    with here.database.write() as transaction:
        assert [job.subject for job in queue.lock_abandoned(transaction, "me", alone=False)] == ["expired"]
        assert [job.subject for job in queue.lock_abandoned(transaction, "me", alone=True)] == ["expired", "held"]


def test_lanes_do_not_see_each_other(here: Installation) -> None:
    here.add_query()
    assert _claim(here) is None
    with here.database.read() as connection:
        assert queue.is_claimable(connection, Lane.INTERACTIVE)
        assert not queue.is_claimable(connection, Lane.RUN)


def test_the_claim_of_a_backlog_uses_indexes(here: Installation) -> None:
    with here.database.read() as connection:
        filled = queue._CLAIMABLE.params(wanted=Lane.RUN.value, moment=now())
        statement = filled.compile(connection.engine, compile_kwargs={"literal_binds": True})
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")]
    assert not [step for step in plan if step.startswith("SCAN") or "TEMP B-TREE" in step], plan
    assert any("uq_job_lease" in step for step in plan), plan


def test_postgres_claimers_skip_the_rows_of_each_other() -> None:
    assert str(queue._CLAIM.compile(dialect=postgresql.dialect())).endswith("FOR UPDATE OF job SKIP LOCKED")


def test_threads_of_one_process_may_share_the_database(here: Installation) -> None:
    """P6-17: what several threads use is protected by the database."""
    for number in range(40):
        _put(here, f"job-{number}")
    claimed: list[str] = []

    def work() -> None:
        while (job := _claim(here)) is not None:
            claimed.append(job.subject)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(claimed) == sorted(f"job-{number}" for number in range(40))
