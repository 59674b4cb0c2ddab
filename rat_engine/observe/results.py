"""Result files: one Arrow IPC file per query, in batches of exactly 1,000 rows, so that any window is read without the rows before it."""

from __future__ import annotations

import contextlib
import json
import math
import mmap
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from rat_engine.domain.lake import Column
from rat_engine.domain.result import ResultWindow
from rat_engine.errors import ResourceLimitError, UnavailableError
from rat_engine.observe.arrow import arrow
from rat_engine.observe.cells import cells

BATCH_ROWS = 1_000

# Where a result is read from: its path or, where that is out of reach, a descriptor.
Source = Path | int

_TYPES = b"rat.types"
_ENDING = ".arrow"
_MADE_ENDING = ".made"
_TIDY_SECONDS = 60.0
# A file made of a result is taken as soon as it is whole; what lies longer was left behind.
_MADE_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Written:
    """What a result file holds; ``truncated`` when rows were left out to keep a limit."""

    rows: int
    truncated: bool


def result_path(folder: Path, query_id: str) -> Path:
    """The file of a query's result in the folder of results."""
    return folder / f"{query_id}{_ENDING}"


def made_path(folder: Path, asked_id: str) -> Path:
    """The file that is made of a result for ``asked_id``, until somebody takes it."""
    return folder / f"{asked_id}{_MADE_ENDING}"


class ResultShelf:
    """The folder of results, kept small: by age, by number, and by size. What was written just now is never touched: it may still grow.

    Files made of results go as well when nobody took them.
    """

    def __init__(self, folder: Path, *, days: int, most: int, megabytes: int) -> None:
        self._folder = folder
        self._seconds, self._most, self._bytes = days * 86_400, most, megabytes << 20
        self._looked = -math.inf

    def tidy(self, now: float) -> int:
        """Remove what is too old or too much, the oldest first; how many results went. Looks at most once a minute: ``now`` is seconds since 1970."""
        if now - self._looked < _TIDY_SECONDS:
            return 0
        self._looked = now
        entries = [(entry.stat(), entry) for entry in os.scandir(self._folder)]
        for stat, entry in entries:
            if entry.name.endswith(_MADE_ENDING) and now - stat.st_mtime > _MADE_SECONDS:
                Path(entry.path).unlink(missing_ok=True)
        found = [(stat, entry) for stat, entry in entries if entry.name.endswith(_ENDING)]
        size = removed = 0
        for number, (stat, entry) in enumerate(sorted(found, key=lambda each: -each[0].st_mtime)):
            size += stat.st_size
            age = now - stat.st_mtime
            if age > _TIDY_SECONDS and (age > self._seconds or number >= self._most or size > self._bytes):
                Path(entry.path).unlink(missing_ok=True)
                removed += 1
        return removed


def write_result(schema: Any, batches: Iterable[Any], columns: Sequence[Column], sink: BinaryIO, *, max_rows: int, max_bytes: int) -> Written:
    """Write Arrow record batches of ``schema`` to ``sink`` as an Arrow IPC file, at most ``max_rows`` rows and ``max_bytes`` bytes of values.

    ``columns`` gives the names and DuckDB types, in the schema's order. No more than a few batches are in memory at a time.
    Raises ResourceLimitError when not even the first row fits and when the disk has no room.
    """
    pa = arrow()
    fields = [pa.field(column.name, field.type) for column, field in zip(columns, schema, strict=True)]
    shown = pa.schema(fields, metadata={_TYPES: json.dumps([column.type for column in columns])})
    rows = size = 0
    truncated = False
    try:
        with pa.ipc.new_file(sink, shown) as writer:
            for batch in _thousands(batches):
                fitting = _fitting(batch, max_rows - rows, max_bytes - size)
                if fitting.num_rows:
                    writer.write_batch(pa.RecordBatch.from_arrays(fitting.columns, schema=shown))
                rows, size = rows + fitting.num_rows, size + fitting.nbytes
                truncated = fitting.num_rows < batch.num_rows
                if truncated:
                    break
        sink.flush()
    except OSError as error:
        raise ResourceLimitError(f"The result could not be kept: {error.strerror or error}.") from error
    if truncated and not rows and max_rows:
        raise ResourceLimitError(f"The first row alone is larger than the {max_bytes:,} bytes that are kept of a result.")
    return Written(rows, truncated)


def read_window(path: Path, offset: int, limit: int) -> ResultWindow:
    """At most ``limit`` rows of a result file from row ``offset`` (from 0), as JSON values. Raises UnavailableError when the file cannot be read."""
    with reading(path) as result:
        rows = [row for batch in result.window(offset, limit) for row in _rows(batch)]
    return ResultWindow(result.columns, tuple(rows), offset, result.rows)


