"""Lineage of tables and columns."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field

from rat_app.api.limits import JsonRoute
from rat_app.api.parameters import MAX_NAME, CurrentActor, Parameters
from rat_app.engine import call, engine
from rat_engine import LineageFilter, TableName, ZoneName, parse_place, shapes

MAX_PLACE = 3 * MAX_NAME
MAX_STEPS = 50
MAX_COLUMN = 300


async def lineage_place(
    namespace: Annotated[str, Path(max_length=MAX_NAME, description="The namespace.", examples=["flights"])],
    layer: Annotated[str, Path(max_length=MAX_NAME, description="The medallion layer, or `landing`.", examples=["silver"])],
    name: Annotated[str, Path(max_length=MAX_NAME, description="The name of the table or landing zone.", examples=["flights"])],
) -> TableName | ZoneName:
    """The table or landing zone in the path. Raises InvalidNameError."""
    return parse_place(f"{namespace}.{layer}.{name}")


LineagePath = Annotated[TableName | ZoneName, Depends(lineage_place)]
router = APIRouter(prefix="/lineage", tags=["lineage"], route_class=JsonRoute)


class LineageParameters(Parameters):
    """Which part of the graph."""

    namespace: str | None = Field(default=None, max_length=MAX_NAME, description="Only this namespace and what it touches.", examples=["flights"])
    focus: str = Field(
        default="",
        max_length=MAX_PLACE,
        description="Only what lies around this table or, as `ns.landing.zone`, this zone.",
        examples=["flights.silver.flights"],
    )
    up: int = Field(default=MAX_STEPS, ge=0, le=MAX_STEPS, description="At most so many steps before the focus.", examples=[2])
    down: int = Field(default=MAX_STEPS, ge=0, le=MAX_STEPS, description="At most so many steps after the focus.", examples=[2])

    def wanted(self) -> LineageFilter:
        """The part. Raises InvalidNameError."""
        return LineageFilter(parse_place(self.focus) if self.focus else None, self.up, self.down, self.namespace)


@router.get("", summary="The graph of tables and landing zones")
async def get_lineage(actor: CurrentActor, wanted: Annotated[LineageParameters, Query()]) -> shapes.LineageGraph:
    """What feeds what, from the released versions, with the state of each table. 404 for a focus that does not exist."""
    return shapes.LineageGraph.of(await call(engine().lineage.graph, actor, wanted.wanted()))


class ImpactParameters(Parameters):
    """Which column."""

    table: str = Field(
        min_length=1, max_length=MAX_PLACE, description="Its table or, as `ns.landing.zone`, its landing zone.", examples=["flights.silver.flights"]
    )
    column: str = Field(min_length=1, max_length=MAX_COLUMN, description="The column.", examples=["departure_delay"])


@router.get("/columns/{namespace}/{layer}/{name}", summary="Where the columns of a table come from")
async def get_columns(actor: CurrentActor, place: LineagePath) -> shapes.ColumnLineage:
    """Each column with its sources and the expression that makes it, and how many could be traced. 404 when there is no such table or zone."""
    return shapes.ColumnLineage.of(await call(engine().lineage.columns, actor, place))


@router.get("/impact", summary="What depends on a column")
async def get_impact(actor: CurrentActor, wanted: Annotated[ImpactParameters, Query()]) -> shapes.ColumnImpact:
    """Everything before and after a column, over all tables. 404 when there is no such column."""
    return shapes.ColumnImpact.of(await call(engine().lineage.impact, actor, parse_place(wanted.table), wanted.column))
