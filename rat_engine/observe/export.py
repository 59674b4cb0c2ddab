"""A result as a file to take away, made while it is read: memory stays flat however many rows there are."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rat_engine.domain.lake import Column
from rat_engine.domain.result import Export, ExportFormat, ExportOptions
from rat_engine.observe.arrow import arrow
from rat_engine.observe.cells import cells, is_text
from rat_engine.observe.results import ResultFile, reading
from rat_engine.observe.sheet import sheet
from rat_engine.shapes.csv import csv_line, defused

ROW_GROUP_BYTES = 16 << 20
MAX_NAME = 120

_MEDIA_TYPES = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.JSON: "application/json",
    ExportFormat.NDJSON: "application/x-ndjson",
    ExportFormat.PARQUET: "application/vnd.apache.parquet",
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_NUMBER = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*|BIGNUM")

Writer = Callable[[ResultFile], Iterator[bytes]]


def export(path: Path, options: ExportOptions, scratch: Path) -> Export:
    """The result in ``path`` as a file; what cannot be written while it is read is first written below ``scratch``.

    Reading the chunks raises UnavailableError when the result cannot be read.
    """
    writers: dict[ExportFormat, Writer] = {
        ExportFormat.CSV: lambda result: _csv(result, options.raw),
        ExportFormat.JSON: _json,
        ExportFormat.NDJSON: _ndjson,
        ExportFormat.PARQUET: _parquet,
        ExportFormat.XLSX: lambda result: sheet(result, scratch),
    }
    name = f"{file_name(options.name) or f'query-{path.stem}'}.{options.format.value}"
    return Export(name, _MEDIA_TYPES[options.format], _chunks(path, writers[options.format]))


def file_name(wanted: str) -> str:
    """``wanted`` as a file may be called anywhere: ASCII letters, digits, dots, hyphens, underscores; no path, no leading dot. It may be empty."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", wanted).strip(".-")[:MAX_NAME].rstrip(".-")


def unique(names: Sequence[str]) -> list[str]:
    """``names``, each once: the second ``n`` becomes ``n_2``. In objects and in Parquet files a name stands for one column."""
    taken, found = set(names), list[str]()
    for name in names:
        number, chosen = 2, name
        while chosen in found or (chosen != name and chosen in taken):
            number, chosen = number + 1, f"{name}_{number}"
        found.append(chosen)
    return found


def _chunks(path: Path, writer: Writer) -> Iterator[bytes]:
    with reading(path) as result:
        yield from writer(result)


def _csv(result: ResultFile, raw: bool) -> Iterator[bytes]:
    heads = [column.name for column in result.columns]
    yield (csv_line(heads if raw else [defused(head) for head in heads]) + "\r\n").encode()
    for batch in result.batches():
        columns = [cells(array, None) for array in batch.columns]
        if not raw:
            columns = [_harmless(values, array.type, column) for values, array, column in zip(columns, batch.columns, result.columns, strict=True)]
        yield "".join(csv_line(row) + "\r\n" for row in zip(*columns, strict=True)).encode()


def _harmless(values: list[Any], kind: Any, column: Column) -> list[Any]:
    """Texts without formulas. What is text only because JSON has no such number keeps its sign."""
    typed = is_text(kind) or arrow().types.is_dictionary(kind)
    return [defused(value) for value in values] if typed and not _NUMBER.fullmatch(column.type) else values


def _objects(result: ResultFile) -> Iterator[list[str]]:
    """The rows as JSON objects, a batch at a time."""
    names = unique([column.name for column in result.columns])
    for batch in result.batches():
        rows = zip(*(cells(array, None) for array in batch.columns), strict=True)
        yield [json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) for row in rows]


def _json(result: ResultFile) -> Iterator[bytes]:
    before = "[\n"
    for objects in _objects(result):
        yield (before + ",\n".join(objects)).encode()
        before = ",\n"
    yield ("\n]\n" if result.rows else "[]\n").encode()


def _ndjson(result: ResultFile) -> Iterator[bytes]:
    for objects in _objects(result):
        yield "".join(f"{text}\n" for text in objects).encode()


class _Sink:
    """A file that is only written: what it was given since it was last looked at."""

    closed = False

    def __init__(self) -> None:
        self._written: list[bytes] = []
        self._size = 0

    def write(self, data: Any) -> int:
        self._written.append(bytes(data))
        self._size += len(self._written[-1])
        return len(self._written[-1])

    def tell(self) -> int:
        return self._size

    def flush(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        """What was written can still be taken."""

    def take(self) -> bytes:
        """What was written since the last time."""
        written, self._written = b"".join(self._written), []
        return written


def _parquet(result: ResultFile) -> Iterator[bytes]:
    from pyarrow import parquet

    pa = arrow()

    names, kinds = unique([column.name for column in result.columns]), [field.type for field in result.reader.schema]
    schema = pa.schema([(name, kind if _storable(kind) else pa.string()) for name, kind in zip(names, kinds, strict=True)])
    sink = _Sink()
    writer: Any
    with parquet.ParquetWriter(pa.PythonFile(sink, mode="w"), schema, compression="zstd") as writer:
        group, size = list[Any](), 0
        for batch in result.batches():
            arrays = [array if _storable(array.type) else pa.array(_texts(array), pa.string()) for array in batch.columns]
            group.append(pa.RecordBatch.from_arrays(arrays, schema=schema))
            size += group[-1].nbytes
            if size >= ROW_GROUP_BYTES:
                writer.write_table(pa.Table.from_batches(group, schema))
                group, size = [], 0
                yield sink.take()
        if group:
            writer.write_table(pa.Table.from_batches(group, schema))
    yield sink.take()


def _storable(kind: Any) -> bool:
    """Whether Parquet has this type; an interval, for one, it has not."""
    pa = arrow()

    inside = [kind.field(index).type for index in range(kind.num_fields)]
    return not (pa.types.is_interval(kind) or pa.types.is_union(kind) or (pa.types.is_struct(kind) and not inside)) and all(map(_storable, inside))


def _texts(array: Any) -> list[str | None]:
    values = cells(array, None)
    return [value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in values]
