"""Branches, and how they become main: all or nothing, never over somebody else's rows."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import NoReturn

import pytest
from sqlalchemy import Connection, event

from rat_engine.domain.access import LOCAL_USER
from rat_engine.domain.names import TableName
from rat_engine.domain.pipeline import WriteStrategy
from rat_engine.domain.run import RunStatus
from rat_engine.errors import DiskFullError, PublishConflictError
from rat_engine.execute.ending import Seal
from rat_engine.execute.runner import execute_run
from rat_engine.execute.timeline import Timeline
from rat_engine.lakehouse.branch import Branch, branch_of
from rat_engine.lakehouse.connection import Interrupter, Reach
from rat_engine.lakehouse.datafiles import Rows
from rat_engine.lakehouse.files import LocalFiles
from rat_engine.lakehouse.publish import Publication, publish
from rat_engine.lakehouse.scan import Snapshot
from rat_engine.lakehouse.strategies import strategy
from rat_engine.lakehouse.types import result_columns
from rat_engine.metadata import attempts, lake
from rat_engine.metadata.database import Transaction
from tests.engine.lake.laboratory import Held, Journal, Laboratory


class PowerCutError(Exception):
    """Something ends in the middle."""


@contextmanager
def written(lab: Laboratory, table: TableName, sql: str, held: Held | None = None) -> Iterator[Publication]:
    """A branch with the rows of ``sql``, ready to be published."""
    held = held or lab.hold_beside(table)
    with lab.engine.database.read() as connection:
        run = attempts.fetch_running(connection, held.run_id, held.fence)
        pointer = lake.fetch_pointers(connection, [table]).get(table)
    with branch_of(lab.parts.catalog, pointer, run, Journal()) as branch:
        snapshot = write(lab, branch, sql)
        yield Publication(branch, snapshot, snapshot.recorded_rows, run)


def write(lab: Laboratory, branch: Branch, sql: str) -> Snapshot:
    """Replace what the branch holds by the rows of ``sql``."""
    with lab.parts.door.connect(lab.settings.scratch, Reach(anything=True)) as session:
        rows = Rows(session, sql, result_columns(session.describe(sql)))
        return branch.write(strategy(WriteStrategy.FULL_REFRESH).change(rows, branch), {})


def nothing_else(transaction: Transaction) -> None:
    """A publish without a run to mark."""


def power_cut(*_: object) -> NoReturn:
    """Fail."""
    raise PowerCutError


def test_a_branch_is_invisible_until_it_is_published(lab: Laboratory) -> None:
    table = lab.pipeline("shop.silver.orders", "SELECT 1 AS id")
    lab.run(table)
    with written(lab, table, "SELECT 2 AS id") as publication:
        assert lab.rows(table) == [(1,)]
        assert lab.rows(table, ref=publication.branch.name) == [(2,)]
        publish(lab.parts.catalog, [publication], nothing_else)
    assert lab.rows(table) == [(2,)]
    assert lab.refs(table) == {"main"}


def test_of_two_branches_made_from_one_head_the_second_is_refused(lab: Laboratory) -> None:
    """P2-08: publish compares the head that the branch was made from; the winner's rows stay."""
    table = lab.pipeline("shop.silver.orders", "SELECT 1 AS id")
    lab.run(table)

    def race() -> None:
        with written(lab, table, "SELECT 2 AS id") as early, written(lab, table, "SELECT 3 AS id") as late:
            publish(lab.parts.catalog, [early], nothing_else)
            publish(lab.parts.catalog, [late], nothing_else)

    with pytest.raises(PublishConflictError, match=r"shop\.silver\.orders changed while the run went on") as caught:
        race()
    assert caught.value.details["expected"] != caught.value.details["found"]
    assert lab.rows(table) == [(2,)]
    assert lab.refs(table) == {"main"}


def test_a_run_whose_table_moved_before_it_wrote_is_refused_at_once(lab: Laboratory) -> None:
    table = lab.pipeline("shop.silver.orders", "SELECT 1 AS id")
    lab.run(table)
    held = lab.hold(table)

    def another_run() -> None:
        other = lab.hold_beside(table)
        execute_run(lab.parts, other.run_id, other.fence, Journal())

    with pytest.raises(PublishConflictError):
        lab.carry_out(held, Journal().on("full_refresh", another_run))
    assert lab.last_run(table).status is RunStatus.SUCCESS
    assert lab.refs(table) == {"main"}


