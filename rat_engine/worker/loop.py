"""The supervisor's event loop: descriptors and times, one thread, no polling."""

from __future__ import annotations

import contextlib
import heapq
import itertools
import os
import selectors
import threading
import time
from collections.abc import Callable

Callback = Callable[[], None]


class Loop:
    """Calls back when a descriptor is readable or a time has come."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._timers: list[tuple[float, int, Callback]] = []
        self._order = itertools.count()
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)
        # Reentrant: a signal handler may interrupt the thread that closes.
        self._closing = threading.RLock()
        self._closed = False
        self.watch(self._wake_read, lambda: _drain(self._wake_read))

    def watch(self, descriptor: int, callback: Callback) -> None:
        """Call ``callback`` whenever ``descriptor`` is readable."""
        self._selector.register(descriptor, selectors.EVENT_READ, callback)

    def forget(self, descriptor: int) -> None:
        """Watch ``descriptor`` no longer."""
        self._selector.unregister(descriptor)

    def after(self, seconds: float, callback: Callback) -> None:
        """Call ``callback`` once, ``seconds`` from now."""
        heapq.heappush(self._timers, (time.monotonic() + seconds, next(self._order), callback))

    def interrupt(self) -> None:
        """End a ``turn`` that waits; may be called from another thread or from a signal handler, also after ``close``."""
        # A pipe that is full holds wake-ups already. The number of one that is closed may be another file's by now.
        with self._closing, contextlib.suppress(BlockingIOError):
            if not self._closed:
                os.write(self._wake_write, b"!")

    def turn(self) -> None:
        """Wait for the next thing to happen, then call back for everything that has."""
        for key, _ in self._selector.select(self._patience()):
            # An earlier callback of this turn may have forgotten the descriptor.
            if self._selector.get_map().get(key.fd) is key:
                key.data()
        while self._timers and self._timers[0][0] <= time.monotonic():
            _, _, callback = heapq.heappop(self._timers)
            callback()

    def close(self) -> None:
        """Release the loop's own descriptors; closing twice is allowed."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
        self._selector.close()
        os.close(self._wake_read)
        os.close(self._wake_write)

    def _patience(self) -> float | None:
        return max(0.0, self._timers[0][0] - time.monotonic()) if self._timers else None


def _drain(descriptor: int) -> None:
    os.read(descriptor, 4096)
