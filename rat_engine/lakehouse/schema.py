"""Iceberg schemas: field ids for a result's columns, how two schemas differ, and both as DuckDB's Parquet options."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from pyiceberg.schema import Schema, assign_fresh_schema_ids
from pyiceberg.types import DecimalType, IcebergType, ListType, MapType, NestedField, StructType

from rat_engine.domain.names import quote_identifier, quote_literal
from rat_engine.errors import SchemaMismatchError
from rat_engine.lakehouse.types import ResultColumn, duckdb_type, folded


def new_schema(columns: Sequence[ResultColumn]) -> Schema:
    """The schema of a new table, with field ids from 1. Raises SchemaMismatchError."""
    return assign_fresh_schema_ids(_without_ids(columns))


def changed_schema(columns: Sequence[ResultColumn], current: Schema, last_column_id: int) -> Schema:
    """A schema for ``columns`` that keeps the ids of columns whose name and type stay; ids are never used a second time.

    Raises SchemaMismatchError.
    """
    _without_ids(columns)  # checks the names
    fresh = itertools.count(last_column_id + 1)
    kept = {field.name: field for field in current.fields}
    fields: list[NestedField] = []
    for column in columns:
        field = kept.get(column.name)
        if field is None or duckdb_type(field.field_type) != duckdb_type(column.type):
            field = assign_fresh_schema_ids(_without_ids([column]), lambda: next(fresh)).fields[0]
        fields.append(field)
    return Schema(*fields)


def same_columns(columns: Sequence[ResultColumn], schema: Schema) -> bool:
    """Whether a result has exactly a table's columns: names, types and order."""
    return [(c.name, duckdb_type(c.type)) for c in columns] == [(f.name, duckdb_type(f.field_type)) for f in schema.fields]


def differences(columns: Sequence[ResultColumn], schema: Schema) -> list[str]:
    """What keeps a result from being appended to a table, one line each; empty when it fits, in whatever order its columns stand."""
    found = {folded(column.name): column for column in columns}
    wanted = {folded(field.name): field for field in schema.fields}
    lines = [f"the table has no column {column.name!r} ({duckdb_type(column.type)})" for name, column in found.items() if name not in wanted]
    for name, field in wanted.items():
        column = found.get(name)
        if column is None:
            lines.append(f"the query does not return {field.name!r} ({duckdb_type(field.field_type)})")
        elif not _fits(column.type, field.field_type):
            lines.append(f"{field.name!r} is {duckdb_type(field.field_type)} in the table and {column.source} in the query")
    return lines


def casts(schema: Schema) -> str:
    """A select list that gives a table's columns by name, in its order and types."""
    fields = ((quote_identifier(field.name), duckdb_type(field.field_type)) for field in schema.fields)
    return ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in fields)


def field_ids(schema: Schema) -> str:
    """The ``FIELD_IDS`` option of a Parquet ``COPY``."""
    return _ids(schema.as_struct())


def field_map(schema: Schema) -> str:
    """The ``schema`` option of ``read_parquet``: columns found by field id, whatever the file calls them; absent ones are NULL."""
    return _map(schema.as_struct())


def _without_ids(columns: Sequence[ResultColumn]) -> Schema:
    # Ids must differ within a schema before fresh ones are given.
    numbered = enumerate(columns, start=1)
    fields = [NestedField(field_id=number, name=column.name, field_type=column.type, required=False) for number, column in numbered]
    try:
        return Schema(*fields)
    except ValueError:
        # PyIceberg finds nested fields by dotted names, so these must differ, too.
        raise SchemaMismatchError(_collision(columns)) from None


def _collision(columns: Sequence[ResultColumn]) -> str:
    dotted = sorted(column.name for column in columns if "." in column.name)
    return (
        f"The column name {dotted[0]!r} reads like a field within another column. Rename it without a dot."
        if dotted
        else "Two fields of a nested column have names that cannot be told apart. Rename one of them."
    )


def _fits(found: IcebergType, wanted: IcebergType) -> bool:
    """Whether every value of ``found`` is one of ``wanted``."""
    have, need = duckdb_type(found), duckdb_type(wanted)
    return have == need or (have, need) in {("INTEGER", "BIGINT"), ("FLOAT", "DOUBLE")} or _wider_decimal(found, wanted)


def _wider_decimal(found: IcebergType, wanted: IcebergType) -> bool:
    if not isinstance(found, DecimalType) or not isinstance(wanted, DecimalType):
        return False
    return found.scale <= wanted.scale and found.precision - found.scale <= wanted.precision - wanted.scale


def _children(kind: IcebergType) -> list[tuple[str, int, IcebergType]]:
    """Name, field id and type of what a nested type holds; the names are those of the Parquet specification."""
    match kind:
        case StructType():
            return [(field.name, field.field_id, field.field_type) for field in kind.fields]
        case ListType():
            return [("element", kind.element_id, kind.element_type)]
        case MapType():
            return [("key", kind.key_id, kind.key_type), ("value", kind.value_id, kind.value_type)]
        case _:
            return []


def _ids(kind: IcebergType) -> str:
    return "{" + ", ".join(f"{quote_identifier(name)}: {_id(field_id, inner)}" for name, field_id, inner in _children(kind)) + "}"


def _id(field_id: int, kind: IcebergType) -> str:
    inner = _ids(kind)
    return str(field_id) if inner == "{}" else f"{{__duckdb_field_id: {field_id}, {inner[1:-1]}}}"


def _map(kind: IcebergType) -> str:
    return "MAP {" + ", ".join(f"{field_id}: {_entry(name, inner)}" for name, field_id, inner in _children(kind)) + "}"


def _entry(name: str, kind: IcebergType) -> str:
    return f"{{name: {quote_literal(name)}, type: {quote_literal(duckdb_type(kind))}, default_value: NULL}}"
