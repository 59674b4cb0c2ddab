"""What routes take: the actor, names in paths, filters and pages in query strings, JSON bodies. Everything has a length."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Depends, Path, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from rat_app.api.middleware import REQUEST_ID_KEY
from rat_engine import (
    LOCAL_USER,
    Actor,
    Cursor,
    Layer,
    LogLevel,
    LogPage,
    LogSearch,
    PageRequest,
    PipelineFiles,
    PipelineFilter,
    QueryFilter,
    QueryStatus,
    RunFilter,
    RunRequest,
    RunStatus,
    TableFilter,
    TableName,
    ZoneName,
)

# Longer than any valid name, so that a wrong one still gets the engine's helpful answer.
MAX_NAME = 128
MAX_ID = 64
MAX_CURSOR = 300
MAX_SEARCH = 200
MAX_DESCRIPTION = 5_000
MAX_MESSAGE = 1_000
MAX_SQL = 100_000
MAX_FILE = 500_000
MAX_FILES = 200
DEFAULT_QUERY_ROWS = 1_000
MAX_QUERY_ROWS = 10_000
MAX_PREVIEW_ROWS = 1_000

Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME)]
Files = Annotated[
    dict[Annotated[str, Field(max_length=MAX_CURSOR)], Annotated[str, Field(max_length=MAX_FILE)]],
    Field(max_length=MAX_FILES, description="Path within the pipeline → text.", examples=[{"pipeline.sql": "SELECT 1 AS n"}]),
]


# Dependencies are coroutines although they wait for nothing: FastAPI would send a plain function to a thread and back.
async def actor() -> Actor:
    """Who asks. Without accounts everybody who reaches the loopback address is the local user."""
    return LOCAL_USER


async def request_id(request: Request) -> str:
    """The id of this request; it is stored with a run."""
    return request.scope[REQUEST_ID_KEY]


async def namespace_name(namespace: Annotated[str, Path(max_length=MAX_NAME, description="The namespace.", examples=["flights"])]) -> str:
    """The namespace in the path."""
    return namespace


async def table_name(
    namespace: Annotated[str, Path(max_length=MAX_NAME, description="The namespace.", examples=["flights"])],
    layer: Annotated[Layer, Path(description="The medallion layer.", examples=["silver"])],
    name: Annotated[str, Path(max_length=MAX_NAME, description="The name within namespace and layer.", examples=["flights_cleaned"])],
) -> TableName:
    """The pipeline or table in the path. Raises InvalidNameError."""
    return TableName(namespace, layer, name)


async def zone_name(
    namespace: Annotated[str, Path(max_length=MAX_NAME, description="The namespace.", examples=["flights"])],
    zone: Annotated[str, Path(max_length=MAX_NAME, description="The landing zone.", examples=["flights"])],
) -> ZoneName:
    """The landing zone in the path. Raises InvalidNameError."""
    return ZoneName(namespace, zone)


CurrentActor = Annotated[Actor, Depends(actor)]
RequestId = Annotated[str, Depends(request_id)]
NamespacePath = Annotated[str, Depends(namespace_name)]
TablePath = Annotated[TableName, Depends(table_name)]
ZonePath = Annotated[ZoneName, Depends(zone_name)]
RunPath = Annotated[str, Path(max_length=MAX_ID, description="The run's id.", examples=["01k2w9c7q4e8rj5h3v0x6n1t8z"])]
QueryPath = Annotated[str, Path(max_length=MAX_ID, description="The query's id.", examples=["01k2w9c7q4e8rj5h3v0x6n1t8z"])]


class Parameters(BaseModel):
    """A query string or body: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PageParameters(Parameters):
    """Which page of a list."""

    limit: int = Field(default=50, ge=1, le=500, description="Most items of one page.", examples=[50])
    after: str | None = Field(default=None, max_length=MAX_CURSOR, description="The `next` of the page before.")
    offset: int = Field(default=0, ge=0, le=10_000_000, description="How many items to skip; `after` is faster and steadier.")
    sort: str = Field(default="", max_length=MAX_NAME, description="A field to sort by; with a minus sign descending.", examples=["-created_at"])

    def page(self) -> PageRequest:
        """The page asked for."""
        return PageRequest(self.limit, self.after, self.offset, self.sort)


class NamedParameters(PageParameters):
    """A list that can be narrowed to a namespace."""

    namespace: str | None = Field(default=None, max_length=MAX_NAME, description="Only this namespace.", examples=["flights"])


class CatalogParameters(NamedParameters):
    """A list of pipelines or tables."""

    layer: Layer | None = Field(default=None, description="Only this layer.", examples=["gold"])
    search: str = Field(default="", max_length=MAX_SEARCH, description="Only what has this text in its name or description.", examples=["delay"])

    def pipelines(self) -> PipelineFilter:
        """Which pipelines."""
        return PipelineFilter(self.namespace, self.layer, self.search)

    def tables(self) -> TableFilter:
        """Which tables."""
        return TableFilter(self.namespace, self.layer, self.search)


