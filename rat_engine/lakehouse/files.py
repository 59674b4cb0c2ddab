"""Iceberg's own files on a local disk: plain absolute paths, and nothing counts as written before it is on the disk."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, cast

from pyiceberg.io import FileIO, InputFile, InputStream, OutputFile, OutputStream

from rat_engine.lakehouse.faults import disk_errors


class LocalFiles(FileIO):
    """PyIceberg's files by plain path. PyIceberg's own classes do not sync, and read ``?`` and ``#`` in a path as parts of an URL."""

    def new_input(self, location: str) -> InputFile:
        """A file to read."""
        return _Readable(location)

    def new_output(self, location: str) -> OutputFile:
        """A file to write."""
        return _Writable(location)

    def delete(self, location: str | InputFile | OutputFile) -> None:
        """Delete a file. Raises FileNotFoundError."""
        Path(location if isinstance(location, str) else location.location).unlink()


class _Readable(InputFile):
    def __len__(self) -> int:
        return Path(self.location).stat().st_size

    def exists(self) -> bool:
        """Whether the file is there."""
        return Path(self.location).exists()

    def open(self, seekable: bool = True) -> InputStream:
        """The file's bytes; always seekable."""
        return cast("InputStream", Path(self.location).open("rb"))


class _Writable(OutputFile):
    def __len__(self) -> int:
        return Path(self.location).stat().st_size

    def exists(self) -> bool:
        """Whether the file is there."""
        return Path(self.location).exists()

    def to_input_file(self) -> InputFile:
        """The same file, to read."""
        return _Readable(self.location)

    def create(self, overwrite: bool = False) -> OutputStream:
        """Open the file for writing, with the folders above it. Raises FileExistsError unless ``overwrite``, DiskFullError."""
        path = Path(self.location)
        with disk_errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            return _Synced(path.open("wb" if overwrite else "xb"))


class _Synced:
    """A file that is synced when it is closed. Closing twice is allowed, as with any file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, b: bytes) -> int:
        """Append bytes. Raises DiskFullError."""
        with disk_errors():
            return self._file.write(b)

    def tell(self) -> int:
        """Bytes written so far."""
        return self._file.tell()

    def close(self) -> None:
        """Bring everything to the disk. Raises DiskFullError."""
        if self._file.closed:
            return
        with disk_errors(), self._file:
            self._file.flush()
            os.fsync(self._file.fileno())

    def __enter__(self) -> OutputStream:
        return self

    def __exit__(self, exctype: type[BaseException] | None, excinst: BaseException | None, exctb: TracebackType | None) -> None:
        self.close()


def sync(path: Path) -> None:
    """Bring a file's content, or a folder's list of names, to the disk. Raises DiskFullError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        with disk_errors():
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
