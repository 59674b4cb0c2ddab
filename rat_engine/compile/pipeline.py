"""A pipeline's files → everything known about them without running them. Pure: the same answer in preview, release and run."""

from __future__ import annotations

from dataclasses import dataclass

from rat_engine.compile.checks import Checker
from rat_engine.compile.config import pipeline_config, quality_test, table_docs
from rat_engine.compile.model import Compilation, CompileCatalog, PipelineConfig, RenderContext, TableDocs
from rat_engine.compile.source import Problems, Source
from rat_engine.compile.template import Rendered, Template, parse, statement_problems
from rat_engine.domain.names import TableName
from rat_engine.domain.pipeline import CONFIG_FILE, SOURCE_FILE, TABLE_FILE, TEST_FOLDER, Dependency, PipelineFiles, WriteStrategy
from rat_engine.domain.quality import QualityTest
from rat_engine.errors import CompileError, Problem

# Which of the strategies is used does not matter here, only that it keeps rows.
_TRIALS = tuple(RenderContext("trial", "2000-01-01T00:00:00.000Z", exists, WriteStrategy.APPEND_ONLY) for exists in (False, True))


def compile_pipeline(table: TableName, files: PipelineFiles, catalog: CompileCatalog) -> Compilation:
    """Read every file of a pipeline and collect what is wrong with it; nothing a user can write makes it raise."""
    problems = Problems()
    config, dependencies = _compile_source(table, files, catalog, problems)
    tests: list[QualityTest] = []
    test_dependencies: dict[Dependency, None] = {}
    for path, text in files.tests.items():
        source = Source(path, text)
        tests.append(quality_test(path.removeprefix(TEST_FOLDER).removesuffix(".sql"), source, problems))
        test_dependencies |= dict.fromkeys(_compile_template(_Job(table, source, True), catalog, problems))
    docs = table_docs(Source(TABLE_FILE, files.texts[TABLE_FILE]), problems) if TABLE_FILE in files.texts else TableDocs()
    further = tuple(dependency for dependency in test_dependencies if dependency not in dependencies)
    return Compilation(_sorted(problems), config, dependencies, tuple(tests), _described(docs, config), further)


def render(table: TableName, source_text: str, file: str, context: RenderContext) -> str:
    """The SQL of a pipeline or quality test. Names are checked, tables and zones are not looked up. Raises CompileError."""
    return render_traced(table, source_text, file, context).sql


def render_traced(table: TableName, source_text: str, file: str, context: RenderContext) -> Rendered:
    """As ``render``, with the way back from each place of the SQL to its place in the source. Raises CompileError."""
    problems = Problems()
    job = _Job(table, Source(file, source_text), file.startswith(TEST_FOLDER))
    template = _checked(job, None, problems)[0]
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors or template is None:
        raise CompileError(errors)
    rendered = template.render(table, context)
    wrong = statement_problems(rendered)
    if wrong:
        raise CompileError(wrong)
    return rendered


@dataclass(frozen=True, slots=True)
class _Job:
    """One template to compile."""

    table: TableName
    source: Source
    is_test: bool = False


def _compile_source(table: TableName, files: PipelineFiles, catalog: CompileCatalog, problems: Problems) -> tuple[PipelineConfig, tuple[Dependency, ...]]:
    document = Source(CONFIG_FILE, files.texts[CONFIG_FILE]) if CONFIG_FILE in files.texts else None
    source = Source(SOURCE_FILE, files.source)
    if SOURCE_FILE not in files.texts:
        problems.add(source.whole(f"There is no {SOURCE_FILE}.", "Create it with one SELECT."))
        return pipeline_config(source, document, problems), ()
    config = pipeline_config(source, document, problems)
    return config, _compile_template(_Job(table, source), catalog, problems)


def _compile_template(job: _Job, catalog: CompileCatalog, problems: Problems) -> tuple[Dependency, ...]:
    """Check a template; when nothing is wrong with it so far, render it as on a first run and as on a later one."""
    found = Problems()
    template, dependencies = _checked(job, catalog, found)
    if template and not any(problem.severity == "error" for problem in found):
        found.add(*dict.fromkeys(problem for trial in _TRIALS for problem in _tried(template, job.table, trial)))
    problems.add(*found)
    return dependencies


def _checked(job: _Job, catalog: CompileCatalog | None, problems: Problems) -> tuple[Template | None, tuple[Dependency, ...]]:
    template = parse(job.source, problems)
    if template is None:
        return None, ()
    checker = Checker(job.source, job.table, catalog, this_always=job.is_test)
    try:
        checker.check(template.tree)
    except RecursionError:
        problems.add(job.source.whole("The template is nested too deeply."))
        return None, ()
    problems.add(*checker.problems)
    return template, tuple(checker.dependencies)


def _tried(template: Template, table: TableName, context: RenderContext) -> list[Problem]:
    try:
        return statement_problems(template.render(table, context))
    except CompileError as error:
        return list(error.problems)


def _sorted(problems: Problems) -> tuple[Problem, ...]:
    files = (SOURCE_FILE, CONFIG_FILE, TABLE_FILE)
    return tuple(sorted(problems, key=lambda found: (found.file not in files, found.file != SOURCE_FILE, found.file, found.line, found.column)))


def _described(docs: TableDocs, config: PipelineConfig) -> TableDocs:
    """A table without a description of its own has its pipeline's."""
    return docs if docs.description else TableDocs(config.description, docs.columns)
