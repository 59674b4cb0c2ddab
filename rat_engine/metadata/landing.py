"""SQL for landing zones and their files."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, false, func, insert, or_, select

from rat_engine.domain.clock import now
from rat_engine.domain.lake import FileFormat, LandingFile, LandingZone
from rat_engine.domain.names import ZoneName
from rat_engine.domain.paging import Page, PageRequest
from rat_engine.errors import NotFoundError
from rat_engine.metadata import tables as t
from rat_engine.metadata.duplicates import refuse_duplicate
from rat_engine.metadata.paging import Order, fetch_page

_ZONES = Order((t.landing_zone.c.namespace, t.landing_zone.c.name), sorts={name: t.landing_zone.c[name] for name in ("name", "namespace", "created_at")})
_FILES = Order((t.landing_file.c.id,), sorts={name: t.landing_file.c[name] for name in ("filename", "size_bytes", "uploaded_at")})


def fetch_zones(connection: Connection, namespace: str | None, page: PageRequest) -> Page[LandingZone]:
    """Zones by name, with the number and size of their files."""
    query = _query() if namespace is None else _query().where(t.landing_zone.c.namespace == namespace)
    return fetch_page(connection, query, _ZONES, page, _zone)


def fetch_zone(connection: Connection, zone: ZoneName) -> LandingZone:
    """One zone. Raises NotFoundError."""
    row = connection.execute(_query().where(t.landing_zone.c.namespace == zone.namespace, t.landing_zone.c.name == zone.name)).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no landing zone {zone}.")
    return _zone(row)


def zone_exists(connection: Connection, zone: ZoneName) -> bool:
    """Whether the zone exists."""
    key = t.landing_zone.c
    return connection.execute(select(key.name).where(key.namespace == zone.namespace, key.name == zone.name)).scalar() is not None


def insert_zone(connection: Connection, zone: ZoneName, description: str, actor: str) -> None:
    """Create a zone. Raises AlreadyExistsError."""
    with refuse_duplicate(f"The landing zone {zone} exists already."):
        values = {"description": description, "created_at": now(), "created_by": actor}
        connection.execute(insert(t.landing_zone).values(namespace=zone.namespace, name=zone.name, **values))


def fetch_files(connection: Connection, zone: ZoneName, page: PageRequest) -> Page[LandingFile]:
    """Files of a zone in the order they arrived."""
    query = select(t.landing_file).where(t.landing_file.c.namespace == zone.namespace, t.landing_file.c.zone == zone.name)
    return fetch_page(connection, query, _FILES, page, _file)


def fetch_file_by_hash(connection: Connection, zone: ZoneName, sha256: str) -> LandingFile | None:
    """The first file of a zone with this content, if any."""
    file = t.landing_file.c
    query = select(t.landing_file).where(file.namespace == zone.namespace, file.zone == zone.name, file.sha256 == sha256).order_by(file.id).limit(1)
    row = connection.execute(query).one_or_none()
    return _file(row) if row else None


def fetch_zone_sizes(connection: Connection, zones: Collection[ZoneName]) -> dict[ZoneName, tuple[int, int]]:
    """Number and bytes of the files in those of ``zones`` that have any."""
    file = t.landing_file.c
    wanted = or_(false(), *(and_(file.namespace == zone.namespace, file.zone == zone.name) for zone in zones))
    query = select(file.namespace, file.zone, func.count(), func.sum(file.size_bytes)).where(wanted).group_by(file.namespace, file.zone)
    return {ZoneName(row[0], row[1]): (row[2], row[3]) for row in connection.execute(query)}


def insert_file(connection: Connection, file: LandingFile, path: str) -> None:
    """Register a file that lies at ``path``, relative to the landing folder."""
    facts = {"filename": file.filename, "format": file.format.value, "size_bytes": file.size_bytes, "sha256": file.sha256}
    where = {"namespace": file.zone.namespace, "zone": file.zone.name, "path": path}
    connection.execute(insert(t.landing_file).values(id=file.id, uploaded_at=file.uploaded_at, uploaded_by=file.uploaded_by, **facts, **where))


def _query() -> Select[Any]:
    held = and_(t.landing_file.c.namespace == t.landing_zone.c.namespace, t.landing_file.c.zone == t.landing_zone.c.name)
    files = select(func.count()).where(held).correlate(t.landing_zone).scalar_subquery()
    size = select(func.coalesce(func.sum(t.landing_file.c.size_bytes), 0)).where(held).correlate(t.landing_zone).scalar_subquery()
    return select(t.landing_zone, files.label("file_count"), size.label("total_bytes"))


def _zone(row: Row[Any]) -> LandingZone:
    return LandingZone(ZoneName(row.namespace, row.name), row.description, row.created_at, row.file_count, row.total_bytes)


def _file(row: Row[Any]) -> LandingFile:
    zone = ZoneName(row.namespace, row.zone)
    return LandingFile(row.id, zone, row.filename, FileFormat(row.format), row.size_bytes, row.sha256, row.uploaded_at, row.uploaded_by)
