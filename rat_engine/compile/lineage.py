"""The graph of what reads what."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping
from graphlib import CycleError, TopologicalSorter

from rat_engine.domain.names import TableName


def find_cycle(edges: Mapping[TableName, Collection[TableName]]) -> tuple[TableName, ...] | None:
    """A cycle in ``edges`` (a table → the tables it reads), or None.

    The tables stand in the order of reading, each once: ``(a, b)`` when a reads b and b reads a.
    """
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        found: list[TableName] = error.args[1]
        return _from_smallest(tuple(reversed(found[1:])))
    return None


def cycle_through(table: TableName, edges: Mapping[TableName, Collection[TableName]]) -> tuple[TableName, ...] | None:
    """The shortest cycle that ``table`` is part of, spelled as in ``find_cycle``, or None: others are not its business."""
    readers: dict[TableName, TableName] = {}
    waiting = deque([table])
    while waiting and table not in readers:
        reader = waiting.popleft()
        new = [read for read in sorted(edges.get(reader, ())) if read not in readers]
        readers.update(dict.fromkeys(new, reader))
        waiting += new
    if table not in readers:
        return None
    cycle = [readers[table]]
    while cycle[-1] != table:
        cycle.append(readers[cycle[-1]])
    return _from_smallest(tuple(reversed(cycle)))


def _from_smallest(cycle: tuple[TableName, ...]) -> tuple[TableName, ...]:
    start = cycle.index(min(cycle))
    return (*cycle[start:], *cycle[:start])


def topological_order(edges: Mapping[TableName, Collection[TableName]]) -> tuple[TableName, ...]:
    """Every table named in ``edges`` (a table → the tables it reads), each after all it reads, otherwise by name.

    Raises ValueError when there is a cycle.
    """
    sorter = TopologicalSorter(edges)
    sorter.prepare()
    ordered: list[TableName] = []
    while ready := sorted(sorter.get_ready()):
        ordered += ready
        sorter.done(*ready)
    return tuple(ordered)
