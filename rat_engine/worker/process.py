"""A child process as its supervisor sees it: start, assign, kill, notice its death at once."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import struct
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import rat_engine
from rat_engine.worker.protocol import Channel

CHILD_SOCKET = 3
# The module that starts every process of ours.
START = "rat_engine.worker.start"
SEND_SECONDS = 5

_ROOT = Path(rat_engine.__file__).resolve().parent.parent


def scratch_of(scratch: Path, pid: int) -> Path:
    """The folder below ``scratch`` that belongs to child ``pid`` alone."""
    return scratch / f"child-{pid}"


@dataclass(frozen=True, slots=True)
class Exit:
    """How a process ended: by ``signal`` or with ``status``, and the most memory it ever held."""

    status: int
    signal: int
    max_rss_bytes: int

    def __str__(self) -> str:
        if not self.signal:
            return f"ended with status {self.status}"
        return f"was killed by {signal.Signals(self.signal).name} (signal {self.signal})"


class ChildProcess:
    """A running child: its pid, its end of the conversation, and the descriptor that tells of its death."""

    def __init__(self, pid: int, channel: Channel) -> None:
        self.pid = pid
        self.channel = channel
        self.pidfd = os.pidfd_open(pid)

    @classmethod
    def start(cls, lane: str, entry: str, environment: Mapping[str, str]) -> ChildProcess:
        """Start ``rat_engine.worker.child`` for ``lane``, its work done by ``entry`` (``module:function``).

        The child dies with the thread that calls this.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        # A child that does not listen must not hold up the others: sending then fails.
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SEND_SECONDS, 0))
        # -P: the working folder may hold anything, also a file named like a library.
        command = [sys.executable, "-P", "-m", START, "rat_engine.worker.child", lane, entry, str(os.getpid())]
        actions = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0), (os.POSIX_SPAWN_DUP2, theirs.fileno(), CHILD_SOCKET)]
        with theirs:
            # Ctrl+C reaches every process of a terminal; when a child ends is its supervisor's business.
            pid = os.posix_spawn(sys.executable, command, _environment(environment), file_actions=actions, setsigmask=[signal.SIGINT])
        return cls(pid, Channel(ours))

    def kill(self) -> None:
        """End the process at once, whatever it does. Nothing happens when it is dead already."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)

    def reap(self) -> Exit:
        """Wait for the process to end and tell how; afterwards its pid may belong to another, and nothing may be called any more."""
        _, status, usage = os.wait4(self.pid, 0)
        self.channel.close()
        os.close(self.pidfd)
        code = os.waitstatus_to_exitcode(status)
        return Exit(max(code, 0), max(-code, 0), usage.ru_maxrss * 1024)


def import_path() -> dict[str, str]:
    """The variable that lets another Python import this package: none where it is installed, its folder in a checkout."""
    installed = {Path(sysconfig.get_path(name)).resolve() for name in ("purelib", "platlib")}
    return {} if _ROOT in installed else {"PYTHONPATH": str(_ROOT)}


def _environment(environment: Mapping[str, str]) -> dict[str, str]:
    # Nothing of the server's own environment: no secret can be read from a child.
    return {**environment, **import_path(), "TZ": "UTC", "LC_ALL": "C.UTF-8"}
