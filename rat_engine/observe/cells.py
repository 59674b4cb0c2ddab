"""Arrow values as JSON values that lose nothing a person would miss."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from rat_engine.observe.arrow import arrow

MAX_CELL_CHARACTERS = 100_000
LARGEST_EXACT_INTEGER = 2**53

_BEYOND_CALENDAR = re.compile(r"<value out of range: (-?)(\d+)>")
_MICROSECONDS_OF_A_DAY = "86400000000"
_NANOSECONDS = 1_000_000_000

# Takes an Arrow array and the most characters of one cell, None for no limit.
Converter = Callable[[Any, int | None], list[Any]]


def cells(array: Any, most: int | None = MAX_CELL_CHARACTERS) -> list[Any]:
    """One JSON value per value of an Arrow array; NULL is None.

    Integers beyond ±2^53, decimals, dates, times, timestamps and intervals (ISO 8601), binary values (hex) and NaN or infinity become text;
    lists stay lists, structs and maps become objects. A text longer than ``most`` characters, and a nested value of as many bytes, is cut.
    """
    types = arrow().types
    if most is not None and types.is_nested(array.type) and array.nbytes > most:
        return [_nested_or_size(array.slice(index, 1), most) for index in range(len(array))]
    return _converter(array.type)(array, most)


def _converter(kind: Any) -> Converter:
    types = arrow().types
    rules: tuple[tuple[Callable[[Any], bool], Converter], ...] = (
        (types.is_integer, _integers),
        (types.is_floating, _floats),
        (is_text, _texts),
        (types.is_decimal, _decimals),
        (is_moment, _moments),
        (types.is_interval, _intervals),
        (_is_binary, _binaries),
        (types.is_dictionary, lambda array, most: cells(array.dictionary_decode(), most)),
        (types.is_struct, _structs),
        (types.is_map, _maps),
        (_is_list, _lists),
        (types.is_union, _unions),
        (lambda kind: hasattr(kind, "storage_type"), lambda array, most: cells(array.storage, most)),
    )
    return next((convert for applies, convert in rules if applies(kind)), _plain)


def is_text(kind: Any) -> bool:
    """Whether an Arrow type holds text."""
    types = arrow().types
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def is_moment(kind: Any) -> bool:
    """Whether an Arrow type holds dates, times or timestamps."""
    types = arrow().types
    return bool(types.is_timestamp(kind) or types.is_date(kind) or types.is_time(kind))


def _is_binary(kind: Any) -> bool:
    types = arrow().types
    return bool(types.is_binary(kind) or types.is_large_binary(kind) or types.is_binary_view(kind) or types.is_fixed_size_binary(kind))


def _is_list(kind: Any) -> bool:
    types = arrow().types
    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind) or types.is_list_view(kind))


def _plain(array: Any, _most: int | None) -> list[Any]:
    return list(array.to_pylist())


def _integers(array: Any, _most: int | None) -> list[int | str | None]:
    return [value if value is None or abs(value) <= LARGEST_EXACT_INTEGER else str(value) for value in array.to_pylist()]


def _floats(array: Any, _most: int | None) -> list[float | str | None]:
    pa = arrow()
    # A 32-bit float is written with the digits it has, not with those of the nearest 64-bit one.
    values = array.to_pylist() if pa.types.is_float64(array.type) else [None if text is None else float(text) for text in array.cast(pa.string()).to_pylist()]
    return [value if value is None or math.isfinite(value) else _not_finite(value) for value in values]


def _not_finite(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _texts(array: Any, most: int | None) -> list[str | None]:
    return [None if value is None else _cut(value, most) for value in array.to_pylist()]


def _cut(text: str, most: int | None) -> str:
    return text if most is None or len(text) <= most else f"{text[:most]}… ({len(text):,} characters)"


def _decimals(array: Any, _most: int | None) -> list[str | None]:
    return [None if value is None else format(value, "f") for value in array.to_pylist()]


def _moments(array: Any, _most: int | None) -> list[str | None]:
    return [None if text is None else _iso(text) for text in array.cast(arrow().string()).to_pylist()]


def _iso(text: str) -> str:
    beyond = _BEYOND_CALENDAR.fullmatch(text)
    if beyond is None:
        return text.replace(" ", "T")
    return "24:00:00" if beyond[2].rstrip("0") == _MICROSECONDS_OF_A_DAY.rstrip("0") else f"{beyond[1]}infinity"


def _intervals(array: Any, _most: int | None) -> list[str | None]:
    return [None if value is None else _duration(*value) for value in array.to_pylist()]


def _duration(months: int, days: int, nanoseconds: int) -> str:
    seconds, fraction = divmod(abs(nanoseconds), _NANOSECONDS)
    sign = "-" if nanoseconds < 0 else ""
    decimals = f".{fraction:09d}".rstrip("0") if fraction else ""
    date = "".join(f"{amount}{unit}" for amount, unit in ((months, "M"), (days, "D")) if amount)
    time = f"T{sign}{seconds}{decimals}S" if nanoseconds else ""
    return f"P{date}{time}" if date or time else "PT0S"


def _binaries(array: Any, most: int | None) -> list[str | None]:
    return [None if value is None else _cut(value.hex(), most) for value in array.to_pylist()]


def _nested_or_size(one: Any, most: int) -> Any:
    return f"… ({one.nbytes:,} bytes)" if one.nbytes > most else _converter(one.type)(one, most)[0]


def _lists(array: Any, most: int | None) -> list[list[Any] | None]:
    return [cells(row.values, most) if row.is_valid else None for row in array]


def _structs(array: Any, most: int | None) -> list[dict[str, Any] | None]:
    names = [field.name for field in array.type]
    rows = zip(*(cells(child, most) for child in array.flatten()), strict=True)
    return [dict(zip(names, row, strict=True)) if valid else None for row, valid in zip(rows, array.is_valid().to_pylist(), strict=True)]


def _maps(array: Any, most: int | None) -> list[dict[str, Any] | None]:
    return [_map(row.values, most) if row.is_valid else None for row in array]


def _map(entries: Any, most: int | None) -> dict[str, Any]:
    keys, values = (cells(child, most) for child in entries.flatten())
    return {str(key): value for key, value in zip(keys, values, strict=True)}


def _unions(array: Any, most: int | None) -> list[Any]:
    return [cells(arrow().repeat(row.value, 1), most)[0] if row.value is not None else None for row in array]
