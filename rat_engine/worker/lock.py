"""Who owns a data folder: a lock file that the kernel releases when its holder dies, with the holder's pid in it."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from rat_engine.errors import DataFolderOwnedError, DiskFullError, UnavailableError

OWNER_LOCK = "owner.lock"
ENGINE_LOCK = "engine.lock"

_RETRY_SECONDS = 0.1


def try_to_own(data: Path) -> int | None:
    """Take ``data`` for this process: the lock's descriptor, which must stay open; None when another process has it.

    Raises UnavailableError when the folder cannot be used.
    """
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(data / OWNER_LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        kind = DiskFullError if error.errno == errno.ENOSPC else UnavailableError
        raise kind(f"The data folder {data} cannot be used: {error.strerror}. Choose another with --data or RAT_DATA.") from None
    if not _locked(file):
        os.close(file)
        return None
    os.ftruncate(file, 0)
    os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
    return file


def own(data: Path, patience_seconds: float = 0.0) -> int:
    """Take ``data``, waiting a little for one who is just leaving. Raises DataFolderOwnedError naming the owner's pid."""
    deadline = time.monotonic() + patience_seconds
    while (file := try_to_own(data)) is None:
        if time.monotonic() >= deadline:
            pid = (data / OWNER_LOCK).read_text().strip() or "unknown"
            raise DataFolderOwnedError(
                f"The data folder {data} is in use by another RAT (pid {pid}). Stop that one, or choose another folder with --data or RAT_DATA.",
                details={"pid": int(pid) if pid.isdigit() else None},
            )
        time.sleep(_RETRY_SECONDS)
    return file


@contextlib.contextmanager
def engine_lock(data: Path, patience_seconds: float = 10.0) -> Iterator[None]:
    """Be the only engine of ``data`` for the time of the block; one whose owner was killed may need a moment to end.

    Raises DataFolderOwnedError when it does not.
    """
    with (data / ENGINE_LOCK).open("a") as file:
        deadline = time.monotonic() + patience_seconds
        while not _locked(file.fileno()):
            if time.monotonic() >= deadline:
                raise DataFolderOwnedError(f"Another engine of the data folder {data} is still running.")
            time.sleep(_RETRY_SECONDS)
        # The first sign of life; what the file says of an earlier engine is old.
        file.truncate(0)
        os.utime(file.fileno())
        yield


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
