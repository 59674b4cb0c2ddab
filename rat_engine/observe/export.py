"""A result as a file to take away, made while it is read: memory stays flat however many rows there are."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rat_engine.domain.result import Export, ExportFormat, ExportOptions
from rat_engine.observe.arrow import arrow
from rat_engine.observe.cells import cells
from rat_engine.observe.csv_lines import csv_lines
from rat_engine.observe.results import ResultFile, Source, reading
from rat_engine.observe.sheet import sheet
from rat_engine.observe.sink import Sink
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

Writer = Callable[[ResultFile], Iterator[bytes]]


def export(source: Source, options: ExportOptions, query_id: str) -> Export:
    """The result of ``query_id`` in ``source`` as a file that is made while its chunks are read.

    Reading them raises UnavailableError when the result cannot be read, ResourceLimitError when the file would be too large for its kind.
    """
    return named(options, query_id, chunks(source, options))


def named(options: ExportOptions, query_id: str, content: Iterator[bytes], size: int | None = None) -> Export:
    """``content`` under the name that the file has by ``options``."""
    name = f"{file_name(options.name) or f'query-{query_id}'}.{options.format.value}"
    return Export(name, _MEDIA_TYPES[options.format], content, size)


def chunks(source: Source, options: ExportOptions) -> Iterator[bytes]:
    """The file's content, some of it now and then; a chunk may be empty. Raises as reading an ``export`` does."""
    writers: dict[ExportFormat, Writer] = {
        ExportFormat.CSV: lambda result: _csv(result, options.raw),
        ExportFormat.JSON: _json,
        ExportFormat.NDJSON: _ndjson,
        ExportFormat.PARQUET: _parquet,
        ExportFormat.XLSX: sheet,
    }
    with reading(source) as result:
        yield from writers[options.format](result)


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


def _csv(result: ResultFile, raw: bool) -> Iterator[bytes]:
    heads = [column.name for column in result.columns]
    yield (csv_line(heads if raw else [defused(head) for head in heads]) + "\r\n").encode()
    for batch in result.batches():
        yield csv_lines(batch, result.columns, raw).encode()


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


def _parquet(result: ResultFile) -> Iterator[bytes]:
    from pyarrow import parquet

    pa = arrow()

    names, kinds = unique([column.name for column in result.columns]), [field.type for field in result.reader.schema]
    schema = pa.schema([(name, kind if _storable(kind) else pa.string()) for name, kind in zip(names, kinds, strict=True)])
    sink = Sink()
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
