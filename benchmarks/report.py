"""The figures as a Markdown table, and their place on the page of the documentation."""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.server import machine

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"

# What was measured, the figure, the aim (empty: none).
Figure = tuple[str, str, str]


def spread(seconds: Iterable[float]) -> str:
    """Median and range in milliseconds."""
    milliseconds = sorted(value * 1000 for value in seconds)
    return f"{statistics.median(milliseconds):.0f} ms ({milliseconds[0]:.0f} to {milliseconds[-1]:.0f})"


def high(seconds: Sequence[float], share: float = 0.95) -> str:
    """Median and the value that ``share`` of all are below, in milliseconds."""
    ordered = sorted(seconds)
    return f"{statistics.median(ordered) * 1000:.0f} ms, p{share * 100:.0f} {ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000:.0f} ms"


def report(figures: Iterable[Figure], rounds: str) -> str:
    """The figures as a Markdown table, with where and how they were measured."""
    facts: Mapping[str, str] = {
        "Measured": f"{datetime.now(UTC):%Y-%m-%d}",
        "Machine": machine(),
        "Rounds": rounds,
        "Load average at the end": f"{os.getloadavg()[0]:.1f}",
    }
    lines = [f"{name}: {value}." for name, value in facts.items()]
    table = ["| What | Figure | Aim |", "|---|---|---|", *(f"| {what} | {figure} | {aim} |" for what, figure, aim in figures)]
    return "\n".join([*table, "", *(f"{line}  " for line in lines), ""])


def store(section: str, text: str) -> None:
    """Put ``text`` between the marks of ``section`` on the page."""
    begin, end = f"<!-- {section}: make bench -->", f"<!-- end of {section} -->"
    before, _, rest = PAGE.read_text().partition(begin)
    PAGE.write_text(f"{before}{begin}\n\n{text}\n{end}{rest.partition(end)[2]}")
