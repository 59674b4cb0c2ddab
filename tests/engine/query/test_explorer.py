"""The explorer on a real lake: the rows, the limits, the errors, and nothing written."""

from __future__ import annotations

import resource
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pytest

from rat_engine.domain.lake import Column
from rat_engine.errors import (
    MissingInputError,
    NeedsOpenSessionError,
    QueryCancelledError,
    QueryFailedError,
    QueryTimeoutError,
    RatError,
    ResourceLimitError,
    StatementRefusedError,
)
from rat_engine.observe.results import read_window
from rat_engine.query.explorer import MAX_COLUMNS, cancellation
from rat_engine.query.request import QueryRequest
from tests.engine.query.lake import Lake, land
from tests.engine.query.statements import GOOD, HOSTILE

ENDLESS = "select count(*) from range(1000000000) a, range(1000000000) b where a.range + b.range = 7"


def _short(sql: object) -> str:
    return ascii(sql)[:60] if isinstance(sql, str) else ""


@pytest.fixture
def untouched(lake: Lake) -> Iterator[None]:
    """Nothing below the data folder changes, whatever the test tries."""
    before = {path: path.stat().st_mtime_ns for path in lake.files()}
    yield
    assert {path: path.stat().st_mtime_ns for path in lake.files()} == before


@pytest.mark.parametrize("sql", GOOD, ids=_short)
def test_an_honest_statement_gives_rows(lake: Lake, sql: str) -> None:
    """P1-03: what the guard lets through, the locked session carries out."""
    result = lake.ask(sql)
    window = lake.window()
    assert window.columns == result.columns
    assert window.total == result.row_count


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(("sql", "said"), HOSTILE, ids=_short)
def test_a_hostile_statement_reads_and_writes_nothing(lake: Lake, sql: str, said: str) -> None:
    """P1-03, P10-130, P10-15: refused in the explorer as by the guard, with a message that names no path of ours."""
    # Salaries exist in this lake, but this caller was not given them.
    granted = Lake(lake.settings, lake.tables[:2])
    with pytest.raises((StatementRefusedError, QueryFailedError)) as caught:
        granted.ask(sql)
    assert said in caught.value.message
    assert str(lake.settings.data) not in caught.value.message


def test_rows_columns_and_types_come_back_as_they_are(lake: Lake) -> None:
    result = lake.ask("select number, carrier, delay from gold.flights order by number")
    assert result.columns == (Column("number", "BIGINT"), Column("carrier", "VARCHAR"), Column("delay", "DOUBLE"))
    assert (result.row_count, result.truncated) == (2_500, False)
    assert lake.window(0, 2).rows == ((0, "AA", None), (1, "UA", 1.0))
    assert lake.window(1_999, 2).rows == ((1999, "UA", 19.0), (2000, "DL", 20.0))


def test_the_result_file_has_batches_of_exactly_a_thousand_rows(lake: Lake) -> None:
    lake.ask("select * from gold.flights")
    with pa.ipc.open_file(lake.result) as reader:
        assert [reader.get_batch(number).num_rows for number in range(reader.num_record_batches)] == [1_000, 1_000, 500]


def test_columns_may_share_a_name_and_have_any(lake: Lake) -> None:
    """P0-02: hostile column names travel through."""
    result = lake.ask("""select 1 as a, 2 as a, 3 as "a b", 4 as "q""q", 5 as "drop table", '1'::bit as a""")
    assert [column.name for column in result.columns] == ["a", "a", "a b", 'q"q', "drop table", "a"]
    assert lake.window().rows == ((1, 2, 3, 4, 5, "1"),)


def test_the_order_of_a_sorted_result_is_kept(lake: Lake) -> None:
    lake.ask("select i from range(300000) t(i) order by hash(i)", rows=200_000)
    expected = lake.rows("select i from (select i, row_number() over (order by hash(i)) as n from range(300000) t(i)) where n in (1, 1000, 150000) order by n")
    lake.ask("select i from range(300000) t(i) order by hash(i)", rows=200_000)
    assert tuple(lake.window(at, 1).rows[0] for at in (0, 999, 149_999)) == expected


@pytest.mark.parametrize(
    ("limit", "rows", "truncated"), [(999, 999, True), (1_000, 1_000, True), (2_499, 2_499, True), (2_500, 2_500, False), (9_999, 2_500, False)]
)
def test_rows_beyond_the_limit_are_left_out_and_told(lake: Lake, limit: int, rows: int, truncated: bool) -> None:
    result = lake.ask("select * from gold.flights", rows=limit)
    assert (result.row_count, result.truncated, lake.window().total) == (rows, truncated, rows)


def test_bytes_beyond_the_limit_are_left_out_and_told(lake: Lake) -> None:
    result = lake.ask("select i, repeat('x', 1000) as s from range(20000) t(i)", megabytes=1)
    assert result.truncated
    assert 500 <= result.row_count <= 1_048
    assert lake.result.stat().st_size < 2 << 20


