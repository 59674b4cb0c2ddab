"""Column types between DuckDB and Iceberg: what a result's columns become, and how a table's columns are spelled in SQL.

A type that Iceberg does not have becomes the next one that holds every value of it; where there is none, a clear error.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from pyiceberg import types as ice

from rat_engine.domain.names import quote_identifier
from rat_engine.errors import SchemaMismatchError, UnsupportedTypeError

MAX_COLUMNS = 10_000
MAX_COLUMN_NAME = 1_000

_ASCII_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)

# Ids are given when the columns become a schema.
_NO_ID = 0

_BY_NAME: dict[str, ice.IcebergType] = {
    "boolean": ice.BooleanType(),
    "tinyint": ice.IntegerType(),
    "smallint": ice.IntegerType(),
    "integer": ice.IntegerType(),
    "utinyint": ice.IntegerType(),
    "usmallint": ice.IntegerType(),
    "uinteger": ice.LongType(),
    "bigint": ice.LongType(),
    "ubigint": ice.DecimalType(20, 0),
    # 39 digits do not fit; a value that needs them fails the run, so nothing is ever lost silently. sum() of integers has this type.
    "hugeint": ice.DecimalType(38, 0),
    "uhugeint": ice.DecimalType(38, 0),
    "float": ice.FloatType(),
    "double": ice.DoubleType(),
    "varchar": ice.StringType(),
    "enum": ice.StringType(),
    "blob": ice.BinaryType(),
    "uuid": ice.UUIDType(),
    "date": ice.DateType(),
    "time": ice.TimeType(),
    "timestamp": ice.TimestampType(),
    "timestamp_s": ice.TimestampType(),
    "timestamp_ms": ice.TimestampType(),
    "timestamp with time zone": ice.TimestamptzType(),
}

# What to write instead, where no wider type exists.
_CASTS = {"timestamp_ns": "TIMESTAMP", "time with time zone": "TIME", "time_ns": "TIME"}

_SPELLED: dict[type[ice.IcebergType], str] = {
    ice.BooleanType: "BOOLEAN",
    ice.IntegerType: "INTEGER",
    ice.LongType: "BIGINT",
    ice.FloatType: "FLOAT",
    ice.DoubleType: "DOUBLE",
    ice.DateType: "DATE",
    ice.TimeType: "TIME",
    ice.TimestampType: "TIMESTAMP",
    ice.TimestamptzType: "TIMESTAMP WITH TIME ZONE",
    ice.StringType: "VARCHAR",
    ice.UUIDType: "UUID",
    ice.BinaryType: "BLOB",
    ice.FixedType: "BLOB",
}


class DuckType(Protocol):
    """A DuckDB type as its Python client shows it."""

    @property
    def id(self) -> str:
        """The type's name without parameters, in lower case."""
        ...

    @property
    def children(self) -> list[tuple[str, Any]]:
        """Parameters and inner types."""
        ...


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """A column of a query's result: its name, the Iceberg type it becomes (without field ids), and DuckDB's own type as text."""

    name: str
    type: ice.IcebergType
    source: str

    @property
    def sql(self) -> str:
        """The column in a select list, cast where its type changes."""
        name, target = quote_identifier(self.name), duckdb_type(self.type)
        return name if target == self.source else f"CAST({name} AS {target}) AS {name}"


def result_columns(described: Iterable[tuple[str, DuckType]]) -> tuple[ResultColumn, ...]:
    """The columns of a described query, ready to become a table's.

    Raises SchemaMismatchError for names that no table can have, UnsupportedTypeError for a type without a place in Iceberg.
    """
    columns = tuple(ResultColumn(name, _iceberg(name, kind, _root), str(kind)) for name, kind in described)
    if len(columns) > MAX_COLUMNS:
        raise SchemaMismatchError(f"The query has {len(columns):,} columns; at most {MAX_COLUMNS:,} are accepted.")
    seen: dict[str, str] = {}
    for column in columns:
        if len(column.name) > MAX_COLUMN_NAME:
            raise SchemaMismatchError(f"The column name {column.name[:60]!r}… has {len(column.name):,} characters; at most {MAX_COLUMN_NAME:,} are accepted.")
        if folded(column.name) in seen:
            raise SchemaMismatchError(_duplicate(seen[folded(column.name)], column.name))
        seen[folded(column.name)] = column.name
    return columns


