"""Iceberg's own files on a local disk: plain absolute paths, and nothing counts as written before it is on the disk."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, cast

from pyiceberg.io import FileIO, InputFile, InputStream, OutputFile, OutputStream

from rat_engine.lakehouse.faults import disk_errors

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


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
            return cast("OutputStream", _Synced(io.FileIO(path, "wb" if overwrite else "xb")))


class _Synced(io.BufferedWriter):
    """A file that is on the disk when it is closed. Raises DiskFullError."""

    def write(self, buffer: ReadableBuffer, /) -> int:
        """Append bytes."""
        with disk_errors():
            return super().write(buffer)

    def close(self) -> None:
        """Bring everything to the disk; closing twice is allowed, as with any file."""
        if self.closed:
            return
        with disk_errors():
            try:
                self.flush()
                os.fsync(self.fileno())
            finally:
                super().close()


def sync(path: Path) -> None:
    """Bring a file's content, or a folder's list of names, to the disk. Raises DiskFullError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        with disk_errors():
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
