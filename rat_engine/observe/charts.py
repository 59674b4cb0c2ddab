"""The values of a chart: always over all rows of a result, grouped, and never more than a person can tell apart. What was left out is said."""

from __future__ import annotations

import math
from typing import Any

from rat_engine.domain.result import Aggregate, ChartData, ChartKind, ChartOptions, Series
from rat_engine.errors import ValidationError
from rat_engine.observe.arrow import arrow, compute
from rat_engine.observe.cells import cells
from rat_engine.observe.results import ResultFile, Source, reading
from rat_engine.observe.statistics import column_values, comparable, countable, from_line, on_line, shown

MAX_POINTS = 200
MAX_GROUPS = 50
MAX_SLICES = 12
MAX_SERIES = 8
MAX_DOTS = 2_000

# Arrow's names.
_FUNCTIONS = {Aggregate.SUM: "sum", Aggregate.AVG: "mean", Aggregate.MIN: "min", Aggregate.MAX: "max"}
_UNITS = (
    ("second", 1),
    ("minute", 60),
    ("hour", 3_600),
    ("day", 86_400),
    ("week", 604_800),
    ("month", 2_629_746),
    ("quarter", 7_889_238),
    ("year", 31_556_952),
)


def chart_data(source: Source, options: ChartOptions) -> ChartData:
    """The values of the chart ``options`` asks for.

    Raises ValidationError for columns that cannot be drawn so, UnavailableError when the result cannot be read.
    """
    with reading(source) as result:
        _check(result, options)
        notes: list[str] = []
        series = _dots(result, options, notes) if options.kind is ChartKind.SCATTER else _grouped(result, options, notes)
        x = None if options.x is None else result.columns[options.x]
        return ChartData(options, x, series, tuple(notes), result.rows)


def _check(result: ResultFile, options: ChartOptions) -> None:
    wanted = [number for number in (options.x, *options.y, options.colour) if number is not None]
    if any(not 0 <= number < len(result.columns) for number in wanted):
        raise ValidationError(f"The result has {len(result.columns)} columns, counted from 0.")
    if options.x is None and options.kind is not ChartKind.NUMBER:
        raise ValidationError("A chart needs a column for x.")
    if not options.y and (options.kind is ChartKind.SCATTER or options.aggregate is not Aggregate.COUNT):
        raise ValidationError("Choose a column of numbers for y, or count rows.")
    kinds = [result.reader.schema.field(number).type for number in options.y]
    if options.aggregate is not Aggregate.COUNT and not all(_numeric(kind) for kind in kinds):
        raise ValidationError("Only numbers can be added up or averaged. Count the rows instead.")
    for number in {options.x, options.colour} - {None}:
        kind = result.reader.schema.field(number).type
        if not (comparable(kind) or arrow().types.is_dictionary(kind)):
            raise ValidationError(f"{result.columns[number or 0].name} holds lists, structs or the like, which have no place on an axis.")


