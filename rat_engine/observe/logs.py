"""Attempt logs: one growing text file each, written by several processes, read by cursor.

A line is ``<ISO-8601 UTC, milliseconds>Z<TAB><LEVEL><TAB><message>``, backslash, line feed and carriage return escaped. Any other
line was written by native code straight to the file (the child's descriptor 2 is the file during a job) and is an error.
Readers find line N by a sparse index beside the log, which they derive from it: it may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from rat_engine.domain.clock import now
from rat_engine.domain.log import LogChunk, LogLevel, LogLine

MAX_LINE_BYTES = 16 * 1024
MAX_CHUNK_BYTES = 4 * 1024 * 1024
WAKE_SECONDS = 0.02

_STRIDE = 1_000
_ENTRY = 8
_BLOCK = 1 << 20
_SHAPE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})Z\t(DEBUG|INFO|WARNING|ERROR)\t(.*)", re.DOTALL)
_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r"}
_ESCAPE = re.compile(r"[\\\n\r]")
_UNESCAPE = re.compile(r"\\([\\nr])")
_PLAIN = {"\\": "\\", "n": "\n", "r": "\r"}


def log_path(logs: Path, run_id: str, attempt: int) -> Path:
    """Where the log of an attempt lies below the folder ``logs``."""
    return logs / run_id / f"{attempt}.log"


class LogWriter:
    """Appends lines; each is in the file when the call returns. Readers are woken at most every 20 ms, and once at the end.

    Safe to use from several threads. Other writers of the same file (native code, the supervisor) never cut a line of ours.
    """

    def __init__(self, path: Path, wake: Callable[[], None]) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = os.open(path, os.O_CREAT | os.O_APPEND | os.O_RDWR | os.O_CLOEXEC, 0o600)
        self._end = -1
        self._lock = threading.Lock()
        self._waker = _Waker(wake)

    def __enter__(self) -> LogWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def fileno(self) -> int:
        """The descriptor of the log, for native output to be led there."""
        return self._file

    def write(self, level: LogLevel, message: str) -> None:
        """Append one line. A message beyond 16 KiB is cut, with a note of how much is missing."""
        line = _format(level, message)
        with self._lock:
            os.write(self._file, self._separator() + line)
            self._end = os.lseek(self._file, 0, os.SEEK_CUR)
        self._waker.notice()

    def debug(self, message: str) -> None:
        """Append a line of level debug."""
        self.write(LogLevel.DEBUG, message)

    def info(self, message: str) -> None:
        """Append a line of level info."""
        self.write(LogLevel.INFO, message)

    def warning(self, message: str) -> None:
        """Append a line of level warning."""
        self.write(LogLevel.WARNING, message)

    def error(self, message: str) -> None:
        """Append a line of level error."""
        self.write(LogLevel.ERROR, message)

    def close(self) -> None:
        """Wake the readers a last time and close the file."""
        self._waker.close()
        os.close(self._file)

    def _separator(self) -> bytes:
        # Native code may have left a line without its end: ours must not become part of it.
        size = os.fstat(self._file).st_size
        if size in (0, self._end):
            return b""
        return b"" if os.pread(self._file, 1, size - 1) == b"\n" else b"\n"


class _Waker:
    """Calls ``wake`` soon after ``notice``, at most once in WAKE_SECONDS, from a thread of its own."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._noticed = threading.Event()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="log-waker", daemon=True)
        self._thread.start()

    def notice(self) -> None:
        """Something was written."""
        self._noticed.set()

    def close(self) -> None:
        """Call ``wake`` a last time and end the thread."""
        self._closed.set()
        self._noticed.set()
        self._thread.join()
        self._wake()

    def _run(self) -> None:
        while self._noticed.wait() and not self._closed.is_set():
            self._noticed.clear()
            self._wake()
            self._closed.wait(WAKE_SECONDS)


class LogReader:
    """Reads the log of one attempt by line number, however long it is."""

    def __init__(self, path: Path, attempt: int, *, ended: bool) -> None:
        """``ended`` must have been learned before this call: what was written until then is what a complete chunk tells of."""
        self._path = path
        self._attempt = attempt
        self._ended = ended

    def read(self, after: int, limit: int) -> LogChunk:
        """At most ``limit`` lines from line ``after`` on (fewer where they are long). A line being written is left for the next call.

        Costs time by ``limit`` alone, apart from the first look at what was appended since the index was last used.
        """
        try:
            file = self._path.open("rb", buffering=0)
        except FileNotFoundError:
            return LogChunk(self._attempt, after, (), after, complete=self._ended)
        with file:
            start, offset = _Index(self._path.with_suffix(".idx"), file).locate(after)
            lines, more = _take(_lines(file, offset, keep_partial=self._ended), after - start, limit)
        return LogChunk(self._attempt, after, tuple(map(parse, lines)), after + len(lines), complete=self._ended and not more)

    def length(self) -> int:
        """How many lines can be read. A line being written does not count until its attempt has ended."""
        try:
            file = self._path.open("rb", buffering=0)
        except FileNotFoundError:
            return 0
        with file:
            line, offset = _Index(self._path.with_suffix(".idx"), file).last()
            return line + sum(1 for _ in _lines(file, offset, keep_partial=self._ended))

    def native_tail(self, limit: int) -> tuple[str, ...]:
        """The last lines that native code wrote, at most ``limit``, looked for in the last 64 KiB."""
        try:
            file = self._path.open("rb", buffering=0)
        except FileNotFoundError:
            return ()
        with file:
            size = os.fstat(file.fileno()).st_size
            start = max(0, size - 65_536)
            lines = list(map(parse, _lines(file, start, keep_partial=True)))
        whole = lines[1:] if start else lines
        return tuple(line.message for line in whole if line.at is None and line.message.strip())[-limit:]


