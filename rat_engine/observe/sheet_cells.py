"""The cells of a sheet as XML, a column at a time. Arrow does it where no value needs a second look, Python for a batch where one does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from rat_engine.observe.arrow import arrow, compute
from rat_engine.observe.cells import cells, is_text

# In units of UTF-16, as Excel counts.
MAX_CHARACTERS = 32_767

# Room for what is said where a text is cut.
_MOST = MAX_CHARACTERS - 40
# So long that a text of characters outside the basic plane may be too long.
_LONG = MAX_CHARACTERS // 2
# Excel computes with 15 digits; a number with more of them is written as text, so that no digit is lost.
_DIGITS = 15
_LARGEST = 10**_DIGITS - 1
_PLAIN_SCALE = 6
# Excel counts days from here on, and a 29 February 1900 that never was: earlier days than March are written as text.
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - Excel knows no zones
_UNIX_EPOCH_DAYS = 25_569
_FIRST_DAY = date(1900, 3, 1)
_LAST_DAY = date(9999, 12, 31)
_FIRST, _END = 61, 2_958_466
_UNITS_A_DAY = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}

# What XML or Excel would read as something else: marks, control characters, Excel's own escapes, and space at an end.
_SPECIAL = r"[&<>\x00-\x08\x0b-\x1f\x{fffe}\x{ffff}]|_x[0-9a-fA-F]{4}_|^\s|\s$"
_ESCAPE = re.compile(r"(_)(?=x[0-9a-fA-F]{4}_)")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Styles:
    """The numbers of the workbook's styles."""

    head: str
    day: str
    moment: str


def column_cells(array: Any, rows: Any, letters: str, styles: Styles) -> Any:
    """A cell of column ``letters`` per value of an Arrow array, as Arrow texts; ``rows`` holds the number of each row as text. NULL has no cell."""
    types = arrow().types
    kind = array.type
    if types.is_boolean(kind):
        return _valued(array.cast(arrow().int8()).cast(arrow().string()), rows, letters, ' t="b"')
    if types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind):
        return _numbers(array, rows, letters)
    if types.is_timestamp(kind) or types.is_date(kind):
        return _moments(array, rows, letters, styles.day if types.is_date(kind) else styles.moment)
    return text_cells(array if is_text(kind) else _texts(array), rows, letters)


def text_cells(texts: Any, rows: Any, letters: str, style: str = "") -> Any:
    """As ``column_cells``, for an array of texts."""
    pa, pc = arrow(), compute()
    texts = texts.cast(pa.string())
    if (pc.max(pc.utf8_length(texts)).as_py() or 0) > _LONG:
        texts = pa.array([None if text is None else _fitting(text) for text in cells(texts, _MOST)], pa.string())
    before = f'" s="{style}" t="inlineStr"><is><t' if style else '" t="inlineStr"><is><t'
    space: Any = ""
    if pc.any(pc.match_substring_regex(texts, _SPECIAL)).as_py():
        space = pc.if_else(pc.match_substring_regex(texts, r"^\s|\s$"), ' xml:space="preserve"', "")
        texts = pa.array([None if text is None else _escaped(text) for text in texts.to_pylist()], pa.string())
    return _joined(f'<c r="{letters}', rows, before, space, ">", texts, "</t></is></c>")


def _numbers(array: Any, rows: Any, letters: str) -> Any:
    pa = arrow()
    if _plain_numbers(array):
        return _valued(array.cast(pa.string()), rows, letters)
    values = cells(array, _MOST)
    exact = [None if value is None else _exact(value) for value in values]
    texts = [str(value) if value is not None and number is None else None for value, number in zip(values, exact, strict=True)]
    return _either(exact, texts, rows, letters)


def _plain_numbers(array: Any) -> bool:
    """Whether Excel keeps every value as Arrow writes it."""
    types, pc = arrow().types, compute()
    if types.is_floating(array.type):
        return pc.all(pc.is_finite(array)).as_py() is not False
    if types.is_decimal(array.type):
        return array.type.precision <= _DIGITS and spelled_plainly(array.type)
    ends = pc.min_max(array).as_py()
    return ends["min"] is None or (ends["min"] >= -_LARGEST and ends["max"] <= _LARGEST)