def _numeric(kind: Any) -> bool:
    pa = arrow()

    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _dots(result: ResultFile, options: ChartOptions, notes: list[str]) -> tuple[Series, ...]:
    """A point a row; of many rows every n-th, from the first to the last."""
    assert options.x is not None
    step = -(-result.rows // MAX_DOTS) or 1
    if step > 1:
        notes.append(f"One row in {step:,} of {result.rows:,} is drawn.")
    numbers = [options.x, *options.y] if options.colour is None else [options.x, options.y[0], options.colour]
    x, *rest = (
        cells(column_values(result, number).combine_chunks()[::step]) if step == 1 else cells(_every(column_values(result, number), step)) for number in numbers
    )
    if options.colour is None:
        return tuple(Series(result.columns[number].name, tuple(zip(x, values, strict=True))) for number, values in zip(options.y, rest, strict=True))
    names = ["null" if value is None else str(shown(value)) for value in rest[1]]
    chosen = _most_frequent(names, result.columns[options.colour].name, notes)
    return tuple(Series(name, tuple((a, b) for a, b, c in zip(x, rest[0], names, strict=True) if c == name)) for name in chosen)


def _every(values: Any, step: int) -> Any:
    pa = arrow()

    return values.take(pa.array(range(0, len(values), step), pa.int64())).combine_chunks()


def _most_frequent(names: list[str], column: str, notes: list[str]) -> list[str]:
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    chosen = sorted(counts, key=lambda name: -counts[name])[:MAX_SERIES]
    if len(counts) > len(chosen):
        notes.append(f"The {MAX_SERIES} most frequent of {len(counts):,} values of {column} are drawn.")
    return chosen


def _grouped(result: ResultFile, options: ChartOptions, notes: list[str]) -> tuple[Series, ...]:
    """Rows grouped by x, and by colour, each group with one value per y."""
    pa = arrow()

    arrays: dict[str, Any] = {
        f"y{index}": pa.chunked_array([_number(array) for array in result.arrays(number)], pa.float64())
        if _numeric(result.reader.schema.field(number).type)
        else column_values(result, number)
        for index, number in enumerate(options.y)
    }
    keys = ["x"]
    arrays["x"] = pa.chunked_array([pa.repeat(0, result.rows)]) if options.x is None else _axis(result, options, notes)
    if options.colour is not None:
        arrays["colour"] = column_values(result, options.colour)
        keys.append("colour")
    if not options.y:
        arrays["y0"] = pa.chunked_array([pa.repeat(1, result.rows)])
    how = _FUNCTIONS.get(options.aggregate, "count")
    used = [f"y{index}" for index in range(1 if options.colour is not None else max(len(options.y), 1))]
    # One thread: groups then stay in the order of the result, which may well be the order that was asked for.
    groups = pa.table(arrays).group_by(keys, use_threads=False).aggregate([(name, how) for name in used])
    x = [shown(value) for value in cells(groups["x"].combine_chunks())] if options.x is not None else [None] * groups.num_rows
    values = [cells(groups[f"{name}_{how}"].combine_chunks()) for name in used]
    if options.colour is not None:
        colours = ["null" if value is None else str(shown(value)) for value in cells(groups["colour"].combine_chunks())]
        return _split(x, values[0], colours, options, result, notes)
    kept = _kept(x, values[0], options, result, notes)
    names = [result.columns[number].name for number in options.y] or ["rows"]
    return tuple(Series(name, tuple((x[index], each[index]) for index in kept)) for name, each in zip(names, values, strict=False))


def _number(array: Any) -> Any:
    pa = arrow()

    return array.cast(pa.float64(), safe=False)


def _axis(result: ResultFile, options: ChartOptions, notes: list[str]) -> Any:
    """The x of every row; where there are too many different ones, numbers fall into steps of one width and moments into hours, days, months."""
    pa, pc = arrow(), compute()

    assert options.x is not None
    values, name = column_values(result, options.x), result.columns[options.x].name
    if options.kind is ChartKind.PIE or not countable(values.type) or pc.count_distinct(values).as_py() <= MAX_POINTS:
        return values
    if pa.types.is_timestamp(values.type) or pa.types.is_date(values.type):
        unit = _unit(values)
        notes.append(f"{name} is grouped by {unit}.")
        return pc.floor_temporal(values, unit=unit)
    line = on_line(values)
    ends = pc.min_max(line).as_py()
    width = _step((ends["max"] - ends["min"]) / (MAX_POINTS / 4))
    if pa.types.is_integer(line.type):
        width = max(math.ceil(width), 1)
    notes.append(f"{name} is grouped in steps of {width:g}." if _numeric(values.type) else f"{name} is grouped.")
    stepped = pc.multiply(pc.floor(pc.divide(pc.cast(line, pa.float64(), safe=False), float(width))), float(width))
    return pa.chunked_array([pa.array(from_line_or_null(stepped, values.type))])


def from_line_or_null(stepped: Any, kind: Any) -> list[Any]:
    """Each different place turned back once, then looked up."""
    places = [place for place in stepped.unique().to_pylist() if place is not None]
    texts = dict(zip(places, from_line(places, kind), strict=True)) if places else {}
    return [None if place is None else texts[place] for place in stepped.to_pylist()]


def _unit(values: Any) -> str:
    pc = compute()

    line = on_line(values)
    ends = pc.min_max(line).as_py()
    per_second = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}.get(getattr(values.type, "unit", ""), 0)
    span = (ends["max"] - ends["min"]) * 86_400 if not per_second else (ends["max"] - ends["min"]) / per_second
    return next((unit for unit, seconds in _UNITS if span / seconds <= MAX_POINTS), "year")


def _step(least: float) -> float:
    """The smallest of 1, 2, 5, 10, 20, … that is not below ``least``."""
    power = 10.0 ** math.floor(math.log10(least)) if least > 0 else 1.0
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least)


def _kept(x: list[Any], values: list[Any], options: ChartOptions, result: ResultFile, notes: list[str]) -> list[int]:
    """Which groups are drawn, in which order: along the line, or as in the result; of too many the largest."""
    order = list(range(len(x)))
    if options.x is None:
        return order
    if options.kind is not ChartKind.PIE and countable(result.reader.schema.field(options.x).type):
        known = [index for index in order if x[index] is not None]
        return sorted(known, key=lambda index: _place(x[index]))[: MAX_POINTS + 1] + [index for index in order if x[index] is None]
    most = MAX_SLICES if options.kind is ChartKind.PIE else MAX_GROUPS
    if len(order) <= most:
        return order
    notes.append(f"The {most} largest of {len(order):,} values of {result.columns[options.x].name} are drawn.")
    return sorted(order, key=lambda index: -(_value(values[index]) or 0))[:most]


def _place(value: Any) -> tuple[int, float, str]:
    """Numbers by their value, moments by their text, which is ISO 8601."""
    number = _value(value)
    return (0, number, "") if number is not None else (1, 0.0, str(value))


def _value(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _split(x: list[Any], values: list[Any], colours: list[str], options: ChartOptions, result: ResultFile, notes: list[str]) -> tuple[Series, ...]:
    """A series per colour, all over the same x."""
    assert options.colour is not None
    weights: dict[str, float] = {}
    sums: dict[Any, float] = {}
    for place, value, colour in zip(x, values, colours, strict=True):
        size = abs(_value(value) or 0)
        weights[colour] = weights.get(colour, 0) + size
        sums[place] = sums.get(place, 0) + size
    chosen = sorted(weights, key=lambda name: -weights[name])[:MAX_SERIES]
    if len(weights) > len(chosen):
        notes.append(f"The {MAX_SERIES} largest of {len(weights):,} values of {result.columns[options.colour].name} are drawn.")
    places = list(sums)
    kept = [places[index] for index in _kept(places, list(sums.values()), options, result, notes)]
    found = {(place, colour): value for place, value, colour in zip(x, values, colours, strict=True)}
    return tuple(Series(name, tuple((place, found.get((place, name))) for place in kept)) for name in chosen)
