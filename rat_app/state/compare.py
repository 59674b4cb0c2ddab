"""Two texts side by side, line by line, as a comparison shows them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

MAX_ROWS = 2_000
MAX_LINE = 300


@dataclass(frozen=True)
class DiffRow:
    """One line of a comparison. ``kind`` is file (a heading), same, or changed; an absent line has number 0."""

    kind: str
    left: str = ""
    right: str = ""
    left_number: int = 0
    right_number: int = 0


def side_by_side(left: Mapping[str, str], right: Mapping[str, str]) -> list[DiffRow]:
    """Rows for every file of ``left`` whose text in ``right`` differs, at most MAX_ROWS."""
    rows: list[DiffRow] = []
    for path, text in sorted(left.items()):
        if text != right.get(path, ""):
            rows += [DiffRow("file", path, path), *_lines(text.splitlines(), right.get(path, "").splitlines())]
    return rows[:MAX_ROWS]


def _lines(left: list[str], right: list[str]) -> Iterator[DiffRow]:
    for tag, first, last, other_first, other_last in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        kind = "same" if tag == "equal" else "changed"
        for a, b in zip_longest(range(first, last), range(other_first, other_last)):
            yield DiffRow(kind, "" if a is None else left[a], "" if b is None else right[b], 0 if a is None else a + 1, 0 if b is None else b + 1)


def in_context(left: Mapping[str, str], right: Mapping[str, str], limit: int = 400, context: int = 3) -> list[DiffRow]:
    """As ``side_by_side``, with only ``context`` equal lines around each change and a row of kind ``gap`` between; at most ``limit`` rows."""
    rows: list[DiffRow] = []
    for path in sorted({*left, *right}):
        before, after = left.get(path, "").splitlines(), right.get(path, "").splitlines()
        found = [list(_grouped(before, after, group)) for group in SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(context)]
        if found:
            rows += [DiffRow("file", path, path), *found[0]]
        for further in found[1:]:
            rows += [DiffRow("gap"), *further]
    return rows[:limit]


def _grouped(left: list[str], right: list[str], group: Iterable[tuple[str, int, int, int, int]]) -> Iterator[DiffRow]:
    for tag, first, last, other_first, other_last in group:
        for a, b in zip_longest(range(first, last), range(other_first, other_last)):
            yield _row("same" if tag == "equal" else "changed", left, right, (a, b))


def _row(kind: str, left: list[str], right: list[str], places: tuple[int | None, int | None]) -> DiffRow:
    a, b = places
    return DiffRow(
        kind, "" if a is None else left[a][:MAX_LINE], "" if b is None else right[b][:MAX_LINE], 0 if a is None else a + 1, 0 if b is None else b + 1
    )
