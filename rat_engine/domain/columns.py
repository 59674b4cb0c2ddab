"""Where the columns of tables come from and what becomes of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from rat_engine.domain.lineage import Place, place_id
from rat_engine.domain.names import TableName
from rat_engine.errors import NotFoundError


class ColumnKind(StrEnum):
    """How a column comes from its sources. ``origin``: it came with a file, or no pipeline makes it; ``unknown``: not traced, for a reason."""

    ORIGIN = "origin"
    COPIED = "copied"
    COMPUTED = "computed"
    AGGREGATED = "aggregated"
    CONSTANT = "constant"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ColumnRef:
    """A column of a table or landing zone."""

    place: Place
    column: str

    @property
    def id(self) -> str:
        """Its four-part name."""
        return f"{place_id(self.place)}.{self.column}"

    @property
    def key(self) -> tuple[Place, str]:
        """What makes it the same column whatever the spelling: SQL does not tell upper from lower case."""
        return self.place, self.column.lower()


@dataclass(frozen=True, slots=True)
class TracedColumn:
    """A column of a table, the columns its values come from, and the expression that makes it. ``reason`` says why it was not traced."""

    name: str
    kind: ColumnKind
    expression: str = ""
    sources: tuple[ColumnRef, ...] = ()
    reason: str = ""

    @property
    def traced(self) -> bool:
        """Whether it is known where it comes from."""
        return self.kind is not ColumnKind.UNKNOWN


@dataclass(frozen=True, slots=True)
class ColumnTrace:
    """The columns that a pipeline makes. ``rows`` are the columns that decide which rows there are: filters, joins, groups."""

    columns: tuple[TracedColumn, ...] = ()
    rows: tuple[ColumnRef, ...] = ()
    problem: str = ""

    @property
    def whole(self) -> bool:
        """Whether every column is known, with where it comes from."""
        return not self.problem and all(column.traced for column in self.columns)


@dataclass(frozen=True, slots=True)
class ColumnLineage:
    """The columns of one table or landing zone, and how many of them could be traced."""

    place: Place
    trace: ColumnTrace

    @property
    def traced(self) -> int:
        """How many columns it is known of where they come from."""
        return sum(column.traced for column in self.trace.columns)

    @property
    def total(self) -> int:
        """How many columns there are."""
        return len(self.trace.columns)


@dataclass(frozen=True, slots=True)
class ColumnStep:
    """A column on the way up or down from another, ``distance`` tables away."""

    ref: ColumnRef
    column: TracedColumn
    distance: int


@dataclass(frozen=True, slots=True)
class ColumnImpact:
    """Everything that a column comes from and everything that comes from it.

    ``rows`` are the tables whose rows, not values, depend on it or on what comes from it. ``untraced`` are tables further down with columns
    that could not be traced, which may depend on it too.
    """

    ref: ColumnRef
    column: TracedColumn
    upstream: tuple[ColumnStep, ...] = ()
    downstream: tuple[ColumnStep, ...] = ()
    rows: tuple[TableName, ...] = ()
    untraced: tuple[TableName, ...] = ()


Key = tuple[Place, str]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ColumnGraph:
    """The columns of every released pipeline, by table, and who uses which."""

    traces: Mapping[TableName, ColumnTrace]
    columns: Mapping[Key, tuple[ColumnRef, TracedColumn]]
    users: Mapping[Key, tuple[Key, ...]] = field(repr=False)
    deciding: Mapping[Key, tuple[TableName, ...]] = field(repr=False)
    doubtful: Mapping[TableName, frozenset[Place]] = field(repr=False)

    @classmethod
    def of(cls, traces: Mapping[TableName, ColumnTrace], reads: Mapping[Place, frozenset[Place]], schemas: Mapping[TableName, Sequence[str]]) -> ColumnGraph:
        """The graph of all traces. A column of files exists as soon as somebody reads it.

        ``reads`` are the edges between places, ``schemas`` the columns of published tables.
        """
        columns: dict[Key, tuple[ColumnRef, TracedColumn]] = {}
        users: dict[Key, list[Key]] = {}
        deciding: dict[Key, list[TableName]] = {}
        for table, trace in traces.items():
            for column in trace.columns:
                ref = ColumnRef(table, column.name)
                columns[ref.key] = (ref, column)
                for source in column.sources:
                    users.setdefault(source.key, []).append(ref.key)
            for source in trace.rows:
                deciding.setdefault(source.key, []).append(table)
        for source in _mentioned(traces.values(), schemas):
            columns.setdefault(source.key, (source, _unmade(source, traces.get(source.place) if isinstance(source.place, TableName) else None)))
        doubtful = {table: reads.get(table, frozenset()) for table, trace in traces.items() if not trace.whole}
        return cls(traces, columns, _frozen(users), _frozen(deciding), doubtful)

    def of_place(self, place: Place) -> ColumnLineage:
        """The columns of one place; of a landing zone those that somebody reads."""
        if isinstance(place, TableName) and place in self.traces:
            return ColumnLineage(place, self.traces[place])
        read = sorted({ref.column: column for ref, column in self.columns.values() if ref.place == place}.items())
        return ColumnLineage(place, ColumnTrace(tuple(column for _, column in read)))

    def impact(self, ref: ColumnRef) -> ColumnImpact:
        """Everything before and after a column. Raises NotFoundError."""
        if ref.key not in self.columns:
            raise NotFoundError(f"{place_id(ref.place)} has no column {ref.column}.")
        found, column = self.columns[ref.key]
        upstream = self._reached(ref.key, lambda key: [source.key for source in self.columns[key][1].sources])
        downstream = self._reached(ref.key, lambda key: self.users.get(key, ()))
        affected = [ref.key, *(step.ref.key for step in downstream)]
        rows = {table for key in affected for table in self.deciding.get(key, ())}
        return ColumnImpact(found, column, upstream, downstream, tuple(sorted(rows)), self._untraced(affected))

    def _reached(self, start: Key, following: Callable[[Key], Iterable[Key]]) -> tuple[ColumnStep, ...]:
        distances, waiting = {start: 0}, deque([start])
        while waiting:
            key = waiting.popleft()
            for other in following(key):
                if other not in distances and other in self.columns:
                    distances[other] = distances[key] + 1
                    waiting.append(other)
        return tuple(ColumnStep(*self.columns[key], distance) for key, distance in distances.items() if distance)

    def _untraced(self, affected: Iterable[Key]) -> tuple[TableName, ...]:
        """Tables with columns of unknown origin that read a table with an affected column."""
        places = {place for place, _ in affected}
        return tuple(sorted(table for table, reads in self.doubtful.items() if not places.isdisjoint(reads)))


def _mentioned(traces: Iterable[ColumnTrace], schemas: Mapping[TableName, Sequence[str]]) -> Iterator[ColumnRef]:
    """Every column of a published table, and every column that a trace names."""
    for table, names in schemas.items():
        yield from (ColumnRef(table, name) for name in names)
    for trace in traces:
        yield from trace.rows
        for column in trace.columns:
            yield from column.sources


def _unmade(ref: ColumnRef, trace: ColumnTrace | None) -> TracedColumn:
    """A column that others read and no trace makes: it came with a file, or its table could not be traced."""
    if trace is None:
        return TracedColumn(ref.column, ColumnKind.ORIGIN)
    return TracedColumn(ref.column, ColumnKind.UNKNOWN, reason=trace.problem or "Its table's SQL does not name it.")


def _frozen(lists: Mapping[Key, list[T]]) -> dict[Key, tuple[T, ...]]:
    return {key: tuple(found) for key, found in lists.items()}
