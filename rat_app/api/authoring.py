"""What an editor asks for: problems, compiled SQL, columns in scope, a file laid out, the plan of the next run."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from rat_app.api.limits import JsonRoute
from rat_app.api.parameters import MAX_CURSOR, CurrentActor, Files, Parameters, TablePath, optional_files
from rat_app.engine import call, engine
from rat_engine import shapes

router = APIRouter(tags=["pipelines"], route_class=JsonRoute)
PIPELINE = "/pipelines/{namespace}/{layer}/{name}"
MAX_TEXT = 1_000_000
PATH = Field(default="pipeline.sql", max_length=MAX_CURSOR, description="Which file: the source or a quality test.", examples=["pipeline.sql"])


class FilesBody(Parameters):
    """Files to look at."""

    files: Files | None = Field(default=None, description="Unsaved files; the draft when left out.", examples=[{"pipeline.sql": "SELECT 1 AS n"}])


class FileBody(FilesBody):
    """One of some files."""

    path: str = PATH


class FormatBody(Parameters):
    """A text to lay out."""

    path: str = PATH
    text: str | None = Field(default=None, max_length=MAX_TEXT, description="The text; the draft's file when left out.", examples=["select 1 as n"])


class FileParameters(Parameters):
    """Which file of the draft."""

    path: str = PATH


class PlanParameters(Parameters):
    """Which run."""

    draft: bool = Field(default=False, description="Of the draft; otherwise of the released version, where there is one.", examples=[False])


@router.get("/vocabulary", summary="Words of templates and settings")
async def get_vocabulary(actor: CurrentActor) -> shapes.Vocabulary:
    """Helpers, filters, annotations and keys, with their meanings and allowed values: what an editor completes."""
    return shapes.Vocabulary.of(await call(engine().authoring.vocabulary, actor))


@router.post(PIPELINE + "/compile", summary="Check files")
async def check_files(actor: CurrentActor, table: TablePath, body: FilesBody | None = None) -> shapes.ProblemList:
    """What the compiler says of the draft, or of unsaved files. Problems are the answer, never an error."""
    compilation = await call(engine().pipelines.compile, actor, table, optional_files(body.files if body else None))
    return shapes.ProblemList.of(compilation.problems)


@router.get(PIPELINE + "/compiled", summary="The SQL of a draft")
async def compiled_draft(actor: CurrentActor, table: TablePath, wanted: Annotated[FileParameters, Query()]) -> shapes.CompiledSql:
    """What a file of the draft becomes now. 422 `compile_failed` with every problem."""
    return shapes.CompiledSql(path=wanted.path, sql=await call(engine().pipelines.compiled_sql, actor, table, None, wanted.path))


@router.post(PIPELINE + "/compiled", summary="The SQL of files")
async def compiled_files(actor: CurrentActor, table: TablePath, body: FileBody) -> shapes.CompiledSql:
    """What an unsaved file becomes now. 422 `compile_failed` with every problem."""
    return shapes.CompiledSql(path=body.path, sql=await call(engine().pipelines.compiled_sql, actor, table, optional_files(body.files), body.path))


@router.post(PIPELINE + "/scope", summary="Columns in scope")
async def get_scope(actor: CurrentActor, table: TablePath, body: FileBody | None = None) -> shapes.Scope:
    """Everything that a file reads, with columns and types: what an editor completes and shows."""
    wanted = body or FileBody()
    return shapes.Scope.of(await call(engine().authoring.scope, actor, table, optional_files(wanted.files), wanted.path))


@router.post(PIPELINE + "/format", summary="Lay out a file")
async def format_file(actor: CurrentActor, table: TablePath, body: FormatBody | None = None) -> shapes.FormattedFile:
    """Only line ends and spaces change, and nothing is saved. 422 `not_formatted` says why it cannot be done."""
    wanted = body or FormatBody()
    text = await call(engine().authoring.format, actor, table, wanted.path, wanted.text)
    before = wanted.text if wanted.text is not None else (await call(engine().pipelines.draft, actor, table)).files.texts.get(wanted.path)
    return shapes.FormattedFile(path=wanted.path, text=text, changed=text != before)


@router.get(PIPELINE + "/plan", summary="The plan of the next run")
async def get_plan(actor: CurrentActor, table: TablePath, wanted: Annotated[PlanParameters, Query()]) -> shapes.NextRun:
    """Version, write strategy, what is read, which tests decide, and what stands in the way. Nothing is carried out."""
    return shapes.NextRun.of(await call(engine().authoring.plan, actor, table, None, wanted.draft))
