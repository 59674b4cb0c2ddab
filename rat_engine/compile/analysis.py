"""What is known of one file by itself, without any catalog; remembered, since a file is compiled more often than it changes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from rat_engine.compile.checks import Checker, Read
from rat_engine.compile.model import CompileCatalog, RenderContext
from rat_engine.compile.sandbox import Sandbox
from rat_engine.compile.source import Problems, Source
from rat_engine.compile.template import TOO_DEEP, Template, parse
from rat_engine.domain.names import TableName, ZoneName, nearest
from rat_engine.domain.pipeline import TEST_FOLDER, Dependency, WriteStrategy
from rat_engine.errors import CompileError, Problem

REMEMBERED_FILES = 256
REMEMBERED_CHARACTERS = 20_000

# Which of the strategies is used does not matter here, only that it keeps rows.
TRIALS = tuple(RenderContext("trial", "2000-01-01T00:00:00.000Z", exists, WriteStrategy.APPEND_ONLY) for exists in (False, True))


@dataclass(frozen=True, slots=True)
class Analysis:
    """A file's template, or None where it cannot be rendered, with everything wrong with it and everything it reads."""

    source: Source
    template: Template | None
    problems: tuple[Problem, ...]
    reads: tuple[Read, ...]


def analyse(table: TableName, file: str, text: str) -> Analysis:
    """Check a template and, when nothing is wrong with it so far, render it as on a first run and as on a later one."""
    return _remembered(table, file, text) if len(text) <= REMEMBERED_CHARACTERS else _analyse(table, file, text)


def look_up(analysis: Analysis, catalog: CompileCatalog, problems: Problems) -> dict[Dependency, None]:
    """What the file reads, in its order; a name that is not in the catalog is a problem with the nearest one that is."""
    dependencies: dict[Dependency, None] = {}
    known = catalog.zones | catalog.readable
    for read in analysis.reads:
        name = read.name
        if name in known:
            dependencies[Dependency(zone=name) if isinstance(name, ZoneName) else Dependency(table=name)] = None
        elif not problems.full:
            unknown = _unknown_zone(name, catalog) if isinstance(name, ZoneName) else _unknown_table(name, read.written, catalog)
            problems.add(analysis.source.problem(read.offset, *unknown))
    return dependencies


def _unknown_zone(zone: ZoneName, catalog: CompileCatalog) -> tuple[str, str]:
    known = [other.name for other in catalog.zones if other.namespace == zone.namespace]
    hint = nearest(zone.name, known) or f"Create it by landing a file: rat land {zone} FILE."
    return f"There is no landing zone {zone.name!r} in the namespace {zone.namespace!r}.", hint


def _unknown_table(table: TableName, written: str, catalog: CompileCatalog) -> tuple[str, str]:
    short = written.count(".") == 1
    known = [f"{name.layer}.{name.name}" if short and name.namespace == table.namespace else str(name) for name in catalog.readable]
    return f"There is no table or pipeline {str(table)!r}.", nearest(written, known) or "Create that pipeline first, or correct the name."


def _analyse(table: TableName, file: str, text: str) -> Analysis:
    source, problems, environment = Source(file, text), Problems(), Sandbox()
    tree = parse(source, environment, problems)
    if tree is None:
        return Analysis(source, None, tuple(problems), ())
    checker = Checker(source, table, file.startswith(TEST_FOLDER), problems)
    try:
        checker.check(tree)
        template = None if problems.blocking else Template(source, tree, environment)
    except RecursionError:
        problems.add(source.whole(TOO_DEEP))
        template = None
    except CompileError as error:
        problems.add(*error.problems)
        template = None
    if template is not None:
        problems.add(*dict.fromkeys(problem for trial in TRIALS for problem in _tried(template, table, trial)))
    return Analysis(source, template, tuple(problems), tuple(checker.reads))


_remembered = lru_cache(maxsize=REMEMBERED_FILES)(_analyse)


def _tried(template: Template, table: TableName, context: RenderContext) -> tuple[Problem, ...]:
    try:
        template.render(table, context)
    except CompileError as error:
        return error.problems
    return ()
