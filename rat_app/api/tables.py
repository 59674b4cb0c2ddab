"""Published tables."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from rat_app.api.limits import JsonRoute
from rat_app.api.parameters import CatalogParameters, CurrentActor, TablePath, TablePreviewParameters
from rat_app.api.results import answer_of
from rat_app.engine import call, engine
from rat_engine import shapes

router = APIRouter(prefix="/tables", tags=["tables"], route_class=JsonRoute)
TABLE = "/{namespace}/{layer}/{name}"


@router.get("", summary="List and search tables")
async def list_tables(actor: CurrentActor, wanted: Annotated[CatalogParameters, Query()]) -> shapes.TableList:
    """Tables by name, with the numbers stored at publish."""
    return shapes.TableList.of(await call(engine().tables.list, actor, wanted.tables(), wanted.page()))


@router.get(TABLE, summary="One table")
async def get_table(actor: CurrentActor, table: TablePath) -> shapes.Table:
    """404 before the first publish."""
    return shapes.Table.of(await call(engine().tables.get, actor, table))


@router.get(TABLE + "/preview", summary="First rows of a table")
async def preview_table(request: Request, actor: CurrentActor, table: TablePath, wanted: Annotated[TablePreviewParameters, Query()]) -> shapes.QueryResult:
    """In no particular order."""
    await call(engine().tables.get, actor, table)
    query = await call(engine().queries.submit, actor, f"SELECT * FROM {table.sql}", table.namespace, wanted.limit)
    return await answer_of(request, actor, query, wanted.limit)
