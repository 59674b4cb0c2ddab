"""Which statements of a user may run: one SELECT over known relations, calling known functions.

Everything the tree may contain is listed; whatever is not listed is refused. This is the first of four walls; behind it the session is locked, holds
only the files of the tables the statement uses, and lives in a confined process.
"""

from __future__ import annotations

import re
import string
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from rat_engine.domain.names import nearest
from rat_engine.errors import StatementRefusedError
from rat_engine.query.functions import FILE_READERS, FUNCTIONS, TABLE_FUNCTIONS
from rat_engine.query.parser import located, parse
from rat_engine.settings import variable

_QUERIES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
_SOURCES = frozenset({"BASE_TABLE", "TABLE_FUNCTION", "SUBQUERY", "JOIN", "EMPTY", "EXPRESSION_LIST", "PIVOT", "SHOW_REF"})
_CLAUSES = frozenset({"ORDER_MODIFIER", "LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER", "DISTINCT_MODIFIER", "ORDER_DEFAULT", "ASCENDING", "DESCENDING"})
_TYPES = _QUERIES | _SOURCES | _CLAUSES
# Precision, members and the like of a type that is cast to, as DuckDB 1.5 spells them.
_TYPE_DETAIL = "_TYPE_INFO"
_EXPRESSION_CLASSES = """
    BETWEEN CASE CAST COLLATE COLUMN_REF COMPARISON CONJUNCTION CONSTANT FUNCTION LAMBDA LAMBDA_REF OPERATOR POSITIONAL_REFERENCE STAR SUBQUERY TYPE WINDOW
"""
_EXPRESSIONS = frozenset(_EXPRESSION_CLASSES.split())
_FILE = re.compile(r"\.(csv|tsv|parquet|json|jsonl|ndjson)(\.(gz|zst))?(\?.*)?$", re.IGNORECASE)

_ASCII_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_UNKNOWN_PLACE = 1 << 62
MAX_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Usage:
    """What a statement reads: relations by their full names, and whether it also reads files of its own choice."""

    relations: frozenset[str]
    reads_files: bool


def check_explorer_sql(sql: str, tables: Collection[str], namespace: str = "") -> frozenset[str]:
    """The tables that ``sql`` reads, all of them from ``tables`` (``namespace.layer.name``); ``layer.name`` means the one in ``namespace``.

    Raises StatementRefusedError for anything but one SELECT over these tables, QueryFailedError for a syntax error; both with line and column
    in ``details`` where they are known.
    """
    return _check(_Guard(sql, _paths(tables), namespace)).relations


def check_pipeline_sql(sql: str, relations: Collection[str], reads_files: bool, known: Collection[str] = ()) -> Usage:
    """What the compiled SQL of a pipeline or test reads: ``relations`` (full names, landing zones included), and files when ``reads_files``.

    A table of ``known`` that is not among them has not been published yet, which the refusal then says. Raises as ``check_explorer_sql``.
    """
    return _check(_Guard(sql, _paths(relations), pipeline=True, files_allowed=reads_files, known=known))


def _paths(names: Collection[str]) -> dict[tuple[str, ...], str]:
    return {tuple(folded(name).split(".")): name for name in names}


@dataclass
class _Guard:
    """One statement's check: what is allowed, and what was found so far."""

    sql: str
    allowed: dict[tuple[str, ...], str]
    namespace: str = ""
    pipeline: bool = False
    files_allowed: bool = False
    known: Collection[str] = ()
    used: set[str] = field(default_factory=set[str])
    reads_files: bool = False

    def refuse(self, message: str, node: dict[str, Any]) -> StatementRefusedError:
        """The error for something in the tree, with its place in the text."""
        where, details = located(self.sql, int(node.get("query_location", _UNKNOWN_PLACE)))
        return StatementRefusedError(message + where, details=details)


def folded(name: str) -> str:
    """``name`` in lower case as DuckDB compares names: ASCII letters only. Python would fold more, and take two names for one."""
    return name.translate(_ASCII_LOWER)


def _check(guard: _Guard) -> Usage:
    statement = parse(guard.sql)
    if statement.get("named_param_map"):
        raise StatementRefusedError("Parameters ($1 or ?) have no values here. Write the value itself.")
    # The tree may be deeper than Python's stack, so what is left to visit is kept in a list.
    left: list[tuple[Any, frozenset[str]]] = [(statement, frozenset())]
    while left:
        node, scope = left.pop()
        if isinstance(node, list):
            left += [(item, scope) for item in reversed(node)]
        elif isinstance(node, dict):
            _check_node(guard, node, scope)
            left += reversed(list(_children(node, scope)))
    return Usage(frozenset(guard.used), guard.reads_files)


def _children(node: dict[str, Any], scope: frozenset[str]) -> Iterator[tuple[Any, frozenset[str]]]:
    """What is inside a node, each with the names of the WITH clauses it can see: those before it, and itself only when it is recursive."""
    for entry in node.get("cte_map", {}).get("map", []):
        name, body = folded(str(entry["key"])), entry["value"]
        query = body.get("query_node") or body.get("query", {}).get("node", {})
        yield body, scope | {name} if query.get("type") == "RECURSIVE_CTE_NODE" else scope
        scope |= {name}
    for key, value in node.items():
        if key == "function" and node.get("type") == "TABLE_FUNCTION":
            # Checked as a table function; as an expression it would be refused.
            yield list(value.values()), scope
        elif key != "cte_map":
            yield value, scope


