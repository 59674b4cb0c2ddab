"""What a process can take away from itself with rlimits, capabilities and prctl."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import struct
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

MEBIBYTE = 1 << 20

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 4, 24, 38
_CAPABILITY_VERSION_3 = 0x20080522
_CAP_DAC_OVERRIDE = 1
_HIGHEST_CAPABILITY = 63


@dataclass(frozen=True, slots=True)
class Limits:
    """``memory_mb``: private memory the process may map; ``file_mb``: largest file it may write; ``open_files``: descriptors."""

    memory_mb: int
    file_mb: int
    open_files: int = 512


# By default PyArrow's allocator claims a gibibyte of addresses at once, and DuckDB's keeps those it once used: after some queries of 1 GiB
# RLIMIT_DATA would count 3 GiB in a process that holds 150 MiB, and refuse it memory. Costs about a tenth of the time of a large sort.
_EXACT_ALLOCATORS = {"ARROW_DEFAULT_MEMORY_POOL": "system", "DUCKDB_JE_MALLOC_CONF": "retain:false"}


def count_memory_exactly() -> None:
    """Have PyArrow and DuckDB give back the addresses of memory they freed. Must be called before they are imported."""
    for name, value in _EXACT_ALLOCATORS.items():
        # Their allocators read C's environment, once, when they are loaded.
        _call("setenv", name.encode(), value.encode(), ctypes.c_int(1))


def set_limits(limits: Limits) -> None:
    """Set hard limits on memory, file size, descriptors, core files and locked memory. Raises OSError or ValueError where the system has no such limit.

    RLIMIT_DATA rather than RLIMIT_AS: mapped inputs and reserved arenas do not count. Must be called before PyArrow or DuckDB is imported.
    """
    count_memory_exactly()
    for what, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_FSIZE, limits.file_mb * MEBIBYTE),
        (resource.RLIMIT_DATA, limits.memory_mb * MEBIBYTE),
    ):
        _, hard = resource.getrlimit(what)
        allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(what, (allowed, allowed))


def die_with_parent(parent: int) -> None:
    """Ask the kernel to kill this process when the thread that started it ends; end at once when ``parent`` (a pid) is already gone.

    Does nothing where there is no such thing (only Linux has it).
    """
    if sys.platform == "linux":
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def forbid_new_privileges() -> None:
    """From here on no program gains rights by being started, and nobody of the same user may look into this process."""
    prctl(_PR_SET_NO_NEW_PRIVS, 1)
    prctl(_PR_SET_DUMPABLE, 0)


def drop_capabilities() -> None:
    """As root: give up every privilege but that of opening other users' files, which Landlock narrows to the granted paths."""
    if os.geteuid() != 0:
        return
    for capability in range(_HIGHEST_CAPABILITY + 1):
        if capability != _CAP_DAC_OVERRIDE:
            # The bounding set: refused for numbers this kernel does not know, and where it was emptied before.
            _libc().prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    kept = 1 << _CAP_DAC_OVERRIDE
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    held = _held_capabilities(header)
    _call("capset", header, struct.pack("=6I", kept & held, kept & held, 0, 0, 0, 0))


def _held_capabilities(header: bytes) -> int:
    data = ctypes.create_string_buffer(24)
    _call("capget", header, data)
    effective: int = struct.unpack("=6I", data.raw)[0]
    return effective


def thread_count() -> int:
    """Threads of this process, native ones included."""
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.is_dir() else threading.active_count()


def prctl(option: int, value: int, pointer: ctypes.c_char_p | int = 0) -> None:
    """Ask the kernel to change how it treats this process. Raises OSError where the kernel refuses."""
    _call("prctl", ctypes.c_int(option), ctypes.c_ulong(value), pointer, ctypes.c_ulong(0), ctypes.c_ulong(0))


def _call(function: str, *arguments: object) -> None:
    if getattr(_libc(), function)(*arguments) < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
