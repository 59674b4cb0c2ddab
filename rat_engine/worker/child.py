"""A warm child: imports once, then carries out one assignment after the other until its supervisor is gone.

Started as ``python -m rat_engine.worker.start rat_engine.worker.child LANE ENTRY PARENT_PID`` with the socket to the supervisor as descriptor 3 and the
settings in its environment. ``ENTRY`` (``module:function``) opens what the lane needs, confinement first, and does the work.
"""

from __future__ import annotations

import contextlib
import errno
import faulthandler
import os
import queue
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from rat_engine.access.process import die_with_parent
from rat_engine.errors import DiskFullError, RatError, ResourceLimitError, shortened
from rat_engine.settings import Settings
from rat_engine.worker.process import CHILD_SOCKET
from rat_engine.worker.protocol import Answer, Assignment, Cancel, Channel, Progress, Ready, Unable
from rat_engine.worker.start import settled

# What SQLite says, through whichever library.
_SQLITE_FULL = "database or disk is full"

_PAGE = os.sysconf("SC_PAGE_SIZE")


class _Memory:
    """This process's memory in bytes. Opened before the confinement, which closes /proc."""

    def __init__(self) -> None:
        self._statm = os.open("/proc/self/statm", os.O_RDONLY)
        self._status = os.open("/proc/self/status", os.O_RDONLY)
        self._clear = os.open("/proc/self/clear_refs", os.O_WRONLY)

    def now(self) -> int:
        """What is held now."""
        return int(os.pread(self._statm, 200, 0).split()[1]) * _PAGE

    def peak(self) -> int:
        """The most that was held since ``forget_peak``."""
        return int(os.pread(self._status, 4096, 0).partition(b"VmHWM:")[2].split()[0]) * 1024

    def forget_peak(self) -> None:
        """Count the peak from here on."""
        os.pwrite(self._clear, b"5", 0)


class Cancellation:
    """Whether the work at hand is to stop, and how what it waits for is interrupted."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._interrupt: Callable[[], None] | None = None
        self.requested = False

    def request(self) -> None:
        """Stop the work; called by the thread that listens."""
        with self._lock:
            self.requested = True
            if self._interrupt is not None:
                self._interrupt()

    @contextlib.contextmanager
    def interrupting(self, interrupt: Callable[[], None]) -> Iterator[None]:
        """Call ``interrupt`` when the work is to stop during the block, at once when it already is."""
        with self._lock:
            self._interrupt = interrupt
            if self.requested:
                interrupt()
        try:
            yield
        finally:
            with self._lock:
                self._interrupt = None


@dataclass(frozen=True, slots=True)
class Task:
    """One assignment as a lane gets it, with the descriptors that came with it.

    ``tell`` says how much is done (0 to 1); whoever calls it from another thread has stopped before the task ends.
    """

    assignment: Assignment
    descriptors: tuple[int, ...]
    cancellation: Cancellation
    tell: Callable[[float], None] = lambda _share: None


@dataclass(frozen=True, slots=True)
class Worker:
    """What a lane's entry yields: ``carry_out`` does a task and returns what the supervisor is to know, or raises.

    ``rest`` prepares for the next one while nobody waits; ``note`` says where the confinement falls short.
    """

    carry_out: Callable[[Task], Mapping[str, Any]]
    rest: Callable[[], None] = lambda: None
    note: str = ""


class Lane(Protocol):
    """A lane's entry: opens what its work needs for the time of the block."""

    def __call__(self, settings: Settings) -> contextlib.AbstractContextManager[Worker]:
        """Open the lane."""
        ...


