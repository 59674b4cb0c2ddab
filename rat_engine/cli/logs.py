"""Commands about the logs of runs."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rat_engine.cli.ending import guarded
from rat_engine.cli.follow import CHUNK_LINES, Follower, log
from rat_engine.cli.options import AsJson, Data, RunArgument
from rat_engine.cli.output import note, print_json
from rat_engine.cli.session import opened
from rat_engine.cli.spread import spread
from rat_engine.cli.text import number, visible

if TYPE_CHECKING:
    from rat_engine import Engine, LogLine, LogMatches, LogSearch


class Level(StrEnum):
    """What ``--level`` takes."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Lines:
    """The options that choose lines."""

    level: Annotated[Level, typer.Option("--level", help="Only lines of this level or above.")] = Level.DEBUG
    search: Annotated[str, typer.Option("--search", help="Only lines with this text, numbered; a to z in any case.", show_default=False)] = ""
    attempt: Annotated[int | None, typer.Option("--attempt", min=1, help="Which attempt's log; the last one when left out.", show_default=False)] = None

    def wanted(self) -> LogSearch:
        """Which lines."""
        from rat_engine import LogLevel, LogSearch

        return LogSearch(LogLevel(self.level.value), self.search)


Follow = Annotated[bool, typer.Option("--follow", "-f", help="Go on until the run has ended.")]
Download = Annotated[Path | None, typer.Option("--download", help="Write the whole log, as it is on the disk, to this file.", show_default=False)]


@guarded
@spread
def logs(run_id: RunArgument, lines: Lines, follow: Follow = False, download: Download = None, data: Data = None, as_json: AsJson = False) -> None:
    """Print a run's log. With --follow and --json each line is a JSON object of its own; --follow heeds no filter."""
    with opened(data) as engine:
        if download is not None:
            _download(engine, run_id, lines.attempt, download)
        elif follow:
            _follow(engine, run_id, as_json=as_json)
        elif lines.wanted().everything:
            _print_all(engine, run_id, lines.attempt, as_json=as_json)
        else:
            _print_matches(engine, run_id, lines, as_json=as_json)


def print_line(line: LogLine) -> None:
    """One line of a log for people."""
    print(_text(line), flush=True)


def print_beside(line: LogLine) -> None:
    """The same beside the output proper."""
    print(_text(line), file=sys.stderr, flush=True)


def _text(line: LogLine) -> str:
    time = line.at.astimezone().strftime("%H:%M:%S.%f")[:-3] if line.at else " " * 12
    head = f"{time} {line.level.value.upper():<7} "
    return head + f"\n{' ' * len(head)}".join(map(visible, line.message.splitlines() or [""]))


def _download(engine: Engine, run_id: str, attempt: int | None, target: Path) -> None:
    from rat_engine import LOCAL_USER

    file = engine.runs.log_file(LOCAL_USER, run_id, attempt)
    shutil.copyfile(file.path, target)
    note(f"{target}: {number(target.stat().st_size)} bytes")


def _follow(engine: Engine, run_id: str, *, as_json: bool) -> None:
    from rat_engine import shapes

    for line in Follower(engine, run_id).lines():
        if as_json:
            print(json.dumps(shapes.LogLine.of(line).plain()), flush=True)
        else:
            print_line(line)


def _print_all(engine: Engine, run_id: str, attempt: int | None, *, as_json: bool) -> None:
    from rat_engine import LOCAL_USER, shapes

    if not as_json:
        for line in log(engine, run_id, attempt):
            print_line(line)
        return
    found = [shapes.LogLine.of(line).plain() for line in log(engine, run_id, attempt)]
    last = shapes.LogChunk.of(run_id, engine.runs.log(LOCAL_USER, run_id, len(found), 1, attempt)).plain()
    print_json({**last, "logs": found, "start": 0, "next": len(found)})


def _print_matches(engine: Engine, run_id: str, lines: Lines, *, as_json: bool) -> None:
    from rat_engine import shapes

    chunks = _matches(engine, run_id, lines)
    if as_json:
        print_json([shapes.LogChunk.of_matches(run_id, chunk).plain() for chunk in chunks if chunk.lines])
        return
    for chunk in chunks:
        for line_number, line in chunk.lines:
            print(f"{line_number + 1:>7} {_text(line)}", flush=True)


def _matches(engine: Engine, run_id: str, lines: Lines) -> Iterator[LogMatches]:
    from rat_engine import LOCAL_USER, LogPage

    after = 0
    while True:
        chunk = engine.runs.search_log(LOCAL_USER, run_id, lines.wanted(), LogPage(after, CHUNK_LINES), lines.attempt)
        yield chunk
        if not chunk.lines and not chunk.scanning:
            return
        after = chunk.next
