"""A result as an XLSX file, written while it is read: a workbook of XlsxWriter's around rows that are written column by column.

XlsxWriter itself looks at every cell alone, which takes ten times as long. It makes everything but the rows: the parts of the archive, the styles.
"""

from __future__ import annotations

import io
import itertools
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rat_engine.errors import ResourceLimitError
from rat_engine.observe.arrow import arrow, compute
from rat_engine.observe.results import ResultFile
from rat_engine.observe.sheet_cells import Styles, column_cells, text_cells
from rat_engine.observe.sink import Sink

MAX_ROWS = 1_048_576

# Level 6, the usual one, takes longer for a file that is a seventh smaller.
_COMPRESSION = 2
_PAGE = "xl/worksheets/sheet1.xml"
_TABLE_NAME = "Result"
# What a page may have before it is compressed: beyond it the archive would need a format that not every reader of sheets knows.
MAX_PAGE_BYTES = (1 << 31) - 1


@dataclass(frozen=True, slots=True)
class _Book:
    """An empty workbook: its other parts by name, and its page before and after the rows."""

    parts: dict[str, bytes]
    before: str
    after: str
    styles: Styles


def sheet(result: ResultFile) -> Iterator[bytes]:
    """The result as one sheet. A chunk may be empty.

    Texts are always texts: nothing in them becomes a formula or a link. Moments are shown to the millisecond, in UTC where they have a zone.
    Raises ResourceLimitError for one that is too large.
    """
    book, sink, size = _book(), Sink(), 0
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=_COMPRESSION) as archive:
        for name, content in book.parts.items():
            archive.writestr(name, content)
        with archive.open(_PAGE, "w") as page:
            for part in itertools.chain((_sized(book.before, result), _heads(result, book.styles)), _rows(result, book.styles), (book.after,)):
                size += page.write(part.encode())
                if size > MAX_PAGE_BYTES:
                    raise ResourceLimitError(f"An XLSX sheet of this result would have more than {MAX_PAGE_BYTES:,} bytes of XML. Take Parquet or CSV.")
                yield sink.take()
    yield sink.take()


def _book() -> _Book:
    from xlsxwriter import Workbook

    made = io.BytesIO()
    book: Any = Workbook(made, {"in_memory": True})
    page = book.add_worksheet(_TABLE_NAME)
    page.freeze_panes(1, 0)
    looks = ({"bold": True}, {"num_format": "yyyy-mm-dd"}, {"num_format": "yyyy-mm-dd hh:mm:ss.000"})
    for number, look in enumerate(looks):
        page.write_number(0, number, 0, book.add_format(look))
    book.close()
    with zipfile.ZipFile(made) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    before, rest = parts.pop(_PAGE).decode().split("<sheetData>")
    rows, after = rest.split("</sheetData>")
    return _Book(parts, f"{before}<sheetData>", f"</sheetData>{after}", Styles(*re.findall(r' s="(\d+)"', rows)))


def _sized(before: str, result: ResultFile) -> str:
    from xlsxwriter.utility import xl_rowcol_to_cell

    last = xl_rowcol_to_cell(result.rows, max(len(result.columns) - 1, 0))
    return re.sub(r'<dimension ref="[^"]*"/>', f'<dimension ref="A1:{last}"/>', before)


def _heads(result: ResultFile, styles: Styles) -> str:
    pa = arrow()
    cells = [
        text_cells(pa.array([column.name]), pa.array(["1"]), letters, styles.head)[0].as_py()
        for column, letters in zip(result.columns, _letters(result), strict=True)
    ]
    return f'<row r="1">{"".join(cells)}</row>'


def _rows(result: ResultFile, styles: Styles) -> Iterator[str]:
    """The rows as XML, a batch at a time."""
    pa = arrow()
    letters, row = _letters(result), 2
    for batch in result.batches():
        numbers = pa.array(range(row, row + batch.num_rows), pa.int32()).cast(pa.string())
        columns = [column_cells(array, numbers, each, styles) for array, each in zip(batch.columns, letters, strict=True)]
        yield "".join(_row_of('<row r="', numbers, '">', *columns, "</row>").to_pylist())
        row += batch.num_rows


def _row_of(*parts: Any) -> Any:
    """Arrow texts one after the other, row by row; NULL is nothing."""
    return compute().binary_join_element_wise(*parts, "", null_handling="replace")


def _letters(result: ResultFile) -> Sequence[str]:
    from xlsxwriter.utility import xl_col_to_name

    return [xl_col_to_name(number) for number in range(len(result.columns))]
