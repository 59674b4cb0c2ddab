"""Which child processes the engine has and what they do: told by the supervisor in a file, read by everybody else.

Not in the database, like the engine's sign of life: it must cost nothing, and must not depend on whoever writes there.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rat_engine.domain.health import LaneStaff, Worker, WorkerState
from rat_engine.domain.job import JobKind, Lane

_FILE = "engine.workers"
_MEBIBYTE = 1 << 20


class Roster:
    """The writing end: ``changed`` is called after each change of the file."""

    def __init__(self, data: Path, changed: Callable[[], None]) -> None:
        self._path = data / _FILE
        self._changed = changed
        self._told = ""

    def tell(self, lanes: Iterable[LaneStaff]) -> None:
        """Write how the lanes are staffed, where that differs from what was written last. A full disk is somebody else's business to tell."""
        text = json.dumps([_plain(lane) for lane in lanes])
        if text == self._told:
            return
        with contextlib.suppress(OSError):
            new = self._path.with_suffix(".new")
            new.write_text(text)
            new.replace(self._path)
            self._told = text
            self._changed()


def read_roster(data: Path) -> tuple[LaneStaff, ...]:
    """What the engine of the folder ``data`` told last; nothing when none ever did."""
    try:
        lanes = json.loads((data / _FILE).read_text())
    except FileNotFoundError:
        return ()
    return tuple(LaneStaff(Lane(lane["lane"]), lane["most"], lane["warm"], tuple(map(_worker, lane["workers"]))) for lane in lanes)


def memory_of(pid: int) -> int:
    """The bytes that a process holds in memory, in whole MiB so that not every breath is a change; 0 when it is gone."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_bytes().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") // _MEBIBYTE * _MEBIBYTE


def moment_of(monotonic: float) -> datetime:
    """When ``time.monotonic()`` was that: to the second, so that it reads the same each time."""
    return datetime.fromtimestamp(round(time.time() - time.monotonic() + monotonic), UTC)


def _plain(lane: LaneStaff) -> dict[str, Any]:
    workers = [
        {"pid": each.pid, "state": each.state, "since": each.since.isoformat(), "memory": each.memory_bytes, "kind": each.kind, "subject": each.subject}
        for each in lane.workers
    ]
    return {"lane": lane.lane, "most": lane.most, "warm": lane.warm, "workers": workers}


def _worker(told: dict[str, Any]) -> Worker:
    kind = JobKind(told["kind"]) if told["kind"] else None
    return Worker(told["pid"], WorkerState(told["state"]), datetime.fromisoformat(told["since"]), told["memory"], kind, told["subject"])


def subjects(lanes: Sequence[LaneStaff], kind: JobKind) -> list[str]:
    """What the workers do of one ``kind``."""
    return [worker.subject for lane in lanes for worker in lane.workers if worker.kind is kind]
