"""Which part of a text runs: what is selected, or the statement the cursor is in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

# Where a semicolon ends nothing: comments, strings, quoted names and dollar quotes. What is never closed reaches to the end.
_QUIET = re.compile(
    r"--[^\n]*|/\*.*?(?:\*/|\Z)|'(?:[^']|'')*(?:'|\Z)|\"(?:[^\"]|\"\")*(?:\"|\Z)|(?P<tag>\$(?:[A-Za-z_]\w*)?\$).*?(?:(?P=tag)|\Z)|(?P<end>;)", re.DOTALL
)


def chosen(text: str, selection: dict[str, Any]) -> tuple[str, int, int]:
    """What to run, and the line and column (from 1) where it begins in the editor.

    ``selection`` is what the editor says: text, line and column of the selection, or of the cursor where the text is empty.
    """
    picked = str(selection.get("text", ""))
    if picked.strip():
        return picked, int(selection.get("line", 1)), int(selection.get("column", 1))
    parts = [(start, part) for start, part in _statements(text) if part.strip()]
    if len(parts) < 2:
        return text, 1, 1
    cursor = _offset(text, int(selection.get("line", 1)), int(selection.get("column", 1)))
    # Behind a semicolon the cursor still belongs to what it ends.
    start, part = next(((start, part) for start, part in parts if cursor <= start + len(part)), parts[-1])
    blank = len(part) - len(part.lstrip())
    return part.strip(), *_place(text, start + blank)


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Every statement with its semicolon, and where it begins."""
    start = 0
    for match in _QUIET.finditer(text):
        if match["end"]:
            yield start, text[start : match.end()]
            start = match.end()
    yield start, text[start:]


def _offset(text: str, line: int, column: int) -> int:
    lines = text.split("\n")
    return sum(len(each) + 1 for each in lines[: max(line, 1) - 1]) + max(column, 1) - 1


def _place(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset]
    return before.count("\n") + 1, offset - before.rfind("\n")
