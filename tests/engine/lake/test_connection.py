"""The door to DuckDB: what a session can reach, and how its errors read."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from rat_engine import Settings
from rat_engine.errors import DiskFullError, QueryCancelledError, QueryFailedError, QueryTimeoutError, RatError, ResourceLimitError, RunCancelledError
from rat_engine.lakehouse.connection import Door, Interrupter, Limits, Reach, Session, connect
from rat_engine.lakehouse.faults import Statement

ENDLESS = "SELECT count(*) FROM range(10000000) a, range(10000000) b"


@pytest.fixture
def scratch(settings: Settings) -> Path:
    settings.scratch.mkdir(parents=True)
    return settings.scratch


@pytest.fixture
def session(settings: Settings, scratch: Path) -> Iterator[Session]:
    with connect(settings, scratch) as opened:
        yield opened


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM glob('/*')",
        "SELECT * FROM read_csv('https://example.org/x.csv')",
        "COPY (SELECT 1) TO '{scratch}/out.csv'",
        "ATTACH '{scratch}/other.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET threads = 8",
        "SET memory_limit = '1TB'",
        "SET enable_external_access = true",
        "RESET lock_configuration",
        "EXPORT DATABASE '{scratch}/export'",
        "CALL enable_logging(storage = 'file', storage_path = '{scratch}')",
        "SELECT * FROM frame",
    ],
)
def test_a_session_reaches_nothing_that_it_was_not_given(session: Session, scratch: Path, sql: str) -> None:
    """P1-03; also without the guard of user SQL before it, and no Python variable is a table."""
    frame = pa.table({"a": [1]})
    with pytest.raises(QueryFailedError):
        session.run(sql.replace("{scratch}", str(scratch)))
    assert frame.num_rows == 1


def test_a_session_reads_exactly_the_files_it_was_given_and_writes_to_its_folder(settings: Settings, scratch: Path, tmp_path: Path) -> None:
    given, other, folder = tmp_path / "given 'x'.csv", tmp_path / "other.csv", tmp_path / "out [1]"
    given.write_text("id\n1\n")
    other.write_text("id\n2\n")
    folder.mkdir()
    with connect(settings, scratch, Reach((str(given),), (str(folder),))) as session:
        assert session.run(f"SELECT * FROM read_csv('{str(given).replace(chr(39), chr(39) * 2)}')") == [(1,)]
        session.run(f"COPY (SELECT 1 AS id) TO '{folder}/rows.parquet'")
        with pytest.raises(QueryFailedError):
            session.run(f"SELECT * FROM read_csv('{other}')")
        with pytest.raises(QueryFailedError):
            session.run(f"COPY (SELECT 1) TO '{folder}/../outside.parquet'")
    assert (folder / "rows.parquet").exists()
    assert not (tmp_path / "outside.parquet").exists()


def test_each_session_is_an_instance_of_its_own(settings: Settings, scratch: Path) -> None:
    """P10-17, P10-55."""
    door = Door(settings)
    door.warm()
    with door.connect(scratch) as first, door.connect(scratch) as second:
        first.run("CREATE TABLE mine AS SELECT 1 AS id")
        with pytest.raises(QueryFailedError):
            second.run("SELECT * FROM mine")
    door.close()


def test_a_session_leaves_no_file_behind(settings: Settings, scratch: Path) -> None:
    limits = Limits(128, 2, "RAT_MEMORY_LIMIT_MB")
    with Door(settings).connect(scratch, limits=limits) as session:
        session.run("SELECT count(*) FROM (SELECT DISTINCT md5(range::VARCHAR) FROM range(3000000))")
        assert list(scratch.iterdir()) != []
    assert list(scratch.iterdir()) == []


def test_the_limits_are_those_of_the_settings(tmp_path: Path) -> None:
    """P10-51."""
    settings = Settings(data=tmp_path, memory_limit_mb=256, threads=1)
    with connect(settings, tmp_path) as session:
        assert session.run("SELECT current_setting('threads'), current_setting('memory_limit'), current_setting('TimeZone')") == [(1, "256.0 MiB", "UTC")]
    with connect(settings, tmp_path, limits=Limits(128, 2, "")) as session:
        assert session.run("SELECT current_setting('memory_limit')") == [("128.0 MiB",)]


@pytest.mark.parametrize(
    ("sql", "line", "column", "message"),
    [
        ("SELECT 'éé🐀' AS x,\n  foo", 2, 3, 'Binder Error: Referenced column "foo"'),
        ("SELECT 1,\n\n   nope(2)", 3, 4, "Catalog Error: Scalar Function with name nope does not exist"),
        ("SELECT * FROM missing", 1, 15, "Catalog Error: Table with name missing does not exist"),
        ("SELECT 'x' || 1,\n  CAST('x' AS INTEGER)", 2, 3, "Conversion Error: Could not convert string 'x'"),
    ],
)
def test_an_error_tells_its_line_and_column(session: Session, sql: str, line: int, column: int, message: str) -> None:
    """Counted in characters within the user's own text, although it stands in brackets of ours and offsets are bytes."""
    with pytest.raises(QueryFailedError) as caught:
        session.run_around(sql, "SELECT * FROM (\n", "\n) AS t")
    assert caught.value.details == {"line": line, "column": column}
    assert caught.value.message.startswith(message)
    assert caught.value.message.endswith(f" (line {line}, column {column})")


