"""Values as people read them in a terminal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from rat_engine.errors import ValidationError

NULL = "null"
NOTHING = "–"
MAX_CELL = 60
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def visible(text: str) -> str:
    """``text`` with everything that could steer a terminal spelled out."""
    return text if text.isprintable() else "".join(char if char.isprintable() else _spelled(char) for char in text)


def cell(value: Any, limit: int | None = MAX_CELL) -> str:
    """A cell of a result. An empty text is shown as ``''``, so that it differs from nothing, and the text "null" in quotes."""
    if value is None:
        return NULL
    text = value if isinstance(value, str) else _plain(value)
    shown = visible(f"'{text}'" if text in ("", NULL) else text)
    return shown if limit is None or len(shown) <= limit else shown[: limit - 1] + "…"


def number(value: int | None) -> str:
    """A whole number with separators."""
    return NOTHING if value is None else f"{value:,}"


def size(count: int | None) -> str:
    """Bytes in B, KiB, MiB, GiB or TiB."""
    if count is None:
        return NOTHING
    amount, unit = float(count), "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if amount < 1024:
            break
        amount, unit = amount / 1024, larger
    return f"{count} B" if unit == "B" else f"{amount:.1f} {unit}"


def duration(milliseconds: float | None) -> str:
    """A duration as ``12 ms``, ``1.2 s`` or ``3 min 04 s``."""
    if milliseconds is None:
        return NOTHING
    if milliseconds < 1000:
        return f"{milliseconds:.0f} ms"
    seconds = milliseconds / 1000
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"


def moment(value: datetime | None) -> str:
    """A moment in the zone of the machine."""
    return NOTHING if value is None else value.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def past(text: str) -> datetime:
    """The moment that ``text`` names: ISO 8601, in the zone of the machine unless it says another, or so long ago (30m, 24h, 7d).

    Raises ValidationError.
    """
    unit = _UNITS.get(text[-1:])
    try:
        if unit and text[:-1].isdecimal():
            return datetime.now(UTC) - timedelta(**{unit: int(text[:-1])})
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise ValidationError(f"{text[:40]!r} is no time: write 2026-01-31, 2026-01-31T06:00 or how long ago, such as 30m, 24h, 7d.") from None
    return found if found.tzinfo else found.astimezone()


def _plain(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)


def _spelled(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