class _Listener(threading.Thread):
    """Reads what the supervisor says while the main thread works: a new task, a wish to cancel, or the end."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(name="listener", daemon=True)
        self._channel = channel
        self._current: Task | None = None
        self.inbox: queue.SimpleQueue[Task] = queue.SimpleQueue()

    def run(self) -> None:
        """Listen until the supervisor is gone; then nobody wants an answer, and the process ends at once."""
        gone = False
        while not gone:
            messages, gone = self._channel.receive()
            for message, descriptors in messages:
                if isinstance(message, Assignment):
                    self._current = Task(message, descriptors, Cancellation(), partial(self._tell, message.subject))
                    self.inbox.put(self._current)
                elif isinstance(message, Cancel) and self._current is not None and self._current.assignment.subject == message.subject:
                    self._current.cancellation.request()
        os._exit(0)

    def _tell(self, subject: str, share: float) -> None:
        self._channel.send(Progress(subject, share))


def main() -> None:
    """Open the lane, say so, then work until the supervisor is gone."""
    _, entry, parent = sys.argv[1:]
    die_with_parent(int(parent))
    _close_inherited()
    # Where the machine runs out of memory, a child goes before the server does.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")
    faulthandler.enable()
    memory = _Memory()
    channel = Channel(socket.socket(fileno=CHILD_SOCKET))
    with _opened(entry, channel) as worker:
        listener = _Listener(channel)
        listener.start()
        settled()
        channel.send(Ready(memory.now(), worker.note))
        while True:
            task = listener.inbox.get()
            memory.forget_peak()
            result, error = _carry_out(worker, task)
            channel.send(Answer(task.assignment.subject, task.assignment.attempt, result, error, memory.now(), memory.peak()))
            worker.rest()


def _close_inherited() -> None:
    """Close what came from the processes above by mistake, such as the lock on the data folder: a child may be taken over by what it reads."""
    for entry in list(Path("/proc/self/fd").iterdir()):
        if int(entry.name) > CHILD_SOCKET:
            # The list itself was one of them.
            with contextlib.suppress(OSError):
                os.close(int(entry.name))


@contextlib.contextmanager
def _opened(entry: str, channel: Channel) -> Iterator[Worker]:
    """The lane's worker; the supervisor is told why when there can be none."""
    with contextlib.ExitStack() as lane:
        try:
            module, _, function = entry.partition(":")
            open_lane: Lane = getattr(import_module(module), function)
            worker = lane.enter_context(open_lane(Settings.load()))
        except Exception as error:
            channel.send(Unable(error.message if isinstance(error, RatError) else f"{type(error).__name__}: {error}"))
            raise
        yield worker


def _carry_out(worker: Worker, task: Task) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The outermost frame of all work: the result, or whatever was raised as an error."""
    try:
        with _closing(task.descriptors), _output_to(task.assignment.log):
            return worker.carry_out(task), {}
    except Exception as error:  # noqa: BLE001 - one of the four places that catch everything
        told = _known(error) or RatError(
            f"RAT failed by itself: {type(error).__name__}. The traceback is in the {'log' if task.assignment.log else 'server log'}."
        )
        return {}, {"code": told.code, "message": shortened(told.message), "details": told.details}


def _known(error: Exception) -> RatError | None:
    """The error of our tree that says what ``error`` says; None for one that nobody thought of."""
    if isinstance(error, RatError):
        return error
    if isinstance(error, MemoryError):
        return ResourceLimitError("The work needed more memory than its process may use. Make it smaller, or raise RAT_MEMORY_LIMIT_MB.")
    if (isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)) or _SQLITE_FULL in str(error):
        return DiskFullError("The disk has no room left. Make room, then run it again.")
    return None


@contextlib.contextmanager
def _closing(descriptors: tuple[int, ...]) -> Iterator[None]:
    try:
        yield
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


@contextlib.contextmanager
def _output_to(log: str) -> Iterator[None]:
    """Lead what this process and its native code print to the file ``log`` (the server's log when it is empty) for the time of the block."""
    file = _open_log(log) if log else os.dup(2)
    saved = {target: os.dup(target) for target in (1, 2)}
    for target in saved:
        os.dup2(file, target)
    os.close(file)
    try:
        yield
    except Exception as error:
        if _known(error) is None:
            traceback.print_exc()
        raise
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for target, original in saved.items():
            os.dup2(original, target)
            os.close(original)


def _open_log(log: str) -> int:
    Path(log).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.open(log, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)


if __name__ == "__main__":
    main()
