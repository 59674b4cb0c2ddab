"""A pipeline's files → everything known about them without running them. Pure: the same answer in preview, release and run."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from rat_engine.compile.analysis import REMEMBERED_FILES, Analysis, analyse, look_up
from rat_engine.compile.config import PIPELINE_FIELDS, pipeline_config, quality_test, read_annotations, table_docs
from rat_engine.compile.model import Compilation, CompileCatalog, PipelineConfig, RenderContext, TableDocs
from rat_engine.compile.source import Problems, Source
from rat_engine.compile.template import Rendered
from rat_engine.domain.names import TableName, ZoneName
from rat_engine.domain.pipeline import CONFIG_FILE, SOURCE_FILE, TABLE_FILE, TEST_FOLDER, Dependency, PipelineFiles, WriteStrategy
from rat_engine.domain.quality import QualityTest
from rat_engine.errors import CompileError, Problem

_LOOKS_BACK = "is_incremental"


def compile_pipeline(table: TableName, files: PipelineFiles, catalog: CompileCatalog) -> Compilation:
    """Read every file of a pipeline and collect what is wrong with it; nothing a user can write makes it raise."""
    problems = Problems()
    config, dependencies = _source(table, files, catalog, problems)
    tests: list[QualityTest] = []
    test_dependencies: dict[Dependency, None] = {}
    for path, text in files.tests.items():
        tests.append(quality_test(path.removeprefix(TEST_FOLDER).removesuffix(".sql"), Source(path, text), problems))
        test_dependencies |= _template(table, path, text, catalog, problems)
    docs, found = _docs(files.texts.get(TABLE_FILE, ""))
    problems.add(*found)
    further = tuple(dependency for dependency in test_dependencies if dependency not in dependencies)
    return Compilation(_sorted(problems), config, tuple(dependencies), tuple(tests), _described(docs, config), further)


def read_names(table: TableName, files: PipelineFiles) -> frozenset[TableName | ZoneName]:
    """Every table and landing zone that a pipeline's files name, whether it exists or not."""
    texts = {SOURCE_FILE: files.source, **files.tests}
    return frozenset(read.name for file, text in texts.items() for read in analyse(table, file, text).reads)


def annotated(source_text: str) -> frozenset[str]:
    """The settings that a pipeline's SQL file gives by annotation, which win over ``config.yaml``."""
    return frozenset(setting.key for setting in read_annotations(Source(SOURCE_FILE, source_text), PIPELINE_FIELDS, Problems()))


def render(table: TableName, source_text: str, file: str, context: RenderContext) -> str:
    """The SQL of a pipeline or quality test. Names are checked, tables and zones are not looked up. Raises CompileError."""
    return render_traced(table, source_text, file, context).sql


def render_traced(table: TableName, source_text: str, file: str, context: RenderContext) -> Rendered:
    """As ``render``, with the way back from each place of the SQL to its place in the source. Raises CompileError."""
    analysis = analyse(table, file, source_text)
    if analysis.template is None:
        raise CompileError([problem for problem in analysis.problems if problem.severity == "error"])
    return analysis.template.render(table, context)


def _source(table: TableName, files: PipelineFiles, catalog: CompileCatalog, problems: Problems) -> tuple[PipelineConfig, dict[Dependency, None]]:
    document = Source(CONFIG_FILE, files.texts[CONFIG_FILE]) if CONFIG_FILE in files.texts else None
    source = Source(SOURCE_FILE, files.source)
    config = pipeline_config(source, document, problems)
    if SOURCE_FILE not in files.texts:
        problems.add(source.whole(f"There is no {SOURCE_FILE}.", "Create it with one SELECT."))
        return config, {}
    dependencies = _template(table, SOURCE_FILE, files.source, catalog, problems)
    if config.merge_strategy is WriteStrategy.APPEND_ONLY and _LOOKS_BACK not in files.source:
        problems.add(*_files_added_again(analyse(table, SOURCE_FILE, files.source)))
    return config, dependencies


def _files_added_again(analysis: Analysis) -> Iterator[Problem]:
    """A landing zone keeps its files: a run that does not look at what is there already adds all of them once more."""
    for read in analysis.reads:
        if isinstance(read.name, ZoneName):
            message = f"Every run adds all files of the landing zone {read.name.name!r} to the table, also those it added before."
            hint = "Leave those out: {% if is_incremental() %} WHERE _file NOT IN (SELECT DISTINCT _file FROM {{ this }}) {% endif %}."
            yield analysis.source.problem(read.offset, message, hint, "warning")


def _template(table: TableName, file: str, text: str, catalog: CompileCatalog, problems: Problems) -> dict[Dependency, None]:
    analysis = analyse(table, file, text)
    problems.add(*analysis.problems)
    return look_up(analysis, catalog, problems)


@lru_cache(maxsize=REMEMBERED_FILES)
def _docs(text: str) -> tuple[TableDocs, tuple[Problem, ...]]:
    problems = Problems()
    return table_docs(Source(TABLE_FILE, text), problems), tuple(problems)


def _sorted(problems: Problems) -> tuple[Problem, ...]:
    files = (SOURCE_FILE, CONFIG_FILE, TABLE_FILE)
    return tuple(sorted(problems, key=lambda found: (found.file not in files, found.file != SOURCE_FILE, found.file, found.line, found.column)))


def _described(docs: TableDocs, config: PipelineConfig) -> TableDocs:
    """A table without a description of its own has its pipeline's."""
    return docs if docs.description else TableDocs(config.description, docs.columns)
