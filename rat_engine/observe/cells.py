"""Arrow values as JSON values that lose nothing a person would miss."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

MAX_CELL_CHARACTERS = 100_000
LARGEST_EXACT_INTEGER = 2**53

_BEYOND_CALENDAR = re.compile(r"<value out of range: (-?)(\d+)>")
_MICROSECONDS_OF_A_DAY = "86400000000"
_NANOSECONDS = 1_000_000_000

Converter = Callable[[Any], list[Any]]


def cells(array: Any) -> list[Any]:
    """One JSON value per value of an Arrow array; NULL is None.

    Integers beyond ±2^53, decimals, dates, times, timestamps and intervals (ISO 8601), binary values (hex) and NaN or infinity become text;
    lists stay lists, structs and maps become objects. A text longer than 100,000 characters, and a nested value of as many bytes, is cut.
    """
    types = _arrow().types
    if types.is_nested(array.type) and array.nbytes > MAX_CELL_CHARACTERS:
        return [_nested_or_size(array.slice(index, 1)) for index in range(len(array))]
    return _converter(array.type)(array)


def _arrow() -> Any:
    import pyarrow as pa  # only when rows are shown

    return pa


def _converter(kind: Any) -> Converter:
    types = _arrow().types
    rules: tuple[tuple[Callable[[Any], bool], Converter], ...] = (
        (types.is_integer, _integers),
        (types.is_floating, _floats),
        (_is_text, _texts),
        (types.is_decimal, _decimals),
        (_is_moment, _moments),
        (types.is_interval, _intervals),
        (_is_binary, _binaries),
        (types.is_dictionary, lambda array: cells(array.dictionary_decode())),
        (types.is_struct, _structs),
        (types.is_map, _maps),
        (_is_list, _lists),
        (types.is_union, _unions),
        (lambda kind: hasattr(kind, "storage_type"), lambda array: cells(array.storage)),
    )
    return next((convert for applies, convert in rules if applies(kind)), _plain)


def _is_text(kind: Any) -> bool:
    types = _arrow().types
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def _is_moment(kind: Any) -> bool:
    types = _arrow().types
    return bool(types.is_timestamp(kind) or types.is_date(kind) or types.is_time(kind))


def _is_binary(kind: Any) -> bool:
    types = _arrow().types
    return bool(types.is_binary(kind) or types.is_large_binary(kind) or types.is_binary_view(kind) or types.is_fixed_size_binary(kind))


def _is_list(kind: Any) -> bool:
    types = _arrow().types
    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind) or types.is_list_view(kind))


def _plain(array: Any) -> list[Any]:
    return list(array.to_pylist())


def _integers(array: Any) -> list[int | str | None]:
    return [value if value is None or abs(value) <= LARGEST_EXACT_INTEGER else str(value) for value in array.to_pylist()]


def _floats(array: Any) -> list[float | str | None]:
    pa = _arrow()
    # A 32-bit float is written with the digits it has, not with those of the nearest 64-bit one.
    values = array.to_pylist() if pa.types.is_float64(array.type) else [None if text is None else float(text) for text in array.cast(pa.string()).to_pylist()]
    return [value if value is None or math.isfinite(value) else _not_finite(value) for value in values]


def _not_finite(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _texts(array: Any) -> list[str | None]:
    return [value if value is None or len(value) <= MAX_CELL_CHARACTERS else _cut(value) for value in array.to_pylist()]


def _cut(text: str) -> str:
    return f"{text[:MAX_CELL_CHARACTERS]}… ({len(text):,} characters)"


def _decimals(array: Any) -> list[str | None]:
    return [None if value is None else format(value, "f") for value in array.to_pylist()]


def _moments(array: Any) -> list[str | None]:
    return [None if text is None else _iso(text) for text in array.cast(_arrow().string()).to_pylist()]


def _iso(text: str) -> str:
    beyond = _BEYOND_CALENDAR.fullmatch(text)
    if beyond is None:
        return text.replace(" ", "T")
    return "24:00:00" if beyond[2].rstrip("0") == _MICROSECONDS_OF_A_DAY.rstrip("0") else f"{beyond[1]}infinity"


def _intervals(array: Any) -> list[str | None]:
    return [None if value is None else _duration(*value) for value in array.to_pylist()]


def _duration(months: int, days: int, nanoseconds: int) -> str:
    seconds, fraction = divmod(abs(nanoseconds), _NANOSECONDS)
    sign = "-" if nanoseconds < 0 else ""
    decimals = f".{fraction:09d}".rstrip("0") if fraction else ""
    date = "".join(f"{amount}{unit}" for amount, unit in ((months, "M"), (days, "D")) if amount)
    time = f"T{sign}{seconds}{decimals}S" if nanoseconds else ""
    return f"P{date}{time}" if date or time else "PT0S"


def _binaries(array: Any) -> list[str | None]:
    return [None if value is None else _cut(value.hex()) if 2 * len(value) > MAX_CELL_CHARACTERS else value.hex() for value in array.to_pylist()]


def _nested_or_size(one: Any) -> Any:
    return f"… ({one.nbytes:,} bytes)" if one.nbytes > MAX_CELL_CHARACTERS else _converter(one.type)(one)[0]


def _lists(array: Any) -> list[list[Any] | None]:
    return [cells(row.values) if row.is_valid else None for row in array]


def _structs(array: Any) -> list[dict[str, Any] | None]:
    names = [field.name for field in array.type]
    rows = zip(*(cells(child) for child in array.flatten()), strict=True)
    return [dict(zip(names, row, strict=True)) if valid else None for row, valid in zip(rows, array.is_valid().to_pylist(), strict=True)]


def _maps(array: Any) -> list[dict[str, Any] | None]:
    return [_map(row.values) if row.is_valid else None for row in array]


def _map(entries: Any) -> dict[str, Any]:
    keys, values = (cells(child) for child in entries.flatten())
    return {str(key): value for key, value in zip(keys, values, strict=True)}


def _unions(array: Any) -> list[Any]:
    return [cells(_arrow().repeat(row.value, 1))[0] if row.value is not None else None for row in array]
