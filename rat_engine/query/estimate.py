"""What a statement will read at most, from the tables' manifests alone: files that cannot hold a wanted row are left out, and so are unnamed columns.

Where it is not certain that something will not be read it is counted, so the numbers are never too small.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from pyiceberg.expressions import AlwaysTrue, And, BooleanExpression, EqualTo, GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual
from pyiceberg.schema import Schema, index_by_id
from pyiceberg.types import DateType, IcebergType, IntegerType, LongType, StringType, TimestampType

from rat_engine.domain.lake import Estimate, TableEstimate
from rat_engine.lakehouse.scan import Snapshot, load_metadata, plan
from rat_engine.query.guard import folded, path_of
from rat_engine.query.parser import parse
from rat_engine.query.request import PinnedTable, QueryRequest

_COMPARISONS: dict[str, Any] = {
    "COMPARE_EQUAL": EqualTo,
    "COMPARE_LESSTHAN": LessThan,
    "COMPARE_LESSTHANOREQUALTO": LessThanOrEqual,
    "COMPARE_GREATERTHAN": GreaterThan,
    "COMPARE_GREATERTHANOREQUALTO": GreaterThanOrEqual,
}
_TURNED = {"LESSTHAN": "GREATERTHAN", "GREATERTHAN": "LESSTHAN"}
# What may name every column without spelling one.
_EVERYTHING = frozenset({"STAR", "SHOW_REF", "PIVOT", "POSITIONAL_REFERENCE"})
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d(\.\d{1,6})?)?")

_Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Condition:
    """A column compared with a constant that is written out: its DuckDB kind, its text, and the type it is cast to, if any."""

    column: str
    compare: str
    kind: str
    text: str
    cast: str


@dataclass(slots=True)
class _Reading:
    """What a statement says of its tables: by path the conditions of each appearance, the names of columns, and whether any column may be meant."""

    appearances: dict[tuple[str, ...], list[list[_Condition]]] = field(default_factory=dict[tuple[str, ...], list[list[_Condition]]])
    names: set[str] = field(default_factory=set[str])
    aliases: set[str] = field(default_factory=set[str])
    everything: bool = False


def estimate(request: QueryRequest, relations: Set[str]) -> Estimate:
    """What the statement of ``request``, which reads ``relations``, will read of each table at most. Raises RunFailedError for damaged metadata."""
    reading = _read(parse(request.sql))
    used = [table for table in request.tables if str(table.name) in relations]
    return Estimate(tuple(_table(table, reading, request.namespace) for table in used))


def _table(table: PinnedTable, reading: _Reading, namespace: str) -> TableEstimate:
    metadata = load_metadata(table.metadata_location)
    whole = plan(metadata, table.snapshot_id)
    full = tuple(folded(str(table.name)).split("."))
    short = full[1:] if folded(namespace) == full[0] else full
    found = [*reading.appearances.get(full, ()), *(reading.appearances.get(short, ()) if short != full else ())]
    wanted = {path for conditions in found or [[]] for path in _files(whole, conditions, metadata, table.snapshot_id)}
    tasks = [task for task in whole.tasks if task.file.file_path in wanted]
    ids = None if reading.everything or reading.names & reading.aliases else _field_ids(whole.schema, reading.names)
    size = sum(_size(task.file, ids) + sum(each.file_size_in_bytes for each in task.delete_files) for task in tasks)
    return TableEstimate(str(table.name), sum(task.file.record_count for task in tasks), size, len(tasks), len(whole.tasks))


def _files(whole: Snapshot, conditions: Sequence[_Condition], metadata: Any, snapshot_id: int) -> Iterator[str]:
    """The paths of the files that may hold a row which fulfils ``conditions``."""
    wanted: BooleanExpression = AlwaysTrue()
    for condition in conditions:
        wanted = And(wanted, _expression(condition, whole.schema))
    snapshot = whole if isinstance(wanted, AlwaysTrue) else plan(metadata, snapshot_id, wanted=wanted)
    return (task.file.file_path for task in snapshot.tasks)


def _size(file: Any, ids: Set[int] | None) -> int:
    sizes: dict[int, int] = file.column_sizes or {}
    if ids is None or not sizes:
        return file.file_size_in_bytes
    return sum(size for number, size in sizes.items() if number in ids)


def _field_ids(schema: Schema, names: Set[str]) -> frozenset[int]:
    """The ids of the columns in ``names`` with everything inside them."""
    return frozenset(number for each in schema.fields if folded(each.name) in names for number in index_by_id(Schema(each)))


def _expression(condition: _Condition, schema: Schema) -> BooleanExpression:
    """The condition as Iceberg says it; always true where DuckDB might compare otherwise than Iceberg does."""
    column = next((each for each in schema.fields if folded(each.name) == condition.column), None)
    value = None if column is None else _value(column.field_type, condition)
    if column is None or value is None:
        return AlwaysTrue()
    return _COMPARISONS[condition.compare](column.name, value)


def _value(kind: IcebergType, condition: _Condition) -> int | str | None:
    """The constant for a column of type ``kind``; None where the two would have to be converted first."""
    text, cast = condition.text, condition.cast
    if condition.kind == "INTEGER" and not cast:
        # PyIceberg knows what to do with a number outside the type's range. Not so with NaN, which DuckDB takes for the greatest of all.
        return int(text) if isinstance(kind, IntegerType | LongType) else None
    if condition.kind != "STRING":
        return None
    if isinstance(kind, StringType):
        return text if cast in ("", "varchar", "text") else None
    if isinstance(kind, DateType):
        return text if cast in ("", "date") and _DATE.fullmatch(text) else None
    if isinstance(kind, TimestampType) and cast in ("", "timestamp", "date") and _MOMENT.fullmatch(text):
        return text.replace(" ", "T") if " " in text else f"{text}T00:00:00"
    return None


def _read(statement: _Node) -> _Reading:
    reading = _Reading()
    handled: set[int] = set()
    # The tree may be deeper than Python's stack, so what is left to visit is kept in a list.
    left: list[Any] = [statement]
    while left:
        node = left.pop()
        if isinstance(node, list):
            left += node
        elif isinstance(node, dict):
            _note(reading, node, handled)
            left += node.values()
    return reading


def _note(reading: _Reading, node: _Node, handled: set[int]) -> None:
    kind = node.get("type")
    reading.everything |= kind in _EVERYTHING or node.get("class") in _EVERYTHING or node.get("ref_type") == "NATURAL"
    reading.names |= {folded(name) for name in (*node.get("column_names", ()), *node.get("using_columns", ()))}
    if kind == "SELECT_NODE":
        leaves = list(_inner(node.get("from_table", {})))
        for leaf in leaves:
            handled.add(id(leaf))
            _appear(reading, leaf, list(_conditions(node.get("where_clause", {}), leaf, alone=len(leaves) == 1 and leaf is node.get("from_table"))))
    elif kind == "BASE_TABLE" and id(node) not in handled:
        _appear(reading, node, [])


def _appear(reading: _Reading, leaf: _Node, conditions: list[_Condition]) -> None:
    reading.aliases |= _called(leaf)
    reading.appearances.setdefault(path_of(leaf, "table_name"), []).append(conditions)


def _called(leaf: _Node) -> set[str]:
    return {folded(str(leaf.get("alias") or leaf["table_name"]))}


def _inner(source: _Node) -> Iterator[_Node]:
    """The tables that a FROM joins so that every row of the result fulfils the WHERE with a row of theirs."""
    left = [source]
    while left:
        node = left.pop()
        if node.get("type") == "BASE_TABLE":
            yield node
        elif node.get("type") == "JOIN" and node.get("join_type") == "INNER":
            left += [node["left"], node["right"]]


def _conditions(where: _Node, leaf: _Node, *, alone: bool) -> Iterator[_Condition]:
    """The comparisons with constants that every row must fulfil and that are about ``leaf``; ``alone``: there is no other table to be about."""
    left = [where]
    while left:
        node = left.pop()
        if node.get("type") == "CONJUNCTION_AND":
            left += node.get("children", ())
        elif node.get("type") == "COMPARE_BETWEEN":
            left += _bounds(node)
        elif node.get("type") in _COMPARISONS:
            yield from _condition(node, leaf, alone=alone)


def _bounds(between: _Node) -> Iterable[_Node]:
    for compare, bound in (("COMPARE_GREATERTHANOREQUALTO", "lower"), ("COMPARE_LESSTHANOREQUALTO", "upper")):
        yield {"type": compare, "left": between["input"], "right": between[bound]}


def _condition(node: _Node, leaf: _Node, *, alone: bool) -> Iterator[_Condition]:
    compare, column, constant = node["type"], node["left"], node["right"]
    if column.get("type") != "COLUMN_REF":
        column, constant = constant, column
        compare = re.sub("LESSTHAN|GREATERTHAN", lambda found: _TURNED[found[0]], compare)
    names = [folded(name) for name in column.get("column_names", ())]
    about = (len(names) == 1 and alone) or (len(names) == 2 and {names[0]} == _called(leaf))
    cast = ""
    if constant.get("type") == "OPERATOR_CAST":
        cast, constant = folded(str(constant.get("type_expr", {}).get("type_name", "?"))), constant.get("child", {})
    literal = constant.get("literal")
    if about and literal and "text" in literal:
        yield _Condition(names[-1], compare, literal["kind"], literal["text"], cast)
