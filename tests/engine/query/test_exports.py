"""A result taken away as a file holds what the result holds, whatever is in it."""

from __future__ import annotations

import csv
import io
import json
import re
import tracemalloc
import zipfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pyarrow import parquet

from rat_engine.domain.lake import Column
from rat_engine.domain.result import ExportFormat, ExportOptions
from rat_engine.observe.export import export, file_name, unique
from rat_engine.observe.results import write_result
from tests.engine.query.lake import Lake

SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
FORMULAS = ("=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", '=HYPERLINK("http://x")')

TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=40)
ROWS = st.lists(
    st.tuples(
        st.none() | TEXT | st.sampled_from(FORMULAS),
        st.none() | st.integers(-(2**63) + 1, 2**63 - 1),
        st.none() | st.decimals(Decimal("-1e15"), Decimal("1e15"), places=4, allow_nan=False),
        st.none() | st.lists(st.none() | TEXT, max_size=3),
        st.none() | st.floats(width=64),
        st.none() | st.booleans(),
    ),
    max_size=8,
)
SCHEMA = pa.schema(
    [
        ("text", pa.string()),
        ("whole", pa.int64()),
        ("money", pa.decimal128(20, 4)),
        ("words", pa.list_(pa.string())),
        ("real", pa.float64()),
        ("sure", pa.bool_()),
    ]
)
COLUMNS = [Column(name, kind) for name, kind in zip(SCHEMA.names, ("VARCHAR", "BIGINT", "DECIMAL(20,4)", "VARCHAR[]", "DOUBLE", "BOOLEAN"), strict=True)]


def written(path: Path, rows: Sequence[Sequence[Any]]) -> None:
    """A result file of ``rows``."""
    batch = pa.record_batch([pa.array([row[index] for row in rows], field.type) for index, field in enumerate(SCHEMA)], schema=SCHEMA)
    with path.open("wb") as sink:
        write_result(SCHEMA, [batch], COLUMNS, sink, max_rows=1_000_000, max_bytes=1 << 30)


def taken(path: Path, options: ExportOptions) -> bytes:
    return b"".join(export(path, options, "q").chunks)


