"""How the last runs went, as two rows of bars."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from rat_engine import Run, RunStatus

# The drawing is 100 by 100, stretched to its place.
SIZE, GAP, FULL, LEAST = 100, 0.5, 30, 4


@dataclass(frozen=True)
class TrendBar:
    """A bar: where it stands and how high, in the drawing's units."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Trend:
    """A value over the last runs that published, old to new. ``low``, ``high`` and ``last`` are None where there is none; ``runs`` counts them."""

    bars: list[TrendBar] = field(default_factory=list[TrendBar])
    low: float | None = None
    high: float | None = None
    last: float | None = None
    runs: int = 0


def rows_trend(newest_first: Sequence[Run]) -> Trend:
    """Rows of the table after each run."""
    return _trend(newest_first, lambda run: run.counts.rows_total)


def duration_trend(newest_first: Sequence[Run]) -> Trend:
    """Milliseconds that each run took."""
    return _trend(newest_first, lambda run: run.duration_ms or 0)


def _trend(newest_first: Sequence[Run], value: Callable[[Run], float]) -> Trend:
    values = [value(run) for run in reversed(newest_first) if run.status is RunStatus.SUCCESS and not run.draft][-FULL:]
    if not values:
        return Trend()
    most, step = max(values), SIZE / FULL
    heights = [max(LEAST, round(SIZE * each / most, 1)) if most else LEAST for each in values]
    begin = SIZE - step * len(values)
    bars = [TrendBar(begin + step * number, SIZE - height, step - GAP, height) for number, height in enumerate(heights)]
    return Trend(bars, min(values), most, values[-1], len(values))
