"""Short ways to compile a few files and to say what is wrong with them."""

from __future__ import annotations

from rat_engine.compile import Compilation, CompileCatalog, RenderContext, compile_pipeline, render
from rat_engine.domain.names import TableName, ZoneName
from rat_engine.domain.pipeline import SOURCE_FILE, PipelineFiles, WriteStrategy

TABLE = TableName.parse("flights.silver.flights")
CATALOG = CompileCatalog(
    tables=frozenset({TableName.parse("flights.bronze.flights"), TableName.parse("shop.gold.revenue")}),
    pipelines=frozenset({TABLE, TableName.parse("flights.bronze.weather")}),
    zones=frozenset({ZoneName("flights", "departures"), ZoneName("shop", "orders")}),
)
FIRST = RenderContext("run1", "2026-11-21T10:00:00.000Z", table_exists=False, strategy=WriteStrategy.APPEND_ONLY)
LATER = RenderContext("run1", "2026-11-21T10:00:00.000Z", table_exists=True, strategy=WriteStrategy.APPEND_ONLY)


def compiled(source: str = "SELECT 1", **files: str) -> Compilation:
    """Compile a pipeline of ``source`` and further files: ``config``, ``table``, or the name of a quality test."""
    paths = {"config": "config.yaml", "table": "table.yaml"}
    texts = {SOURCE_FILE: source} | {paths.get(name, f"tests/quality/{name}.sql"): text for name, text in files.items()}
    return compile_pipeline(TABLE, PipelineFiles(texts), CATALOG)


def problems(source: str = "SELECT 1", **files: str) -> list[str]:
    """The problems as ``file:line:column: message hint``."""
    return [str(problem) for problem in compiled(source, **files).problems]


def rendered(source: str, context: RenderContext = FIRST, file: str = SOURCE_FILE) -> str:
    """The compiled SQL of a template."""
    return render(TABLE, source, file, context)
