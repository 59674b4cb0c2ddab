"""Pipelines, their drafts, versions and previews."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from rat_app.api.limits import JsonRoute
from rat_app.api.parameters import (
    CatalogParameters,
    CurrentActor,
    DraftBody,
    PageParameters,
    PipelineBody,
    PreviewBody,
    PublishBody,
    TablePath,
    optional_files,
)
from rat_app.api.results import answer_of
from rat_app.engine import call, engine
from rat_engine import PipelineFiles, shapes

router = APIRouter(prefix="/pipelines", tags=["pipelines"], route_class=JsonRoute)
PIPELINE = "/{namespace}/{layer}/{name}"


@router.get("", summary="List and search pipelines")
async def list_pipelines(actor: CurrentActor, wanted: Annotated[CatalogParameters, Query()]) -> shapes.PipelineList:
    """Pipelines by name, each with its last run and row count. `sort` may also be `last_run_at`, `row_count` or `published_at`."""
    return shapes.PipelineList.of(await call(engine().pipelines.list, actor, wanted.pipelines(), wanted.page()))


@router.post("", status_code=201, summary="Create a pipeline")
async def create_pipeline(actor: CurrentActor, body: PipelineBody) -> shapes.Pipeline:
    """Creates the namespace too when it is new. 409 when the pipeline exists already."""
    files = optional_files(body.files)
    return shapes.Pipeline.of(await call(engine().pipelines.create, actor, body.table(), files, body.description))


@router.get(PIPELINE, summary="One pipeline")
async def get_pipeline(actor: CurrentActor, table: TablePath) -> shapes.Pipeline:
    """404 when there is none of that name."""
    return shapes.Pipeline.of(await call(engine().pipelines.get, actor, table))


@router.delete(PIPELINE, status_code=204, summary="Delete a pipeline")
async def delete_pipeline(actor: CurrentActor, table: TablePath) -> None:
    """Its table, runs and versions stay. 409 while other pipelines read its table."""
    await call(engine().pipelines.delete, actor, table)


@router.get(PIPELINE + "/files", summary="The draft's files")
async def get_draft(actor: CurrentActor, table: TablePath) -> shapes.Draft:
    """With the revision to pass back when saving."""
    return shapes.Draft.of(await call(engine().pipelines.draft, actor, table))


@router.put(PIPELINE + "/files", summary="Save the draft's files")
async def save_draft(actor: CurrentActor, table: TablePath, body: DraftBody) -> shapes.Draft:
    """Replaces all files. 409 `stale_draft`, with the present files in its details, when somebody saved in between."""
    return shapes.Draft.of(await call(engine().pipelines.save_draft, actor, table, PipelineFiles(body.files), body.revision))


@router.post(PIPELINE + "/publish", summary="Release the draft")
async def publish(actor: CurrentActor, table: TablePath, body: PublishBody | None = None) -> shapes.Version:
    """Makes the draft the version that runs. 422 `compile_failed` with every problem; 409 when nothing changed."""
    return shapes.Version.of(await call(engine().pipelines.release, actor, table, body.message if body else ""))


@router.get(PIPELINE + "/versions", summary="List versions")
async def list_versions(actor: CurrentActor, table: TablePath, wanted: Annotated[PageParameters, Query()]) -> shapes.VersionList:
    """Versions, newest first, without their files."""
    return shapes.VersionList.of(await call(engine().pipelines.versions, actor, table, wanted.page()))


@router.get(PIPELINE + "/versions/{version}", summary="One version with its files")
async def get_version(
    actor: CurrentActor, table: TablePath, version: Annotated[int, Path(ge=1, le=(1 << 31) - 1, description="Its number.", examples=[3])]
) -> shapes.Version:
    """404 when there is none of that number."""
    return shapes.Version.of(await call(engine().pipelines.version, actor, table, version))


@router.post(PIPELINE + "/preview", summary="Preview a file")
async def preview(request: Request, actor: CurrentActor, table: TablePath, body: PreviewBody | None = None) -> shapes.QueryResult:
    """The rows that a file of the draft, or of unsaved files, gives now, on real data; nothing is written. What fails is an error, never half a result."""
    wanted = body or PreviewBody()
    query = await call(engine().queries.preview, actor, table, optional_files(wanted.files), wanted.place(), wanted.limit)
    return await answer_of(request, actor, query, wanted.limit)