def test_describing_a_wrong_query_tells_the_place_too(session: Session) -> None:
    with pytest.raises(QueryFailedError) as caught:
        session.describe("SELECT 1 AS a,\n  b FROM (SELECT 1 AS a)")
    assert caught.value.details == {"line": 2, "column": 3}


def test_an_error_in_our_own_part_has_no_place(session: Session) -> None:
    with pytest.raises(QueryFailedError) as caught:
        session.run_around("SELECT 1 AS a", "SELECT nothing FROM (\n", "\n) AS t")
    assert caught.value.details == {}


@pytest.mark.parametrize("end", ["", ";", " ; ", ";;\n", "; -- and\n-- more ;", " /* ; */ ;", " -- c"])
def test_a_query_may_end_in_semicolons_and_comments(session: Session, end: str) -> None:
    assert session.run_around(f"SELECT ';' AS x{end}", "SELECT * FROM (\n", "\n) AS t") == [(";",)]
    assert [name for name, _ in session.describe(f"SELECT ';' AS x{end}")] == ["x"]


def test_duplicate_names_are_described_as_they_are(session: Session) -> None:
    assert [name for name, _ in session.describe("SELECT 1 AS a, 2 AS a")] == ["a", "a"]


def test_too_little_memory_is_told_with_the_limit_and_its_setting(tmp_path: Path) -> None:
    with (
        connect(Settings(data=tmp_path, memory_limit_mb=128), tmp_path) as session,
        pytest.raises(ResourceLimitError, match=r"more memory than its limit of 128 MiB \(RAT_MEMORY_LIMIT_MB\)\. Raise the limit"),
    ):
        session.run("SELECT list(range) FROM range(100000000)")


def test_a_full_disk_is_told_as_one(settings: Settings, scratch: Path) -> None:
    with (
        connect(settings, scratch, Reach(anything=True)) as session,
        pytest.raises(DiskFullError, match=r"The disk has no room left: .*No space left on device"),
    ):
        session.run("COPY (SELECT range FROM range(10000000)) TO '/dev/full' (FORMAT parquet, USE_TMP_FILE false)")


def test_paths_are_shown_as_their_readers_know_them(settings: Settings, scratch: Path) -> None:
    """P10-130."""
    path = settings.data / "landing" / "0001.parquet"
    with connect(settings, scratch, Reach((str(path),))) as session:
        session.name_paths({str(path): "my file.parquet"})
        with pytest.raises(QueryFailedError) as caught:
            session.run(f"SELECT * FROM read_parquet('{path}')")
    assert "my file.parquet" in caught.value.message
    assert str(settings.data) not in caught.value.message


def test_a_deadline_interrupts_and_the_session_goes_on(session: Session) -> None:
    """P2-12: a loop that uses the processor is really stopped."""
    started = time.monotonic()
    with session.deadline(0.2), pytest.raises(QueryTimeoutError):
        session.run(ENDLESS)
    assert time.monotonic() - started < 30
    assert session.run("SELECT 1") == [(1,)]


def test_a_deadline_that_passes_between_statements_stops_the_next_one(session: Session) -> None:
    with session.deadline(0.05):
        time.sleep(0.15)
        with pytest.raises(QueryTimeoutError):
            session.run(ENDLESS)


def test_an_interrupt_stops_what_runs_and_everything_after_it(settings: Settings, scratch: Path) -> None:
    interrupter = Interrupter()
    with Door(settings).connect(scratch, interrupter=interrupter) as session:
        threading.Timer(0.2, interrupter.interrupt).start()
        for sql in (ENDLESS, "SELECT 1"):
            with pytest.raises(RunCancelledError):
                session.run(sql)


def test_an_interrupt_is_told_in_the_words_of_its_job(settings: Settings, scratch: Path) -> None:
    interrupter = Interrupter(QueryCancelledError, "Cancelled.")
    interrupter.interrupt()
    interrupter.interrupt()
    with pytest.raises(QueryCancelledError, match="Cancelled"), Door(settings).connect(scratch, interrupter=interrupter):
        pytest.fail("the session opened")


@pytest.mark.parametrize(("offset", "place"), [(0, None), (6, (1, 1)), (9, (2, 1)), (11, (2, 2)), (100, None)])
def test_places_are_counted_within_the_users_text(offset: int, place: tuple[int, int] | None) -> None:
    assert Statement("ab\nééé", "before", "after").place(offset) == place


def test_many_sessions_at_once_do_not_disturb_each_other(settings: Settings, scratch: Path) -> None:
    """P10-57, P10-55."""
    failures: list[RatError] = []

    def work(number: int) -> None:
        try:
            with connect(settings, scratch) as session:
                session.run(f"CREATE TABLE t AS SELECT {number} AS n, range FROM range(100000)")
                assert session.run("SELECT DISTINCT n FROM t") == [(number,)]
        except RatError as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
