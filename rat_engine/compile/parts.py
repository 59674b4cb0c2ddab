"""The CTEs of compiled SQL, found without parsing it: names, parentheses and commas are all it takes, and every place stays where it is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rat_engine.compile.source import Source
from rat_engine.compile.statements import code_only
from rat_engine.compile.template import Rendered

_WITH = re.compile(r"\s*+with\s++(?:recursive\s++)?", re.IGNORECASE)
_HEAD = re.compile(r"\s*+(?P<name>\w++)\s*+(?P<columns>\()?", re.IGNORECASE)
_BODY = re.compile(r"\s*+(?:using\s++key\s*+\([^()]*+\)\s*+)?as\s*+(?:not\s++)?(?:materialized\s*+)?\(", re.IGNORECASE)
_EDGE = re.compile(r"[()]")
_COMMA = re.compile(r"\s*+,")


@dataclass(frozen=True, slots=True)
class Part:
    """A CTE of a statement: its name as written there, and where it begins and ends."""

    name: str
    start: int
    end: int

    def select(self, sql: str) -> str:
        """A statement that gives this CTE's rows: the beginning of ``sql`` up to the CTE's end, so that every place in it stays the same."""
        return f"{sql[: self.end]}\nSELECT * FROM {self.name}"


def parts(sql: str) -> tuple[Part, ...]:
    """The CTEs at the top of a statement, in their order; those after something unreadable are left out."""
    code = code_only(sql)
    found: list[Part] = []
    match = _WITH.match(code)
    while match and (part := _part(sql, code, match.end())):
        found.append(part)
        match = _COMMA.match(code, part.end)
    return tuple(found)


def part_at(rendered: Rendered, line: int, column: int) -> Part | None:
    """The CTE that a place of the source lies in; None outside of all."""
    offset = Source("", rendered.sql).offset(*_compiled_place(rendered, line, column))
    return next((part for part in parts(rendered.sql) if part.start <= offset <= part.end), None)


def _part(sql: str, code: str, position: int) -> Part | None:
    head = _HEAD.match(code, position)
    if not head:
        return None
    after = _closed(code, head.end()) if head["columns"] else head.end("name")
    body = _BODY.match(code, after) if after else None
    end = _closed(code, body.end()) if body else 0
    return Part(sql[head.start("name") : head.end("name")], head.start("name"), end) if end else None


def _closed(code: str, position: int) -> int:
    """Behind the parenthesis that closes the one before ``position``; 0 where none does."""
    depth = 1
    for edge in _EDGE.finditer(code, position):
        depth += 1 if edge[0] == "(" else -1
        if not depth:
            return edge.end()
    return 0


def _compiled_place(rendered: Rendered, line: int, column: int) -> tuple[int, int]:
    """Where in the SQL a place of the source went; what is in a loop went there first with its first turn."""
    wanted = rendered.source.offset(line, column)
    best, place = 0, -1
    ends = [*(start for start, _ in rendered.marks[1:]), len(rendered.text)]
    for (start, origin), end in zip(rendered.marks, ends, strict=False):
        source = origin if origin >= 0 else -origin - 1
        if place < source <= wanted:
            place = source
            best = min(start + wanted - source, end) if origin >= 0 else start
    return Source("", rendered.text).position(best)
