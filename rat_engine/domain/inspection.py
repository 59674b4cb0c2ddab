"""A look at one snapshot of a table: what its columns hold."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rat_engine.domain.lake import QueryStatus
from rat_engine.domain.names import TableName


class InspectionKind(StrEnum):
    """What is looked at: the first rows, the data files, the columns."""

    PREVIEW = "preview"
    FILES = "files"
    PROFILE = "profile"


@dataclass(frozen=True, slots=True)
class ValueCount:
    """A value, as text, and in how many rows it is."""

    value: str
    rows: int


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """What a column holds. Least, greatest and ``mean`` are None where they mean nothing.

    ``values`` are the most frequent ones; ``bins`` count rows in intervals of equal length from the least to the greatest value, and are empty for
    what is not a number or a moment.
    """

    name: str
    type: str
    rows: int
    nulls: int
    distinct: int
    least: str | None = None
    greatest: str | None = None
    mean: float | None = None
    values: tuple[ValueCount, ...] = ()
    bins: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class TableProfile:
    """The profile of a table at one snapshot. ``status`` is None when nobody has asked for it; ``columns`` are those that are ready.

    ``total`` is how many columns the table has; ``sampled`` tells that rows were picked at random, so that numbers are estimates.
    """

    table: TableName
    snapshot_id: int
    status: QueryStatus | None
    columns: tuple[ColumnProfile, ...]
    total: int
    sampled: bool
    error_code: str = ""
    error_message: str = ""
