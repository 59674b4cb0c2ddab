"""SQL for what the lake shares with the metadata: table pointers, what a publish stores of a table, and what a run pins."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, Row, and_, bindparam, delete, func, insert, or_, select, tuple_, update

from rat_engine.domain.documentation import Documentation
from rat_engine.domain.lake import LakeTable
from rat_engine.domain.names import Layer, TableName, ZoneName
from rat_engine.domain.run import FilePin, RunInputs, RunStatus, TablePin, run_of
from rat_engine.errors import AuditFailedError
from rat_engine.metadata import tables as t
from rat_engine.metadata.table_search import search_values

CATALOG = "rat"

_POINTER_KEY = (t.iceberg_tables.c.table_namespace, t.iceberg_tables.c.table_name)
_TABLE_KEY = (t.lake_table.c.namespace, t.lake_table.c.layer, t.lake_table.c.name)
_ZONE_KEY = (t.landing_file.c.namespace, t.landing_file.c.zone)

# Built once: building a statement takes ten times as long as the database takes to answer it.
_KEYS: BindParameter[Any] = bindparam("keys", expanding=True)
_POINTERS = select(t.iceberg_tables).where(t.iceberg_tables.c.catalog_name == CATALOG, tuple_(*_POINTER_KEY).in_(_KEYS))
_FACTS = select(*_TABLE_KEY, t.lake_table.c.id, t.lake_table.c.snapshot_id).where(tuple_(*_TABLE_KEY).in_(_KEYS))
_FORGET_INPUTS = tuple(delete(table).where(table.c.run_id == bindparam("of_run")) for table in (t.run_table_input, t.run_file_input))


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where a table's metadata is. ``snapshot_id`` is what its last publish made; None for a table that was never published."""

    table: TableName
    metadata_location: str
    table_id: str = ""
    snapshot_id: int | None = None

    @property
    def published(self) -> bool:
        """Whether the table may be read by others: it exists from its first publish on."""
        return self.snapshot_id is not None


def fetch_pointers(connection: Connection, tables: Collection[TableName]) -> dict[TableName, Pointer]:
    """Pointers of those of ``tables`` that exist in the catalog, as of the caller's transaction."""
    if not tables:
        return {}
    locations = {_table_of(row): row.metadata_location for row in connection.execute(_POINTERS, {"keys": list(map(_pointer_key, tables))})}
    published = {TableName(*row[:3]): row for row in connection.execute(_FACTS, {"keys": list(map(_parts, tables))})}
    return {table: _pointer(table, location, published.get(table)) for table, location in locations.items()}


def fetch_foreign_location(connection: Connection, warehouse: str) -> str | None:
    """The metadata file of some table that does not lie below the folder ``warehouse``; None when all do."""
    location = t.iceberg_tables.c.metadata_location
    return connection.execute(select(location).where(~location.startswith(f"{warehouse}/", autoescape=True)).limit(1)).scalar()


def swap_pointer(connection: Connection, table: TableName, previous: str, location: str) -> bool:
    """Move a table's pointer from ``previous`` to ``location``; whether it was at ``previous``."""
    moved = update(t.iceberg_tables).where(_pointer_is(table), t.iceberg_tables.c.metadata_location == previous)
    return connection.execute(moved, {"metadata_location": location, "previous_metadata_location": previous}).rowcount == 1


def insert_pointer(connection: Connection, table: TableName, location: str) -> bool:
    """Make a new table known to the catalog; False when it exists already."""
    if connection.execute(select(t.iceberg_tables.c.table_name).where(_pointer_is(table))).scalar() is not None:
        return False
    namespace, name = _pointer_key(table)
    values = {"catalog_name": CATALOG, "table_namespace": namespace, "table_name": name, "iceberg_type": "TABLE"}
    connection.execute(insert(t.iceberg_tables), {"metadata_location": location, **values})
    return True


def delete_unpublished(connection: Connection, table: TableName, location: str) -> bool:
    """Forget a table that was never published and whose pointer is still at ``location``; whether it was."""
    if connection.execute(select(t.lake_table.c.id).where(_matches(_TABLE_KEY, _parts(table)))).scalar() is not None:
        return False
    here = t.iceberg_tables.c.metadata_location == location
    return connection.execute(delete(t.iceberg_tables).where(_pointer_is(table), here)).rowcount == 1


