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


def engine_trouble(data: Path) -> str:
    """What keeps a working engine from starting runs, in words; empty when nothing does."""
    return (data / "engine.lock").read_text("utf-8", "replace").strip()
