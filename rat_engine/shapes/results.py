"""Shapes of what is made of a query's rows: column statistics, chart values, plans."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from rat_engine.domain import result as domain
from rat_engine.domain.result import Aggregate, ChartKind
from rat_engine.shapes.base import Column, Shape
from rat_engine.shapes.saved import Estimate


class Bin(Shape):
    """One bar of a histogram."""

    low: Any = Field(description="The lowest value that belongs here.", examples=[0])
    high: Any = Field(description="Where the next bin begins; the last bin holds this value too.", examples=[15])
    row_count: int = Field(description="How many values.", examples=[4721])


class Common(Shape):
    """A value that occurs often."""

    value: Any = Field(description="The value.", examples=["UA"])
    row_count: int = Field(description="How often it occurs.", examples=[58665])


class ColumnStatistics(Shape):
    """What is in one column of a result, over all of its rows."""

    column: Column = Field(description="The column.")
    rows: int = Field(description="Rows of the result.", examples=[336776])
    nulls: int = Field(description="Rows in which it is NULL.", examples=[8255])
    distinct: int | None = Field(description="Different values beside NULL; null where values cannot be compared, or are too many bytes.", examples=[527])
    least: Any = Field(description="The least value; null where there is none.", examples=[-43])
    most: Any = Field(description="The greatest value; null where there is none.", examples=[1301])
    mean: float | None = Field(description="The average of numbers, null otherwise.", examples=[12.6])
    bins: tuple[Bin, ...] = Field(description="How numbers and moments are spread; empty for other types.")
    common: tuple[Common, ...] = Field(description="The ten values that occur most often, for what is neither number nor moment.")

    @classmethod
    def of(cls, found: domain.ColumnStatistics) -> ColumnStatistics:
        """The shape of a column's statistics."""
        same = {name: getattr(found, name) for name in ("rows", "nulls", "distinct", "least", "most", "mean")}
        bins = tuple(Bin(low=each.low, high=each.high, row_count=each.count) for each in found.bins)
        common = tuple(Common(value=each.value, row_count=each.count) for each in found.common)
        return cls(column=Column.of(found.column), bins=bins, common=common, **same)


class Series(Shape):
    """One line, bar colour or set of points."""

    name: str = Field(description="What it is called in the legend.", examples=["dep_delay"])
    points: tuple[tuple[Any, Any], ...] = Field(description="Pairs of x and value.", examples=[[["UA", 701898.0], ["EV", 1024829.0]]])


class ChartData(Shape):
    """The values of a chart, over all rows of the result."""

    kind: ChartKind = Field(description="How it is drawn.", examples=["bar"])
    aggregate: Aggregate = Field(description="How the rows that share an x became one value; a scatter chart shows rows as they are.", examples=["sum"])
    x: Column | None = Field(description="The column along the x axis; null for a number.")
    series: tuple[Series, ...] = Field(description="What is drawn.")
    notes: tuple[str, ...] = Field(description="What was grouped, thinned or left out.", examples=[["day is grouped by week."]])
    rows: int = Field(description="Rows of the result.", examples=[336776])

    @classmethod
    def of(cls, data: domain.ChartData) -> ChartData:
        """The shape of a chart's values."""
        series = tuple(Series(name=each.name, points=each.points) for each in data.series)
        x = None if data.x is None else Column.of(data.x)
        return cls(kind=data.options.kind, aggregate=data.options.aggregate, x=x, series=series, notes=data.notes, rows=data.rows)


class PlanStep(Shape):
    """One step of a plan. The steps it reads from follow it, one deeper."""

    depth: int = Field(description="0 for the last step, 1 for those it reads from, and so on.", examples=[0])
    name: str = Field(description="What it does.", examples=["Hash join"])
    details: dict[str, str] = Field(description="What it tells of itself.", examples=[{"Join Type": "INNER", "Conditions": "carrier = carrier"}])
    estimated_rows: int | None = Field(description="How many rows it should give; null where unknown.", examples=[16])
    rows: int | None = Field(description="How many rows it gave; null unless the statement was run.", examples=[16])
    milliseconds: float | None = Field(description="Time in this step alone, over all threads; null unless the statement was run.", examples=[1.7])

    @classmethod
    def of(cls, step: domain.PlanStep, depth: int) -> PlanStep:
        """The shape of a step."""
        same = {name: getattr(step, name) for name in ("name", "estimated_rows", "rows", "milliseconds")}
        return cls(depth=depth, details=dict(step.details), **same)


class QueryPlan(Shape):
    """How a statement is carried out."""

    analyzed: bool = Field(description="Whether the statement was run for that.", examples=[False])
    milliseconds: float | None = Field(description="How long it ran; null unless it was run.", examples=[6.7])
    steps: tuple[PlanStep, ...] = Field(description="The last step first, each followed by those it reads from.")
    reads: Estimate = Field(description="What it reads at most.")

    @classmethod
    def of(cls, plan: domain.QueryPlan) -> QueryPlan:
        """The shape of a plan."""
        steps = tuple(found for step in plan.steps for found in _flat(step, 0))
        return cls(analyzed=plan.analyzed, milliseconds=plan.milliseconds, steps=steps, reads=Estimate.of(plan.reads))


def _flat(step: domain.PlanStep, depth: int) -> Iterator[PlanStep]:
    yield PlanStep.of(step, depth)
    for inside in step.steps:
        yield from _flat(inside, depth + 1)