class RunFacetParameters(Parameters):
    """Which runs."""

    namespace: str | None = Field(default=None, max_length=MAX_NAME, description="Only this namespace.", examples=["flights"])
    layer: Layer | None = Field(default=None, description="Only this layer.", examples=["gold"])
    pipeline: str | None = Field(default=None, max_length=MAX_NAME, description="Only this pipeline.", examples=["delay_by_hour"])
    status: tuple[RunStatus, ...] = Field(default=(), max_length=10, description="Only these statuses; repeat the parameter.", examples=[["failed"]])
    group_id: str | None = Field(default=None, max_length=MAX_ID, description="Only this group of runs.")
    trigger: str | None = Field(default=None, max_length=200, description="Only this kind of trigger.", examples=["manual"])
    search: str = Field(default="", max_length=MAX_SEARCH, description="A part of the pipeline's name, or how the run's id begins.", examples=["delay"])
    started_after: AwareDatetime | None = Field(default=None, description="Only runs that started then or later.", examples=["2026-01-31T00:00:00Z"])
    started_before: AwareDatetime | None = Field(default=None, description="Only runs that started earlier.", examples=["2026-02-01T00:00:00Z"])

    def runs(self) -> RunFilter:
        """Which runs."""
        period = (self.started_after, self.started_before)
        return RunFilter(self.namespace, self.layer, self.pipeline, self.status, self.group_id, *period, self.trigger, self.search)


class RunParameters(RunFacetParameters, PageParameters):
    """A list of runs."""


class LogParameters(Parameters):
    """Which lines of a log."""

    after: int = Field(default=0, ge=0, description="The `next` of the chunk before; 0 is the beginning.", examples=[0])
    limit: int = Field(default=1_000, ge=1, le=10_000, description="Most lines of one chunk.", examples=[1000])
    attempt: int | None = Field(default=None, ge=1, le=1_000_000, description="Which attempt; the last one when left out.")
    level: LogLevel = Field(default=LogLevel.DEBUG, description="Only lines of this level or above.", examples=["warning"])
    search: str = Field(default="", max_length=MAX_SEARCH, description="Only lines with this text; the case of a to z does not matter.", examples=["late"])
    skip: int | None = Field(default=None, ge=0, le=1 << 40, description="With a filter, instead of `after`: how many matches to pass over.")

    def filter(self) -> LogSearch:
        """Which lines."""
        return LogSearch(self.level, self.search)

    def page(self) -> LogPage:
        """Which of those that fulfil the filter."""
        return LogPage(self.after, self.limit, self.skip)


class AttemptParameters(Parameters):
    """Which attempt of a run."""

    attempt: int | None = Field(default=None, ge=1, le=1_000_000, description="Which attempt; the last one when left out.")


class CancelBody(Parameters):
    """Runs to cancel."""

    run_ids: tuple[Annotated[str, Field(max_length=MAX_ID)], ...] = Field(
        min_length=1, max_length=500, description="Their ids.", examples=[["01k2w9c7q4e8rj5h3v0x6n1t8z"]]
    )


class EventParameters(Parameters):
    """Which events."""

    cursor: int = Field(default=0, ge=0, le=(1 << 63) - 1, description="The `next` of the answer before; 0 is the beginning.", examples=[0])
    limit: int = Field(default=500, ge=1, le=500, description="Most events of one answer.", examples=[500])


class SearchParameters(Parameters):
    """What to look for."""

    text: str = Field(min_length=1, max_length=MAX_SEARCH, description="Words that the name holds, or the beginning of a run's id.", examples=["flights"])
    limit: int = Field(default=8, ge=1, le=50, description="Most of each kind.", examples=[8])


class WindowParameters(Parameters):
    """Which rows of a result."""

    offset: int = Field(default=0, ge=0, le=1 << 40, description="The number of the first row, counted from 0.", examples=[0])
    limit: int = Field(default=500, ge=1, le=5_000, description="Most rows of one answer.", examples=[500])
    wait: float = Field(default=0, ge=0, le=60, description="Wait so many seconds at most for the query to end.", examples=[0])


class HistoryParameters(PageParameters):
    """Which queries of the history."""

    search: str = Field(default="", max_length=MAX_SEARCH, description="Only queries with this text.", examples=["delay"])
    status: QueryStatus | None = Field(default=None, description="Only this status.", examples=["failed"])

    def queries(self) -> QueryFilter:
        """Which queries."""
        return QueryFilter(self.search, self.status)


class TablePreviewParameters(Parameters):
    """How many rows of a table."""

    limit: int = Field(default=50, ge=1, le=MAX_PREVIEW_ROWS, description="Most rows.", examples=[50])


class NamespaceBody(Parameters):
    """A namespace to create."""

    name: Name = Field(description="Lower-case letters, digits and underscores; a letter first; 63 at most.", examples=["flights"])
    description: str = Field(default="", max_length=MAX_DESCRIPTION, description="What it is for.", examples=["Flights out of New York"])


class DescriptionBody(Parameters):
    """A new description."""

    description: str = Field(max_length=MAX_DESCRIPTION, description="What it is for.", examples=["Flights out of New York"])


