"""Time and ids: UTC inside, ISO-8601 with zone at the edges."""

from __future__ import annotations

import os
import threading
import time
from datetime import UTC, datetime

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def now() -> datetime:
    """The present, in UTC, with zone."""
    return datetime.now(UTC)


def iso(moment: datetime | None) -> str | None:
    """``moment`` as ISO-8601 with zone, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else None


def new_id() -> str:
    """A 26-character id that sorts by creation time: 48 bits of milliseconds, 80 random bits, base 32.

    The ULID specification (https://github.com/ulid/spec), in lower case, with its monotonicity: of one process, each id comes after the one before.
    """
    with _Latest.lock:
        _Latest.value = max(_value(time.time_ns() // 1_000_000, int.from_bytes(os.urandom(10), "big")), _Latest.value + 1)
        return _encode(_Latest.value)


def first_id(moment: datetime) -> str:
    """The smallest id that can have been made at ``moment``."""
    return _encode(_value(int(moment.timestamp() * 1000), 0))


class _Latest:
    """The last id that this process made, as a number."""

    lock = threading.Lock()
    value = 0


def _value(milliseconds: int, random: int) -> int:
    return milliseconds << 80 | random


def _encode(value: int) -> str:
    return "".join(_ALPHABET[value >> shift & 31] for shift in range(125, -1, -5))
