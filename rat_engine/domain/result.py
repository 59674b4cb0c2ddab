"""A window of a query's result, as people and JSON see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rat_engine.domain.lake import Column


@dataclass(frozen=True, slots=True)
class ResultWindow:
    """Rows ``offset`` onwards of a result with ``total`` rows, one JSON value a cell.

    Integers that JavaScript cannot hold, decimals, dates, times, intervals, binary values and non-finite numbers are text; ``columns`` tells their types.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    offset: int
    total: int
