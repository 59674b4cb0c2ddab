"""Landing zones as relations over exact files."""

from __future__ import annotations

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rat_engine.domain.names import ZoneName
from rat_engine.domain.run import FilePin
from rat_engine.errors import MissingInputError, QueryFailedError, RunFailedError
from rat_engine.lakehouse.landing import landing_relation
from tests.engine.lake.laboratory import Journal, Laboratory

ALL = "SELECT * FROM {{ landing_zone('uploads') }}"


def parquet(**columns: list[object]) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


def test_files_are_read_by_column_name_with_the_name_the_user_gave(lab: Laboratory) -> None:
    """P4-05: also when that name holds quotes, blanks and letters of other alphabets."""
    lab.land("shop.uploads", 'it\'s "day" 1 é.csv', "id,label\n1,a\n")
    lab.land("shop.uploads", "2.csv", "label,extra,id\nb,2020-01-01,2\n")
    table = lab.pipeline("shop.bronze.orders", ALL)
    lab.run(table)
    assert lab.rows(table, "SELECT id, label, extra::VARCHAR, _file FROM {} ORDER BY id") == [
        (1, "a", None, 'it\'s "day" 1 é.csv'),
        (2, "b", "2020-01-01", "2.csv"),
    ]


def test_parquet_files_are_read_the_same_way(lab: Laboratory) -> None:
    lab.land("shop.uploads", "1.parquet", parquet(id=[1], label=["a"]))
    lab.land("shop.uploads", "2.parquet", parquet(extra=[2.5], id=[2]))
    table = lab.pipeline("shop.bronze.orders", ALL)
    lab.run(table)
    assert lab.rows(table, "SELECT id, label, extra, _file FROM {} ORDER BY id") == [(1, "a", None, "1.parquet"), (2, None, 2.5, "2.parquet")]


def test_two_files_of_one_name_are_both_read(lab: Laboratory) -> None:
    lab.land("shop.uploads", "day.csv", "id\n1\n")
    lab.land("shop.uploads", "day.csv", "id\n2\n")
    table = lab.pipeline("shop.bronze.orders", ALL)
    lab.run(table)
    assert lab.rows(table) == [(1, "day.csv"), (2, "day.csv")]


def test_the_files_are_frozen_when_the_run_begins_and_stored_with_it(lab: Laboratory) -> None:
    lab.land("shop.uploads", "1.csv", "id\n1\n")
    table = lab.pipeline("shop.bronze.orders", ALL)
    result = lab.run(table, Journal().on("Reads 1 file", lambda: lab.land("shop.uploads", "2.csv", "id\n2\n")))
    assert lab.rows(table) == [(1, "1.csv")]
    [pin] = lab.detail(result.run_id).inputs.files
    assert (pin.zone, pin.filename, pin.size_bytes) == ("shop.uploads", "1.csv", 5)
    lab.run(table)
    assert lab.rows(table) == [(1, "1.csv"), (2, "2.csv")]


def test_a_value_far_down_decides_the_type_of_its_column(lab: Laboratory) -> None:
    """All rows are looked at, not only the first 20,480."""
    lab.land("shop.uploads", "1.csv", "id\n" + "1\n" * 30_000 + "none\n")
    table = lab.pipeline("shop.bronze.orders", ALL)
    lab.run(table)
    assert lab.rows(table, "SELECT count(*), count(DISTINCT id), max(id) FROM {}") == [(30_001, 2, "none")]


def test_an_empty_zone_is_a_clear_error(lab: Laboratory) -> None:
    lab.land("shop.uploads", "1.csv", "id\n1\n")
    table = lab.pipeline("shop.bronze.orders", ALL)
    with lab.engine.database.write() as transaction:
        transaction.connection.exec_driver_sql("DELETE FROM landing_file")
    with pytest.raises(MissingInputError, match=r"The landing zone shop\.uploads has no files\. Land one with `rat land shop\.uploads FILE`"):
        lab.run(table)


