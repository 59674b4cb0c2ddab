"""Published tables."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from rat_app.api.errors import raise_query_error
from rat_app.api.limits import JsonRoute
from rat_app.api.parameters import CatalogParameters, CurrentActor, TablePath, TablePreviewParameters
from rat_app.api.results import answer_of, ended
from rat_app.api.table_parameters import DocumentationBody, FileParameters, SnapshotParameters, TableListParameters
from rat_app.engine import call, engine
from rat_engine import shapes

router = APIRouter(tags=["tables"], route_class=JsonRoute)
TABLE = "/tables/{namespace}/{layer}/{name}"


@router.get("/tables", summary="List and search tables")
async def list_tables(actor: CurrentActor, wanted: Annotated[TableListParameters, Query()]) -> shapes.TableList:
    """Tables by name, with the numbers stored at publish. A search looks through names, columns and documentation, and puts the best first."""
    return shapes.TableList.of(await call(engine().tables.list, actor, wanted.tables(), wanted.page()))


@router.get("/schema", summary="Every table with its columns")
async def list_schemas(actor: CurrentActor, wanted: Annotated[CatalogParameters, Query()]) -> shapes.TableSchemaList:
    """Names and columns alone, for completion and checks."""
    return shapes.TableSchemaList.of(await call(engine().tables.list, actor, wanted.tables(), wanted.page()))


@router.get(TABLE, summary="One table")
async def get_table(actor: CurrentActor, table: TablePath) -> shapes.Table:
    """404 before the first publish."""
    return shapes.Table.of(await call(engine().tables.get, actor, table))


@router.get(TABLE + "/preview", summary="First rows of a table")
async def preview_table(request: Request, actor: CurrentActor, table: TablePath, wanted: Annotated[TablePreviewParameters, Query()]) -> shapes.QueryResult:
    """In no particular order."""
    return await answer_of(request, actor, await call(engine().inspections.preview, actor, table), wanted.limit)


@router.get(TABLE + "/snapshots", summary="What was published of a table")
async def list_snapshots(actor: CurrentActor, table: TablePath, wanted: Annotated[SnapshotParameters, Query()]) -> shapes.TableSnapshotList:
    """Newest first, with the rows, bytes and files that the table had then."""
    return shapes.TableSnapshotList.of(await call(engine().tables.snapshots, actor, table, wanted.page()))


@router.get(TABLE + "/files", summary="Data files of a table")
async def list_data_files(request: Request, actor: CurrentActor, table: TablePath, wanted: Annotated[FileParameters, Query()]) -> shapes.DataFileWindow:
    """By path, from the manifests of the present snapshot."""
    query = await ended(request, actor, await call(engine().inspections.files, actor, table))
    raise_query_error(query)
    return shapes.DataFileWindow.of(await call(engine().queries.rows, actor, query.id, wanted.offset, wanted.limit))


@router.get(TABLE + "/neighbours", summary="What a table is made from, and what is made from it")
async def get_neighbours(actor: CurrentActor, table: TablePath) -> shapes.Neighbours:
    """One step up and one step down, by the released pipelines."""
    return shapes.Neighbours.of(await call(engine().tables.neighbours, actor, table))


@router.get(TABLE + "/profile", summary="What the columns of a table hold")
async def get_profile(actor: CurrentActor, table: TablePath) -> shapes.TableProfile:
    """As far as it is known since the last publish. Nothing is started by looking: see POST."""
    return shapes.TableProfile.of(await call(engine().inspections.profile, actor, table))


@router.post(TABLE + "/profile", status_code=202, summary="Profile a table")
async def ask_profile(actor: CurrentActor, table: TablePath) -> shapes.TableProfile:
    """Answers at once; look again until the status is final. What is known of the present rows is not asked again."""
    return shapes.TableProfile.of(await call(engine().inspections.ask_profile, actor, table))


@router.post(TABLE + "/profile/cancel", summary="Stop profiling a table")
async def cancel_profile(actor: CurrentActor, table: TablePath) -> shapes.TableProfile:
    """The columns that are ready stay."""
    return shapes.TableProfile.of(await call(engine().inspections.cancel_profile, actor, table))


@router.get(TABLE + "/metadata", summary="Documentation of a table")
async def get_documentation(actor: CurrentActor, table: TablePath) -> shapes.TableDocumentation:
    """Description, columns, owner and tags, as the released files of its pipeline have them."""
    return shapes.TableDocumentation.of(await call(engine().documentation.get, actor, table))


@router.put(TABLE + "/metadata", summary="Document a table")
async def change_documentation(actor: CurrentActor, table: TablePath, body: DocumentationBody) -> shapes.TableDocumentation:
    """Written into `table.yaml` (owner and tags: `config.yaml`) of its pipeline, as a version of its own. 409 `stale_documentation`,
    with the present texts in its details, when `revision` is outdated.
    """
    return shapes.TableDocumentation.of(await call(engine().documentation.change, actor, table, body.change(), body.revision))