def test_a_single_row_larger_than_the_limit_is_an_error(lake: Lake) -> None:
    with pytest.raises(ResourceLimitError, match="The first row alone is larger"):
        lake.ask("select repeat('x', 5000000)", megabytes=1)


def test_a_disk_without_room_for_the_result_is_a_clear_error(lake: Lake) -> None:
    with Path("/dev/full").open("wb", buffering=0) as sink, pytest.raises(ResourceLimitError, match="No space left on device"):
        lake.explorer().execute(lake.request("select * from gold.flights"), sink)


def test_a_warm_explorer_answers_like_any_other(lake: Lake) -> None:
    explorer = lake.explorer()
    explorer.warm()
    with lake.result.open("wb") as sink:
        assert explorer.execute(lake.request("select count(*) from gold.flights"), sink).row_count == 1
    explorer.door.close()
    assert list(lake.settings.scratch.iterdir()) == []


def test_more_columns_than_a_person_can_look_at_are_an_error(lake: Lake) -> None:
    with pytest.raises(ResourceLimitError, match=f"at most {MAX_COLUMNS:,}"):
        lake.ask("select " + ", ".join(f"{number} as c{number}" for number in range(MAX_COLUMNS + 1)))


def test_a_large_result_is_written_without_being_held_in_memory(lake: Lake) -> None:
    lake.ask("select i, i * 2 as j from range(10000) t(i)", rows=10_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result = lake.ask("select i, repeat('x', 100) as s from range(3000000) t(i)", rows=3_000_000, megabytes=1_024)
    assert result.row_count == 3_000_000
    assert lake.result.stat().st_size > 300 << 20
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < 150 << 20


@pytest.mark.parametrize(
    ("sql", "line", "column", "said"),
    [
        ("select nothing from gold.flights", 1, 8, "Candidate bindings"),
        ("select 'é', nothing\nfrom gold.flights", 1, 13, "nothing"),
        ("select number\nfrom gold.flights\nwhere nmber = 1", 3, 7, '"number"'),
        ("select 1,\n  cast(note as int)\nfrom gold.flights", 2, 3, "Could not convert string"),
        ("with late as (\n  select delays from gold.flights\n) from late;", 2, 10, '"delay"'),
        ("select carrier, count(*) from gold.flights -- no group", 1, 8, "GROUP BY"),
        ("select upper(1, 2)", 1, 8, "No function matches"),
    ],
)
def test_an_error_of_duckdb_keeps_its_advice_and_its_place_in_the_typed_text(lake: Lake, sql: str, line: int, column: int, said: str) -> None:
    """P10-130: the useful message, not the wrapper's, not the engine's insides."""
    with pytest.raises(QueryFailedError) as caught:
        lake.ask(sql)
    assert said in caught.value.message
    assert (caught.value.details["line"], caught.value.details["column"]) == (line, column)


def test_an_error_in_the_middle_of_the_rows_is_an_error_and_not_a_short_result(lake: Lake) -> None:
    with pytest.raises(QueryFailedError, match="Could not convert string 'x150000'") as caught:
        lake.ask("select cast(case when i = 150000 then 'x' || i else '1' end as int) from range(200000) t(i)", rows=200_000)
    assert caught.value.details == {"line": 1, "column": 8}


def test_an_error_about_a_damaged_file_names_the_table_and_no_path(lake: Lake, tmp_path: Path) -> None:
    """P10-130: DuckDB's message has the path of the file; the person gets the table's name."""
    damaged = land(lake, "flights.trips", trips="a,b\n1,2\nx,y,z,too,many\n")
    with pytest.raises(QueryFailedError) as caught:
        damaged.ask("select a + b from flights.landing.trips", preview=True)
    assert str(damaged.settings.data) not in caught.value.message
    assert "Stack" not in caught.value.message


def test_a_preview_reads_its_landing_zones_with_the_users_file_names(lake: Lake) -> None:
    landed = land(lake, "flights.trips", jan="a,b\n1,x\n", feb="b,a\ny,2\n")
    rows = landed.rows('select a, b, _file from "flights"."landing"."trips" order by a', preview=True)
    assert rows == ((1, "x", "jan.csv"), (2, "y", "feb.csv"))


def test_a_query_reads_no_landing_zone(lake: Lake) -> None:
    landed = land(lake, "flights.trips", jan="a,b\n1,x\n")
    with pytest.raises(StatementRefusedError):
        landed.ask("from flights.landing.trips")


def test_a_preview_of_an_empty_landing_zone_says_how_to_fill_it(lake: Lake) -> None:
    with pytest.raises(MissingInputError, match="rat land"):
        land(lake, "flights.trips").ask('from "flights"."landing"."trips"', preview=True)


def test_a_preview_of_files_outside_needs_a_process_that_is_not_confined(lake: Lake, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a\n1\n")
    sql = f"select a from read_csv('{tmp_path}/x.csv')"
    request = lake.request(sql, preview=True)
    with lake.result.open("wb") as sink, pytest.raises(NeedsOpenSessionError) as caught:
        lake.explorer(confined=True).execute(request, sink)
    assert caught.value.code == "needs_open_session"
    with lake.result.open("wb") as sink:
        assert lake.explorer(confined=False).execute(request, sink).row_count == 1
    with lake.result.open("wb") as sink, pytest.raises(StatementRefusedError, match="RAT_PIPELINE_READS_FILES"):
        lake.explorer(reads_files=False, confined=False).execute(request, sink)


@pytest.mark.parametrize(
    "sql",
    [
        ENDLESS,
        "with recursive r as (select 1 as n union all select n + 1 from r) select max(n) from r",
        "select count(distinct hash(a.range * b.range)) from range(100000) a, range(100000) b",
        "select sum(length(md5(a.range::varchar || b.range))) from range(10000000) a, range(10000000) b",
    ],
    ids=_short,
)
def test_an_endless_query_ends_at_its_time_limit(lake: Lake, sql: str) -> None:
    """P2-12: a real interruption of a busy engine, and the next query works."""
    with pytest.raises(QueryTimeoutError, match=r"limit of 1 s and was stopped.*RAT_QUERY_TIMEOUT_SECONDS"):
        lake.ask(sql, seconds=1)
    assert lake.rows("select 1") == ((1,),)


def test_a_query_that_never_ends_is_cancelled_from_another_thread(lake: Lake) -> None:
    """P2-12: the handle may be used from any thread."""
    handle = cancellation()
    threading.Timer(0.3, handle.interrupt).start()
    with pytest.raises(QueryCancelledError):
        lake.ask(ENDLESS, interrupter=handle)


def test_a_query_is_cancelled_while_its_rows_are_being_written(lake: Lake) -> None:
    """P2-12: streaming rows is interrupted like computing them."""
    handle = cancellation()
    threading.Timer(0.3, handle.interrupt).start()
    with pytest.raises(QueryCancelledError):
        lake.ask("select i, repeat('x', 50) from range(1000000000) t(i)", interrupter=handle, rows=900_000_000, megabytes=100_000)


def test_a_query_cancelled_before_it_starts_never_starts(lake: Lake) -> None:
    handle = cancellation()
    handle.interrupt()
    with pytest.raises(QueryCancelledError):
        lake.ask(ENDLESS, interrupter=handle)


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("select repeat('x', 10000000000)", QueryFailedError),
        ("select list(range) from range(300000000)", ResourceLimitError),
        ("select string_agg(range::varchar, ',') from range(500000000)", ResourceLimitError),
    ],
)
def test_a_value_that_does_not_fit_into_memory_is_a_clear_error(lake: Lake, sql: str, error: type[RatError]) -> None:
    with pytest.raises(error):
        lake.ask(sql, memory_mb=256)