def store_table(connection: Connection, table: LakeTable, operation: str = "unknown") -> None:
    """Store what a publish made of a table: the row that lists read, and its next snapshot, made by Iceberg's ``operation``."""
    columns = [{"name": column.name, "type": column.type, "description": column.description} for column in table.columns]
    numbers = {"row_count": table.row_count, "size_bytes": table.size_bytes, "file_count": table.file_count, "snapshot_id": table.snapshot_id}
    docs = Documentation(table.description, {column.name: column.description for column in table.columns}, table.owner, table.tags)
    told = {"description": table.description, "columns": columns, "owner": table.owner, "tags": list(table.tags)}
    found = search_values(table.name, docs.columns, docs)
    made = {"published_at": table.published_at, "published_by_run": table.published_by_run}
    known = connection.execute(update(t.lake_table).where(t.lake_table.c.id == table.id), {**numbers, **told, **found, **made})
    if known.rowcount == 0:
        named = {"namespace": table.name.namespace, "layer": table.name.layer.value, "name": table.name.name}
        connection.execute(insert(t.lake_table), {"id": table.id, **named, **numbers, **told, **found, **made})
    last = select(func.max(t.table_snapshot.c.number)).where(t.table_snapshot.c.table_id == table.id)
    number = (connection.execute(last).scalar() or 0) + 1
    connection.execute(insert(t.table_snapshot), {"table_id": table.id, "number": number, "operation": operation, **numbers, **made})


def fetch_documentation(connection: Connection, table: TableName) -> Documentation | None:
    """What the released version of a table's pipeline says of it now, whichever version is being published; None without one."""
    pipeline = t.pipeline.c
    live = _matches((pipeline.namespace, pipeline.layer, pipeline.name), _parts(table))
    docs = connection.execute(select(pipeline.docs).where(live, pipeline.deleted_at.is_(None))).scalar()
    return Documentation(docs["description"], docs["columns"], docs["owner"], tuple(docs["tags"])) if docs else None


def fetch_zone_files(connection: Connection, zones: Collection[ZoneName]) -> dict[ZoneName, tuple[FilePin, ...]]:
    """The files that lie in each of ``zones`` now, in the order they arrived."""
    found: dict[ZoneName, list[FilePin]] = {zone: [] for zone in zones}
    if zones:
        wanted = or_(*(_matches(_ZONE_KEY, (zone.namespace, zone.name)) for zone in zones))
        for row in connection.execute(select(t.landing_file).where(wanted).order_by(t.landing_file.c.id)):
            zone = ZoneName(row.namespace, row.zone)
            found[zone].append(FilePin(str(zone), row.id, row.filename, row.path, row.size_bytes, row.sha256))
    return {zone: tuple(files) for zone, files in found.items()}


def replace_inputs(connection: Connection, run_id: str, inputs: RunInputs) -> None:
    """Store what a run reads; a new attempt at the run replaces what the one before it read."""
    for statement in _FORGET_INPUTS:
        connection.execute(statement, {"of_run": run_id})
    if inputs.tables:
        connection.execute(insert(t.run_table_input), [{"run_id": run_id, **_table_input(pin)} for pin in inputs.tables])
    if inputs.files:
        connection.execute(insert(t.run_file_input), [{"run_id": run_id, **_file_input(pin)} for pin in inputs.files])


def fetch_kept_branches(connection: Connection, branches: Iterable[str]) -> frozenset[str]:
    """Those of ``branches`` that somebody may want to look at: of runs that failed their audit, of drafts that succeeded, and of runs that go on."""
    run, names = t.run.c, frozenset(branches)
    looked_at = and_(run.draft.is_(True), run.status == RunStatus.SUCCESS.value)
    kept = or_(run.error_code == AuditFailedError.code, looked_at, run.status == RunStatus.RUNNING.value)
    # By the runs' ids: what a branch is called has no index.
    found = connection.execute(select(run.branch).where(run.id.in_(sorted({run_of(name) for name in names})), kept))
    return names & frozenset(found.scalars())


def _pointer(table: TableName, location: str, facts: Any) -> Pointer:
    return Pointer(table, location, facts.id, facts.snapshot_id) if facts is not None else Pointer(table, location)


def _pointer_key(table: TableName) -> tuple[str, str]:
    return f"{table.namespace}.{table.layer.value}", table.name


def _pointer_is(table: TableName) -> ColumnElement[bool]:
    return and_(t.iceberg_tables.c.catalog_name == CATALOG, _matches(_POINTER_KEY, _pointer_key(table)))


def _table_of(row: Row[Any]) -> TableName:
    namespace, _, layer = row.table_namespace.rpartition(".")
    return TableName(namespace, Layer(layer), row.table_name)


def _parts(table: TableName) -> tuple[str, str, str]:
    return table.namespace, table.layer.value, table.name


def _matches(columns: Sequence[ColumnElement[Any]], values: Sequence[str]) -> ColumnElement[bool]:
    return and_(*(column == value for column, value in zip(columns, values, strict=True)))


def _table_input(pin: TablePin) -> dict[str, Any]:
    named = {"namespace": pin.table.namespace, "layer": pin.table.layer.value, "name": pin.table.name}
    return {**named, "table_id": pin.table_id, "snapshot_id": pin.snapshot_id, "metadata_location": pin.metadata_location}


def _file_input(pin: FilePin) -> dict[str, Any]:
    return {"file_id": pin.file_id, "zone": pin.zone, "filename": pin.filename, "path": pin.path, "size_bytes": pin.size_bytes, "sha256": pin.sha256}
