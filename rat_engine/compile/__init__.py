"""Author → compiled: templates, settings and what reads what. Pure."""

from __future__ import annotations

from rat_engine.compile.editing import read_settings, with_name_changed, with_settings
from rat_engine.compile.lineage import find_cycle, topological_order
from rat_engine.compile.model import Compilation, CompileCatalog, PipelineConfig, RenderContext, TableDocs
from rat_engine.compile.pipeline import compile_pipeline, render, render_traced
from rat_engine.compile.template import Rendered

__all__ = [
    "Compilation",
    "CompileCatalog",
    "PipelineConfig",
    "RenderContext",
    "Rendered",
    "TableDocs",
    "compile_pipeline",
    "find_cycle",
    "read_settings",
    "render",
    "render_traced",
    "topological_order",
    "with_name_changed",
    "with_settings",
]
