"""The SQL of a column profile, and its rows as values. One statement covers some columns; its rows are facts, values and bins in one shape."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

from rat_engine.domain.inspection import ColumnProfile, ValueCount
from rat_engine.domain.lake import Column, LakeTable
from rat_engine.domain.names import quote_identifier

Part = Sequence[Column]

# Columns of one statement: few enough that the first results are there soon, and that a large table's rows fit into memory.
COLUMNS_AT_ONCE = 8
# A larger table is sampled: its profile then takes about as long as one of this size.
SAMPLE_ROWS = 200_000
VALUES = 6
BINS = 24
MAX_TEXT = 200

_NUMBER = re.compile(r"(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*)")
_MOMENT = re.compile(r"(DATE|TIME|TIMESTAMP.*)")
# Types with values that lie nowhere on the scale: NaN and the infinities.
_ENDLESS = re.compile(r"(FLOAT|DOUBLE|DATE|TIMESTAMP.*)")
_FACTS, _VALUE, _BIN = "facts", "value", "bin"
_OPAQUE = "BLOB"


def parts(columns: Part) -> list[Part]:
    """The columns in groups of one statement each."""
    return [columns[start : start + COLUMNS_AT_ONCE] for start in range(0, len(columns), COLUMNS_AT_ONCE)]


def sampled(table: LakeTable) -> bool:
    """Whether a table is so large that only some of its rows are looked at."""
    return table.row_count > SAMPLE_ROWS


def statement(table: LakeTable, columns: Part) -> str:
    """One SELECT that profiles ``columns``."""
    names = ", ".join(f"{quote_identifier(column.name)} AS c{index}" for index, column in enumerate(columns))
    share = 100 * SAMPLE_ROWS / table.row_count if sampled(table) else 100
    sample = f" USING SAMPLE {share:.4f} PERCENT (bernoulli)" if sampled(table) else ""
    queries = [query for index, column in enumerate(columns) for query in _queries(index, column)]
    return f"WITH looked_at AS MATERIALIZED (SELECT {names} FROM {table.name.sql}{sample})\n" + "\nUNION ALL\n".join(queries)


def profiles(columns: Part, rows: Iterable[Sequence[Any]]) -> list[ColumnProfile]:
    """The profiles of ``columns`` from the rows of their statement."""
    found = list(rows)
    return [_profile(column, [row for row in found if row[0] == index]) for index, column in enumerate(columns)]


def _queries(index: int, column: Column) -> list[str]:
    cell = f"c{index}"
    kind = _kind(column)
    values = [] if kind == "nested" else [_values(index, cell)]
    bins = [_bins(index, cell, column)] if kind == "scale" else []
    return [_facts(index, cell, column), *values, *bins]


def _kind(column: Column) -> str:
    """Whether a column's values lie on a scale, are only compared (``plain``), or consist of others (``nested``)."""
    if column.type.endswith("]") or column.type.startswith(("STRUCT", "MAP")) or column.type == _OPAQUE:
        return "nested"
    return "scale" if _NUMBER.fullmatch(column.type) or _MOMENT.fullmatch(column.type) else "plain"


def _facts(index: int, cell: str, column: Column) -> str:
    nested = _kind(column) == "nested"
    least, greatest = (_none("VARCHAR"),) * 2 if nested else (f'"left"(CAST({way}({cell}) AS VARCHAR), {MAX_TEXT})' for way in ("min", "max"))
    mean = f"avg(CAST({cell} AS DOUBLE))" if _NUMBER.fullmatch(column.type) else _none("DOUBLE")
    compared = f"CAST({cell} AS VARCHAR)" if nested else cell
    return f"SELECT {index}, '{_FACTS}', {least}, {greatest}, count(*), count({cell}), count(DISTINCT {compared}), {mean} FROM looked_at"


def _values(index: int, cell: str) -> str:
    # More than one row: where every value is another one there is nothing to show.
    inner = (
        f'SELECT "left"(CAST({cell} AS VARCHAR), {MAX_TEXT}) AS v, count(*) AS n FROM looked_at WHERE {cell} IS NOT NULL '
        f"GROUP BY v HAVING count(*) > 1 ORDER BY n DESC, v LIMIT {VALUES}"
    )
    return f"SELECT {index}, '{_VALUE}', v, {_none('VARCHAR')}, n, {_none('BIGINT')}, {_none('BIGINT')}, {_none('DOUBLE')} FROM ({inner})"


def _bins(index: int, cell: str, column: Column) -> str:
    scaled = f"epoch({cell})" if _MOMENT.fullmatch(column.type) else f"CAST({cell} AS DOUBLE)"
    finite = f" AND isfinite({cell})" if _ENDLESS.fullmatch(column.type) else ""
    inner = f"SELECT {scaled} AS x FROM looked_at WHERE {cell} IS NOT NULL{finite}"
    place = f"CAST(least(floor((x - lo) * {BINS} / nullif(hi - lo, 0)), {BINS - 1}) AS BIGINT)"
    ranged = f"SELECT x, min(x) OVER () AS lo, max(x) OVER () AS hi FROM ({inner})"
    counted = f"SELECT coalesce({place}, 0) AS b, count(*) AS n FROM ({ranged}) GROUP BY b"
    return f"SELECT {index}, '{_BIN}', {_none('VARCHAR')}, {_none('VARCHAR')}, n, b, {_none('BIGINT')}, {_none('DOUBLE')} FROM ({counted})"


def _none(kind: str) -> str:
    return f"CAST(NULL AS {kind})"


def _profile(column: Column, rows: Sequence[Sequence[Any]]) -> ColumnProfile:
    _, _, least, greatest, total, filled, distinct, mean = next(row for row in rows if row[1] == _FACTS)
    values = sorted((ValueCount(row[2], int(row[4])) for row in rows if row[1] == _VALUE), key=lambda found: (-found.rows, found.value))
    counted = {int(row[5]): int(row[4]) for row in rows if row[1] == _BIN}
    bins = tuple(counted.get(place, 0) for place in range(BINS)) if len(counted) > 1 else ()
    numbers = (int(total), int(total) - int(filled), int(distinct))
    return ColumnProfile(column.name, column.type, *numbers, least, greatest, _finite(mean), tuple(values), bins)


def _finite(mean: Any) -> float | None:
    return float(mean) if mean is not None and math.isfinite(float(mean)) else None
