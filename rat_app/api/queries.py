"""Queries over published tables: the short way with its rows, the long way with windows and cancel."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from rat_app.api.limits import JsonRoute
from rat_app.api.parameters import CurrentActor, EstimateBody, HistoryParameters, LongQueryBody, QueryBody, QueryPath, WindowParameters
from rat_app.api.results import answer_of, ended, seen
from rat_app.engine import call, engine
from rat_engine import QueryStatus, shapes

router = APIRouter(tags=["queries"], route_class=JsonRoute)


@router.post("/query", summary="Query and wait for the rows")
async def query_now(request: Request, actor: CurrentActor, body: QueryBody) -> shapes.QueryResult:
    """One SELECT. What DuckDB says of it comes with line and column; 504 when it took too long. Closing the connection cancels it."""
    query = await call(engine().queries.submit, actor, body.sql, body.namespace, body.limit)
    return await answer_of(request, actor, query, body.limit)


@router.post("/queries", status_code=202, summary="Ask for a query")
async def submit_query(actor: CurrentActor, body: LongQueryBody, response: Response) -> shapes.Query:
    """Answers at once; look at the query until its status is final, then fetch its rows."""
    query = await call(engine().queries.submit, actor, body.sql, body.namespace, body.limit)
    response.headers["Location"] = f"/api/v1/queries/{query.id}"
    return shapes.Query.of(query)


@router.post("/query/estimate", summary="Estimate what a query reads")
async def estimate_query(request: Request, actor: CurrentActor, body: EstimateBody) -> shapes.Estimate:
    """Rows and bytes at most, by the tables' manifests; nothing runs and no data file is opened."""
    asked = await call(engine().queries.estimate, actor, body.sql, body.namespace)
    await ended(request, actor, asked)
    return shapes.Estimate.of(await call(engine().queries.estimated, actor, asked.id))


@router.get("/queries", summary="List the history of queries")
async def list_queries(actor: CurrentActor, wanted: Annotated[HistoryParameters, Query()]) -> shapes.QueryList:
    """What was asked in the last 90 days, newest first. Previews and estimates are not among them."""
    return shapes.QueryList.of(await call(engine().queries.list, actor, wanted.queries(), wanted.page()))


@router.get("/queries/{query_id}", summary="One query")
async def get_query(actor: CurrentActor, query_id: QueryPath) -> shapes.Query:
    """Its status and, once it has ended, its columns or its error."""
    return shapes.Query.of(await call(engine().queries.get, actor, query_id))


@router.get("/queries/{query_id}/rows", summary="A window of a query's rows", response_model=shapes.RowWindow, responses={204: {"description": "No rows yet."}})
async def get_rows(request: Request, actor: CurrentActor, query_id: QueryPath, wanted: Annotated[WindowParameters, Query()]) -> shapes.RowWindow | Response:
    """409 before the query succeeded; 404 when its rows were cleaned up. With `wait` it answers as soon as the query has ended, and instead of 409 with
    204: the query itself says how it stands.
    """
    if wanted.wait and (await seen(request, actor, query_id, wanted.wait)).status is not QueryStatus.SUCCESS:
        return Response(status_code=204)
    return shapes.RowWindow.of(await call(engine().queries.rows, actor, query_id, wanted.offset, wanted.limit))


@router.post("/queries/{query_id}/cancel", summary="Cancel a query")
async def cancel_query(actor: CurrentActor, query_id: QueryPath) -> shapes.Query:
    """A waiting query ends at once, a running one is asked to stop. 409 when it has ended."""
    return shapes.Query.of(await call(engine().queries.cancel, actor, query_id))
