"""What commands print: JSON for programs, tables for people."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from rat_engine.cli.text import cell, visible

if TYPE_CHECKING:
    from rich.console import Console

# A name or id that is cut cannot be copied: the terminal may wrap a long line, we never shorten it.
UNLIMITED = 100_000

STYLES = {
    "success": "green",
    "ok": "green",
    "pass": "green",
    "failed": "red",
    "fail": "red",
    "error": "red",
    "running": "cyan",
    "warn": "yellow",
    "warning": "yellow",
}


def print_json(value: Any) -> None:
    """One JSON value. Non-ASCII characters are escaped, so no terminal and no encoding can spoil it."""
    print(json.dumps(value, indent=2))


def say(text: str = "") -> None:
    """A line for people; control characters are spelled out."""
    print(visible(text))


def note(text: str) -> None:
    """A line for people beside the output proper."""
    print(visible(text), file=sys.stderr)


def print_table(heads: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> None:
    """A table of texts; the columns numbered in ``right`` are right-aligned. Statuses are coloured on a terminal."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    numbers = set(right)
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for index, head in enumerate(heads):
        table.add_column(Text(visible(head)), justify="right" if index in numbers else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(visible(text), style=STYLES.get(text, "")) for text in row))
    console = _console()
    with console.capture() as captured:
        console.print(table)
    print("\n".join(line.rstrip() for line in captured.get().splitlines()))


def print_rows(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> int:
    """A query's rows; how many columns did not fit into the terminal. Into a file or pipe everything is written in full."""
    screen = sys.stdout.isatty()
    texts = [[cell(value) if screen else cell(value, None) for value in row] for row in rows]
    shown = _fitting(columns, texts) if screen else len(columns)
    right = [index for index in range(shown) if all(isinstance(row[index], (int, float)) or row[index] is None for row in rows)]
    print_table(columns[:shown], (row[:shown] for row in texts), right)
    return len(columns) - shown


def _fitting(columns: Sequence[str], texts: Sequence[Sequence[str]]) -> int:
    """How many columns, at least one, fit side by side."""
    left = shutil.get_terminal_size().columns
    for index, column in enumerate(columns):
        left -= max(len(visible(column)), *(len(row[index]) for row in texts), 0) + 2
        if left < -1 and index > 0:
            return index
    return len(columns)


def _console() -> Console:
    from rich.console import Console

    return Console(width=UNLIMITED, highlight=False, markup=False, emoji=False)
