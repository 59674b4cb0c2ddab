"""Logs of runs as JSON."""

from __future__ import annotations

from pydantic import Field

from rat_engine.domain import log as domain_log
from rat_engine.domain.log import LogLevel
from rat_engine.shapes.base import Id, Moment, Shape


class LogLine(Shape):
    """One line of a log."""

    timestamp: Moment | None = Field(description="When it was written; null for what native code wrote by itself.")
    level: LogLevel = Field(description="How much it matters.", examples=["info"])
    message: str = Field(description="The text.", examples=["80,789 rows written"])

    @classmethod
    def of(cls, line: domain_log.LogLine) -> LogLine:
        """The shape of a line."""
        return cls(timestamp=line.at, level=line.level, message=line.message)


class LogFound(Shape):
    """Where the lines that a filter left stand. `scanning`: the log has lines that were not looked at yet; ask again to learn of more."""

    numbers: tuple[int, ...] = Field(description="The number of each line, counted from 0.", examples=[[16]])
    first: int = Field(description="How many matches come before these.", examples=[0])
    found: int = Field(description="How many matches are known so far.", examples=[1])
    seen: int = Field(description="How many lines were looked at so far.", examples=[17])
    scanning: bool = Field(description="Whether lines are left to look at.", examples=[False])


class LogChunk(Shape):
    """Lines of one attempt's log: consecutive ones, or those that a filter left."""

    logs: tuple[LogLine, ...] = Field(description="The lines, in their order.")
    run_id: Id = Field(description="The run.")
    attempt: int = Field(description="Which attempt's log this is; 0 before the first one.", examples=[1])
    start: int = Field(description="The number of the first line, counted from 0.", examples=[0])
    next: int = Field(description="Pass it as `after` to get what follows.", examples=[17])
    complete: bool = Field(description="Whether the attempt has ended and no line follows.", examples=[True])
    matches: LogFound | None = Field(default=None, description="With `level` or `search`: where these lines stand in the log; null without.")

    @classmethod
    def of(cls, run_id: str, chunk: domain_log.LogChunk) -> LogChunk:
        """The shape of a chunk."""
        lines = tuple(map(LogLine.of, chunk.lines))
        return cls(logs=lines, run_id=run_id, attempt=chunk.attempt, start=chunk.start, next=chunk.next, complete=chunk.complete)

    @classmethod
    def of_matches(cls, run_id: str, found: domain_log.LogMatches) -> LogChunk:
        """The shape of the lines that a filter left."""
        numbers = tuple(number for number, _ in found.lines)
        matches = LogFound(numbers=numbers, first=found.first, found=found.found, seen=found.seen, scanning=found.scanning)
        lines = tuple(LogLine.of(line) for _, line in found.lines)
        start = numbers[0] if numbers else found.next
        return cls(logs=lines, run_id=run_id, attempt=found.attempt, start=start, next=found.next, complete=found.complete, matches=matches)