def test_what_a_query_spills_is_gone_afterwards(lake: Lake) -> None:
    lake.ask("select max(h) from (select i, hash(i) as h, repeat('x', 50) as s from range(4000000) t(i) order by h, s)", memory_mb=192)
    assert list(lake.settings.scratch.iterdir()) == []


def test_many_queries_at_once_give_each_its_own_rows(lake: Lake) -> None:
    """P10-57: sessions share nothing, so neither rows nor errors get mixed up."""

    def ask(number: int) -> object:
        path = lake.settings.results / f"{number}.arrow"
        sql = f"select {number} as n, count(*) from gold.flights where number < {number}" if number % 3 else f"select nothing_{number}"
        try:
            with path.open("wb") as sink:
                lake.explorer().execute(lake.request(sql), sink)
            return read_window(path, 0, 10).rows
        except QueryFailedError as error:
            return f"nothing_{number}" in error.message

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, range(1, 41)))
    assert answers == [((number, number),) if number % 3 else True for number in range(1, 41)]


def test_one_cancelled_query_does_not_disturb_another(lake: Lake) -> None:
    """P10-57: an interrupt reaches one session only."""
    handle = cancellation()

    def cancelled() -> str:
        with (lake.settings.results / "cancelled.arrow").open("wb") as sink:
            try:
                lake.explorer().execute(lake.request(ENDLESS), sink, handle)
            except QueryCancelledError as error:
                return error.code
        return ""

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(cancelled)
        second = pool.submit(lambda: lake.rows("select count(*) from gold.flights"))
        assert second.result(timeout=60) == ((2_500,),)
        handle.interrupt()
        assert first.result(timeout=60) == "query_cancelled"


def test_a_supervisors_message_becomes_the_request(lake: Lake) -> None:
    message = lake.message("select 1", rows=7)
    zone = {"name": "flights.trips", "files": [{"path": "/data/landing/1.csv", "filename": "trips.csv", "format": "csv"}]}
    request = QueryRequest.of({**message, "kind": "preview", "zones": [zone]})
    assert request.tables == lake.tables
    assert request.limits.rows == 7
    assert request.preview
    assert [file.filename for files in request.zones.values() for file in files] == ["trips.csv"]


def test_the_time_to_plan_counts_against_the_limit(lake: Lake) -> None:
    started = time.monotonic()
    with pytest.raises(QueryTimeoutError):
        lake.ask(ENDLESS, seconds=0.2)
    assert time.monotonic() - started < 30
