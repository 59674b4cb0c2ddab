"""What an attempt leaves that was killed, lost its run or cannot clean up: nothing that anybody sees, and no files."""

from __future__ import annotations

import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import NoReturn

import pytest

from rat_engine.domain.access import LOCAL_USER
from rat_engine.domain.job import Job, JobKind, Lane
from rat_engine.domain.log import LogLevel
from rat_engine.domain.names import TableName
from rat_engine.domain.run import RunStatus
from rat_engine.errors import AuditFailedError, PublishConflictError, QueryFailedError
from rat_engine.jobs import lifecycle
from rat_engine.jobs.lifecycle import RunEnd
from rat_engine.lakehouse.branch import Branch
from rat_engine.worker.process import Exit
from rat_engine.worker.work import RunWork
from tests.engine.lake.laboratory import Held, Journal, Laboratory


def kill_itself(lab: Laboratory, table: TableName, point: str, *, draft: bool = False) -> Held:
    """Have a child process carry out a run and die by SIGKILL at ``point``; then end the run as the supervisor would."""
    held = lab.hold(table, draft=draft)
    command = [sys.executable, "-m", "tests.engine.lake.killed", str(lab.settings.data), held.run_id, str(held.fence), point]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    job = Job(0, JobKind.RUN, Lane.RUN, held.run_id, held.fence, "laboratory", cancel_requested=False, payload={})
    write = RunWork(lab.settings, lab.engine.database).died(job, Exit(0, signal.SIGKILL, 0), None)
    with lab.engine.database.write() as transaction:
        write(transaction)
    assert lab.engine.runs.get(LOCAL_USER, held.run_id).error_code == "child_died"
    return held


def data_files(lab: Laboratory) -> set[Path]:
    """Every data file in the warehouse, whether a table names it or not."""
    return {path for path in lab.warehouse_files() if path.parent.parent.name == "data"}


@pytest.mark.parametrize("point", ["data", "branch", "swap"])
def test_a_child_killed_at_any_point_leaves_the_old_state_and_the_next_run_cleans_up(lab: Laboratory, point: str) -> None:
    """P2-13, P2-01: killed after its data files, after its branch, and between the swap and the commit."""
    table = lab.pipeline("shop.silver.orders", "SELECT 1 AS id")
    lab.run(table)
    shown, before = lab.engine.tables.get(LOCAL_USER, table), data_files(lab)
    lab.pipeline("shop.silver.orders", "SELECT 2 AS id")
    held = kill_itself(lab, table, point)

    assert lab.rows(table) == [(1,)]
    assert lab.engine.tables.get(LOCAL_USER, table) == shown
    assert (held.branch in lab.refs(table)) is (point != "data")
    assert data_files(lab) == before
    lab.run(table)
    assert lab.rows(table) == [(2,)]
    assert lab.refs(table) == {"main"}


@pytest.mark.parametrize("point", ["data", "branch", "swap"])
def test_a_first_run_killed_at_any_point_does_not_keep_the_next_from_making_the_table(lab: Laboratory, point: str) -> None:
    table = lab.pipeline("shop.silver.orders", "SELECT 1 AS id, 'x' AS label")
    kill_itself(lab, table, point)
    assert lab.engine.tables.list(LOCAL_USER).items == ()
    assert data_files(lab) == set()
    if point == "data":
        assert list(lab.settings.warehouse.iterdir()) == []
    lab.pipeline("shop.silver.orders", "-- @merge_strategy: append_only\nSELECT 2.5 AS id")
    lab.run(table)
    assert lab.arrow(table).to_pylist()[0]["id"] == Decimal("2.5")
    assert lab.refs(table) == {"main"}


def test_a_branch_that_cannot_be_removed_is_logged_and_the_cause_is_still_told(lab: Laboratory, monkeypatch: pytest.MonkeyPatch) -> None:
    """P10-42, P6-15."""
    table = lab.pipeline("shop.silver.orders", "SELECT error('no more')::INTEGER AS id")

    def fails(*_: object) -> NoReturn:
        raise PermissionError("not allowed")

    monkeypatch.setattr(Branch, "discard", fails)
    journal = Journal()
    with pytest.raises(QueryFailedError, match="no more"):
        lab.run(table, journal)
    assert "could not be removed: not allowed. The next run of shop.silver.orders removes it." in journal.texts(LogLevel.WARNING)


def test_a_process_that_lost_its_run_writes_nothing_of_it_any_more(lab: Laboratory) -> None:
    """P2-01: what a run read is what the attempt that ended it read."""
    table = lab.pipeline("shop.silver.orders", "SELECT 1 AS id")
    lab.run(table)
    reader = lab.pipeline("shop.gold.totals", "SELECT count(*) AS n FROM {{ ref('silver.orders') }}")
    held, journal = lab.hold(reader), Journal()

    def lose() -> None:
        with lab.engine.database.write() as transaction:
            lifecycle.end_run(transaction, held.run_id, RunEnd(RunStatus.FAILED, "interrupted", "elsewhere"))

    with pytest.raises(PublishConflictError, match="no longer held"):
        lab.carry_out(held, journal.on("", lose))
    detail = lab.detail(held.run_id)
    assert (detail.run.error_code, detail.inputs.tables) == ("interrupted", ())


def test_branches_kept_for_inspection_survive_later_runs(lab: Laboratory) -> None:
    """P2-13: only what nobody may want to see is removed."""
    table = lab.pipeline("shop.silver.orders", "SELECT 1 AS id", {"never": "-- @severity: error\nSELECT 1"})
    with pytest.raises(AuditFailedError):
        lab.run(table)
    kept = lab.last_run(table).branch
    lab.draft(table, {"pipeline.sql": "SELECT 2 AS id"})
    draft = lab.run(table, draft=True).branch
    lab.pipeline("shop.silver.orders", "SELECT 3 AS id")
    lab.run(table)
    assert lab.refs(table) == {"main", kept, draft}
    assert [lab.rows(table, ref=ref) for ref in ("main", kept, draft)] == [[(3,)], [(1,)], [(2,)]]


def test_a_draft_that_was_killed_leaves_nothing_to_look_at(lab: Laboratory) -> None:
    """P2-13."""
    table = lab.pipeline("shop.silver.orders", "SELECT 1 AS id")
    lab.run(table)
    lab.draft(table, {"pipeline.sql": "SELECT 2 AS id"})
    held = kill_itself(lab, table, "branch", draft=True)
    assert held.branch in lab.refs(table)
    lab.run(table)
    assert lab.refs(table) == {"main"}


def test_a_disk_that_fills_up_is_a_clear_error_and_the_old_rows_stay(lab: Laboratory) -> None:
    """A file size limit stands for the full disk: the write fails in DuckDB as it would there."""
    table = lab.pipeline("shop.silver.orders", "SELECT 1 AS id, 'x' AS noise")
    lab.run(table)
    lab.pipeline("shop.silver.orders", "SELECT range AS id, md5(range::VARCHAR) || md5((range + 1)::VARCHAR) AS noise FROM range(1000000)")
    held = lab.hold(table)
    command = [sys.executable, "-m", "tests.engine.lake.killed", str(lab.settings.data), held.run_id, str(held.fence), "full"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ended.stdout.startswith("disk_full: The disk has no room left: "), ended.stderr
    assert "Nothing was published. Free some space in the data folder and run again." in ended.stdout
    assert str(lab.settings.data) not in ended.stdout
    assert lab.rows(table) == [(1, "x")]
    assert not (lab.settings.warehouse / lab.engine.tables.get(LOCAL_USER, table).id / "data" / held.branch).exists()
