"""Every value comes back as it was written, whatever its column is called; what cannot be kept is refused by name."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from rat_engine.domain.access import LOCAL_USER
from rat_engine.domain.names import TableName, quote_identifier
from rat_engine.errors import QueryFailedError, SchemaMismatchError, UnsupportedTypeError
from rat_engine.lakehouse.schema import changed_schema, differences, field_ids, new_schema, same_columns
from rat_engine.lakehouse.types import folded, result_columns
from tests.engine.lake.laboratory import Laboratory

TYPES = {
    "b": ("BOOLEAN", "true"),
    "i": ("INTEGER", "-2147483648"),
    "l": ("BIGINT", "9223372036854775807"),
    "f": ("FLOAT", "1.5"),
    "d": ("DOUBLE", "1e300"),
    "dec": ("DECIMAL(38,10)", "1234567890123456789012345678.0123456789"),
    "small_dec": ("DECIMAL(4,1)", "-999.9"),
    "s": ("VARCHAR", "'é ''quoted'' 猫 🐀 \\ '"),
    "bl": ("BLOB", "'\\x00\\xFF'::BLOB"),
    "da": ("DATE", "DATE '1600-02-29'"),
    "ti": ("TIME", "TIME '23:59:59.999999'"),
    "ts": ("TIMESTAMP", "TIMESTAMP '1969-12-31 23:59:59.999999'"),
    "tz": ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ '2024-06-01 12:00:00+05'"),
    "u": ("UUID", "'0191a0d2-0000-7000-8000-00000000ffff'::UUID"),
    "st": ('STRUCT("a b" INTEGER, inner_list VARCHAR[])', "{'a b': 1, 'inner_list': ['x', NULL]}"),
    "li": ("STRUCT(x INTEGER)[]", "[{'x': 1}, {'x': NULL}]"),
    "deep": ("INTEGER[][]", "[[1, 2], [], NULL]"),
    "m": ("MAP(VARCHAR, DECIMAL(10,2))", "MAP {'k': 1.50::DECIMAL(10,2), 'n': NULL}"),
}


def test_every_type_comes_back_equal_by_duckdb_and_by_pyiceberg(lab: Laboratory) -> None:
    columns = ", ".join(f"CAST({value} AS {kind}) AS {name}" for name, (kind, value) in TYPES.items())
    table = lab.pipeline("shop.silver.types", f"SELECT {columns} UNION ALL SELECT {', '.join(['NULL'] * len(TYPES))}")
    lab.run(table)

    shown = lab.engine.tables.get(LOCAL_USER, table)
    assert {column.name: column.type.replace('"', "") for column in shown.columns} == {name: kind.replace('"', "") for name, (kind, _) in TYPES.items()}
    # What DuckDB reads back is compared by DuckDB itself with what was asked for.
    same = " AND ".join(f"{name} IS NOT DISTINCT FROM CAST({value} AS {kind})" for name, (kind, value) in TYPES.items())
    assert lab.rows(table, f"SELECT count(*) FROM {table.sql} WHERE {same}") == [(1,)]
    arrow = lab.arrow(table).sort_by("i")
    assert arrow.num_rows == 2
    row = arrow.slice(0, 1).to_pylist()[0]
    assert (row["l"], row["s"], str(row["dec"])) == (9223372036854775807, "é 'quoted' 猫 🐀 \\ ", "1234567890123456789012345678.0123456789")
    assert row["st"] == {"a b": 1, "inner_list": ["x", None]}
    assert row["deep"] == [[1, 2], [], None]
    assert str(row["tz"]) == "2024-06-01 07:00:00+00:00"
    assert lab.rows(table, f"SELECT count(*) FROM {table.sql} WHERE {' AND '.join(f'{name} IS NULL' for name in TYPES)}") == [(1,)]


@pytest.mark.parametrize(
    ("written", "kept", "value"),
    [
        ("1::TINYINT", "INTEGER", 1),
        ("1::SMALLINT", "INTEGER", 1),
        ("255::UTINYINT", "INTEGER", 255),
        ("65535::USMALLINT", "INTEGER", 65535),
        ("4294967295::UINTEGER", "BIGINT", 4294967295),
        ("18446744073709551615::UBIGINT", "DECIMAL(20,0)", 18446744073709551615),
        ("sum(9223372036854775807::BIGINT)", "DECIMAL(38,0)", 9223372036854775807),
        ("'b'::ENUM('a', 'b')", "VARCHAR", "b"),
        ("'{\"a\": 1}'::JSON", "VARCHAR", '{"a": 1}'),
        ("[1, 2]::INTEGER[2]", "INTEGER[]", [1, 2]),
        ("[{'x': 7::TINYINT}]", 'STRUCT("x" INTEGER)[]', [{"x": 7}]),
        ("epoch(TIMESTAMP_S '2020-01-01 00:00:00')::BIGINT", "BIGINT", 1577836800),
    ],
)
def test_a_type_that_iceberg_lacks_becomes_one_that_holds_all_of_its_values(lab: Laboratory, written: str, kept: str, value: object) -> None:
    table = lab.pipeline("shop.silver.types", f"SELECT {written} AS x")
    lab.run(table)
    assert lab.rows(table) == [(value,)]
    assert lab.engine.tables.get(LOCAL_USER, table).columns[0].type == kept


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("INTERVAL 1 DAY AS x", r'The column "x" has the type INTERVAL, which Iceberg does not have\. Write CAST\("x" AS VARCHAR\) AS "x"\.'),
        ("'101'::BIT AS \"my bits\"", r'The column "my bits" has the type BIT'),
        ("TIMESTAMP_NS '2020-01-01' AS x", r'Write CAST\("x" AS TIMESTAMP\)'),
        ("union_value(k := 1) AS x", r"UNION\(k INTEGER\)"),
        ("NULL AS x", r'The column "x" is NULL without a type\. Write CAST\(NULL AS VARCHAR\)'),
        ("[INTERVAL 1 DAY] AS x", r'Write CAST\("x" AS VARCHAR\[\]\)'),
        ("TIMETZ '10:00+01' AS x", r'Write CAST\("x" AS TIME\)'),
    ],
)
def test_a_type_that_would_lose_something_is_refused_with_the_cast_to_write(lab: Laboratory, written: str, message: str) -> None:
    table = lab.pipeline("shop.silver.types", f"SELECT {written}")
    with pytest.raises(UnsupportedTypeError, match=message):
        lab.run(table)
    assert lab.pointer(table) is None


def test_a_number_of_39_digits_fails_the_run_instead_of_losing_digits(lab: Laboratory) -> None:
    table = lab.pipeline("shop.silver.types", "SELECT 170141183460469231731687303715884105727::HUGEINT AS x")
    with pytest.raises(QueryFailedError, match="Conversion Error"):
        lab.run(table)


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT 1 AS a, 2 AS a", "column 'a' twice"),
        ('SELECT 1 AS a, 2 AS "A"', "columns 'a' and 'A', which differ only in case"),
        ("SELECT {'b': 1} AS a, 2 AS \"a.b\"", "The column name 'a.b' reads like a field within another column"),
    ],
)
def test_column_names_that_cannot_be_told_apart_are_refused(lab: Laboratory, sql: str, message: str) -> None:
    table = lab.pipeline("shop.silver.types", sql)
    with pytest.raises(SchemaMismatchError, match=message):
        lab.run(table)


HOSTILE = [
    'a"b',
    "it's",
    "semi;colon -- comment",
    "a b  c",
    "猫 é ñ 🐀",
    "{{ jinja }}",
    "[x]*?",
    "select",
    "a.b",
    "per%cent",
    "back\\slash",
    "tab\tand\nnewline",
    "_file",
    "filename",
    "file_row_number",
    "c0",
    "key",
    "element",
    "É",
    "é",
    "ß",
    "SS",
]


def test_hostile_column_names_come_through_every_step(lab: Laboratory) -> None:
    """P0-02, P4-05: written, audited, appended to, read by a ref and by PyIceberg."""
    columns = ", ".join(f"{number} AS {quote_identifier(name)}" for number, name in enumerate(HOSTILE))
    sql = f"-- @merge_strategy: append_only\nSELECT {{% raw %}}{columns}{{% endraw %}}"
    table = lab.pipeline("shop.silver.names", sql, {"all": 'SELECT * FROM {{ this }} WHERE "a""b" <> 0'})
    lab.run(table)
    lab.run(table)
    assert lab.rows(table) == [tuple(range(len(HOSTILE)))] * 2
    assert [column.name for column in lab.engine.tables.get(LOCAL_USER, table).columns] == HOSTILE
    assert lab.arrow(table).column_names == HOSTILE
    reader = lab.pipeline("shop.gold.names", "SELECT * FROM {{ ref('silver.names') }}")
    lab.run(reader)
    assert lab.rows(reader) == lab.rows(table)


names = some.text(some.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=20)


class Kind:
    """A DuckDB type without children."""

    def __init__(self, name: str) -> None:
        self.id = name
        self.children: list[tuple[str, Any]] = []

    def __str__(self) -> str:
        return self.id.upper()


kinds = some.sampled_from([Kind(name) for name in ("integer", "bigint", "varchar", "double", "date", "uuid")])
columns = some.lists(some.tuples(names, kinds), min_size=1, max_size=8, unique_by=lambda column: folded(column[0]))


@given(columns, columns)
def test_field_ids_are_never_given_twice(before: list[tuple[str, Kind]], after: list[tuple[str, Kind]]) -> None:
    """A column keeps its id exactly while its name and type stay; P0-02 for the names in the options."""
    old = new_schema(result_columns(before))
    new = changed_schema(result_columns(after), old, old.highest_field_id)
    known = {(field.name, str(field.field_type)): field.field_id for field in old.fields}
    for field in new.fields:
        kept = known.get((field.name, str(field.field_type)))
        assert field.field_id == kept if kept else field.field_id > old.highest_field_id
    assert len({field.field_id for field in new.fields}) == len(new.fields)
    assert field_ids(new).count('"') % 2 == 0
    assert same_columns(result_columns(after), new)
    assert differences(result_columns(after), new) == []


@given(some.lists(names, min_size=1, max_size=5, unique_by=folded))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_column_name_can_be_written_and_read(lab: Laboratory, chosen: list[str]) -> None:
    """P0-02."""
    table = TableName.parse("shop.silver.names")
    sql = "SELECT " + ", ".join(f"{number} AS {quote_identifier(name)}" for number, name in enumerate(chosen))
    lab.draft(table, {"pipeline.sql": "{% raw %}" + sql + "{% endraw %}" if "endraw" not in sql else "SELECT 0 AS a"})
    result = lab.run(table, draft=True)
    assert lab.rows(table, "SELECT * FROM {}", ref=result.branch) == [tuple(range(len(chosen)))]
