"""What is in a column of a result: computed over all of its rows, when somebody wants to know."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from rat_engine.domain.lake import Column
from rat_engine.domain.result import Bin, ColumnStatistics, Common
from rat_engine.observe.arrow import arrow, compute
from rat_engine.observe.cells import LARGEST_EXACT_INTEGER, cells, is_text
from rat_engine.observe.results import ResultFile, Source, reading

BINS = 20
MOST_COMMON = 10
MAX_SHOWN = 200

# Counting different values keeps them all in memory; more bytes than these are not counted.
MAX_COUNTED_BYTES = 256 << 20

# DuckDB's infinities among moments: the ends of the integer that holds them.
_INFINITY = {32: 2**31 - 2, 64: 2**63 - 2}


def column_statistics(source: Source, number: int) -> ColumnStatistics:
    """Statistics of column ``number`` (from 0) of a result file. Raises UnavailableError when it cannot be read."""
    with reading(source) as result:
        values = column_values(result, number)
        column, nulls = result.columns[number], int(values.null_count)
        if not comparable(values.type) or values.nbytes > MAX_COUNTED_BYTES:
            return ColumnStatistics(column, len(values), nulls)
        return _described(column, values, nulls)


def column_values(result: ResultFile, number: int) -> Any:
    """All values of a column; an enum's as its texts."""
    pa = arrow()

    kind = result.reader.schema.field(number).type
    arrays = list(result.arrays(number))
    if pa.types.is_dictionary(kind):
        return pa.chunked_array([array.dictionary_decode() for array in arrays], kind.value_type)
    return pa.chunked_array(arrays, kind)


def comparable(kind: Any) -> bool:
    """Whether values of an Arrow type have an order that Arrow knows."""
    pa = arrow()

    return countable(kind) or is_text(kind) or pa.types.is_boolean(kind) or pa.types.is_binary(kind)


def countable(kind: Any) -> bool:
    """Whether values of an Arrow type lie on a line: numbers and moments."""
    pa = arrow()

    types = pa.types
    return bool(
        types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind) or types.is_timestamp(kind) or types.is_date(kind) or types.is_time(kind)
    )


def on_line(values: Any) -> Any:
    """Numbers and moments as numbers to compute with, NaN and infinities as NULL: integers stay whole, moments become the integer that stores them."""
    pa, pc = arrow(), compute()

    kind = values.type
    if pa.types.is_decimal(kind):
        values, kind = pc.cast(values, pa.float64(), safe=False), pa.float64()
    if pa.types.is_floating(kind):
        values = pc.cast(values, pa.float64())
        return pc.if_else(pc.is_finite(values), values, pa.scalar(None, pa.float64()))
    if pa.types.is_integer(kind):
        return pc.cast(values, pa.float64(), safe=False) if pa.types.is_uint64(kind) else pc.cast(values, pa.int64())
    width = kind.bit_width
    stored = pc.cast(values.cast(pa.int32()) if width == 32 else values.cast(pa.int64()), pa.int64())
    limit = _INFINITY[width]
    return pc.if_else(pc.and_(pc.less(stored, limit), pc.greater(stored, -limit)), stored, pa.scalar(None, pa.int64()))


def from_line(edges: Sequence[float], kind: Any) -> list[Any]:
    """Places on the line as JSON values of the Arrow type they came from."""
    pa = arrow()

    if pa.types.is_timestamp(kind) or pa.types.is_date(kind) or pa.types.is_time(kind):
        stored = pa.array([math.floor(edge) for edge in edges], pa.int64())
        return cells((stored.cast(pa.int32()) if kind.bit_width == 32 else stored).cast(kind))
    if pa.types.is_integer(kind):
        whole = [math.floor(edge) for edge in edges]
        return [edge if abs(edge) <= LARGEST_EXACT_INTEGER else str(edge) for edge in whole]
    return [float(edge) for edge in edges]


def _described(column: Column, values: Any, nulls: int) -> ColumnStatistics:
    pa, pc = arrow(), compute()

    distinct = int(pc.count_distinct(values, mode="only_valid").as_py())
    ends = pc.min_max(values)
    least, most = (shown(cells(pa.repeat(ends[end], 1))[0]) for end in ("min", "max"))
    if not countable(values.type):
        return ColumnStatistics(column, len(values), nulls, distinct, least, most, common=_common(values))
    line = on_line(values)
    numeric = pa.types.is_integer(values.type) or pa.types.is_floating(values.type) or pa.types.is_decimal(values.type)
    mean = pc.mean(line).as_py() if numeric else None
    return ColumnStatistics(column, len(values), nulls, distinct, least, most, mean, _bins(line, values.type))


def shown(value: Any) -> Any:
    """A cell short enough for a list of values."""
    return f"{value[:MAX_SHOWN]}…" if isinstance(value, str) and len(value) > MAX_SHOWN else value


def _bins(line: Any, kind: Any) -> tuple[Bin, ...]:
    """How the values are spread, in at most 20 bins of one width."""
    pa, pc = arrow(), compute()

    ends = pc.min_max(line).as_py()
    low, high = ends["min"], ends["max"]
    if low is None:
        return ()
    whole = pa.types.is_integer(line.type)
    width: float = max(-(-(high - low + 1) // BINS), 1) if whole else (high - low) / BINS or 1.0
    count = min(BINS, int((high - low) // width) + 1)
    # Subtracting first keeps the digits of large integers.
    away = pc.cast(pc.subtract(line, low), pa.float64(), safe=False)
    places = pc.min_element_wise(pc.cast(pc.floor(pc.divide(away, float(width))), pa.int64()), count - 1, skip_nulls=False)
    counts = {row["values"]: row["counts"] for row in pc.value_counts(places.drop_null()).to_pylist()}
    edges = from_line([low + width * index for index in range(count)] + [min(high, low + width * count) if not whole else high], kind)
    return tuple(Bin(edges[index], edges[index + 1], counts.get(index, 0)) for index in range(count))


def _common(values: Any) -> tuple[Common, ...]:
    """The values that occur most often; none when each occurs once."""
    pc = compute()

    counted = pc.value_counts(values.drop_null())
    if not len(counted):
        return ()
    names, counts = counted.flatten()
    order = pc.select_k_unstable(counts, MOST_COMMON, sort_keys=[("", "descending")])
    found = [Common(shown(value), count) for value, count in zip(cells(names.take(order)), counts.take(order).to_pylist(), strict=True)]
    return tuple(found) if found[0].count > 1 or len(counted) <= MOST_COMMON else ()