@contextlib.contextmanager
def reading(source: Source) -> Iterator[ResultFile]:
    """A result file for the time of the block. Raises UnavailableError when it cannot be read, also from within the block."""
    pa = arrow()
    try:
        with _mapped(source) as mapped, pa.ipc.open_file(mapped) as reader:
            yield ResultFile(reader, _columns(reader.schema), _row_count(reader))
    except (pa.ArrowInvalid, OSError) as error:
        raise UnavailableError("The rows of this query cannot be read from its result file. Run the query again.") from error


def _mapped(source: Source) -> Any:
    pa = arrow()
    if isinstance(source, Path):
        return pa.memory_map(str(source))
    if not os.fstat(source).st_size:
        raise pa.ArrowInvalid("The file is empty.")
    return pa.BufferReader(pa.py_buffer(mmap.mmap(source, 0, access=mmap.ACCESS_READ)))


@dataclass(frozen=True, slots=True)
class ResultFile:
    """An open result file: its columns with DuckDB's types, how many rows it has, and the rows as Arrow batches that were looked at before they are trusted."""

    reader: Any
    columns: tuple[Column, ...]
    rows: int

    def window(self, offset: int, limit: int) -> Iterator[Any]:
        """At most ``limit`` rows from row ``offset``, in batches of at most 1,000."""
        return _window(self.reader, offset, min(offset + limit, self.rows))

    def batches(self) -> Iterator[Any]:
        """All rows, in batches of 1,000."""
        return self.window(0, self.rows)

    def arrays(self, number: int) -> Iterator[Any]:
        """The values of column ``number`` (from 0), batch by batch; the other columns are not read."""
        for index in range(self.reader.num_record_batches):
            array = self.reader.get_batch(index).column(number)
            _check_array(array)
            yield array


def _thousands(batches: Iterable[Any]) -> Iterator[Any]:
    """The same rows in batches of exactly 1,000, the last one shorter."""
    pa = arrow()
    rest = None
    for batch in batches:
        table = pa.Table.from_batches([batch])
        rest = table if rest is None else pa.concat_tables([rest, table])
        whole = rest.num_rows - rest.num_rows % BATCH_ROWS
        for start in range(0, whole, BATCH_ROWS):
            yield _as_batch(rest.slice(start, BATCH_ROWS))
        rest = rest.slice(whole)
    if rest is not None and rest.num_rows:
        yield _as_batch(rest)


def _as_batch(table: Any) -> Any:
    return table.combine_chunks().to_batches()[0]


def _fitting(batch: Any, max_rows: int, max_bytes: int) -> Any:
    """The first rows of ``batch`` that keep both limits; half of them again and again rather than exactly the most."""
    fitting = batch.slice(0, max_rows)
    while fitting.num_rows and fitting.nbytes > max_bytes:
        fitting = fitting.slice(0, fitting.num_rows // 2)
    return fitting


def _columns(schema: Any) -> tuple[Column, ...]:
    metadata: dict[bytes, bytes] = schema.metadata or {}
    types: list[str] = json.loads(metadata[_TYPES]) if _TYPES in metadata else [str(field.type) for field in schema]
    return tuple(Column(field.name, kind) for field, kind in zip(schema, types, strict=True))


def _row_count(reader: Any) -> int:
    batches: int = reader.num_record_batches
    return (batches - 1) * BATCH_ROWS + int(reader.get_batch(batches - 1).num_rows) if batches else 0


def _window(reader: Any, first: int, end: int) -> Iterator[Any]:
    for index in range(first // BATCH_ROWS, -(-end // BATCH_ROWS) if first < end else 0):
        batch = reader.get_batch(index)
        _check(batch)
        start = max(first - index * BATCH_ROWS, 0)
        yield batch.slice(start, end - index * BATCH_ROWS - start)


def _check(batch: Any) -> None:
    """Look before trusting offsets: the file was written by a process that ran a stranger's statement. Raises ArrowInvalid."""
    batch.validate()
    for array in batch.columns:
        _check_array(array)


def _check_array(array: Any) -> None:
    types = arrow().types
    # Values of one size have no offsets, and Arrow has narrower rules than DuckDB: its HUGEINT has 39 digits, its day ends at 24:00.
    array.validate(full=not (types.is_primitive(array.type) or types.is_decimal(array.type)))


def _rows(batch: Any) -> Iterator[tuple[Any, ...]]:
    return zip(*(cells(array) for array in batch.columns), strict=True)