def test_a_zone_that_mixes_formats_is_a_clear_error(lab: Laboratory) -> None:
    lab.land("shop.uploads", "1.csv", "id\n1\n")
    lab.land("shop.uploads", "2.parquet", parquet(id=[2]))
    table = lab.pipeline("shop.bronze.orders", ALL)
    with pytest.raises(RunFailedError, match=r"mixes formats: csv \('1\.csv'\) and parquet \('2\.parquet'\)"):
        lab.run(table)


@pytest.mark.parametrize("name", ["_file", "_FILE"])
def test_a_file_with_our_own_column_is_a_clear_error(lab: Laboratory, name: str) -> None:
    lab.land("shop.uploads", "1.csv", f"id,{name}\n1,x\n")
    table = lab.pipeline("shop.bronze.orders", ALL)
    with pytest.raises(RunFailedError, match=r"landing zone shop\.landing\.uploads has a column '_file', which RAT adds itself"):
        lab.run(table)


def test_a_file_that_is_not_what_it_says_is_named(lab: Laboratory) -> None:
    lab.land("shop.uploads", "cut.parquet", parquet(id=[1])[:-20])
    table = lab.pipeline("shop.bronze.orders", ALL)
    with pytest.raises(QueryFailedError, match=r"cut\.parquet"):
        lab.run(table)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("order_id,customer,amount\n1,Ann,10\n2,Bob\n3,Cy,5,9\n", "Line: 3"),
        ("order_id;customer\n1;Ann\n2;Bob;x\n", "Line: 3"),
        ('order_id,customer,amount\n1,"Ann,10\n2,Bob\n3,Cy,5,9,8,7\n', r"bad\.csv"),
    ],
    ids=["short and long lines", "semicolons", "a quote that never ends"],
)
def test_a_csv_whose_lines_have_different_numbers_of_values_is_refused_with_the_line(lab: Laboratory, content: str, told: str) -> None:
    """P6-22: never one column of whole lines, never lines left out."""
    lab.land("shop.uploads", "good.csv", "order_id,customer,amount\n9,Eve,1\n")
    lab.land("shop.uploads", "bad.csv", content)
    table = lab.pipeline("shop.bronze.orders", ALL)
    with pytest.raises(QueryFailedError, match=told) as caught:
        lab.run(table)
    assert "bad.csv" in caught.value.message


def test_commas_in_a_file_of_one_column_are_text(lab: Laboratory) -> None:
    """Also where the first line could be left out to make two columns of the others."""
    lab.land("shop.uploads", "prose.csv", "text\nhello, world\nfoo, bar\n")
    lab.land("shop.uploads", "quoted.csv", '"text"\n"a, b"\n')
    table = lab.pipeline("shop.bronze.lines", ALL)
    lab.run(table)
    assert lab.rows(table, "SELECT text FROM {} ORDER BY 1") == [("a, b",), ("foo, bar",), ("hello, world",)]


def test_headers_with_hostile_names_come_through(lab: Laboratory) -> None:
    lab.land("shop.uploads", "1.csv", '"a""b",it\'s,{x},_rat\n1,2,3,4\n')
    table = lab.pipeline("shop.bronze.orders", ALL)
    lab.run(table)
    assert lab.arrow(table).to_pylist() == [{'a"b': 1, "it's": 2, "{x}": 3, "_rat": 4, "_file": "1.csv"}]


def test_the_relation_names_exactly_its_files() -> None:
    pins = [FilePin("shop.uploads", "1", "a.csv", "1.csv", 5, ""), FilePin("shop.uploads", "2", "b.csv", "2.csv", 5, "")]
    relation = landing_relation(ZoneName.parse("shop.uploads"), pins, Path("/landing"))
    assert relation.files == ("/landing/1.csv", "/landing/2.csv")
    assert relation.name == "shop.landing.uploads"
