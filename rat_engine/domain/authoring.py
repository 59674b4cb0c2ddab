"""What an editor of pipelines offers: the words that may stand where, the columns in scope, and what the next run would do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rat_engine.domain.lake import Column
from rat_engine.domain.names import TableName, ZoneName
from rat_engine.domain.quality import QualityTest


@dataclass(frozen=True, slots=True)
class Word:
    """A word with a meaning. ``values`` are all it may have, where they are limited; ``insert`` is what to write, where that is more than the word."""

    name: str
    meaning: str
    values: tuple[str, ...] = ()
    insert: str = ""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every word that compiling knows: of templates, of annotations in a pipeline and in a quality test, and of the two documents."""

    helpers: tuple[Word, ...]
    filters: tuple[Word, ...]
    annotations: tuple[Word, ...]
    test_annotations: tuple[Word, ...]
    config_keys: tuple[Word, ...]
    table_keys: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """Something a file reads. ``kind`` is table, this, zone or cte; ``name`` is how the file calls it; no columns: they are not known yet."""

    kind: str
    name: str
    columns: tuple[Column, ...] = ()
    description: str = ""
    row_count: int | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """What a file reads. ``whole`` is False while its SQL cannot be read as it stands: the file's own CTEs are then left out."""

    relations: tuple[Relation, ...]
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a file, counted from 1."""

    path: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class PlannedTable:
    """A table that a run would read: its present snapshot, None while it was never published."""

    table: TableName
    snapshot_id: int | None = None
    row_count: int = 0
    size_bytes: int = 0
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PlannedZone:
    """A landing zone that a run would read."""

    zone: ZoneName
    file_count: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class NextRun:
    """What a run of a pipeline would do if it began now. ``version`` is None for the draft; ``obstacles`` are the reasons why it would fail at once.

    ``target`` is the table it fills as it is now; ``read_by`` are the released pipelines that read that table.
    """

    table: TableName
    version: int | None
    strategy: str
    incremental: bool
    target: PlannedTable
    tables: tuple[PlannedTable, ...] = ()
    zones: tuple[PlannedZone, ...] = ()
    tests: tuple[QualityTest, ...] = ()
    read_by: tuple[TableName, ...] = ()
    obstacles: tuple[str, ...] = ()