def spelled_plainly(kind: Any) -> bool:
    """Whether an Arrow type is one of decimals that Arrow writes without exponents, which it gives small ones."""
    return bool(arrow().types.is_decimal(kind) and 0 <= kind.scale <= _PLAIN_SCALE)


def _moments(array: Any, rows: Any, letters: str, style: str) -> Any:
    pa, pc = arrow(), compute()
    stored = array.cast(pa.int32()).cast(pa.int64()) if array.type == pa.date32() else array.cast(pa.int64())
    a_day = _UNITS_A_DAY[getattr(array.type, "unit", "ms")] if array.type != pa.date32() else 1
    ends, before = pc.min_max(stored).as_py(), _UNIX_EPOCH_DAYS * a_day
    if ends["min"] is None or (_FIRST * a_day <= ends["min"] + before and ends["max"] + before < _END * a_day):
        days = pc.add(pc.divide(stored.cast(pa.float64(), safe=False), float(a_day)), float(_UNIX_EPOCH_DAYS))
        return _valued(days.cast(pa.string()), rows, letters, style=style)
    values = cells(array, _MOST)
    days_or_none = [None if value is None else _days(value) for value in values]
    texts = [value if days is None else None for value, days in zip(values, days_or_none, strict=True)]
    return _either(days_or_none, texts, rows, letters, style)


def _either(numbers: Iterable[str | None], texts: Iterable[str | None], rows: Any, letters: str, style: str = "") -> Any:
    """Cells of numbers where there is one, of texts elsewhere."""
    pa = arrow()
    return compute().coalesce(_valued(pa.array(numbers, pa.string()), rows, letters, style=style), text_cells(pa.array(texts, pa.string()), rows, letters))


def _valued(values: Any, rows: Any, letters: str, kind: str = "", style: str = "") -> Any:
    looks = f' s="{style}"' if style else ""
    return _joined(f'<c r="{letters}', rows, f'"{looks}{kind}><v>', values, "</v></c>")


def _joined(*parts: Any) -> Any:
    """Arrow texts one after the other; NULL where one is NULL."""
    return compute().binary_join_element_wise(*parts, "")


def _texts(array: Any) -> Any:
    """Values that have no kind of cell of their own, as texts."""
    values = cells(array, _MOST)
    return arrow().array([value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in values], arrow().string())


def _fitting(text: str) -> str:
    units = text.encode("utf-16-le", "surrogatepass")
    return text if len(units) <= 2 * MAX_CHARACTERS else units[: 2 * MAX_CHARACTERS].decode("utf-16-le", "ignore")


def _escaped(text: str) -> str:
    """``text`` as XML, and as Excel spells what XML cannot hold."""
    text = _CONTROL.sub(lambda found: f"_x{ord(found[0]):04X}_", _ESCAPE.sub(r"_x005F\1", text))
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _exact(value: int | float | str) -> str | None:
    """``value`` as a number when Excel keeps all of its digits."""
    if isinstance(value, float):
        return repr(value)
    text = str(value)
    digits = text.lstrip("-").replace(".", "").lstrip("0")
    return text if (digits.isdecimal() and len(digits) <= _DIGITS) or (digits == "" and text != "") else None


def _days(text: str) -> str | None:
    """``text`` (ISO 8601) as Excel counts days, in UTC; None where it cannot."""
    try:
        # Python has microseconds, DuckDB nanoseconds.
        parsed = datetime.fromisoformat(text[:26] if "T" in text and len(text) > 26 and not text.endswith("Z") else text)
    except ValueError:
        return None
    plain = parsed.astimezone(UTC).replace(tzinfo=None) if parsed.tzinfo else parsed
    return repr((plain - _EPOCH).total_seconds() / 86_400) if _FIRST_DAY <= plain.date() <= _LAST_DAY else None