class PipelineBody(Parameters):
    """A pipeline to create; without files its draft is a working template."""

    namespace: Name = Field(description="The namespace; created when it is new.", examples=["flights"])
    layer: Layer = Field(description="The medallion layer.", examples=["silver"])
    name: Name = Field(description="Lower-case letters, digits and underscores; a letter first; 63 at most.", examples=["flights_cleaned"])
    type: Literal["sql"] = Field(default="sql", description="The language of its source.", examples=["sql"])
    description: str = Field(default="", max_length=MAX_DESCRIPTION, description="What its table is for.", examples=["Flights with readable carriers"])
    files: Files | None = Field(default=None, description="Path within the pipeline → text.", examples=[{"pipeline.sql": "SELECT 1 AS n"}])

    def table(self) -> TableName:
        """The pipeline's name. Raises InvalidNameError."""
        return TableName(self.namespace, self.layer, self.name)


class DraftBody(Parameters):
    """The files to save as the draft."""

    revision: int = Field(ge=0, le=(1 << 31) - 1, description="The revision that was read; an outdated one is refused.", examples=[4])
    files: Files


class PublishBody(Parameters):
    """A release of the draft."""

    message: str = Field(default="", max_length=MAX_MESSAGE, description="What changed.", examples=["Drop cancelled flights"])


class PreviewBody(Parameters):
    """What to preview: unsaved files, or the draft."""

    files: Files | None = Field(default=None, description="Unsaved files; the draft when left out.", examples=[{"pipeline.sql": "SELECT 1 AS n"}])
    path: str = Field(default="pipeline.sql", max_length=MAX_CURSOR, description="Which file: the source or a quality test.", examples=["pipeline.sql"])
    limit: int = Field(default=100, ge=1, le=MAX_PREVIEW_ROWS, description="Most rows.", examples=[100])
    line: int = Field(default=0, ge=0, le=MAX_FILE, description="With `column`, a place counted from 1: only the CTE there is previewed.", examples=[0])
    column: int = Field(default=0, ge=0, le=MAX_FILE, description="See `line`.", examples=[0])

    def place(self) -> str | Cursor:
        """The file, or the place in it."""
        return Cursor(self.path, self.line, self.column) if self.line and self.column else self.path


class RunBody(Parameters):
    """A run to ask for."""

    namespace: Name = Field(description="The namespace.", examples=["flights"])
    layer: Layer = Field(description="The medallion layer.", examples=["silver"])
    pipeline: Name = Field(description="The pipeline.", examples=["flights_cleaned"])
    trigger: str = Field(default="manual", min_length=1, max_length=200, description="What caused it.", examples=["manual"])
    parameters: dict[Name, Any] = Field(default_factory=dict, max_length=100, description="Stored with the run.", examples=[{}])
    draft: bool = Field(default=False, description="Run the draft on a branch that is never published.", examples=[False])

    def table(self) -> TableName:
        """The pipeline's name. Raises InvalidNameError."""
        return TableName(self.namespace, self.layer, self.pipeline)

    def request(self, request: str) -> RunRequest:
        """The run to ask for, under the id of the request."""
        return RunRequest(self.parameters, self.draft, self.trigger, request)


class LandingZoneBody(Parameters):
    """A landing zone to create."""

    namespace: Name = Field(description="The namespace; created when it is new.", examples=["flights"])
    name: Name = Field(description="Lower-case letters, digits and underscores; a letter first; 63 at most.", examples=["flights"])
    description: str = Field(default="", max_length=MAX_DESCRIPTION, description="What it is for.", examples=["Monthly files"])

    def zone(self) -> ZoneName:
        """The zone's name. Raises InvalidNameError."""
        return ZoneName(self.namespace, self.name)


class QueryBody(Parameters):
    """A query whose rows come with the answer."""

    sql: str = Field(min_length=1, max_length=MAX_SQL, description="One SELECT over published tables.", examples=["SELECT * FROM gold.delay_by_hour"])
    namespace: str = Field(default="", max_length=MAX_NAME, description="The namespace that two-part names mean.", examples=["flights"])
    limit: int = Field(default=DEFAULT_QUERY_ROWS, ge=1, le=MAX_QUERY_ROWS, description="Most rows of the answer.", examples=[1000])


class LongQueryBody(Parameters):
    """A query whose rows are fetched by window."""

    sql: str = Field(min_length=1, max_length=MAX_SQL, description="One SELECT over published tables.", examples=["SELECT * FROM silver.flights"])
    namespace: str = Field(default="", max_length=MAX_NAME, description="The namespace that two-part names mean.", examples=["flights"])
    limit: int | None = Field(default=None, ge=1, description="Most rows to keep; the server's own limit when left out.", examples=[100000])


class EstimateBody(Parameters):
    """A query that is not to run."""

    sql: str = Field(min_length=1, max_length=MAX_SQL, description="One SELECT over published tables.", examples=["SELECT * FROM silver.flights"])
    namespace: str = Field(default="", max_length=MAX_NAME, description="The namespace that two-part names mean.", examples=["flights"])


def optional_files(files: dict[str, str] | None) -> PipelineFiles | None:
    """The files sent with a request, or None. Raises ValidationError for a path that is no pipeline's."""
    return None if files is None else PipelineFiles(files)
