"""Saved queries, and the pipeline that a query becomes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field

from rat_app.api.limits import JsonRoute
from rat_app.api.parameters import MAX_DESCRIPTION, MAX_NAME, MAX_SEARCH, MAX_SQL, CurrentActor, Name, PageParameters, Parameters
from rat_app.engine import call, engine
from rat_engine import Layer, TableName, shapes

router = APIRouter(tags=["saved queries"], route_class=JsonRoute)

Statement = Annotated[str, Field(min_length=1, max_length=MAX_SQL, description="One SELECT.", examples=["SELECT * FROM gold.delay_by_hour"])]
SavedName = Annotated[str, Field(min_length=1, max_length=MAX_NAME, description="Its name, of which there can be one.", examples=["Late carriers"])]
MeantNamespace = Annotated[str, Field(max_length=MAX_NAME, description="The namespace that two-part names mean.", examples=["flights"])]
Purpose = Annotated[str, Field(max_length=MAX_DESCRIPTION, description="What it is for.", examples=["The weekly list"])]
SavedPath = Annotated[str, Path(max_length=MAX_NAME, description="The saved query's id or name.", examples=["Late carriers"])]


class SavedParameters(PageParameters):
    """A list of saved queries."""

    search: str = Field(default="", max_length=MAX_SEARCH, description="Only what has this text in name, description or SQL.", examples=["delay"])


class SavedBody(Parameters):
    """A query to save."""

    name: SavedName
    sql: Statement
    namespace: MeantNamespace = ""
    description: Purpose = ""


class SavedChangeBody(Parameters):
    """What to change of a saved query; what is left out stays."""

    name: SavedName | None = Field(default=None, description="A new name.", examples=["Late carriers"])
    sql: Statement | None = Field(default=None, description="A new text.", examples=["SELECT * FROM gold.delay_by_hour"])
    namespace: MeantNamespace | None = Field(default=None, description="The namespace that two-part names mean.", examples=["flights"])
    description: Purpose | None = Field(default=None, description="What it is for.", examples=["The weekly list"])


class ToPipelineBody(Parameters):
    """A query that becomes a pipeline."""

    sql: Statement
    query_namespace: MeantNamespace = ""
    namespace: Name = Field(description="The pipeline's namespace; created when it is new.", examples=["flights"])
    layer: Layer = Field(description="The pipeline's layer.", examples=["gold"])
    name: Name = Field(description="Lower-case letters, digits and underscores; a letter first; 63 at most.", examples=["late_carriers"])
    description: Purpose = ""


@router.get("/saved-queries", summary="List saved queries")
async def list_saved_queries(actor: CurrentActor, wanted: Annotated[SavedParameters, Query()]) -> shapes.SavedQueryList:
    """Saved queries by name."""
    return shapes.SavedQueryList.of(await call(engine().saved.list, actor, wanted.search, wanted.page()))


@router.post("/saved-queries", status_code=201, summary="Save a query")
async def create_saved_query(actor: CurrentActor, body: SavedBody) -> shapes.SavedQuery:
    """It need not work yet. 409 when there is one of that name."""
    return shapes.SavedQuery.of(await call(engine().saved.create, actor, body.name, body.sql, body.namespace, body.description))


@router.get("/saved-queries/{saved}", summary="One saved query")
async def get_saved_query(actor: CurrentActor, saved: SavedPath) -> shapes.SavedQuery:
    """By id or name; 404 when there is none."""
    return shapes.SavedQuery.of(await call(engine().saved.get, actor, saved))


@router.put("/saved-queries/{saved}", summary="Change a saved query")
async def update_saved_query(actor: CurrentActor, saved: SavedPath, body: SavedChangeBody) -> shapes.SavedQuery:
    """What is left out stays. 409 when another one has the new name."""
    changed = body.model_dump(exclude_none=True)
    return shapes.SavedQuery.of(await call(engine().saved.update, actor, saved, **changed))


@router.delete("/saved-queries/{saved}", summary="Delete a saved query")
async def delete_saved_query(actor: CurrentActor, saved: SavedPath) -> shapes.SavedQuery:
    """Answers with what was deleted; its id brings it back within 24 hours."""
    return shapes.SavedQuery.of(await call(engine().saved.delete, actor, saved))


@router.post("/saved-queries/{saved}/restore", summary="Undo the deletion of a saved query")
async def restore_saved_query(actor: CurrentActor, saved: SavedPath) -> shapes.SavedQuery:
    """By id. 404 after 24 hours; 409 when another one has taken its name."""
    return shapes.SavedQuery.of(await call(engine().saved.restore, actor, saved))


@router.post("/query/to-pipeline", status_code=201, summary="Turn a query into a pipeline")
async def query_to_pipeline(actor: CurrentActor, body: ToPipelineBody) -> shapes.Pipeline:
    """The draft selects what the query does; published tables in it become `ref()`. 409 when the pipeline exists."""
    table = TableName(body.namespace, body.layer, body.name)
    return shapes.Pipeline.of(await call(engine().saved.to_pipeline, actor, table, body.sql, body.query_namespace, body.description))
