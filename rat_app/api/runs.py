"""Runs: ask, watch, cancel."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from rat_app.api.limits import JsonRoute
from rat_app.api.parameters import CurrentActor, LogParameters, RequestId, RunBody, RunParameters, RunPath
from rat_app.engine import call, engine
from rat_engine import shapes

router = APIRouter(prefix="/runs", tags=["runs"], route_class=JsonRoute)


@router.get("", summary="List runs")
async def list_runs(actor: CurrentActor, wanted: Annotated[RunParameters, Query()]) -> shapes.RunList:
    """Runs, newest first."""
    return shapes.RunList.of(await call(engine().runs.list, actor, wanted.runs(), wanted.page()))


@router.post("", status_code=202, summary="Ask for a run")
async def submit_run(actor: CurrentActor, body: RunBody, request_id: RequestId, response: Response) -> shapes.RunReference:
    """It waits in the queue until a worker is free. 409 when the pipeline was never released."""
    run = await call(engine().runs.submit, actor, body.table(), body.request(request_id))
    response.headers["Location"] = f"/api/v1/runs/{run.id}"
    return shapes.RunReference.of(run)


@router.get("/{run_id}", summary="One run")
async def get_run(actor: CurrentActor, run_id: RunPath) -> shapes.RunDetail:
    """With its attempts, steps, test results and everything it read."""
    return shapes.RunDetail.of_detail(await call(engine().runs.detail, actor, run_id))


@router.post("/{run_id}/cancel", summary="Cancel a run")
async def cancel_run(actor: CurrentActor, run_id: RunPath) -> shapes.Run:
    """A waiting run ends at once, a running one is asked to stop; nothing is published. 409 when it has ended."""
    return shapes.Run.of(await call(engine().runs.cancel, actor, run_id))


@router.get("/{run_id}/logs", summary="Lines of a run's log")
async def get_logs(actor: CurrentActor, run_id: RunPath, wanted: Annotated[LogParameters, Query()]) -> shapes.LogChunk:
    """From a cursor on; pass `next` back until `complete`. Nothing is lost and nothing doubles."""
    chunk = await call(engine().runs.log, actor, run_id, wanted.after, wanted.limit, wanted.attempt)
    return shapes.LogChunk.of(run_id, chunk)
