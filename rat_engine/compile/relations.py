"""The columns of a statement's CTEs, as far as they can be told without running it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rat_engine.domain.lake import Column

MAX_COLUMNS = 1_000

Columns = tuple[Column, ...]


def cte_columns(sql: str, tables: Mapping[str, Columns]) -> dict[str, Columns] | None:
    """Each CTE at the top of ``sql`` with its columns; None when the statement cannot be read. ``tables`` are known by their quoted full names.

    A column that is computed has no type; what comes of a table without known columns is left out.
    """
    from sqlglot import exp, parse_one
    from sqlglot.errors import SqlglotError

    try:
        tree: Any = parse_one(sql, dialect="duckdb")
    except (SqlglotError, RecursionError, ValueError):
        return None
    known: dict[str, Columns] = {name.lower(): columns for name, columns in tables.items()}
    found: dict[str, Columns] = {}
    clause = tree.args.get("with_") or tree.args.get("with")
    for cte in clause.expressions if clause is not None else ():
        select = next(iter(cte.this.find_all(exp.Select)), None)
        columns = tuple(_outputs(select, known))[:MAX_COLUMNS] if select is not None else ()
        names = [column.name for column in cte.args["alias"].columns]
        found[cte.alias] = tuple(Column(name, columns[index].type if index < len(columns) else "") for index, name in enumerate(names)) or columns
        known[cte.alias.lower()] = found[cte.alias]
    return found


def _outputs(select: Any, known: Mapping[str, Columns]) -> Iterator[Column]:
    from sqlglot import exp

    sources = _sources(select, known)
    for projection in select.expressions:
        if isinstance(projection, exp.Star):
            yield from _starred(projection, [column for columns in sources.values() for column in columns])
        elif isinstance(projection, exp.Column) and isinstance(projection.this, exp.Star):
            yield from _starred(projection.this, sources.get(projection.table.lower(), ()))
        elif projection.output_name:
            yield Column(projection.output_name, _type(projection.unalias(), sources))


def _starred(star: Any, columns: Sequence[Column]) -> Iterator[Column]:
    left_out = {each.name.lower() for each in star.args.get("except_") or star.args.get("except") or ()}
    for column in columns:
        if column.name.lower() not in left_out:
            yield Column(column.name, column.type)


def _sources(select: Any, known: Mapping[str, Columns]) -> dict[str, Columns]:
    """What a SELECT reads, by the name it has there."""
    from sqlglot import exp

    start = select.args.get("from_") or select.args.get("from")
    joined = [join.this for join in select.args.get("joins") or ()]
    read = [start.this, *joined] if start is not None else joined
    return {each.alias_or_name.lower(): _columns(each, known) for each in read if isinstance(each, (exp.Table, exp.Subquery))}


def _columns(source: Any, known: Mapping[str, Columns]) -> Columns:
    from sqlglot import exp

    if isinstance(source, exp.Subquery):
        select = source.this if isinstance(source.this, exp.Select) else None
        return tuple(_outputs(select, known)) if select is not None else ()
    parts = [part.name for part in source.parts]
    return known.get(parts[0].lower() if len(parts) == 1 else ".".join(f'"{part}"' for part in parts).lower(), ())


def _type(expression: Any, sources: Mapping[str, Columns]) -> str:
    from sqlglot import exp

    if isinstance(expression, exp.Cast):
        return str(expression.to.sql(dialect="duckdb"))
    if not isinstance(expression, exp.Column):
        return ""
    within = [sources.get(expression.table.lower(), ())] if expression.table else list(sources.values())
    return next((column.type for columns in within for column in columns if column.name.lower() == expression.name.lower()), "")
