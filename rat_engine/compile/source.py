"""A file's text with positions that count from 1."""

from __future__ import annotations

import bisect
import re

from rat_engine.errors import Problem

MAX_PROBLEMS = 100


class Problems(list[Problem]):
    """What is wrong, as much of it as anybody reads: once ``full``, nothing is added and nobody needs to look further."""

    @property
    def full(self) -> bool:
        """Whether there are as many problems as are kept."""
        return len(self) >= MAX_PROBLEMS

    @property
    def blocking(self) -> bool:
        """Whether one of them is an error and not only a warning."""
        return any(problem.severity == "error" for problem in self)

    def add(self, *problems: Problem) -> None:
        """Append problems while there is room."""
        self.extend(problems[: max(0, MAX_PROBLEMS - len(self))])


class Source:
    """One file of a pipeline. Line ends are normalised to ``\\n``; only those end a line."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text.replace("\r\n", "\n").replace("\r", "\n")
        self._starts = [0, *(match.end() for match in re.finditer("\n", self.text))]

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column, from 1, of the character at ``offset``; an offset outside is moved to the nearest end."""
        offset = max(0, min(offset, len(self.text)))
        line = bisect.bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and column that count from 1, moved into the file where they lie outside."""
        line = max(1, min(line, len(self._starts)))
        end = self._starts[line] - 1 if line < len(self._starts) else len(self.text)
        return min(self._starts[line - 1] + max(column, 1) - 1, end)

    def problem(self, offset: int, message: str, hint: str = "", severity: str = "error") -> Problem:
        """A problem at ``offset``."""
        line, column = self.position(offset)
        return Problem(self.file, line, column, message, hint, severity)

    def whole(self, message: str, hint: str = "") -> Problem:
        """A problem of the file as a whole."""
        return Problem(self.file, 0, 0, message, hint)