class _Index:
    """Byte offsets of every thousandth line. Entry i is a function of the log alone, so writers of it cannot disagree."""

    def __init__(self, path: Path, log: BinaryIO) -> None:
        self._path = path
        self._log = log

    def locate(self, line: int) -> tuple[int, int]:
        """The nearest indexed line at or before ``line`` and its byte offset, after indexing what is new."""
        wanted = line // _STRIDE
        if wanted == 0:
            return 0, 0
        with self._open() as index:
            known = os.fstat(index.fileno()).st_size // _ENTRY
            if known < wanted:
                known += self._extend(index, known)
            entry = min(wanted, known)
            return entry * _STRIDE, self._offset(index, entry)

    def last(self) -> tuple[int, int]:
        """The last indexed line and its byte offset, after indexing what is new."""
        with self._open() as index:
            known = os.fstat(index.fileno()).st_size // _ENTRY
            known += self._extend(index, known)
            return known * _STRIDE, self._offset(index, known)

    @contextlib.contextmanager
    def _open(self) -> Iterator[BinaryIO]:
        with os.fdopen(os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600), "r+b", buffering=0) as index:
            if not self._fits(index):
                os.ftruncate(index.fileno(), 0)
            yield index

    def _fits(self, index: BinaryIO) -> bool:
        entries = os.fstat(index.fileno()).st_size // _ENTRY
        if not entries:
            return True
        last = self._offset(index, entries)
        return 0 < last <= os.fstat(self._log.fileno()).st_size and os.pread(self._log.fileno(), 1, last - 1) == b"\n"

    @staticmethod
    def _offset(index: BinaryIO, entry: int) -> int:
        return int.from_bytes(os.pread(index.fileno(), _ENTRY, (entry - 1) * _ENTRY), "little") if entry else 0

    def _extend(self, index: BinaryIO, known: int) -> int:
        position = self._offset(index, known)
        entries = list(_every(_STRIDE, self._log, position))
        # Each entry has its place: two readers doing this at once write the same bytes.
        os.pwrite(index.fileno(), b"".join(offset.to_bytes(_ENTRY, "little") for offset in entries), known * _ENTRY)
        return len(entries)


def _every(stride: int, log: BinaryIO, position: int) -> Iterator[int]:
    """Byte offsets of each ``stride``-th line start after ``position``, which is a line start itself."""
    left = stride
    while block := os.pread(log.fileno(), _BLOCK, position):
        # Splitting and adding up is several times faster than looking for each line end.
        pieces, taken, found = block.split(b"\n"), 0, position
        while len(pieces) - 1 - taken >= left:
            found += sum(map(len, pieces[taken : taken + left])) + left
            taken, left = taken + left, stride
            yield found
        left -= len(pieces) - 1 - taken
        position += len(block)


def _lines(log: BinaryIO, offset: int, *, keep_partial: bool) -> Iterator[bytes]:
    """Lines from ``offset`` without their ends; of one longer than allowed only the first bytes are held, and a note."""
    held, dropped = b"", 0
    while block := os.pread(log.fileno(), _BLOCK if held else 65_536, offset):
        offset += len(block)
        pieces = block.split(b"\n")
        for piece in pieces[:-1]:
            yield cut(held + piece, dropped)
            held, dropped = b"", 0
        held += pieces[-1]
        if len(held) > MAX_LINE_BYTES:
            held, dropped = held[:MAX_LINE_BYTES], dropped + len(held) - MAX_LINE_BYTES
    if held and keep_partial:
        yield cut(held, dropped)


def cut(line: bytes, dropped: int) -> bytes:
    """``line`` within the length allowed, with a note of how much is missing, ``dropped`` bytes before included."""
    beyond = max(0, len(line) - MAX_LINE_BYTES) + dropped
    return line[:MAX_LINE_BYTES] + _note(beyond) if beyond else line


def _note(beyond: int) -> bytes:
    return f" … {beyond:,} more bytes left out".encode()


def _take(lines: Iterator[bytes], skip: int, limit: int) -> tuple[list[bytes], bool]:
    """``limit`` lines after the first ``skip`` ones, or as many as fit into a chunk; and whether there are more."""
    taken: list[bytes] = []
    size = 0
    for number, line in enumerate(lines):
        if number < skip:
            continue
        if len(taken) == limit or (taken and size + len(line) > MAX_CHUNK_BYTES):
            return taken, True
        taken.append(line)
        size += len(line)
    return taken, False


def escaped(message: str) -> str:
    """``message`` as it stands in a log: on one line."""
    return _ESCAPE.sub(lambda match: _ESCAPES[match[0]], message)


def _format(level: LogLevel, message: str) -> bytes:
    text = escaped(message).encode("utf-8", "replace")
    stamp = now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return f"{stamp}\t{level.name}\t".encode() + _limited(text) + b"\n"


def _limited(text: bytes) -> bytes:
    room = MAX_LINE_BYTES - 256
    if len(text) <= room:
        return text
    # Never between the two bytes of an escape, nor within a character.
    kept = text[:room].decode("utf-8", "ignore")
    odd = (len(kept) - len(kept.rstrip("\\"))) % 2
    short = kept[: len(kept) - odd].encode()
    return short + _note(len(text) - len(short))


def parse(line: bytes) -> LogLine:
    """The line of the log whose bytes, without their end, are ``line``."""
    text = line.decode("utf-8", "replace")
    match = _SHAPE.fullmatch(text)
    if match is None:
        return LogLine(None, LogLevel.ERROR, text.rstrip("\r"))
    message = _UNESCAPE.sub(lambda escape: _PLAIN[escape[1]], match[3])
    return LogLine(datetime.fromisoformat(match[1]).replace(tzinfo=UTC), LogLevel[match[2]], message)
