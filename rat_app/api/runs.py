"""Runs: ask, watch, cancel."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from rat_app.api.limits import JsonRoute
from rat_app.api.parameters import AttemptParameters, CancelBody, CurrentActor, LogParameters, RequestId, RunBody, RunFacetParameters, RunParameters, RunPath
from rat_app.engine import call, engine
from rat_engine import LogFile, shapes

router = APIRouter(prefix="/runs", tags=["runs"], route_class=JsonRoute)
BLOCK = 1 << 16
LOG_ANSWER: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "The log."}}


class LogText(StreamingResponse):
    """A log as it lies on the disk."""

    # FastAPI would describe refusals, which are JSON, with it.
    media_type = None


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


@router.get("/facets", summary="Count runs by what they can be narrowed by")
async def count_runs(actor: CurrentActor, wanted: Annotated[RunFacetParameters, Query()]) -> shapes.RunFacets:
    """By status, namespace, layer and trigger."""
    return shapes.RunFacets.of(await call(engine().runs.facets, actor, wanted.runs()))


@router.post("/cancel", summary="Cancel several runs")
async def cancel_runs(actor: CurrentActor, body: CancelBody) -> shapes.CancelReport:
    """Those that have ended, or never were, are told of and hinder no other."""
    return shapes.CancelReport.of(await call(engine().runs.cancel_many, actor, body.run_ids))


@router.get("/{run_id}", summary="One run")
async def get_run(actor: CurrentActor, run_id: RunPath, wanted: Annotated[AttemptParameters, Query()]) -> shapes.RunDetail:
    """With its attempts, everything it read, and the plan, steps and test results of one attempt."""
    return shapes.RunDetail.of_detail(await call(engine().runs.detail, actor, run_id, wanted.attempt))


@router.post("/{run_id}/cancel", summary="Cancel a run")
async def cancel_run(actor: CurrentActor, run_id: RunPath) -> shapes.Run:
    """A waiting run ends at once, a running one is asked to stop; nothing is published. 409 when it has ended."""
    return shapes.Run.of(await call(engine().runs.cancel, actor, run_id))


@router.post("/{run_id}/rerun", status_code=202, summary="Run again")
async def rerun(actor: CurrentActor, run_id: RunPath, request_id: RequestId, response: Response) -> shapes.RunReference:
    """A new run of the same pipeline as it is today, with the same parameters."""
    run = await call(engine().runs.rerun, actor, run_id, request_id)
    response.headers["Location"] = f"/api/v1/runs/{run.id}"
    return shapes.RunReference.of(run)


@router.get("/{run_id}/logs/download", summary="A run's log as a file", response_class=LogText, responses=LOG_ANSWER)
async def download_logs(actor: CurrentActor, run_id: RunPath, wanted: Annotated[AttemptParameters, Query()]) -> LogText:
    """As it lies on the disk: time, level and message between tabs, one line each; backslash and line end escaped."""
    log = await call(engine().runs.log_file, actor, run_id, wanted.attempt)
    headers = {"Content-Disposition": f'attachment; filename="run-{run_id}-{log.attempt}.log"', "Content-Length": str(log.size)}
    return LogText(_content(log), headers=headers, media_type="text/plain")


@router.get("/{run_id}/logs", summary="Lines of a run's log")
async def get_logs(actor: CurrentActor, run_id: RunPath, wanted: Annotated[LogParameters, Query()]) -> shapes.LogChunk:
    """From a cursor on; pass `next` back until `complete`. Nothing is lost and nothing doubles. `level` and `search` leave lines out."""
    if not wanted.filter().everything:
        found = await call(engine().runs.search_log, actor, run_id, wanted.filter(), wanted.page(), wanted.attempt)
        return shapes.LogChunk.of_matches(run_id, found)
    chunk = await call(engine().runs.log, actor, run_id, wanted.after, wanted.limit, wanted.attempt)
    return shapes.LogChunk.of(run_id, chunk)


def _content(log: LogFile) -> Iterator[bytes]:
    """The bytes that the log had when it was asked for: it may be growing."""
    left = log.size
    with log.path.open("rb") as file:
        while left > 0 and (block := file.read(min(BLOCK, left))):
            left -= len(block)
            yield block
