"""Use cases of landing zones: files arrive, are registered, and wait for a run."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from rat_engine.access.policy import Policy
from rat_engine.domain.access import Action, Actor
from rat_engine.domain.clock import new_id, now
from rat_engine.domain.event import EventKind, NewEvent
from rat_engine.domain.lake import FileFormat, LandingFile, LandingZone
from rat_engine.domain.names import ZoneName
from rat_engine.domain.paging import Page, PageRequest
from rat_engine.domain.pipeline import MAX_DESCRIPTION
from rat_engine.errors import DiskFullError, TooLargeError, ValidationError
from rat_engine.metadata import landing as sql
from rat_engine.metadata import namespaces
from rat_engine.metadata.database import Database, Transaction
from rat_engine.services.base import Service, action, checked_length
from rat_engine.settings import MEBIBYTE, Settings

CHUNK_BYTES = 1 << 20
MAX_FILENAME = 255
PARQUET_MAGIC = b"PAR1"


class LandingService(Service):
    """Landing zones and their files."""

    def __init__(self, database: Database, policy: Policy, settings: Settings) -> None:
        super().__init__(database, policy)
        self._folder = settings.landing
        self._limit = settings.landing_limit_mb * MEBIBYTE

    @action(Action.LANDING_READ)
    def zones(self, actor: Actor, namespace: str | None = None, page: PageRequest = PageRequest()) -> Page[LandingZone]:
        """Zones by name."""
        with self._database.read() as connection:
            return sql.fetch_zones(connection, namespace, page)

    @action(Action.LANDING_READ)
    def zone(self, actor: Actor, zone: ZoneName) -> LandingZone:
        """One zone. Raises NotFoundError."""
        with self._database.read() as connection:
            return sql.fetch_zone(connection, zone)

    @action(Action.LANDING_WRITE)
    def create(self, actor: Actor, zone: ZoneName, description: str = "") -> LandingZone:
        """Create a zone, and its namespace where it is new. Raises AlreadyExistsError."""
        checked_length(description, MAX_DESCRIPTION, "description")
        with self._database.write() as transaction:
            _insert_zone(transaction, zone, description, actor)
            return sql.fetch_zone(transaction.connection, zone)

    @action(Action.LANDING_READ)
    def files(self, actor: Actor, zone: ZoneName, page: PageRequest = PageRequest()) -> Page[LandingFile]:
        """Files of a zone in the order they arrived. Raises NotFoundError."""
        with self._database.read() as connection:
            sql.fetch_zone(connection, zone)
            return sql.fetch_files(connection, zone, page)

    @action(Action.LANDING_READ)
    def find(self, actor: Actor, zone: ZoneName, sha256: str) -> LandingFile | None:
        """The first file of a zone whose content has this SHA-256 (hex), or None."""
        with self._database.read() as connection:
            return sql.fetch_file_by_hash(connection, zone, sha256)

    @action(Action.LANDING_WRITE)
    def land(self, actor: Actor, zone: ZoneName, filename: str, stream: BinaryIO) -> LandingFile:
        """Copy ``stream`` into the zone, creating it where it is new. The file is registered only when it is whole and on disk.

        Raises ValidationError for a name, format or size that cannot be accepted, DiskFullError.
        """
        name = _checked_filename(filename)
        kind = _format(name)
        file_id = new_id()
        path = self._folder / f"{file_id}.{kind.value}"
        # Under a name that tells: whoever is killed before the end leaves a file that nobody knows.
        part = path.with_name(f"{path.name}.part")
        with _removed_on_error(part), _removed_on_error(path):
            size, digest = _copy(stream, part, self._limit)
            _check_content(part, kind, name)
            file = LandingFile(file_id, zone, name, kind, size, digest, now(), actor.name)
            with self._database.write(durable=True) as transaction:
                if not sql.zone_exists(transaction.connection, zone):
                    _insert_zone(transaction, zone, "", actor)
                sql.insert_file(transaction.connection, file, path.name)
                data = {"file_id": file_id, "filename": name, "size_bytes": size}
                transaction.record(NewEvent(EventKind.FILE_LANDED, str(zone), actor.name, zone.namespace, data))
                part.rename(path)
        return file


def _insert_zone(transaction: Transaction, zone: ZoneName, description: str, actor: Actor) -> None:
    if namespaces.ensure_namespace(transaction.connection, zone.namespace, actor.name):
        transaction.record(NewEvent(EventKind.NAMESPACE_CREATED, zone.namespace, actor.name, zone.namespace))
    sql.insert_zone(transaction.connection, zone, description, actor.name)


def _checked_filename(filename: str) -> str:
    name = PurePosixPath(filename.replace("\\", "/")).name
    if not name or name in (".", "..") or not name.isprintable() or len(name) > MAX_FILENAME:
        raise ValidationError(f"{filename[:100]!r} is not a usable file name: at most {MAX_FILENAME} printable characters, ending in .csv or .parquet.")
    return name


def _format(name: str) -> FileFormat:
    suffix = PurePosixPath(name).suffix.lower().removeprefix(".")
    if suffix not in list(FileFormat):
        raise ValidationError(f"{name!r} cannot be landed: its name must end in {' or '.join('.' + kind.value for kind in FileFormat)}.")
    return FileFormat(suffix)


def _copy(stream: BinaryIO, path: Path, limit: int) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as target:
        while chunk := stream.read(CHUNK_BYTES):
            size += len(chunk)
            if size > limit:
                raise TooLargeError(f"The file is larger than {limit // MEBIBYTE:,} MiB, the most a landing zone accepts (RAT_LANDING_LIMIT_MB).")
            digest.update(chunk)
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    return size, digest.hexdigest()


def _check_content(path: Path, kind: FileFormat, name: str) -> None:
    """A wrong extension is noticed before a run trips over it; what is inside is read only in a child."""
    with path.open("rb") as file:
        head = file.read(len(PARQUET_MAGIC))
    if not head:
        raise ValidationError(f"{name!r} is empty.")
    if (head == PARQUET_MAGIC) is not (kind is FileFormat.PARQUET):
        raise ValidationError(
            f"{name!r} is {'not ' if kind is FileFormat.PARQUET else ''}a Parquet file, other than its name says. Rename it or check its content."
        )


@contextlib.contextmanager
def _removed_on_error(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        path.unlink(missing_ok=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFullError("The disk is full: the file was not landed. Free some space and land it again.") from None
        raise
    except BaseException:
        path.unlink(missing_ok=True)
        raise
