"""SQL for released versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, func, insert, literal, select, update

from rat_engine.domain.clock import now
from rat_engine.domain.names import TableName
from rat_engine.domain.paging import Page, PageRequest
from rat_engine.domain.pipeline import PipelineFiles, Version
from rat_engine.errors import NotFoundError
from rat_engine.metadata import tables as t
from rat_engine.metadata.paging import Order, fetch_page

_ORDER = Order((t.version.c.number,), descending=True)


def fetch_versions(connection: Connection, pipeline_id: str, table: TableName, page: PageRequest) -> Page[Version]:
    """Versions of a pipeline, newest first, without their files."""
    query = select(t.version).where(t.version.c.pipeline_id == pipeline_id)
    return fetch_page(connection, query, _ORDER, page, lambda row: _version(row, table))


def fetch_version(connection: Connection, pipeline_id: str, table: TableName, number: int) -> Version:
    """One version with its files. Raises NotFoundError."""
    row = connection.execute(select(t.version).where(t.version.c.pipeline_id == pipeline_id, t.version.c.number == number)).one_or_none()
    if row is None:
        raise NotFoundError(f"{table} has no version {number}.")
    return _version(row, table, fetch_version_files(connection, pipeline_id, number))


def fetch_version_files(connection: Connection, pipeline_id: str, number: int) -> PipelineFiles:
    """The files of a version; empty when there is none."""
    file = t.version_file.c
    rows = connection.execute(select(file.path, file.content).where(file.pipeline_id == pipeline_id, file.number == number))
    return PipelineFiles(dict(rows.all()))


def insert_version(connection: Connection, pipeline_id: str, code_hash: str, message: str, actor: str) -> int:
    """Copy the draft's files into the next version and make it the current one; its number."""
    moment = now()
    last = connection.execute(select(func.max(t.version.c.number)).where(t.version.c.pipeline_id == pipeline_id)).scalar()
    number = (last or 0) + 1
    values = {"hash": code_hash, "message": message, "created_at": moment, "created_by": actor}
    connection.execute(insert(t.version).values(pipeline_id=pipeline_id, number=number, **values))
    drafted = select(t.draft_file.c.pipeline_id, literal(number), t.draft_file.c.path, t.draft_file.c.content).where(t.draft_file.c.pipeline_id == pipeline_id)
    connection.execute(insert(t.version_file).from_select(["pipeline_id", "number", "path", "content"], drafted))
    connection.execute(update(t.pipeline).where(t.pipeline.c.id == pipeline_id).values(version=number, version_hash=code_hash, updated_at=moment))
    return number


def update_pipeline_facts(connection: Connection, pipeline_id: str, facts: Mapping[str, Any]) -> None:
    """Store what a release says of its pipeline (description, owner)."""
    connection.execute(update(t.pipeline).where(t.pipeline.c.id == pipeline_id).values(**facts))


def _version(row: Row[Any], table: TableName, files: PipelineFiles | None = None) -> Version:
    return Version(table, row.number, row.hash, row.message, row.created_at, row.created_by, files)
