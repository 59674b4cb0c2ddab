"""What an interactive child makes of a result: a file to take away, the values of a chart, what is in a column.

The child gets descriptors: of the result to read and, for a file, of the one to write.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, BinaryIO

from pydantic import TypeAdapter

from rat_engine.domain.result import ChartOptions, ExportOptions, Making
from rat_engine.observe.charts import chart_data
from rat_engine.observe.export import chunks
from rat_engine.observe.statistics import column_statistics


def make(request: Mapping[str, Any], descriptors: Sequence[int], check: Callable[[], None]) -> dict[str, Any]:
    """The answer to a request that says what to make (``kind``) and how (``options``); of a file its ``size`` in bytes.

    ``check`` is called now and then and raises when nobody wants it any more. Raises what making it raises.
    """
    making, options = Making(request["kind"]), request["options"]
    if making is Making.EXPORT:
        with open(descriptors[1], "wb", closefd=False) as sink:
            return {"size": _write(descriptors[0], TypeAdapter(ExportOptions).validate_python(options), sink, check)}
    if making is Making.CHART:
        return asdict(chart_data(descriptors[0], TypeAdapter(ChartOptions).validate_python(options)))
    return asdict(column_statistics(descriptors[0], options["column"]))


def _write(source: int, options: ExportOptions, sink: BinaryIO, check: Callable[[], None]) -> int:
    size = 0
    for chunk in chunks(source, options):
        check()
        size += sink.write(chunk)
    return size
