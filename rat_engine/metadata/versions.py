"""SQL for released versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, func, insert, literal, or_, select, union_all, update

from rat_engine.domain.clock import now
from rat_engine.domain.names import TableName
from rat_engine.domain.paging import Page, PageRequest
from rat_engine.domain.pipeline import PipelineFiles, Version
from rat_engine.errors import NotFoundError
from rat_engine.metadata import tables as t
from rat_engine.metadata.paging import Order, fetch_page

_ORDER = Order((t.version.c.number,), descending=True)

# Built once: building a statement takes ten times as long as the database takes to answer it.
_OF_VERSION = (t.version_file.c.pipeline_id == bindparam("pipeline"), t.version_file.c.number == bindparam("version"))
_FILES = select(t.version_file.c.path, t.version_file.c.content).where(*_OF_VERSION)


def fetch_versions(connection: Connection, pipeline_id: str, table: TableName, page: PageRequest) -> Page[Version]:
    """Versions of a pipeline, newest first, without their files."""
    query = select(t.version).where(t.version.c.pipeline_id == pipeline_id)
    found = fetch_page(connection, query, _ORDER, page, lambda row: _version(row, table))
    changed = _changed_paths(connection, pipeline_id, [version.number for version in found.items])
    return replace(found, items=tuple(replace(version, changed=changed.get(version.number, ())) for version in found.items))


def fetch_version(connection: Connection, pipeline_id: str, table: TableName, number: int) -> Version:
    """One version with its files. Raises NotFoundError."""
    row = connection.execute(select(t.version).where(t.version.c.pipeline_id == pipeline_id, t.version.c.number == number)).one_or_none()
    if row is None:
        raise NotFoundError(f"{table} has no version {number}.")
    version = _version(row, table, fetch_version_files(connection, pipeline_id, number))
    return replace(version, changed=_changed_paths(connection, pipeline_id, [number]).get(number, ()))


def fetch_version_files(connection: Connection, pipeline_id: str, number: int) -> PipelineFiles:
    """The files of a version; empty when there is none."""
    return PipelineFiles(dict(connection.execute(_FILES, {"pipeline": pipeline_id, "version": number}).all()))


def _changed_paths(connection: Connection, pipeline_id: str, numbers: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The paths in which each version differs from the one before it."""
    now_, before = t.version_file.alias("now"), t.version_file.alias("before")
    same = and_(before.c.pipeline_id == now_.c.pipeline_id, before.c.path == now_.c.path)
    come = select(now_.c.number, now_.c.path).select_from(now_.outerjoin(before, and_(same, before.c.number == now_.c.number - 1)))
    come = come.where(now_.c.pipeline_id == pipeline_id, now_.c.number.in_(numbers), or_(before.c.content.is_(None), before.c.content != now_.c.content))
    gone = select((before.c.number + 1).label("number"), before.c.path)
    gone = gone.select_from(before.outerjoin(now_, and_(same, now_.c.number == before.c.number + 1)))
    gone = gone.where(before.c.pipeline_id == pipeline_id, before.c.number.in_([number - 1 for number in numbers]), now_.c.path.is_(None))
    found: dict[int, list[str]] = {}
    for row in connection.execute(union_all(come, gone)):
        found.setdefault(row.number, []).append(row.path)
    return {number: tuple(sorted(paths)) for number, paths in found.items()}


def insert_version(connection: Connection, pipeline_id: str, code_hash: str, message: str, actor: str, of: int | None = None) -> int:
    """Copy the files of the draft, or of the version ``of``, into the next version and make it the current one; its number."""
    number = _insert(connection, pipeline_id, code_hash, message, actor)
    file = t.draft_file.c if of is None else t.version_file.c
    drafted = select(file.pipeline_id, literal(number), file.path, file.content).where(file.pipeline_id == pipeline_id)
    if of is not None:
        drafted = drafted.where(t.version_file.c.number == of)
    connection.execute(insert(t.version_file).from_select(["pipeline_id", "number", "path", "content"], drafted))
    return number


def insert_version_files(connection: Connection, pipeline_id: str, files: PipelineFiles, message: str, actor: str) -> int:
    """Make ``files``, which need not be the draft's, the next version and the current one; its number."""
    number = _insert(connection, pipeline_id, files.hash, message, actor)
    rows = [{"pipeline_id": pipeline_id, "number": number, "path": path, "content": text} for path, text in files.texts.items()]
    connection.execute(insert(t.version_file), rows)
    return number


def update_pipeline_facts(connection: Connection, pipeline_id: str, facts: Mapping[str, Any]) -> None:
    """Store what a release says of its pipeline (description, owner)."""
    connection.execute(update(t.pipeline).where(t.pipeline.c.id == pipeline_id).values(**facts))


def _insert(connection: Connection, pipeline_id: str, code_hash: str, message: str, actor: str) -> int:
    moment = now()
    last = connection.execute(select(func.max(t.version.c.number)).where(t.version.c.pipeline_id == pipeline_id)).scalar()
    number = (last or 0) + 1
    values = {"hash": code_hash, "message": message, "created_at": moment, "created_by": actor}
    connection.execute(insert(t.version).values(pipeline_id=pipeline_id, number=number, **values))
    connection.execute(update(t.pipeline).where(t.pipeline.c.id == pipeline_id).values(version=number, version_hash=code_hash, updated_at=moment))
    return number


def _version(row: Row[Any], table: TableName, files: PipelineFiles | None = None) -> Version:
    return Version(table, row.number, row.hash, row.message, row.created_at, row.created_by, files)
