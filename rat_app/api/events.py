"""What happened."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from rat_app.api.limits import JsonRoute
from rat_app.api.parameters import CurrentActor, EventParameters
from rat_app.engine import call, engine
from rat_engine import shapes

router = APIRouter(prefix="/events", tags=["events"], route_class=JsonRoute)


@router.get("", summary="Events after a cursor")
async def list_events(actor: CurrentActor, wanted: Annotated[EventParameters, Query()]) -> shapes.EventList:
    """Oldest first; pass `next` back as `cursor` to get what follows."""
    return shapes.EventList.of(await call(engine().events.after, actor, wanted.cursor, wanted.limit), wanted.cursor)
