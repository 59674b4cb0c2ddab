"""Two texts side by side, line by line, as a comparison shows them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

MAX_ROWS = 2_000
MAX_LINE = 300
# Characters that are shown before the place where two long lines begin to differ.
LEAD = 40


@dataclass(frozen=True)
class DiffRow:
    """One line of a comparison. ``kind`` is file (a heading), same, changed, gap, or cut (``left`` says what is left out); an absent line has number 0."""

    kind: str
    left: str = ""
    right: str = ""
    left_number: int = 0
    right_number: int = 0


@dataclass(frozen=True)
class Conflict:
    """A save of someone else that met ours: who made it, both texts of what differs, and the revision that is shown. ``who`` is empty without one."""

    who: str = ""
    rows: tuple[DiffRow, ...] = ()
    revision: int | str = 0


def side_by_side(left: Mapping[str, str], right: Mapping[str, str]) -> list[DiffRow]:
    """Rows for every file of ``left`` whose text in ``right`` differs, at most MAX_ROWS and one that says how many more there are."""
    rows: list[DiffRow] = []
    for path, text in sorted(left.items()):
        if text != right.get(path, ""):
            rows += [DiffRow("file", path, path), *_lines(text.splitlines(), right.get(path, "").splitlines())]
    return _cut(rows, MAX_ROWS)


def _lines(left: list[str], right: list[str]) -> Iterator[DiffRow]:
    for tag, first, last, other_first, other_last in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        kind = "same" if tag == "equal" else "changed"
        for a, b in zip_longest(range(first, last), range(other_first, other_last)):
            yield DiffRow(kind, "" if a is None else left[a], "" if b is None else right[b], 0 if a is None else a + 1, 0 if b is None else b + 1)


def in_context(left: Mapping[str, str], right: Mapping[str, str], limit: int = 400, context: int = 3) -> list[DiffRow]:
    """As ``side_by_side``, with only ``context`` equal lines around each change and a row of kind ``gap`` between.

    After ``limit`` rows one more says how many are left out.
    """
    rows: list[DiffRow] = []
    for path in sorted({*left, *right}):
        before, after = left.get(path, "").splitlines(), right.get(path, "").splitlines()
        found = [list(_grouped(before, after, group)) for group in SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(context)]
        if found:
            rows += [DiffRow("file", path, path), *found[0]]
        for further in found[1:]:
            rows += [DiffRow("gap"), *further]
    return _cut(rows, limit)


def _grouped(left: list[str], right: list[str], group: Iterable[tuple[str, int, int, int, int]]) -> Iterator[DiffRow]:
    for tag, first, last, other_first, other_last in group:
        for a, b in zip_longest(range(first, last), range(other_first, other_last)):
            yield _row("same" if tag == "equal" else "changed", left, right, (a, b))


def _row(kind: str, left: list[str], right: list[str], places: tuple[int | None, int | None]) -> DiffRow:
    a, b = places
    texts = _excerpts("" if a is None else left[a], "" if b is None else right[b])
    return DiffRow(kind, *texts, 0 if a is None else a + 1, 0 if b is None else b + 1)


def _excerpts(left: str, right: str) -> tuple[str, str]:
    """What is shown of two lines: of long ones the place where they begin to differ."""
    differing = (place for place, (mine, yours) in enumerate(zip(left, right, strict=False)) if mine != yours)
    begin = next(differing, min(len(left), len(right))) - LEAD if max(len(left), len(right)) > MAX_LINE and left != right else 0
    return _excerpt(left, max(0, begin)), _excerpt(right, max(0, begin))


def _excerpt(line: str, begin: int) -> str:
    before, after = "…" if begin and line else "", "…" if len(line) > begin + MAX_LINE else ""
    return f"{before}{line[begin : begin + MAX_LINE]}{after}"


def _cut(rows: list[DiffRow], limit: int) -> list[DiffRow]:
    return [*rows[:limit], DiffRow("cut", f"{len(rows) - limit:,} more lines are not shown here.")] if len(rows) > limit else rows