def test_two_first_runs_of_one_table_make_one_table(lab: Laboratory) -> None:
    table = lab.pipeline("shop.silver.orders", "SELECT 1 AS id")
    rival = lab.hold_beside(table)
    with lab.engine.database.read() as connection:
        run = attempts.fetch_running(connection, rival.run_id, rival.fence)

    def write_too() -> None:
        with branch_of(lab.parts.catalog, None, run, Journal()) as branch:
            write(lab, branch, "SELECT 2 AS id")

    with written(lab, table, "SELECT 1 AS id") as early:
        with pytest.raises(PublishConflictError, match="was created by another run"):
            write_too()
        publish(lab.parts.catalog, [early], nothing_else)
    assert lab.rows(table) == [(1,)]
    assert {path.relative_to(lab.settings.warehouse).parts[0] for path in lab.warehouse_files()} == {early.branch.table_id}


def test_a_failure_within_the_transaction_leaves_everything_as_it_was(lab: Laboratory) -> None:
    """P2-08: pointer, table row, run and events move together or not at all; no staged file stays."""
    table = lab.pipeline("shop.silver.orders", "SELECT 1 AS id")
    lab.run(table)
    before, shown = lab.pointer(table), lab.engine.tables.get(LOCAL_USER, table)
    with written(lab, table, "SELECT 2 AS id") as publication:
        files = lab.warehouse_files()
        with pytest.raises(PowerCutError):
            publish(lab.parts.catalog, [publication], power_cut)
        assert lab.warehouse_files() == files
    after = lab.pointer(table)
    assert before is not None
    assert after is not None
    assert after.snapshot_id == before.snapshot_id
    assert lab.engine.tables.get(LOCAL_USER, table) == shown
    assert lab.rows(table) == [(1,)]
    assert len(lab.events("table.published")) == 1


def test_a_failure_after_the_swap_still_rolls_the_pointer_back(lab: Laboratory, monkeypatch: pytest.MonkeyPatch) -> None:
    table = lab.pipeline("shop.silver.orders", "SELECT 1 AS id")
    lab.run(table)
    with written(lab, table, "SELECT 2 AS id") as publication:
        monkeypatch.setattr(lake, "store_table", power_cut)
        with pytest.raises(PowerCutError):
            publish(lab.parts.catalog, [publication], nothing_else)
    assert lab.rows(table) == [(1,)]


def test_a_commit_lost_to_another_branch_is_staged_again(lab: Laboratory) -> None:
    """Another branch of the table moved the pointer between staging and swapping: no conflict, for main stayed."""
    table = lab.pipeline("shop.silver.orders", "SELECT 1 AS id")
    lab.run(table)
    first, second = lab.hold(table), lab.hold_beside(table)
    with written(lab, table, "SELECT 2 AS id", first) as publication:
        lab.draft(table, {"pipeline.sql": "SELECT 3 AS id"})
        with written(lab, table, "SELECT 3 AS id", second) as other:
            other.branch.keep()
        publish(lab.parts.catalog, [publication], nothing_else)
    assert lab.rows(table) == [(2,)]
    assert lab.rows(table, ref=second.branch) == [(3,)]


def test_a_success_is_never_marked_without_its_publish(lab: Laboratory, monkeypatch: pytest.MonkeyPatch) -> None:
    """P2-08."""
    table = lab.pipeline("shop.silver.orders", "SELECT 1 AS id")
    held = lab.hold(table)
    monkeypatch.setattr(lake, "store_table", power_cut)
    with pytest.raises(PowerCutError):
        execute_run(lab.parts, held.run_id, held.fence, Journal())
    run = lab.last_run(table)
    assert (run.status, run.finished_at) == (RunStatus.RUNNING, None)
    assert lab.pointer(table) is None


def test_several_tables_are_published_together_or_not_at_all(lab: Laboratory) -> None:
    tables = [lab.pipeline(f"shop.silver.t{number}", "SELECT 0 AS version") for number in range(3)]
    for table in tables:
        lab.run(table)

    def publish_all(version: int, rival: TableName | None = None) -> None:
        with ExitStack() as stack:
            publications = [stack.enter_context(written(lab, table, f"SELECT {version} AS version")) for table in reversed(tables)]
            if rival:
                publish(lab.parts.catalog, [stack.enter_context(written(lab, rival, "SELECT 9 AS version"))], nothing_else)
            publish(lab.parts.catalog, publications, nothing_else)

    publish_all(1)
    assert [lab.rows(table) for table in tables] == [[(1,)]] * 3
    with pytest.raises(PublishConflictError):
        publish_all(2, rival=tables[1])
    assert [lab.rows(table) for table in tables] == [[(1,)], [(9,)], [(1,)]]


