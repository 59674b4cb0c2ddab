"""Result files: whatever DuckDB can return becomes a JSON value that a person can read, window by window."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from rat_engine.domain.lake import Column
from rat_engine.errors import UnavailableError
from rat_engine.observe.cells import MAX_CELL_CHARACTERS, cells
from rat_engine.observe.results import BATCH_ROWS, read_window, result_path, write_result
from tests.engine.query.lake import Lake

CELLS = (
    ("true", "BOOLEAN", True),
    ("1::tinyint", "TINYINT", 1),
    ("9007199254740992", "BIGINT", 9_007_199_254_740_992),
    ("9007199254740993", "BIGINT", "9007199254740993"),
    ("-9223372036854775807", "BIGINT", "-9223372036854775807"),
    ("18446744073709551615::ubigint", "UBIGINT", "18446744073709551615"),
    ("170141183460469231731687303715884105727::hugeint", "HUGEINT", "170141183460469231731687303715884105727"),
    ("340282366920938463463374607431768211455::uhugeint", "UHUGEINT", "340282366920938463463374607431768211455"),
    ("123456789012345678901234567890123456789012345::bignum", "BIGNUM", "123456789012345678901234567890123456789012345"),
    ("1.50::decimal(10, 2)", "DECIMAL(10,2)", "1.50"),
    ("0.0000000001::decimal(38, 10)", "DECIMAL(38,10)", "0.0000000001"),
    ("0.1::float", "FLOAT", 0.1),
    ("1e300::double", "DOUBLE", 1e300),
    ("'nan'::double", "DOUBLE", "NaN"),
    ("'inf'::float", "FLOAT", "Infinity"),
    ("'-inf'::double", "DOUBLE", "-Infinity"),
    ("'é\"\\n'", "VARCHAR", 'é"\\n'),
    ("date '2024-02-29'", "DATE", "2024-02-29"),
    ("date '12000-01-01'", "DATE", "12000-01-01"),
    ("date '-infinity'", "DATE", "-infinity"),
    ("time '12:34:56.789'", "TIME", "12:34:56.789000"),
    ("time '24:00:00'", "TIME", "24:00:00"),
    ("timetz '12:00:00+05'", "TIME WITH TIME ZONE", "12:00:00+05"),
    ("timestamp '2024-01-02 03:04:05.678901'", "TIMESTAMP", "2024-01-02T03:04:05.678901"),
    ("timestamptz '2024-01-02 03:04:05+02'", "TIMESTAMP WITH TIME ZONE", "2024-01-02T01:04:05.000000Z"),
    ("timestamp_ns '2024-01-02 03:04:05.123456789'", "TIMESTAMP_NS", "2024-01-02T03:04:05.123456789"),
    ("timestamp_s '2024-01-02 03:04:05'", "TIMESTAMP_S", "2024-01-02T03:04:05"),
    ("timestamp 'infinity'", "TIMESTAMP", "infinity"),
    ("interval '14 months 3 days 04:05:06.7'", "INTERVAL", "P14M3DT14706.7S"),
    ("interval '-1 day'", "INTERVAL", "P-1D"),
    ("interval '0 days'", "INTERVAL", "PT0S"),
    ("'\\xAA\\x00'::blob", "BLOB", "aa00"),
    ("'10101'::bit", "BIT", "10101"),
    ("uuid '00000000-0000-0000-0000-00000000000a'", "UUID", "00000000-0000-0000-0000-00000000000a"),
    ("'b'::enum('a', 'b')", "ENUM('a', 'b')", "b"),
    ("""'{"a": 1}'::json""", "JSON", '{"a": 1}'),
    ("42::variant", "VARIANT", "42"),
    ("'POINT (1 2)'::geometry", "GEOMETRY", "POINT (1 2)"),
    ("[1, null, 3]", "INTEGER[]", [1, None, 3]),
    ("[]::int[]", "INTEGER[]", []),
    ("[1, 2]::int[2]", "INTEGER[2]", [1, 2]),
    ("[[9007199254740993], null]", "BIGINT[][]", [["9007199254740993"], None]),
    ("{'a': 1, 'b': [date '2024-01-01']}", "STRUCT(a INTEGER, b DATE[])", {"a": 1, "b": ["2024-01-01"]}),
    ("null::struct(a int)", "STRUCT(a INTEGER)", None),
    ("map {'k': 1.5, 'l': null}", "MAP(VARCHAR, DECIMAL(2,1))", {"k": "1.5", "l": None}),
    ("map {1: 'x'}", "MAP(INTEGER, VARCHAR)", {"1": "x"}),
    ("union_value(num := 2)", "UNION(num INTEGER)", 2),
    ("null", '"NULL"', None),
    ("null::bigint", "BIGINT", None),
    ("null::varchar", "VARCHAR", None),
    ("null::timestamp", "TIMESTAMP", None),
    ("null::interval", "INTERVAL", None),
    ("null::decimal(5, 2)", "DECIMAL(5,2)", None),
    ("null::float", "FLOAT", None),
    ("null::blob", "BLOB", None),
    ("null::int[]", "INTEGER[]", None),
    ("null::map(int, int)", "MAP(INTEGER, INTEGER)", None),
    ("null::union(num int, str varchar)", "UNION(num INTEGER, str VARCHAR)", None),
)


@pytest.mark.parametrize(("expression", "kind", "shown"), CELLS, ids=[expression for expression, _, _ in CELLS])
def test_a_value_of_any_type_becomes_a_json_value_and_keeps_its_type(lake: Lake, expression: str, kind: str, shown: Any) -> None:
    lake.ask(f"select {expression} as x")
    window = lake.window()
    assert window.columns == (Column("x", kind),)
    assert window.rows == ((shown,),)
    assert json.loads(json.dumps(window.rows, allow_nan=False)) == [[shown]]


def test_every_window_of_a_result_is_what_a_slice_of_all_rows_is(lake: Lake) -> None:
    lake.ask("select number, note from gold.flights order by number")
    everything = lake.window(0, 10_000).rows
    assert len(everything) == 2_500
    for offset, limit in ((0, 1), (0, 1_000), (999, 2), (1_000, 1_000), (1_500, 700), (2_499, 10), (2_500, 10), (9_999, 10), (3, 0)):
        window = lake.window(offset, limit)
        assert window.rows == everything[offset : offset + limit]
        assert (window.offset, window.total) == (offset, 2_500)


def test_a_result_without_rows_still_has_its_columns(lake: Lake) -> None:
    lake.ask("select number, carrier from gold.flights where false")
    window = lake.window()
    assert [column.name for column in window.columns] == ["number", "carrier"]
    assert (window.rows, window.total) == ((), 0)


def test_batches_of_any_size_are_cut_into_thousands(tmp_path: Path) -> None:
    schema = pa.schema([("n", pa.int64())])
    sizes = (0, 1, 2_048, 10, 3_000, 941, 0, 1)
    ends = [sum(sizes[: index + 1]) for index in range(len(sizes))]
    batches = [pa.record_batch([pa.array(range(end - size, end), pa.int64())], schema=schema) for size, end in zip(sizes, ends, strict=True)]
    path = result_path(tmp_path, "q")
    with path.open("wb") as sink:
        written = write_result(schema, batches, [Column("n", "BIGINT")], sink, max_rows=100_000, max_bytes=1 << 30)
    assert (written.rows, written.truncated) == (6_001, False)
    with pa.ipc.open_file(path) as reader:
        assert [reader.get_batch(number).num_rows for number in range(reader.num_record_batches)] == [BATCH_ROWS] * 6 + [1]
    assert [row[0] for row in read_window(path, 0, 10_000).rows] == list(range(6_001))


def test_a_long_text_is_cut_and_says_how_long_it_is(lake: Lake) -> None:
    (value,) = lake.rows("select repeat('x', 300000)")[0]
    assert value.startswith("x" * MAX_CELL_CHARACTERS)
    assert value.endswith("… (300,000 characters)")
    (blob,) = lake.rows("select repeat('x', 300000)::blob")[0]
    assert blob.endswith("… (600,000 characters)")


def test_a_long_list_is_shown_as_its_size_and_its_neighbours_in_full(lake: Lake) -> None:
    rows = lake.rows("select case when i = 1 then range(1000000) else [i] end as x from range(3) t(i) order by i")
    assert rows[0] == ([0],)
    assert rows[1][0].endswith("bytes)")
    assert rows[2] == ([2],)


def test_a_file_that_is_no_result_is_an_error_and_not_a_crash(tmp_path: Path, lake: Lake) -> None:
    path = tmp_path / "x.arrow"
    for content in (b"", b"ARROW1\x00\x00", b"x" * 1_000):
        path.write_bytes(content)
        with pytest.raises(UnavailableError, match="Run the query again"):
            read_window(path, 0, 10)
    lake.ask("select carrier from gold.flights")
    whole = lake.result.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnavailableError):
        read_window(path, 0, 10)


def test_offsets_that_lead_outside_a_value_are_noticed(tmp_path: Path, lake: Lake) -> None:
    """A hostile child could write any bytes; the reader looks at offsets before it follows them."""
    lake.ask("select 'abcdefgh' as x from range(8)")
    whole = lake.result.read_bytes()
    offsets = bytes(pa.array([8 * number for number in range(9)], pa.int32()).buffers()[1])
    assert offsets[:36] in whole
    path = tmp_path / "x.arrow"
    path.write_bytes(whole.replace(offsets[:36], offsets[:4] + b"\xff\xff\xff\x7f" + offsets[8:36]))
    with pytest.raises(UnavailableError):
        read_window(path, 0, 10)


def test_arrow_types_that_duckdb_does_not_send_are_shown_too() -> None:
    assert cells(pa.array(["a", None], pa.large_string())) == ["a", None]
    assert cells(pa.array(["a", None]).dictionary_encode()) == ["a", None]
    assert cells(pa.array([[1], None], pa.large_list(pa.int32()))) == [[1], None]
    assert cells(pa.array([b"ab", None], pa.binary(2))) == ["6162", None]
    assert cells(pa.array([1, None], pa.time32("s"))) == ["00:00:01", None]
    assert cells(pa.array([1.5, None], pa.float16())) == [1.5, None]
