"""What is made of a query's result: files to take away, column statistics, charts; and how a statement is carried out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import Field
from starlette.concurrency import iterate_in_threadpool

from rat_app.api.errors import raise_query_error
from rat_app.api.limits import JsonRoute
from rat_app.api.parameters import MAX_NAME, MAX_SEARCH, MAX_SQL, CurrentActor, Parameters, QueryPath
from rat_app.api.results import MAKING_SECONDS, ended
from rat_app.engine import call, engine
from rat_engine import Aggregate, ChartKind, ChartOptions, Export, ExportFormat, ExportOptions, shapes

router = APIRouter(tags=["queries"], route_class=JsonRoute)

_FILE = {"schema": {"type": "string", "format": "binary"}}
_KINDS = ("text/csv", "application/json", "application/x-ndjson", "application/vnd.apache.parquet")
FILES: dict[int | str, dict[str, Any]] = {200: {"description": "The file.", "content": dict.fromkeys(_KINDS, _FILE)}}


class ExplainBody(Parameters):
    """A query to explain."""

    sql: str = Field(min_length=1, max_length=MAX_SQL, description="One SELECT over published tables.", examples=["SELECT * FROM gold.delay_by_hour"])
    namespace: str = Field(default="", max_length=MAX_NAME, description="The namespace that two-part names mean.", examples=["flights"])
    analyze: bool = Field(default=False, description="Run it, to see what each step gives and takes.", examples=[False])


class ExportParameters(Parameters):
    """Which kind of file."""

    format: ExportFormat = Field(default=ExportFormat.CSV, description="The kind of file.", examples=["parquet"])
    raw: bool = Field(default=False, description="CSV only: leave texts that a spreadsheet would take for formulas.", examples=[False])
    name: str = Field(default="", max_length=MAX_SEARCH, description="What the file shall be called, without its ending.", examples=["delays"])

    def options(self) -> ExportOptions:
        """What the engine is asked for."""
        return ExportOptions(self.format, self.raw, self.name)


ColumnNumber = Annotated[int, Field(ge=0, le=10_000)]


class ChartParameters(Parameters):
    """What is drawn. Columns are named by their number, counted from 0."""

    kind: ChartKind = Field(default=ChartKind.BAR, description="How it is drawn.", examples=["bar"])
    x: ColumnNumber | None = Field(default=None, description="The column along the x axis; none for a number.", examples=[0])
    y: tuple[ColumnNumber, ...] = Field(default=(), max_length=8, description="The columns of values; repeat the parameter. None: rows are counted.")
    colour: ColumnNumber | None = Field(default=None, description="The column whose values become series of the first y.")
    aggregate: Aggregate = Field(default=Aggregate.SUM, description="How the rows that share an x become one value.", examples=["sum"])

    def options(self) -> ChartOptions:
        """What the engine is asked for."""
        return ChartOptions(self.kind, self.x, self.y, self.colour, self.aggregate)


class FileResponse(StreamingResponse):
    """A file sent in pieces. Its type is given with each answer, for refusals of the route stay JSON."""

    media_type = None


@router.get("/queries/{query_id}/download", summary="A query's rows as a file", response_class=FileResponse, responses=FILES)
async def download_rows(request: Request, actor: CurrentActor, query_id: QueryPath, wanted: Annotated[ExportParameters, Query()]) -> FileResponse:
    """All rows as CSV, JSON, NDJSON, Parquet or XLSX. In CSV, NULL is an empty field, an empty text is `""`, and a text that a spreadsheet would take
    for a formula has a quote before it, unless `raw`. The file is sent once all of it is made, so its size is known and an error is never half a file;
    closing the connection stops the making. 409 before the query succeeded; 404 when its rows were cleaned up.
    """
    options = wanted.options()
    asked = await call(engine().results.ask_export, actor, query_id, options)
    await ended(request, actor, asked, MAKING_SECONDS)
    made = await call(engine().results.take_export, actor, asked.id, query_id, options)
    # The name is made of ASCII letters, digits, dots, hyphens and underscores: nothing a user typed gets into a header as it was.
    headers = {"Content-Disposition": f'attachment; filename="{made.filename}"', "Content-Length": str(made.size)}
    return FileResponse(_written(made), headers=headers, media_type=made.media_type)


async def _written(made: Export) -> AsyncIterator[bytes]:
    async for chunk in iterate_in_threadpool(made.chunks):
        yield chunk


@router.get("/queries/{query_id}/columns/{column}/statistics", summary="What is in a column of a result")
async def get_statistics(
    request: Request,
    actor: CurrentActor,
    query_id: QueryPath,
    column: Annotated[int, Path(ge=0, le=10_000, description="The column's number, counted from 0.", examples=[0])],
) -> shapes.ColumnStatistics:
    """NULLs, different values, bounds, and a histogram or the most common values, computed over all rows. 409 before the query succeeded."""
    found = await call(engine().results.known_statistics, actor, query_id, column)
    if found is None:
        asked = await call(engine().results.ask_statistics, actor, query_id, column)
        await ended(request, actor, asked, MAKING_SECONDS)
        found = await call(engine().results.take_statistics, actor, asked.id, query_id, column)
    return shapes.ColumnStatistics.of(found)


@router.get("/queries/{query_id}/chart", summary="The values of a chart")
async def get_chart(request: Request, actor: CurrentActor, query_id: QueryPath, wanted: Annotated[ChartParameters, Query()]) -> shapes.ChartData:
    """Rows grouped by x and aggregated, over all rows of the result and never over a part of them; `notes` tell what was grouped or left out."""
    asked = await call(engine().results.ask_chart, actor, query_id, wanted.options())
    await ended(request, actor, asked, MAKING_SECONDS)
    return shapes.ChartData.of(await call(engine().results.take_chart, actor, asked.id))


@router.post("/query/explain", summary="How a query is carried out")
async def explain_query(request: Request, actor: CurrentActor, body: ExplainBody) -> shapes.QueryPlan:
    """The plan of one SELECT that passes the same checks as a query. With `analyze` it is run, and each step says what it gave and took."""
    query = await call(engine().queries.explain, actor, body.sql, body.namespace, body.analyze)
    raise_query_error(await ended(request, actor, query))
    return shapes.QueryPlan.of(await call(engine().results.plan, actor, query.id))
