"""Lineage: which tables and landing zones feed which, as people look at it."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from rat_engine.domain.names import LANDING_SCHEMA, TableName, ZoneName

MAX_DEPTH = 50

# What stands in a lineage graph: a table (with the pipeline that fills it) or a landing zone.
Place = TableName | ZoneName


def place_id(place: Place) -> str:
    """The three-part name of a table or zone, as SQL spells it: a zone's middle part is ``landing``, which no layer is called."""
    return str(place) if isinstance(place, TableName) else f"{place.namespace}.{LANDING_SCHEMA}.{place.name}"


def parse_place(text: str) -> Place:
    """The table or zone called ``text``. Raises InvalidNameError."""
    parts = text.strip().split(".")
    return ZoneName(parts[0], parts[2]) if len(parts) == 3 and parts[1] == LANDING_SCHEMA else TableName.parse(text)


class NodeKind(StrEnum):
    """What a node of the graph is."""

    ZONE = "zone"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class LineageNode:
    """A table or landing zone with its state.

    ``version`` is None for what no released pipeline fills; ``published_at``, ``row_count`` and ``size_bytes`` are None before the first
    publish. A zone has its files and bytes, and as ``published_at`` the arrival of the last one. ``failing`` and ``warning`` count the
    quality tests that found something in the last run.
    """

    place: Place
    kind: NodeKind
    description: str = ""
    owner: str = ""
    pipeline: bool = False
    version: int | None = None
    last_run_id: str | None = None
    last_run_status: str | None = None
    last_run_at: datetime | None = None
    published_at: datetime | None = None
    row_count: int | None = None
    size_bytes: int | None = None
    file_count: int | None = None
    failing: int = 0
    warning: int = 0

    @property
    def id(self) -> str:
        """The node's three-part name."""
        return place_id(self.place)


@dataclass(frozen=True, slots=True)
class LineageFilter:
    """Which part of the graph is wanted: around ``focus`` at most ``up`` and ``down`` steps away, of one namespace and what touches it."""

    focus: Place | None = None
    up: int = MAX_DEPTH
    down: int = MAX_DEPTH
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class LineageGraph:
    """Nodes by id, and the edges between them as (source, target) ids. ``total`` counts the nodes of the whole graph."""

    nodes: tuple[LineageNode, ...] = ()
    edges: tuple[tuple[str, str], ...] = ()
    total: int = 0


@dataclass(frozen=True, slots=True)
class Edges:
    """Who feeds whom, in both directions."""

    sources: Mapping[Place, frozenset[Place]] = field(default_factory=dict[Place, frozenset[Place]])
    targets: Mapping[Place, frozenset[Place]] = field(default_factory=dict[Place, frozenset[Place]])

    @classmethod
    def of(cls, pairs: Iterable[tuple[Place, Place]]) -> Edges:
        """The edges of (source, target) pairs."""
        sources: dict[Place, set[Place]] = {}
        targets: dict[Place, set[Place]] = {}
        for source, target in pairs:
            sources.setdefault(target, set()).add(source)
            targets.setdefault(source, set()).add(target)
        return cls({key: frozenset(value) for key, value in sources.items()}, {key: frozenset(value) for key, value in targets.items()})

    def around(self, focus: Place, up: int, down: int) -> set[Place]:
        """``focus`` and what lies at most ``up`` steps before and ``down`` steps after it."""
        return _reached(self.sources, focus, up) | _reached(self.targets, focus, down)


def _reached(neighbours: Mapping[Place, Collection[Place]], start: Place, steps: int) -> set[Place]:
    reached, waiting = {start}, deque([(start, 0)])
    while waiting:
        place, distance = waiting.popleft()
        for other in neighbours.get(place, ()) if distance < steps else ():
            if other not in reached:
                reached.add(other)
                waiting.append((other, distance + 1))
    return reached
