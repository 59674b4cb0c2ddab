"""Is the process alive, can it serve."""

from __future__ import annotations

from fastapi import APIRouter

from rat_app.api.limits import JsonRoute
from rat_app.api.parameters import CurrentActor
from rat_app.engine import call, engine
from rat_engine import UnavailableError, build, shapes, version

router = APIRouter(prefix="/health", tags=["health"], route_class=JsonRoute)


@router.get("", summary="The process is alive", operation_id="health")
@router.get("/live", summary="The process is alive")
async def live() -> shapes.Live:
    """Answers as long as the process does, whatever else is broken."""
    return shapes.Live(status="ok", version=version(), build=build())


@router.get("/ready", summary="Requests can be served")
async def ready(actor: CurrentActor) -> shapes.Ready:
    """Checks database, engine process and disk; 503 with every check in the error's details when one fails."""
    answer = shapes.Ready.of(await call(engine().health.ready, actor))
    if answer.status != "ok":
        failing = ", ".join(check.name for check in answer.checks if check.status == "fail")
        raise UnavailableError(f"Not ready: {failing}.", details={"checks": [check.plain() for check in answer.checks]})
    return answer