def test_a_reader_never_sees_half_of_a_publish_of_two_tables(lab: Laboratory) -> None:
    """P10-57: one read of the database gives both tables of one publish."""
    tables = [lab.pipeline(f"shop.silver.t{number}", "SELECT 0 AS version") for number in range(2)]
    for table in tables:
        lab.run(table)
    seen: set[tuple[int | None, ...]] = set()
    ended = threading.Event()

    def snapshots() -> tuple[int | None, ...]:
        with lab.engine.database.read() as connection:
            pointers = lake.fetch_pointers(connection, tables)
        return tuple(pointers[table].snapshot_id for table in tables)

    def look() -> None:
        while not ended.is_set():
            seen.add(snapshots())

    published = {snapshots()}
    reader = threading.Thread(target=look)
    reader.start()
    try:
        for version in range(1, 8):
            with ExitStack() as stack:
                publications = [stack.enter_context(written(lab, table, f"SELECT {version} AS version")) for table in tables]
                publish(lab.parts.catalog, publications, nothing_else)
            published.add(snapshots())
    finally:
        ended.set()
        reader.join()
    assert seen <= published
    assert len(seen) > 1


def test_two_branches_never_give_one_id_to_two_columns(lab: Laboratory) -> None:
    """Data files carry the ids: whoever gave out some that others have given out meanwhile begins anew."""
    table = lab.pipeline("shop.silver.orders", "SELECT 1 AS id")
    lab.run(table)
    both = (lab.hold(table), lab.hold_beside(table))
    with lab.engine.database.read() as connection:
        pointer = lake.fetch_pointers(connection, [table])[table]
        runs = [attempts.fetch_running(connection, held.run_id, held.fence) for held in both]
    with ExitStack() as stack:
        first, second = (stack.enter_context(branch_of(lab.parts.catalog, pointer, run, Journal())) for run in runs)
        write(lab, first, "SELECT 1 AS id, 2 AS a")
        with pytest.raises(PublishConflictError, match="others changed its columns"):
            write(lab, second, "SELECT 1 AS id, 'b' AS b")
        assert lab.rows(table, ref=first.name) == [(1, 2)]


def test_what_a_publish_said_is_on_the_disk(lab: Laboratory) -> None:
    """P2-01: after a power cut, too; the steps on the way, which may be lost, do not wait for the disk."""
    table = lab.pipeline("shop.silver.orders", "SELECT 1 AS id")
    kept: list[tuple[str, int]] = []

    def look(connection: Connection) -> None:
        status = connection.exec_driver_sql("SELECT status FROM run").scalar()
        kept.append((str(status), connection.exec_driver_sql("PRAGMA synchronous").scalar_one()))

    event.listen(lab.engine.database.engine, "commit", look)
    lab.run(table)
    full = 2
    assert next(level for status, level in kept if status == "success") == full
    assert [level for status, level in kept if status == "running"].count(full) == 1


def test_a_database_that_finds_no_room_is_the_same_error(lab: Laboratory) -> None:
    """The test's long SQL is stored with its result, for which the database may not grow any more."""
    table = lab.pipeline("shop.silver.orders", "SELECT 1 AS id", {"long": f"SELECT '{'x' * 60_000}' AS x WHERE false"})
    held = lab.hold(table)
    with lab.engine.database.read() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
    with pytest.raises(DiskFullError, match="The disk has no room left: database or disk is full"):
        execute_run(lab.parts, held.run_id, held.fence, Journal())
    assert lab.engine.tables.list(LOCAL_USER).items == ()


def test_metadata_that_finds_no_room_is_the_same_error() -> None:
    def fill() -> None:
        with LocalFiles().new_output("/dev/full").create(overwrite=True) as stream:
            stream.write(b"x")

    with pytest.raises(DiskFullError, match="No space left on device"):
        fill()


def test_the_seal_of_a_run_is_written_once(lab: Laboratory) -> None:
    """P5-11: a second publish of the same run is refused by its own status."""
    table = lab.pipeline("shop.silver.orders", "SELECT 1 AS id")
    held = lab.hold(table)
    with lab.engine.database.read() as connection:
        run = attempts.fetch_running(connection, held.run_id, held.fence)
    with Timeline(lab.engine.database, run, Interrupter()) as timeline, written(lab, table, "SELECT 1 AS id", held) as publication:
        seal = Seal(run, publication.branch, timeline)
        publish(lab.parts.catalog, [publication], seal)
        with pytest.raises(PublishConflictError, match="no longer held"), lab.engine.database.write() as transaction:
            seal(transaction)
    assert lab.rows(table) == [(1,)]
