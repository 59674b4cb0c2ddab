"""Actions on lineage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rat_engine.shapes.actions.twin import Twin


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
)
