"""The installation as a whole: what there is, how it is set up, the demo, the search over everything."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from rat_app.api.limits import JsonRoute
from rat_app.api.parameters import CurrentActor, SearchParameters
from rat_app.engine import call, engine, long_call
from rat_engine import shapes

router = APIRouter(tags=["system"], route_class=JsonRoute)


@router.get("/overview", summary="What there is")
async def overview(actor: CurrentActor) -> shapes.Overview:
    """Counts of namespaces, pipelines, tables, rows and runs."""
    return shapes.Overview.of(await call(engine().health.overview, actor))


@router.get("/settings", summary="How RAT is set up")
async def settings(actor: CurrentActor) -> shapes.SettingList:
    """Every setting with its variable, value and default; without secrets. Settings are read once, at the start."""
    return shapes.SettingList.of(await call(engine().health.settings, actor))


@router.get("/workers", summary="What the workers do")
async def workers(actor: CurrentActor) -> shapes.LaneList:
    """The engine's lanes with their processes: state, job, since when, memory. None while no engine runs."""
    return shapes.LaneList.of(await call(engine().health.workers, actor))


@router.get("/doctor", summary="Check the installation")
async def doctor(actor: CurrentActor) -> shapes.CheckList:
    """Database, engine, disk, confinement and versions."""
    return shapes.CheckList.of(await call(engine().health.doctor, actor))


@router.get("/search", summary="Search everything")
async def search(actor: CurrentActor, wanted: Annotated[SearchParameters, Query()]) -> shapes.FoundList:
    """Pipelines, tables, columns, saved queries and namespaces by any part of their names, runs by the beginning of their ids: what one may read."""
    return shapes.FoundList.of(await call(engine().search.find, actor, wanted.text, wanted.limit))


@router.post("/demo", status_code=202, summary="Load the demo")
async def load_demo(actor: CurrentActor) -> shapes.RunList:
    """Lands real files, creates and releases the pipelines that are missing, and asks for a run of each. Again is harmless."""
    runs = (await long_call(engine().demo.load, actor)).runs
    return shapes.RunList(runs=tuple(map(shapes.Run.of, runs)), total=len(runs), next=None)
