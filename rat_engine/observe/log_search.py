"""Find lines in a log however long it is: by level and text, in one pass over its bytes that any number of questions share.

A pass goes on where the last question left it and takes a fraction of a second at most, so nobody waits for the end of a long log.
What was found is kept as line numbers and byte offsets, for the few searches that were asked for last.
"""

from __future__ import annotations

import os
import re
import threading
import time
from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from rat_engine.domain.log import LogLevel, LogLine, LogMatches, LogPage, LogSearch
from rat_engine.observe.logs import MAX_CHUNK_BYTES, MAX_LINE_BYTES, cut, escaped, parse

PASS_SECONDS = 0.2
MAX_MATCHES = 1_000_000

_KEPT = 6
_BLOCK = 1 << 20
_READ = 2_048
_ORDER = list(LogLevel)
_STAMP = rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
_HEAD = re.compile(_STAMP + rb"\t(DEBUG|INFO|WARNING|ERROR)\t")


class LogSearches:
    """The searches that were asked for last, each with what it has found. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[Path, LogSearch], Found] = OrderedDict()

    def find(self, path: Path, wanted: LogSearch, *, ended: bool) -> Found:
        """The search for ``wanted`` in the log at ``path``. ``ended``: nothing is written to it any more."""
        with self._lock:
            found = self._kept.pop((path, wanted), None) or Found(path, wanted)
            self._kept[(path, wanted)] = found
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        found.ended = found.ended or ended
        return found


class Found:
    """What one search has found so far in one log."""

    def __init__(self, path: Path, wanted: LogSearch) -> None:
        self.ended = False
        self._path = path
        self._lock = threading.Lock()
        self._matcher = _Matcher(wanted)
        self._numbers = array("L")
        self._offsets = array("Q")
        self._position = 0
        self._line = 0

    def page(self, attempt: int, page: LogPage, limit: int) -> LogMatches:
        """At most ``limit`` matches from where ``page`` says on, after looking on for a moment."""
        with self._lock:
            try:
                file = self._path.open("rb", buffering=0)
            except FileNotFoundError:
                return LogMatches(attempt, (), 0, 0, 0, 0, scanning=False, complete=self.ended)
            with file:
                scanning = self._look_on(file)
                first = bisect_left(self._numbers, page.after) if page.skip is None else min(page.skip, len(self._numbers))
                lines = tuple(self._read(file, first, limit))
            behind = first + len(lines)
            following = self._numbers[behind] if behind < len(self._numbers) else self._line
            complete = self.ended and not scanning and behind == len(self._numbers)
            return LogMatches(attempt, lines, first, len(self._numbers), self._line, following, scanning=scanning, complete=complete)

    def _look_on(self, file: BinaryIO) -> bool:
        """Look at what has not been seen yet, for PASS_SECONDS at most; whether there is more."""
        size = os.fstat(file.fileno()).st_size
        deadline = time.monotonic() + PASS_SECONDS
        while self._position < size and len(self._numbers) < MAX_MATCHES:
            if time.monotonic() > deadline:
                return True
            block = self._whole_lines(os.pread(file.fileno(), min(_BLOCK, size - self._position), self._position), size)
            if not block:
                return False
            self._take(block)
        return False

    def _whole_lines(self, block: bytes, size: int) -> bytes:
        """``block`` up to its last line end. A line longer than a block is passed over in pieces; a last one still being written is left."""
        end = block.rfind(b"\n") + 1
        if self._position + len(block) == size:
            return block if self.ended else block[:end]
        return block[:end] if end else block

    def _take(self, block: bytes) -> None:
        counted = 0
        for start in self._matcher.starts(block):
            self._line += block.count(b"\n", counted, start)
            counted = start
            self._numbers.append(self._line)
            self._offsets.append(self._position + start)
        self._line += block.count(b"\n", counted) + (not block.endswith(b"\n") and self.ended)
        self._position += len(block)

    def _read(self, file: BinaryIO, first: int, limit: int) -> Iterator[tuple[int, LogLine]]:
        size = 0
        for number, offset in zip(self._numbers[first : first + limit], self._offsets[first : first + limit], strict=True):
            line = _line_at(file, offset)
            size += len(line)
            if size > MAX_CHUNK_BYTES:
                return
            yield number, parse(line)


class _Matcher:
    """Where in a block of whole lines the lines begin that are wanted."""

    def __init__(self, wanted: LogSearch) -> None:
        below = _ORDER[: _ORDER.index(wanted.level)]
        # Lines of these levels are few, those with the text may be many.
        self._rare = wanted.level in (LogLevel.WARNING, LogLevel.ERROR)
        self._unwanted = frozenset(level.name.encode() for level in below)
        self._skip = re.compile(rb"(?:" + _STAMP + rb"\t(?:" + b"|".join(self._unwanted) + rb")\t[^\n]*+\n)*+") if below else None
        self._text = escaped(wanted.text).encode("utf-8", "replace").lower()

    def starts(self, block: bytes) -> Iterator[int]:
        """The first byte of each line that is wanted, in their order."""
        if not self._text:
            return self._of_level(block)
        return self._of_level_with_text(block) if self._rare else self._with_text(block)

    def _of_level(self, block: bytes) -> Iterator[int]:
        start = 0
        while start < len(block):
            skipped = self._skip.match(block, start) if self._skip else None
            start = skipped.end() if skipped else start
            if start < len(block):
                yield start
                start = (block.find(b"\n", start) + 1) or len(block)

    def _of_level_with_text(self, block: bytes) -> Iterator[int]:
        lowered = block.lower()
        for start in self._of_level(block):
            head = _HEAD.match(block, start)
            end = block.find(b"\n", start)
            if lowered.find(self._text, head.end() if head else start, end if end >= 0 else len(block)) >= 0:
                yield start

    def _with_text(self, block: bytes) -> Iterator[int]:
        lowered, position = block.lower(), 0
        while (position := lowered.find(self._text, position)) >= 0:
            start = block.rfind(b"\n", 0, position) + 1
            end = (block.find(b"\n", position) + 1) or len(block)
            head = _HEAD.match(block, start)
            if head and head[1] in self._unwanted:
                position = end
            elif head and position < head.end():
                # The time and the level are not what is searched.
                position = head.end()
            else:
                yield start
                position = end


def _line_at(file: BinaryIO, offset: int) -> bytes:
    """The line that begins at ``offset``, without its end; of one longer than allowed only the first bytes."""
    for length in (_READ, MAX_LINE_BYTES + 1):
        piece = os.pread(file.fileno(), length, offset)
        end = piece.find(b"\n")
        if end >= 0 or len(piece) < length:
            return piece[:end] if end >= 0 else piece
    return cut(piece, 0)
