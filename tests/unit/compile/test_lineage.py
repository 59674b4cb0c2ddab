"""What reads what: cycles and order."""

from __future__ import annotations

from graphlib import CycleError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rat_engine.compile import cycle_through, find_cycle, topological_order
from rat_engine.domain.names import TableName


def _table(name: str) -> TableName:
    return TableName.parse(f"n.silver.{name}")


def _edges(text: str) -> dict[TableName, list[TableName]]:
    """``a<bc`` means that a reads b and c."""
    return {_table(part[0]): [_table(name) for name in part[2:]] for part in text.split()}


@pytest.mark.parametrize("text", ["", "a<", "a<b", "a<b b<c", "a<bc b<d c<d", "a<x b<x"])
def test_a_graph_without_a_cycle_has_none(text: str) -> None:
    """P10-08."""
    assert find_cycle(_edges(text)) is None


@pytest.mark.parametrize(
    ("text", "cycle"),
    [("a<a", "a"), ("a<b b<a", "ab"), ("c<a b<c a<b", "abc"), ("x<a a<b b<c c<b", "bc"), ("a<b b<a c<d d<c", None)],
)
def test_a_cycle_is_spelled_in_the_order_of_reading_from_its_first_name(text: str, cycle: str | None) -> None:
    """P10-08."""
    edges = _edges(text)
    found = find_cycle(edges)
    assert found is not None
    assert all(after in edges[before] for before, after in zip(found, (*found[1:], found[0]), strict=True))
    assert cycle is None or "".join(table.name for table in found) == cycle


@pytest.mark.parametrize(
    ("text", "cycle"), [("a<a", "a"), ("a<b b<a", "ab"), ("c<a b<c a<b", "abc"), ("a<bc b<c c<a", "ac"), ("a<b b<c c<b", ""), ("a<b c<d d<c", ""), ("", "")]
)
def test_a_cycle_counts_for_its_members_alone(text: str, cycle: str) -> None:
    """P10-08."""
    found = cycle_through(_table("a"), _edges(text))
    assert "".join(table.name for table in found or ()) == cycle


def test_order_puts_each_table_after_what_it_reads_and_otherwise_by_name() -> None:
    """P10-08: usable for running a pipeline with what it depends on."""
    assert "".join(table.name for table in topological_order(_edges("d<bc b<a c<a z<"))) == "azbcd"


def test_order_refuses_a_cycle() -> None:
    with pytest.raises(CycleError):
        topological_order(_edges("a<b b<a"))


_NAMES = st.sampled_from("abcdefg").map(_table)


@given(st.dictionaries(_NAMES, st.lists(_NAMES, max_size=4)))
def test_a_graph_has_either_a_cycle_or_an_order(edges: dict[TableName, list[TableName]]) -> None:
    """P10-08."""
    if find_cycle(edges):
        return
    order = topological_order(edges)
    assert all(order.index(read) < order.index(table) for table, reads in edges.items() for read in reads)
