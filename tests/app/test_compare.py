"""Two texts side by side."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rat_app.state.compare import MAX_ROWS, in_context, side_by_side

LINES = st.lists(st.sampled_from(["a", "b", "select 1", ""]), max_size=12)


@given(LINES, LINES)
def test_every_line_of_both_texts_is_shown_once_in_its_order(left: list[str], right: list[str]) -> None:
    rows = side_by_side({"f": "\n".join(left)}, {"f": "\n".join(right)})
    if "\n".join(left) == "\n".join(right):
        assert rows == []
        return
    lines = [row for row in rows if row.kind != "file"]
    assert [row.left for row in lines if row.left_number] == "\n".join(left).splitlines()
    assert [row.right for row in lines if row.right_number] == "\n".join(right).splitlines()
    assert all(row.left == row.right for row in lines if row.kind == "same")


def test_a_file_that_the_other_side_does_not_have_is_compared_with_nothing() -> None:
    rows = side_by_side({"new.sql": "a\nb"}, {})
    assert [(row.kind, row.left, row.right) for row in rows] == [("file", "new.sql", "new.sql"), ("changed", "a", ""), ("changed", "b", "")]


def test_an_endless_comparison_is_cut_and_says_so() -> None:
    """P3-06: a change out of sight must not look like none."""
    for rows in (side_by_side({"f": "\n".join(map(str, range(9_000)))}, {}), in_context({"f": "\n".join(map(str, range(9_000)))}, {}, limit=MAX_ROWS)):
        assert len(rows) == MAX_ROWS + 1
        assert (rows[-1].kind, rows[-1].left) == ("cut", "7,001 more lines are not shown here.")


def test_of_long_lines_the_place_is_shown_where_they_differ() -> None:
    long = "x" * 500
    (_, row) = in_context({"f": f"{long}old{long}"}, {"f": f"{long}new{long}"})
    assert (row.kind, "old" in row.left, "new" in row.right) == ("changed", True, True)
    assert row.left.startswith("…x")
    assert row.left.endswith("x…")
    (_, added) = in_context({"f": ""}, {"f": long})
    assert (added.left, added.right) == ("", "x" * 300 + "…")
