"""A file that is only written and lies nowhere: what was written is taken from it and sent on."""

from __future__ import annotations

from typing import Any


class Sink:
    """What it was given since it was last looked at. It cannot be sought, so nobody changes what was taken already."""

    closed = False

    def __init__(self) -> None:
        self._written: list[bytes] = []
        self._size = 0

    def write(self, data: Any) -> int:
        """Keep ``data`` until it is taken; how many bytes."""
        self._written.append(bytes(data))
        self._size += len(self._written[-1])
        return len(self._written[-1])

    def tell(self) -> int:
        """How many bytes were written."""
        return self._size

    def flush(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        """What was written can still be taken."""

    def take(self) -> bytes:
        """What was written since the last time."""
        written, self._written = b"".join(self._written), []
        return written
