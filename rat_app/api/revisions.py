"""How pipelines change: versions compared and rolled back, settings, names, deletion taken back, quality tests."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from rat_app.api.limits import JsonRoute
from rat_app.api.parameters import CurrentActor, TablePath
from rat_app.api.pipelines import PIPELINE
from rat_app.api.results import all_ended
from rat_app.api.revision_parameters import CompareParameters, CopyBody, HistoryParameters, RenameBody, RollbackBody, SettingsBody, TestRunBody
from rat_app.engine import call, engine
from rat_engine import shapes

router = APIRouter(prefix="/pipelines", tags=["pipelines"], route_class=JsonRoute)


@router.get("/deleted", summary="List pipelines that can be restored")
async def list_deleted(actor: CurrentActor) -> shapes.DeletedList:
    """Those deleted within the last 24 hours, the last one first; at most 500."""
    return shapes.DeletedList.of(await call(engine().lifecycle.deleted, actor))


@router.get(PIPELINE + "/settings", summary="The draft's settings")
async def get_settings(actor: CurrentActor, table: TablePath) -> shapes.PipelineSettings:
    """What `config.yaml` says, and which of it an annotation in the source overrides."""
    return shapes.PipelineSettings.of(await call(engine().configuration.read, actor, table))


@router.patch(PIPELINE, summary="Change the draft's settings")
async def change_settings(actor: CurrentActor, table: TablePath, body: SettingsBody) -> shapes.PipelineSettings:
    """Writes `config.yaml` of the draft and keeps its comments and order; what is left out stays, what is empty goes. Release it to make it count."""
    return shapes.PipelineSettings.of(await call(engine().configuration.update, actor, table, body.values(), body.revision))


@router.get(PIPELINE + "/diff", summary="Compare two versions")
async def compare(actor: CurrentActor, table: TablePath, wanted: Annotated[CompareParameters, Query()]) -> shapes.Comparison:
    """Every file that differs, as a unified diff. A side that is left out is the draft."""
    return shapes.Comparison.of(await call(engine().versions.compare, actor, table, wanted.before, wanted.after))


@router.post(PIPELINE + "/rollback", summary="Go back to a version")
async def rollback(actor: CurrentActor, table: TablePath, body: RollbackBody) -> shapes.Version:
    """Makes its files the current version again, as a new version. An unedited draft follows; an edited one stays unless `replace_draft`."""
    return shapes.Version.of(await call(engine().versions.rollback, actor, table, body.version, body.message, body.replace_draft))


@router.get(PIPELINE + "/dependents", summary="Who reads a pipeline's table")
async def dependents(actor: CurrentActor, table: TablePath) -> shapes.NameList:
    """Released pipelines that read it, by name."""
    return shapes.NameList.of(await call(engine().lifecycle.dependents, actor, table))


@router.post(PIPELINE + "/rename", summary="Rename or move a pipeline")
async def rename(actor: CurrentActor, table: TablePath, body: RenameBody) -> shapes.Renamed:
    """Draft, versions, runs and table go with it. Its readers are listed; with `update_readers` their drafts read the new name. 409 while a run goes on."""
    return shapes.Renamed.of(await call(engine().lifecycle.rename, actor, table, body.table(), body.update_readers))


@router.post(PIPELINE + "/copy", status_code=201, summary="Copy a pipeline")
async def copy(actor: CurrentActor, table: TablePath, body: CopyBody) -> shapes.Pipeline:
    """A new pipeline whose draft is this one's; nothing is released."""
    return shapes.Pipeline.of(await call(engine().lifecycle.copy, actor, table, body.table()))


@router.post(PIPELINE + "/restore", summary="Restore a deleted pipeline")
async def restore(actor: CurrentActor, table: TablePath) -> shapes.Pipeline:
    """Within 24 hours, with its draft and versions. 409 when the name is taken by now."""
    return shapes.Pipeline.of(await call(engine().lifecycle.restore, actor, table))


@router.get(PIPELINE + "/tests", summary="List quality tests")
async def list_tests(actor: CurrentActor, table: TablePath, wanted: Annotated[HistoryParameters, Query()]) -> shapes.QualityTestList:
    """The tests of the draft, each with what the last run found."""
    return shapes.QualityTestList.of(await call(engine().quality.tests, actor, table, wanted.runs))


@router.get(PIPELINE + "/tests/history", summary="What quality tests found over time")
async def test_history(actor: CurrentActor, table: TablePath, wanted: Annotated[HistoryParameters, Query()]) -> shapes.TestHistory:
    """The outcomes of the last runs, newest first."""
    return shapes.TestHistory.of(await call(engine().quality.history, actor, table, wanted.runs))


@router.post(PIPELINE + "/tests/run", summary="Test the published table now")
async def run_tests(request: Request, actor: CurrentActor, table: TablePath, body: TestRunBody | None = None) -> shapes.TestRunList:
    """Carries out the draft's tests, all or some, on the present rows, without a run; nothing is written. A test that fails is an answer, not an error.

    Closing the connection stops them.
    """
    asked = await call(engine().quality.run, actor, table, body.tests if body else ())
    ends = await all_ended(request, actor, [query for _, query in asked])
    return shapes.TestRunList.of(tuple((test, query) for (test, _), query in zip(asked, ends, strict=True)))
