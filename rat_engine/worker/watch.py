"""The watcher that `rat up` becomes: starts portal and engine, restarts one that crashed, ends both. Standard library only.

Run as ``python -I -S watch.py PLAN`` where ``PLAN`` is JSON: the commands ``portal`` and ``engine``, the ``environment`` to add
for them, the ``lock`` descriptor that the engine shares, ``host``, ``port``, the ``name`` to ask for pages by, and the ``data`` folder to show.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

STOP_SECONDS = 4.0
REAP_SECONDS = 0.5
STEADY_SECONDS = 30.0
LONGEST_PAUSE = 30.0
READY_INTERVAL_SECONDS = 0.1
# Not the API: it is built after the first page.
FIRST_PAGE = "/"

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Part:
    """Portal or engine: its command and, while it lives, its pid."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], lock: int | None = None) -> None:
        self.name = name
        self.pid: int | None = None
        self.group = 0
        self.due = 0.0
        self._command = command
        self._environment = environment
        self._lock = lock
        self._started = 0.0
        self._crashes = 0

    def start(self) -> None:
        """Start it in a session of its own: Ctrl+C reaches the watcher alone."""
        self._started = time.monotonic()
        watcher = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._become(watcher)
        self.pid = self.group = pid

    def crashed(self, status: int) -> None:
        """It has ended by itself: what it left behind is ended, and it is due again after a pause, longer with each crash in a row."""
        self.signal(signal.SIGKILL, everything=True)
        self.pid = None
        self._crashes = 0 if time.monotonic() - self._started > STEADY_SECONDS else self._crashes + 1
        pause = min(LONGEST_PAUSE, 0.25 * 2**self._crashes)
        self.due = time.monotonic() + pause
        say(f"The {self.name} {how_it_ended(status)} and is started again in {pause:.1f} s.")

    def signal(self, number: int, *, everything: bool = False) -> None:
        """Send a signal to the process or, with ``everything``, to all that it left behind as well."""
        with contextlib.suppress(ProcessLookupError):
            if everything and self.group:
                os.killpg(self.group, number)
            elif self.pid is not None:
                os.kill(self.pid, number)

    def _become(self, watcher: int) -> NoReturn:
        try:
            os.setsid()
            prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() == watcher:
                os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
                if self._lock is not None:
                    os.set_inheritable(self._lock, True)
                signal.pthread_sigmask(signal.SIG_SETMASK, [])
                os.execve(self._command[0], list(self._command), dict(self._environment))
        finally:
            os._exit(127)


def main() -> int:
    """Start both, watch them, end both. 0 after SIGINT or SIGTERM; 1 when one of them cannot even start."""
    plan = json.loads(sys.argv[1])
    # The parts get the environment of whoever called `rat up`, with the settings spelled out.
    environment = {**os.environ, **plan["environment"]}  # noqa: TID251
    os.set_inheritable(plan["lock"], False)
    signal.pthread_sigmask(signal.SIG_BLOCK, [*_ENDING, signal.SIGCHLD])
    # What a part leaves behind becomes ours: to reap, and to end.
    prctl(_PR_SET_CHILD_SUBREAPER, 1)
    parts = [Part("engine", plan["engine"], environment, plan["lock"]), Part("portal", plan["portal"], environment)]
    for part in parts:
        part.start()
    status = watch(parts, plan)
    stop(parts)
    return status


def watch(parts: Sequence[Part], plan: Mapping[str, Any]) -> int:
    """Keep both alive until a signal asks to end; say once where the portal is. The exit status."""
    shown = False
    while True:
        if not shown and answers(plan["host"], plan["port"], plan["name"]):
            shown = True
            host = f"[{plan['host']}]" if ":" in plan["host"] else plan["host"]
            say(f"RAT runs at http://{host}:{plan['port']}\nData folder: {plan['data']}\nStop with Ctrl+C.")
        news = signal.sigtimedwait([*_ENDING, signal.SIGCHLD], _patience(parts, shown=shown))
        if news is not None and news.si_signo in _ENDING:
            return 0
        for part, status in ended(parts):
            if not shown:
                say(f"The {part.name} {how_it_ended(status)} before it was ready.")
                return 1
            part.crashed(status)
        for part in parts:
            if part.pid is None and part.due <= time.monotonic():
                part.start()


def stop(parts: Sequence[Part]) -> None:
    """Ask both to end; kill what is left after some seconds, or at once when asked a second time."""
    deadline = time.monotonic() + STOP_SECONDS
    for part in parts:
        part.signal(signal.SIGTERM)
    while any(part.pid for part in parts) and (left := deadline - time.monotonic()) > 0:
        news = signal.sigtimedwait([*_ENDING, signal.SIGCHLD], left)
        if news is not None and news.si_signo in _ENDING:
            break
        for part, _ in ended(parts):
            part.pid = None
    for part in parts:
        part.signal(signal.SIGKILL, everything=True)
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0] or signal.sigtimedwait([signal.SIGCHLD], REAP_SECONDS):
            pass


def ended(parts: Sequence[Part]) -> list[tuple[Part, int]]:
    """Reap every process that has ended, orphans too; the parts among them, with their wait status."""
    found: list[tuple[Part, int]] = []
    with contextlib.suppress(ChildProcessError):
        while (reaped := os.waitpid(-1, os.WNOHANG))[0]:
            found += [(part, reaped[1]) for part in parts if part.pid == reaped[0]]
    return found


def answers(host: str, port: int, name: str) -> bool:
    """Whether the portal at ``host`` shows pages to somebody who knows it by ``name``."""
    request = f"GET {FIRST_PAGE} HTTP/1.1\r\nHost: {name}:{port}\r\nConnection: close\r\n\r\n".encode()
    try:
        with socket.create_connection((host, port), timeout=1) as connection:
            connection.sendall(request)
            status = connection.recv(12).split()
    except OSError:
        # Nobody listens yet.
        return False
    # One that refuses even the first of its own names shows nobody pages, but it has started.
    return status[1:] in ([b"200"], [b"403"])


def how_it_ended(status: int) -> str:
    """A wait status in words."""
    code = os.waitstatus_to_exitcode(status)
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"


def say(text: str) -> None:
    """Show a message to whoever started RAT."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def prctl(option: int, value: int) -> None:
    """Ask the kernel to treat this process differently. Does nothing where there is no such call."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0))


def _patience(parts: Sequence[Part], *, shown: bool) -> float:
    if not shown:
        return READY_INTERVAL_SECONDS
    pauses = [part.due - time.monotonic() for part in parts if part.pid is None]
    return max(0.0, min(pauses, default=3600.0))


if __name__ == "__main__":
    sys.exit(main())
