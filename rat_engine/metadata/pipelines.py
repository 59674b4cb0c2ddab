"""SQL for pipelines, their drafts and their dependencies."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, delete, func, insert, literal, or_, select, update

from rat_engine.domain.clock import new_id, now
from rat_engine.domain.names import Layer, TableName, ZoneName
from rat_engine.domain.paging import Page, PageRequest
from rat_engine.domain.pipeline import Dependency, Draft, Pipeline, PipelineFiles, PipelineFilter
from rat_engine.errors import NotFoundError
from rat_engine.metadata import tables as t
from rat_engine.metadata.duplicates import refuse_duplicate
from rat_engine.metadata.paging import FIRST_MOMENT, Order, Sorting, contains, fetch_page

NAME_COLUMNS = (t.pipeline.c.namespace, t.pipeline.c.layer, t.pipeline.c.name)
_SORTS: dict[str, Sorting] = {name: t.pipeline.c[name] for name in ("name", "namespace", "layer", "type", "created_at", "updated_at")}
# What never ran or was never published counts as the oldest and emptiest. Ids of runs sort by creation.
_STANDING: dict[str, Sorting] = {
    "last_run_at": func.coalesce(t.run.c.id, ""),
    "row_count": func.coalesce(t.lake_table.c.row_count, -1),
    "published_at": func.coalesce(t.lake_table.c.published_at, literal(FIRST_MOMENT, t.lake_table.c.published_at.type)),
}
_ORDER = Order(NAME_COLUMNS, sorts={**_SORTS, **_STANDING})


def fetch_pipelines(connection: Connection, wanted: PipelineFilter, page: PageRequest) -> Page[Pipeline]:
    """Live pipelines by name, with their last run and row count."""
    named, text = t.pipeline.c, wanted.search
    shown: list[ColumnElement[bool]] = []
    if wanted.namespace is not None:
        shown.append(named.namespace == wanted.namespace)
    if wanted.layer is not None:
        shown.append(named.layer == wanted.layer.value)
    if text:
        shown.append(or_(contains(named.name, text), contains(named.namespace, text), contains(named.description, text)))
    counted = select(named.id).where(named.deleted_at.is_(None), *shown)
    return fetch_page(connection, _query().where(*shown), _ORDER, page, _pipeline, counted)


def fetch_pipeline(connection: Connection, table: TableName) -> Pipeline:
    """One live pipeline. Raises NotFoundError."""
    found = find_pipeline(connection, table)
    if found is None:
        raise NotFoundError(f"There is no pipeline {table}.")
    return found


def find_pipeline(connection: Connection, table: TableName) -> Pipeline | None:
    """One live pipeline, or None."""
    row = connection.execute(_one(), {"namespace": table.namespace, "layer": table.layer.value, "name": table.name}).one_or_none()
    return None if row is None else _pipeline(row)


def insert_pipeline(connection: Connection, table: TableName, files: PipelineFiles, description: str, actor: str) -> str:
    """Create a pipeline with its first draft; the new id. Raises AlreadyExistsError."""
    pipeline_id, moment = new_id(), now()
    values = {"namespace": table.namespace, "layer": table.layer.value, "name": table.name, "type": "sql", "description": description}
    with refuse_duplicate(f"The pipeline {table} exists already."):
        connection.execute(insert(t.pipeline).values(id=pipeline_id, draft_hash=files.hash, created_at=moment, updated_at=moment, **values))
    connection.execute(insert(t.draft).values(pipeline_id=pipeline_id, revision=1, updated_at=moment, updated_by=actor))
    _insert_draft_files(connection, pipeline_id, files)
    return pipeline_id


def fetch_draft(connection: Connection, pipeline_id: str, table: TableName) -> Draft:
    """The draft of a pipeline."""
    row = connection.execute(select(t.draft).where(t.draft.c.pipeline_id == pipeline_id)).one()
    files = connection.execute(select(t.draft_file.c.path, t.draft_file.c.content).where(t.draft_file.c.pipeline_id == pipeline_id))
    return Draft(table, row.revision, PipelineFiles(dict(files.all())), row.updated_at, row.updated_by)


def replace_draft(connection: Connection, pipeline_id: str, files: PipelineFiles, revision: int, actor: str) -> bool:
    """Store ``files`` as the draft when its revision is still ``revision``; whether it was."""
    moment = now()
    held = connection.execute(
        update(t.draft)
        .where(t.draft.c.pipeline_id == pipeline_id, t.draft.c.revision == revision)
        .values(revision=revision + 1, updated_at=moment, updated_by=actor)
    )
    if held.rowcount != 1:
        return False
    connection.execute(delete(t.draft_file).where(t.draft_file.c.pipeline_id == pipeline_id))
    _insert_draft_files(connection, pipeline_id, files)
    connection.execute(update(t.pipeline).where(t.pipeline.c.id == pipeline_id).values(draft_hash=files.hash, updated_at=moment))
    return True


def mark_deleted(connection: Connection, pipeline_id: str) -> None:
    """Hide the pipeline from lists and free its name; runs and versions keep pointing at it."""
    connection.execute(update(t.pipeline).where(t.pipeline.c.id == pipeline_id).values(deleted_at=now()))
    connection.execute(delete(t.dependency).where(t.dependency.c.pipeline_id == pipeline_id))


def replace_dependencies(connection: Connection, pipeline_id: str, dependencies: Iterable[Dependency]) -> None:
    """Store what the current version reads."""
    connection.execute(delete(t.dependency).where(t.dependency.c.pipeline_id == pipeline_id))
    rows = [{"pipeline_id": pipeline_id, **_dependency_row(dependency)} for dependency in set(dependencies)]
    if rows:
        connection.execute(insert(t.dependency), rows)


def fetch_edges(connection: Connection) -> dict[TableName, set[TableName]]:
    """Every released pipeline with the tables it reads."""
    owner, read = t.pipeline.c, t.dependency.c
    query = select(*NAME_COLUMNS, read.namespace.label("ns"), read.layer.label("on_layer"), read.name.label("on_name")).select_from(
        t.pipeline.outerjoin(t.dependency, and_(owner.id == read.pipeline_id, read.kind == "table"))
    )
    edges: dict[TableName, set[TableName]] = {}
    for row in connection.execute(query.where(owner.deleted_at.is_(None), owner.version.is_not(None))):
        reads = edges.setdefault(TableName(row.namespace, Layer(row.layer), row.name), set())
        if row.on_name is not None:
            reads.add(TableName(row.ns, Layer(row.on_layer), row.on_name))
    return edges


def fetch_dependents(connection: Connection, table: TableName) -> list[TableName]:
    """Released pipelines that read ``table``."""
    read = t.dependency.c
    query = (
        select(*NAME_COLUMNS)
        .join(t.dependency, t.pipeline.c.id == read.pipeline_id)
        .where(
            read.kind == "table", read.namespace == table.namespace, read.layer == table.layer.value, read.name == table.name, t.pipeline.c.deleted_at.is_(None)
        )
    )
    return [TableName(*row) for row in connection.execute(query.order_by(*NAME_COLUMNS))]


def fetch_pipeline_names(connection: Connection) -> frozenset[TableName]:
    """Every live pipeline's name."""
    return frozenset(TableName(*row) for row in connection.execute(select(*NAME_COLUMNS).where(t.pipeline.c.deleted_at.is_(None))))