def _check_node(guard: _Guard, node: dict[str, Any], scope: frozenset[str]) -> None:
    kind = node.get("type")
    if "class" in node:
        _check_expression(guard, node)
    elif isinstance(kind, str) and kind not in _TYPES and not kind.endswith(_TYPE_DETAIL):
        raise guard.refuse(f"{_spoken(kind)} is not allowed here; statements can only read.", node)
    elif kind == "BASE_TABLE":
        _check_table(guard, node, scope)
    elif kind == "TABLE_FUNCTION":
        _check_table_function(guard, node)
    elif kind == "SHOW_REF" and "query" not in node:
        raise guard.refuse("SHOW is not allowed: the tables are listed in the portal and by `rat tables`.", node)


def _spoken(kind: str) -> str:
    return kind.removesuffix("_QUERY_NODE").removesuffix("_NODE").replace("_", " ")


def _check_expression(guard: _Guard, node: dict[str, Any]) -> None:
    if node["class"] not in _EXPRESSIONS:
        raise guard.refuse(f"{_spoken(node['class'])} is not allowed here.", node)
    if node.get("export_state"):
        raise guard.refuse("EXPORT_STATE is not allowed.", node)
    name = folded(str(node.get("function_name", "")))
    if node["class"] == "FUNCTION" or name:
        _check_function(guard, name, node)


def _check_function(guard: _Guard, name: str, node: dict[str, Any]) -> None:
    if name in FUNCTIONS or name in TABLE_FUNCTIONS:
        return
    if name in FILE_READERS:
        raise guard.refuse(f"{name} belongs after FROM.", node)
    raise guard.refuse(f"There is no function {name}, or it may not be used here.{_hint(name, FUNCTIONS)}", node)


def _check_table_function(guard: _Guard, node: dict[str, Any]) -> None:
    path = path_of(node["function"], "function_name")
    name = path[-1]
    if len(path) == 1 and name in TABLE_FUNCTIONS:
        return
    if len(path) == 1 and name in FILE_READERS:
        _use_files(guard, f"{name} reads files", node)
        return
    raise guard.refuse(f"There is no table function {'.'.join(path)}, or it may not be used here.{_hint(name, TABLE_FUNCTIONS)}", node)


def _check_table(guard: _Guard, node: dict[str, Any], scope: frozenset[str]) -> None:
    if "at_clause" in node:
        raise guard.refuse("AT is not allowed: a statement reads each table as it is now.", node)
    path = path_of(node, "table_name")
    if len(path) == 1 and path[0] in scope:
        return
    full = (guard.namespace, *path) if guard.namespace and len(path) == 2 else path
    if full in guard.allowed:
        guard.used.add(guard.allowed[full])
    elif _FILE.search(name := ".".join(path)):
        _use_files(guard, f"{name} is a file", node)
    else:
        raise guard.refuse(_unknown_table(guard, name), node)


def path_of(node: dict[str, Any], last: str) -> tuple[str, ...]:
    """The parts of a name in lower case; a part may itself contain dots, so they are never joined to be compared."""
    parts = node.get("qualified_name", {}).get("path") or [node.get("catalog_name"), node.get("schema_name", node.get("schema")), node[last]]
    return tuple(folded(str(part)) for part in parts if part)


def _use_files(guard: _Guard, what: str, node: dict[str, Any]) -> None:
    if not guard.pipeline:
        raise guard.refuse(f"{what}, and a query reads published tables only. Land the file and read it in a pipeline.", node)
    if not guard.files_allowed:
        raise guard.refuse(f"{what}, and reading files outside RAT is switched off ({variable('pipeline_reads_files')}). Land the file instead.", node)
    guard.reads_files = True


def _unknown_table(guard: _Guard, name: str) -> str:
    shown = name if len(name) <= MAX_SHOWN else name[:MAX_SHOWN] + "…"
    hint = _same_table(guard, name) or nearest(name, guard.allowed.values()) or nearest(f"{guard.namespace}.{name}", guard.allowed.values())
    if name in guard.known:
        return f"{shown} has no published table yet: run it first."
    if guard.pipeline:
        return f"{shown} cannot be read: name tables with ref('layer.name') and landing zones with landing_zone('zone'). {hint}".rstrip()
    if not guard.allowed:
        return f"There is no table {shown}: no pipeline has published one yet."
    return f"There is no table {shown}. {hint}".rstrip()


def _same_table(guard: _Guard, name: str) -> str:
    """A hint for a table named without its layer or namespace."""
    last = name.rsplit(".", 1)[-1]
    same = sorted((path[0] != guard.namespace, full) for path, full in guard.allowed.items() if path[-1] == last)
    return f"Did you mean {same[0][1]!r}?" if same else ""


def _hint(name: str, known: Collection[str]) -> str:
    hint = nearest(name, known)
    return f" {hint}" if hint else ""
