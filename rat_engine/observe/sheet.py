"""A result as an XLSX file. A file of that kind is a ZIP archive, so it is written to a temporary file first; its memory stays flat."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from rat_engine.observe.arrow import arrow
from rat_engine.observe.cells import cells
from rat_engine.observe.results import ResultFile

MAX_ROWS = 1_048_576
MAX_CHARACTERS = 32_767

# Excel computes with 15 digits; a number with more of them is written as text, so that no digit is lost.
_DIGITS = 15
# Excel counts a 29 February 1900 that never was: earlier days are written as text.
_FIRST_DAY = date(1900, 3, 1)
_LAST_DAY = date(9999, 12, 31)
_CHUNK_BYTES = 1 << 20
_TABLE_NAME = "Result"

Write = Callable[[int, int, Any], Any]


def sheet(result: ResultFile, scratch: Path) -> Iterator[bytes]:
    """The result as one sheet. Yields nothing (b"") while rows are written, so that a reader who left is noticed.

    Texts are always texts: nothing in them becomes a formula or a link. Moments are shown to the millisecond, in UTC where they have a zone.
    """
    from xlsxwriter import Workbook

    with tempfile.TemporaryDirectory(prefix="xlsx-", dir=scratch) as folder:
        path = Path(folder) / "result.xlsx"
        book: Any = Workbook(str(path), {"constant_memory": True, "tmpdir": folder, "nan_inf_to_errors": True})
        page = book.add_worksheet(_TABLE_NAME)
        bold, day, moment = (book.add_format(look) for look in ({"bold": True}, {"num_format": "yyyy-mm-dd"}, {"num_format": "yyyy-mm-dd hh:mm:ss.000"}))
        page.freeze_panes(1, 0)
        for number, column in enumerate(result.columns):
            page.write_string(0, number, column.name[:MAX_CHARACTERS], bold)
        row = 1
        for batch in result.batches():
            writers = [_writer(page, array.type, day, moment) for array in batch.columns]
            columns = [cells(array, MAX_CHARACTERS - 40) for array in batch.columns]
            for values in zip(*columns, strict=True):
                for number, value in enumerate(values):
                    if value is not None:
                        writers[number](row, number, value)
                row += 1
            yield b""
        book.close()
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk


def _writer(page: Any, kind: Any, day: Any, moment: Any) -> Write:
    """How the values of a column are written."""
    pa = arrow()

    def text(row: int, column: int, value: Any) -> None:
        words = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        page.write_string(row, column, words[:MAX_CHARACTERS])

    def number(row: int, column: int, value: Any) -> None:
        exact = _exact(value)
        text(row, column, value) if exact is None else page.write_number(row, column, exact)

    def truth(row: int, column: int, value: Any) -> None:
        page.write_boolean(row, column, value)

    def when(row: int, column: int, value: Any) -> None:
        parsed = _moment(value)
        text(row, column, value) if parsed is None else page.write_datetime(row, column, parsed, day if pa.types.is_date(kind) else moment)

    if pa.types.is_boolean(kind):
        return truth
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return when
    numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    return number if numeric else text


def _exact(value: int | float | str) -> int | float | None:
    """``value`` as a number when Excel keeps all of its digits."""
    if isinstance(value, float):
        return value
    digits = str(value).lstrip("-").replace(".", "").lstrip("0")
    return float(value) if digits.isdecimal() and len(digits) <= _DIGITS else 0 if digits == "" else None


def _moment(text: str) -> datetime | None:
    """``text`` (ISO 8601) as Excel can show it, in UTC; None where it cannot."""
    try:
        # Excel has milliseconds, Python microseconds, DuckDB nanoseconds.
        parsed = datetime.fromisoformat(text[:26] if "T" in text and len(text) > 26 and not text.endswith("Z") else text)
    except ValueError:
        return None
    plain = parsed.astimezone(UTC).replace(tzinfo=None) if parsed.tzinfo else parsed
    return plain if _FIRST_DAY <= plain.date() <= _LAST_DAY else None
