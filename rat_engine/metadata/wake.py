"""Wake-ups between the processes of one data folder: datagrams on Unix sockets in a folder beside the database.

A wake-up carries no truth, only a topic: "event", "job:<lane>" (one is new), "job" (one is gone), "cancel", "log:<run>", "query:<query>",
"workers". Whoever is woken reads the database, the log or the roster.
A lost one costs at most the safety-net interval.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import logging
import os
import select
import socket
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

# sun_path holds 108 bytes on Linux and 104 on macOS, with the terminating NUL.
_MAX_SOCKET_PATH = 100
_MAX_TOPIC = 100

logger = logging.getLogger(__name__)

EVENT = "event"
JOB = "job"
CANCEL = "cancel"
WORKERS = "workers"


def log_topic(run_id: str) -> str:
    """The topic of a run's growing log."""
    return f"log:{run_id}"


def query_topic(query_id: str) -> str:
    """The topic of a query that has come further, or has ended."""
    return f"query:{query_id}"


class Bus:
    """All listeners of one data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = _socket_folder(folder)
        self._sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._sender.setblocking(False)
        self._failed = False

    def send(self, topics: Iterable[str]) -> None:
        """Wake every listener. Never waits: a listener whose buffer is full has been woken already. Never fails: what was told of has happened."""
        messages = [topic[:_MAX_TOPIC].encode() for topic in dict.fromkeys(topics)]
        try:
            self._send(messages)
            self._failed = False
        except OSError as error:
            if not self._failed:
                logger.warning("Nobody can be woken; what is new is seen with the next look: %s", error)
            self._failed = True

    def _send(self, messages: Sequence[bytes]) -> None:
        for entry in list(self.folder.iterdir()) if messages else ():
            for message in messages:
                try:
                    self._sender.sendto(message, str(entry))
                except (ConnectionRefusedError, FileNotFoundError):
                    # The listener died without unbinding.
                    entry.unlink(missing_ok=True)
                    break
                except OSError as error:
                    if error.errno not in (errno.EAGAIN, errno.ENOBUFS):
                        raise

    @contextlib.contextmanager
    def listen(self) -> Iterator[Listener]:
        """A listener for the time of the block."""
        path = self.folder / f"{os.getpid()}-{os.urandom(4).hex()}"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
            receiver.setblocking(False)
            receiver.bind(str(path))
            try:
                yield Listener(receiver)
            finally:
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the sending socket."""
        self._sender.close()


class Listener:
    """One receiving socket. ``fileno`` lets a selector or an event loop wait for it."""

    def __init__(self, receiver: socket.socket) -> None:
        self._receiver = receiver

    def fileno(self) -> int:
        """The descriptor that becomes readable when something was sent."""
        return self._receiver.fileno()

    def drain(self) -> frozenset[str]:
        """The topics received since the last call, without waiting."""
        topics: set[str] = set()
        while True:
            try:
                topics.add(self._receiver.recv(_MAX_TOPIC + 1).decode())
            except BlockingIOError:
                return frozenset(topics)

    def wait(self, timeout: float) -> frozenset[str]:
        """Wait at most ``timeout`` seconds for something, then ``drain``."""
        select.select([self._receiver], [], [], max(0.0, timeout))
        return self.drain()


def _socket_folder(folder: Path) -> Path:
    """``folder``, or where its path is too long for a socket a private folder of the temporary directory."""
    if len(os.fsencode(folder)) > _MAX_SOCKET_PATH - 24:
        digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
        folder = Path(tempfile.gettempdir()) / f"rat-{os.getuid()}-{digest}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    state = folder.stat()
    if state.st_uid != os.getuid() or state.st_mode & 0o077:
        raise PermissionError(f"{folder} must belong to this user and be closed to others (mode 0700)")
    return folder
