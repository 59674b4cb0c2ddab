"""Lineage of tables and columns."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from rat_app.api.limits import JsonRoute
from rat_app.api.parameters import MAX_NAME, CurrentActor, Parameters
from rat_app.engine import call, engine
from rat_engine import LineageFilter, parse_place, shapes

MAX_PLACE = 3 * MAX_NAME
MAX_STEPS = 50

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
