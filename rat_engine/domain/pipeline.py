"""Pipelines: the files that fill one table, as a draft while edited and as numbered versions once released."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from rat_engine.domain.names import Layer, TableName, ZoneName, checked_name, nearest
from rat_engine.errors import ValidationError

SOURCE_FILE = "pipeline.sql"
CONFIG_FILE = "config.yaml"
TABLE_FILE = "table.yaml"
TEST_FOLDER = "tests/quality/"

MAX_FILE_CHARACTERS = 500_000
MAX_FILES = 200
MAX_DESCRIPTION = 5_000
MAX_MESSAGE = 1_000
# Of one statement, as a person writes it or a template yields it.
MAX_SQL_BYTES = 100_000

_TEST_FILE = re.compile(r"tests/quality/([^/]+)\.sql")


class WriteStrategy(StrEnum):
    """How a run's rows enter the table."""

    FULL_REFRESH = "full_refresh"
    APPEND_ONLY = "append_only"


@dataclass(frozen=True, slots=True)
class PipelineFiles:
    """The files of a draft or version: path within the pipeline → text. Line ends are normalised to ``\\n``.

    Raises ValidationError for a path that is not one of a pipeline's files and for text beyond the limits.
    """

    texts: Mapping[str, str]

    def __post_init__(self) -> None:
        if len(self.texts) > MAX_FILES:
            raise ValidationError(f"A pipeline has at most {MAX_FILES} files; this one has {len(self.texts)}.")
        normal: dict[str, str] = {}
        for path, text in sorted(self.texts.items()):
            _check_path(path)
            if len(text) > MAX_FILE_CHARACTERS:
                raise ValidationError(f"{path} has {len(text):,} characters; at most {MAX_FILE_CHARACTERS:,} are accepted.")
            if "\x00" in text:
                raise ValidationError(f"{path} contains a NUL character. Remove it.")
            normal[path] = text.replace("\r\n", "\n").replace("\r", "\n")
        object.__setattr__(self, "texts", normal)

    @property
    def source(self) -> str:
        """The text of ``pipeline.sql``; empty when there is none."""
        return self.texts.get(SOURCE_FILE, "")

    @property
    def tests(self) -> dict[str, str]:
        """Quality tests: path → SQL."""
        return {path: text for path, text in self.texts.items() if path.startswith(TEST_FOLDER)}

    @property
    def hash(self) -> str:
        """SHA-256 over paths and texts, in hex: equal exactly when the files are equal."""
        digest = hashlib.sha256()
        for path, text in self.texts.items():
            for part in (path.encode(), text.encode()):
                digest.update(len(part).to_bytes(8, "big") + part)
        return digest.hexdigest()


def _check_path(path: str) -> None:
    if path in (SOURCE_FILE, CONFIG_FILE, TABLE_FILE):
        return
    match = _TEST_FILE.fullmatch(path)
    if match:
        checked_name(match[1], "quality test")
        return
    known = (SOURCE_FILE, CONFIG_FILE, TABLE_FILE)
    raise ValidationError(
        f"{path[:200]!r} is not a file of a pipeline: there are {', '.join(known)} and {TEST_FOLDER}<name>.sql. {nearest(path, known)}".rstrip()
    )


@dataclass(frozen=True, slots=True)
class Dependency:
    """What a pipeline reads: a table (``ref``) or a landing zone (``landing_zone``)."""

    table: TableName | None = None
    zone: ZoneName | None = None

    def __str__(self) -> str:
        return str(self.table or self.zone)


@dataclass(frozen=True, slots=True)
class Namespace:
    """A tenant area: the first part of every name."""

    name: str
    description: str
    created_at: datetime
    pipeline_count: int


@dataclass(frozen=True, slots=True)
class Pipeline:
    """One pipeline as lists and headers show it. ``version`` is None until the first release."""

    id: str
    table: TableName
    type: str
    description: str
    version: int | None
    version_hash: str | None
    draft_changed: bool
    created_at: datetime
    updated_at: datetime
    owner: str = ""
    last_run_id: str | None = None
    last_run_status: str | None = None
    last_run_at: datetime | None = None
    row_count: int | None = None
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PipelineFilter:
    """Which pipelines a list shows; ``search`` matches part of the name, namespace or description."""

    namespace: str | None = None
    layer: Layer | None = None
    search: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """The files being edited. ``revision`` must be passed back when saving."""

    table: TableName
    revision: int
    files: PipelineFiles
    updated_at: datetime
    updated_by: str


@dataclass(frozen=True, slots=True)
class Version:
    """An immutable release; ``changed`` are the paths in which it differs from the version before."""

    table: TableName
    number: int
    hash: str
    message: str
    created_at: datetime
    created_by: str
    files: PipelineFiles | None = field(default=None, repr=False)
    changed: tuple[str, ...] = ()