def fetch_zone_names(connection: Connection) -> frozenset[ZoneName]:
    """Every landing zone's name."""
    return frozenset(ZoneName(*row) for row in connection.execute(select(t.landing_zone.c.namespace, t.landing_zone.c.name)))


def _insert_draft_files(connection: Connection, pipeline_id: str, files: PipelineFiles) -> None:
    rows = [{"pipeline_id": pipeline_id, "path": path, "content": text} for path, text in files.texts.items()]
    if rows:
        connection.execute(insert(t.draft_file), rows)


def _dependency_row(dependency: Dependency) -> dict[str, str]:
    table, zone = dependency.table, dependency.zone
    if table is not None:
        return {"kind": "table", "namespace": table.namespace, "layer": table.layer.value, "name": table.name}
    if zone is not None:
        return {"kind": "zone", "namespace": zone.namespace, "layer": "", "name": zone.name}
    raise ValueError("a dependency names a table or a zone")


@cache
def _one() -> Select[Any]:
    # Built once: building it takes ten times as long as the database takes to answer it.
    return _query().where(*(column == bindparam(column.name) for column in NAME_COLUMNS))


@cache
def _query() -> Select[Any]:
    same_name = (t.run.c.namespace == t.pipeline.c.namespace, t.run.c.layer == t.pipeline.c.layer, t.run.c.name == t.pipeline.c.name)
    last = select(t.run.c.id).where(*same_name).order_by(t.run.c.id.desc()).limit(1).correlate(t.pipeline).scalar_subquery()
    lake = t.lake_table
    published = and_(lake.c.namespace == t.pipeline.c.namespace, lake.c.layer == t.pipeline.c.layer, lake.c.name == t.pipeline.c.name)
    ran = (t.run.c.id.label("last_run_id"), t.run.c.status.label("last_run_status"), t.run.c.created_at.label("last_run_at"))
    shown = (*ran, lake.c.row_count, lake.c.published_at)
    joined = t.pipeline.outerjoin(t.run, t.run.c.id == last).outerjoin(lake, published)
    return select(t.pipeline, *shown).select_from(joined).where(t.pipeline.c.deleted_at.is_(None))


def _pipeline(row: Row[Any]) -> Pipeline:
    return Pipeline(
        id=row.id,
        table=TableName(row.namespace, Layer(row.layer), row.name),
        type=row.type,
        description=row.description,
        version=row.version,
        version_hash=row.version_hash,
        draft_changed=row.draft_hash != row.version_hash,
        created_at=row.created_at,
        updated_at=row.updated_at,
        owner=row.owner,
        last_run_id=row.last_run_id,
        last_run_status=row.last_run_status,
        last_run_at=row.last_run_at,
        row_count=row.row_count,
        published_at=row.published_at,
    )
