"""Whether an engine process works for a data folder, and how it goes."""

from __future__ import annotations

import fcntl
from pathlib import Path


def engine_runs(data: Path) -> bool:
    """Whether somebody carries out the runs and queries of the folder ``data``: the engine holds a lock on a file there as long as it lives."""
    with (data / "engine.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def owner_of(data: Path) -> int | None:
    """The pid of the server or command that has the folder ``data``, 0 where it is unknown; None when nobody has it."""
    try:
        file = (data / "owner.lock").open()
    except FileNotFoundError:
        return None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = file.read().strip()
            return int(pid) if pid.isdigit() else 0
    return None


def engine_trouble(data: Path) -> str:
    """What keeps a working engine from starting runs, in words; empty when nothing does."""
    return (data / "engine.lock").read_text("utf-8", "replace").strip()
