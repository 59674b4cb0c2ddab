"""A query's result, as people and JSON see it: windows of rows, what is in a column, a chart's values, files to take away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from rat_engine.domain.lake import ESTIMATE, Column, Estimate


@dataclass(frozen=True, slots=True)
class ResultWindow:
    """Rows ``offset`` onwards of a result with ``total`` rows, one JSON value a cell.

    Integers that JavaScript cannot hold, decimals, dates, times, intervals, binary values and non-finite numbers are text; ``columns`` tells their types.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    offset: int
    total: int


class Making(StrEnum):
    """What a child makes of a result: a file, the values of a chart, what is in a column."""

    EXPORT = "export"
    CHART = "chart"
    STATISTICS = "statistics"


# Kinds of query rows that are nobody's history: forgotten once their answer has been taken.
PASSING = frozenset({ESTIMATE, *(making.value for making in Making)})


class ExportFormat(StrEnum):
    """What a result can be taken away as."""

    CSV = "csv"
    JSON = "json"
    NDJSON = "ndjson"
    PARQUET = "parquet"
    XLSX = "xlsx"


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """``raw`` leaves texts in a CSV file that a spreadsheet would take for formulas; ``name`` is what the file shall be called, without its ending."""

    format: ExportFormat = ExportFormat.CSV
    raw: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class Export:
    """A file that is made while it is read, or is there and has ``size`` bytes. A chunk may be empty: there is nothing to send yet, and the file goes on."""

    filename: str
    media_type: str
    chunks: Iterator[bytes]
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Bin:
    """``count`` values from ``low`` up to ``high``; only the last bin of a histogram holds its upper end."""

    low: Any
    high: Any
    count: int


@dataclass(frozen=True, slots=True)
class Common:
    """A value and how often it occurs."""

    value: Any
    count: int


@dataclass(frozen=True, slots=True)
class ColumnStatistics:
    """What is in one column of a result: ``bins`` for numbers and moments, the most ``common`` values for everything else that can be compared.

    ``distinct`` counts values that are not NULL; it and the bounds are None where values cannot be compared, or where there are none.
    """

    column: Column
    rows: int
    nulls: int
    distinct: int | None = None
    least: Any = None
    most: Any = None
    mean: float | None = None
    bins: tuple[Bin, ...] = ()
    common: tuple[Common, ...] = ()


class ChartKind(StrEnum):
    """How a result is drawn."""

    BAR = "bar"
    LINE = "line"
    AREA = "area"
    SCATTER = "scatter"
    PIE = "pie"
    NUMBER = "number"


class Aggregate(StrEnum):
    """How the rows that share an x become one value."""

    SUM = "sum"
    COUNT = "count"
    AVG = "avg"
    MIN = "min"
    MAX = "max"


@dataclass(frozen=True, slots=True)
class ChartOptions:
    """Columns by their number, counted from 0. ``y`` may be empty for a count; ``colour`` splits the first y into a series per value."""

    kind: ChartKind = ChartKind.BAR
    x: int | None = None
    y: tuple[int, ...] = ()
    colour: int | None = None
    aggregate: Aggregate = Aggregate.SUM


@dataclass(frozen=True, slots=True)
class Series:
    """One line, bar colour or set of points: (x, value) pairs; a value is None where its rows have none."""

    name: str
    points: tuple[tuple[Any, Any], ...]


@dataclass(frozen=True, slots=True)
class ChartData:
    """The values of a chart over all rows of a result; ``notes`` tell what was grouped, left out or thinned, ``rows`` how many rows there are."""

    options: ChartOptions
    x: Column | None
    series: tuple[Series, ...]
    notes: tuple[str, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One step of a plan and the steps it reads from. ``rows`` and ``milliseconds`` are None unless the statement was run."""

    name: str
    details: tuple[tuple[str, str], ...]
    estimated_rows: int | None
    rows: int | None
    milliseconds: float | None
    steps: tuple[PlanStep, ...]


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """How a statement is carried out, last step first; ``analyzed`` when it was run for that.

    ``reads`` says of each table what is read at most, by its manifests.
    """

    analyzed: bool
    milliseconds: float | None
    steps: tuple[PlanStep, ...]
    reads: Estimate = field(default_factory=Estimate)
