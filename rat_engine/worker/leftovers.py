"""Files that the dead leave behind: what children spilled, what attempts wrote, what was landing. Standard library only."""

from __future__ import annotations

import contextlib
import shutil
import time
from pathlib import Path

from rat_engine.settings import Settings

# Portals and commands, which make workbooks and land files, may have been working while no engine was there.
ABANDONED_SECONDS = 3600.0


def clear_leftovers(settings: Settings) -> None:
    """Remove what processes left that ended before this engine began. Only before the first child is started."""
    workbooks = (folder for folder in settings.scratch.glob("xlsx-*") if _untouched(folder, *folder.iterdir()))
    for folder in (*settings.scratch.glob("child-*"), *settings.scratch.glob("duckdb-*"), *workbooks):
        shutil.rmtree(folder, ignore_errors=True)
    for file in settings.landing.glob("*.part"):
        if _untouched(file):
            file.unlink(missing_ok=True)


def remove_data_files(warehouse: Path, branch: str) -> None:
    """Remove the data files that an attempt wrote to its ``branch``. Only when it has ended, and nothing of it was published or is to be looked at."""
    for folder in warehouse.glob(f"*/data/{branch}"):
        shutil.rmtree(folder, ignore_errors=True)
        # Where it was the first attempt at its table, nothing but these folders was made.
        with contextlib.suppress(OSError):
            folder.parent.rmdir()
            folder.parent.parent.rmdir()


def _untouched(*paths: Path) -> bool:
    return time.time() - max(path.stat().st_mtime for path in paths) > ABANDONED_SECONDS