def sheet_rows(content: bytes) -> list[dict[str, Any]]:
    """The cells of an XLSX file by their letter, row by row."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        root = ET.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    assert root.find(f".//{SPACE}f") is None, "a formula"
    assert root.find(f".//{SPACE}hyperlink") is None
    return [{re.sub(r"\d", "", cell.get("r", "")): _cell(cell) for cell in row} for row in root.iter(f"{SPACE}row")]


def _cell(cell: Any) -> Any:
    if cell.get("t") == "inlineStr":
        return "".join(part.text or "" for part in cell.iter(f"{SPACE}t"))
    value = cell.find(f"{SPACE}v")
    return None if value is None else float(value.text)


@given(rows=ROWS)
@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_json_parquet_and_raw_csv_read_back_as_what_was_there(tmp_path: Path, rows: list[tuple[Any, ...]]) -> None:
    path = tmp_path / "r.arrow"
    written(path, rows)
    shown = [
        (text, whole if whole is None or abs(whole) <= 2**53 else str(whole), None if money is None else f"{money:.4f}") for text, whole, money, *_ in rows
    ]
    objects = json.loads(taken(path, ExportOptions(ExportFormat.JSON)))
    assert [(row["text"], row["whole"], row["money"]) for row in objects] == shown
    assert [(row["words"], row["sure"]) for row in objects] == [(row[3], row[5]) for row in rows]
    lines = taken(path, ExportOptions(ExportFormat.NDJSON)).decode().split("\n")
    assert [json.loads(line) for line in lines if line] == objects
    table = parquet.read_table(io.BytesIO(taken(path, ExportOptions(ExportFormat.PARQUET))))
    assert table.schema.equals(SCHEMA)
    with pa.ipc.open_file(path) as reader:
        assert repr(table.to_pylist()) == repr(reader.read_all().to_pylist())
    read = list(csv.reader(io.StringIO(taken(path, ExportOptions(raw=True)).decode(), newline="")))
    assert [row[:3] for row in read[1:]] == [["" if cell is None else str(cell) for cell in row] for row in shown]


@given(rows=ROWS)
@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_sheet_holds_texts_as_texts_and_numbers_as_numbers(tmp_path: Path, rows: list[tuple[Any, ...]]) -> None:
    path = tmp_path / "r.arrow"
    written(path, rows)
    heads, *read = sheet_rows(taken(path, ExportOptions(ExportFormat.XLSX)))
    assert list(heads.values()) == SCHEMA.names
    for row, cells in zip(rows, read, strict=True):
        if row[1] is not None:
            exact = len(str(abs(row[1]))) <= 15
            assert cells["B"] == (row[1] if exact else str(row[1]))
        if row[2] is not None:
            digits = f"{abs(row[2]):.4f}".replace(".", "").lstrip("0")
            assert cells["C"] == (pytest.approx(float(row[2]), rel=1e-15) if len(digits) <= 15 else f"{row[2]:.4f}")
        if row[0] is not None and row[0].isprintable():
            assert cells["A"] == row[0]


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_spreadsheet_takes_no_text_for_a_formula_and_no_number_loses_its_sign(lake: Lake, formula: str) -> None:
    lake.ask(f"select '{formula.replace(chr(39), chr(39) * 2)}' as \"=head\", -9007199254740993 as big, -1.5::decimal(5, 2) as money, -2::bignum as far")
    safe = list(csv.reader(io.StringIO(taken(lake.result, ExportOptions()).decode(), newline="")))
    assert safe == [["'=head", "big", "money", "far"], [f"'{formula}", "-9007199254740993", "-1.50", "-2"]]
    raw = list(csv.reader(io.StringIO(taken(lake.result, ExportOptions(raw=True)).decode(), newline="")))
    assert raw[1][0] == formula


def test_moments_are_excels_own_and_what_it_cannot_show_is_text(lake: Lake) -> None:
    lake.ask(
        "select date '2024-02-29' as a, timestamp '2024-01-02 03:04:05.678' as b, timestamptz '2024-01-02 03:04:05+02' as c, date '1899-01-01' as d,"
        " timestamp 'infinity' as e, true as f, 'nan'::double as g, interval 1 day as h, {'a': [1]} as i"
    )
    (_, row) = sheet_rows(taken(lake.result, ExportOptions(ExportFormat.XLSX)))
    assert (row["A"], round(row["B"], 6), round(row["C"], 6)) == (45351, 45293.127843, 45293.044502)
    assert [row[letter] for letter in "DEGHI"] == ["1899-01-01", "infinity", "NaN", "P1D", '{"a": [1]}']


def test_what_parquet_has_no_type_for_is_text_there(lake: Lake) -> None:
    lake.ask("select interval 1 day as i, union_value(n := 2) as u, 'a'::enum('a', 'b') as e, [interval 1 day] as l, 1::hugeint as h, 1 as n, 2 as n")
    table = parquet.read_table(io.BytesIO(taken(lake.result, ExportOptions(ExportFormat.PARQUET))))
    (row,) = table.to_pylist()
    assert row == {"i": "P1D", "u": "2", "e": "a", "l": '["P1D"]', "h": 1, "n": 1, "n_2": 2}


@pytest.mark.parametrize("kind", ExportFormat)
def test_a_result_without_rows_is_a_file_with_its_columns(lake: Lake, kind: ExportFormat) -> None:
    lake.ask("select number, carrier from gold.flights where false")
    content = taken(lake.result, ExportOptions(kind))
    empty = {ExportFormat.CSV: b"number,carrier\r\n", ExportFormat.JSON: b"[]\n", ExportFormat.NDJSON: b""}
    assert content == empty.get(kind, content)
    if kind is ExportFormat.PARQUET:
        assert parquet.read_schema(io.BytesIO(content)).names == ["number", "carrier"]


def test_long_texts_are_whole_and_a_sheet_says_where_it_cuts(lake: Lake) -> None:
    lake.ask("select repeat('x', 300000) as x, range(100000) as y")
    (row,) = json.loads(taken(lake.result, ExportOptions(ExportFormat.JSON)))
    assert (len(row["x"]), len(row["y"])) == (300_000, 100_000)
    (_, cells) = sheet_rows(taken(lake.result, ExportOptions(ExportFormat.XLSX)))
    assert cells["A"].endswith("… (300,000 characters)")


@pytest.mark.parametrize("kind", [ExportFormat.CSV, ExportFormat.NDJSON, ExportFormat.PARQUET, ExportFormat.XLSX])
def test_memory_stays_flat(lake: Lake, kind: ExportFormat) -> None:
    lake.ask("select i, repeat('x', 200) || i as t from range(60000) r(i)", rows=60_000)
    tracemalloc.start()
    try:
        size = sum(len(chunk) for chunk in export(lake.result, ExportOptions(kind), "q").chunks)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size > 0
    assert peak < 6 << 20


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("delays by hour", "delays-by-hour"),
        ("../../etc/passwd", "etc-passwd"),
        ('a"\r\nX: y', "a-X-y"),
        ("…", ""),
        (".ssh", "ssh"),
        ("x" * 300, "x" * 120),
        ("é.v2", "v2"),
    ],
)
def test_a_file_is_called_what_every_system_accepts(wanted: str, name: str) -> None:
    """P10-79: download names are sanitised."""
    assert file_name(wanted) == name


@given(st.lists(st.sampled_from(["n", "n_2", "n_2_2", "m"]), max_size=8))
def test_column_names_are_made_unique_and_the_first_stays(names: list[str]) -> None:
    found = unique(names)
    assert len(set(found)) == len(names)
    assert all(new == old for index, (new, old) in enumerate(zip(found, names, strict=True)) if old not in names[:index])
