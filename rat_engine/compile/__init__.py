"""Author → compiled: templates, settings and what reads what. Pure."""

from __future__ import annotations

from rat_engine.compile.editing import read_settings, with_name_changed, with_settings
from rat_engine.compile.formatting import format_template
from rat_engine.compile.lineage import cycle_through, find_cycle, topological_order
from rat_engine.compile.model import Compilation, CompileCatalog, PipelineConfig, RenderContext, TableDocs
from rat_engine.compile.parts import Part, part_at
from rat_engine.compile.pipeline import annotated, compile_pipeline, read_names, render, render_traced
from rat_engine.compile.relations import cte_columns
from rat_engine.compile.rewriting import with_docs
from rat_engine.compile.template import Rendered
from rat_engine.compile.vocabulary import vocabulary

__all__ = [
    "Compilation",
    "CompileCatalog",
    "Part",
    "PipelineConfig",
    "RenderContext",
    "Rendered",
    "TableDocs",
    "annotated",
    "compile_pipeline",
    "cte_columns",
    "cycle_through",
    "find_cycle",
    "format_template",
    "part_at",
    "read_names",
    "read_settings",
    "render",
    "render_traced",
    "topological_order",
    "vocabulary",
    "with_docs",
    "with_name_changed",
    "with_settings",
]
