"""Actions on lineage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rat_engine.shapes.actions.twin import Twin, table_parts


def _focus(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"focus": values["table"]}


TWINS = (
    Twin(
        "lineage.graph",
        "Show what a table reads and what reads it",
        "GET /lineage",
        "lineage {table}",
        "LineageFilter(TableName.parse({table}))",
        query=("focus",),
        spell=_focus,
    ),
    Twin(
        "lineage.columns",
        "Show where the columns of a table come from",
        "GET /lineage/columns/{namespace}/{layer}/{name}",
        "columns {table}",
        "TableName.parse({table})",
        spell=table_parts,
    ),
    Twin(
        "lineage.impact",
        "Show what depends on a column",
        "GET /lineage/impact",
        "lineage {table} --column {column}",
        "TableName.parse({table}), {column}",
        query=("table", "column"),
    ),
)