def folded(name: str) -> str:
    """``name`` as DuckDB compares names: without regard to the case of ASCII letters."""
    return name.translate(_ASCII_LOWER)


def duckdb_type(kind: ice.IcebergType) -> str:
    """An Iceberg type in DuckDB's spelling. Raises UnsupportedTypeError for one that DuckDB cannot read."""
    match kind:
        case ice.DecimalType():
            return f"DECIMAL({kind.precision},{kind.scale})"
        case ice.ListType():
            return f"{duckdb_type(kind.element_type)}[]"
        case ice.MapType():
            return f"MAP({duckdb_type(kind.key_type)}, {duckdb_type(kind.value_type)})"
        case ice.StructType():
            return f"STRUCT({', '.join(f'{quote_identifier(field.name)} {duckdb_type(field.field_type)}' for field in kind.fields)})"
        case _:
            if type(kind) in _SPELLED:
                return _SPELLED[type(kind)]
    raise UnsupportedTypeError(f"A column has Iceberg's type {kind}, which cannot be read here.")


def _duplicate(first: str, second: str) -> str:
    shown = f"column {first!r} twice" if first == second else f"columns {first!r} and {second!r}, which differ only in case"
    return f"The query returns the {shown}. Rename one with AS, since a table's column names must differ."


def _root(kind: str) -> str:
    return kind


def _iceberg(column: str, kind: DuckType, outer: Callable[[str], str]) -> ice.IcebergType:
    """``outer`` puts the spelling of an inner type into that of the whole column, for the CAST an error offers."""
    inner: dict[str, Any] = dict(kind.children) if kind.id in ("list", "array", "map", "decimal") else {}
    match kind.id:
        case "decimal":
            return ice.DecimalType(inner["precision"], inner["scale"])
        case "list" | "array":
            element = _iceberg(column, inner["child"], lambda text: outer(f"{text}[]"))
            return ice.ListType(element_id=_NO_ID, element_type=element, element_required=False)
        case "map":
            key = _iceberg(column, inner["key"], lambda text: outer(f"MAP({text}, {inner['value']})"))
            value = _iceberg(column, inner["value"], lambda text: outer(f"MAP({inner['key']}, {text})"))
            return ice.MapType(key_id=_NO_ID, key_type=key, value_id=_NO_ID, value_type=value, value_required=False)
        case "struct":
            return ice.StructType(*(_struct_field(column, name, child, outer) for name, child in kind.children))
        case name if name in _BY_NAME:
            return _BY_NAME[name]
        case _:
            raise _unsupported(column, kind, outer)


def _struct_field(column: str, name: str, child: DuckType, outer: Callable[[str], str]) -> ice.NestedField:
    inner = _iceberg(column, child, lambda text: outer(f"STRUCT(…, {quote_identifier(name)} {text}, …)"))
    return ice.NestedField(field_id=_NO_ID, name=name, field_type=inner, required=False)


def _unsupported(column: str, kind: DuckType, outer: Callable[[str], str]) -> UnsupportedTypeError:
    name = quote_identifier(column)
    if kind.id == "null" and outer is _root:
        return UnsupportedTypeError(f"The column {name} is NULL without a type. Write CAST(NULL AS VARCHAR) AS {name}, or the type it should have.")
    target = outer(_CASTS.get(kind.id, "VARCHAR"))
    return UnsupportedTypeError(f"The column {name} has the type {outer(str(kind))}, which Iceberg does not have. Write CAST({name} AS {target}) AS {name}.")
