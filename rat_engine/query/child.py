"""What an interactive child does first: confine itself to what queries need. Imports no data library, for their threads would stay free."""

from __future__ import annotations

import os
from pathlib import Path

from rat_engine.access.confinement import Confinement, confine
from rat_engine.access.process import Limits
from rat_engine.settings import Settings

# What Python, PyArrow, PyIceberg and DuckDB map besides the memory that DuckDB counts as its own.
_LIBRARIES_MB = 1_024
_THREAD_MB = 16

# One file that a query spills to. DuckDB itself stops before the disk is full.
_SPILL_FILE_MB = 16_384


def confine_child(settings: Settings, scratch: Path) -> Confinement:
    """Leave this process the warehouse and the landed files to read and ``scratch`` to write; no database, no log, no network, no program.

    Must be called before PyArrow or DuckDB is imported. Raises ConfinementError.
    """
    for folder in (settings.warehouse, settings.landing):
        # Only what exists can be granted, and a new installation has neither table nor file.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Libraries look for configuration in the working folder, where an unreadable file of theirs would be an error.
    os.chdir(scratch)
    return confine([settings.warehouse, settings.landing], [scratch], process_limits(settings), protect=[settings.database_path, settings.logs])


def process_limits(settings: Settings) -> Limits:
    """What an interactive child may take of the machine; beyond it native code may end the process, which its supervisor reports."""
    memory_mb = settings.query_memory_limit_mb + _LIBRARIES_MB + _THREAD_MB * settings.threads
    return Limits(memory_mb, file_mb=max(_SPILL_FILE_MB, settings.result_limit_mb))
