"""Actions on published tables."""

from __future__ import annotations

from rat_engine.shapes.actions.twin import Twin

TWINS = (Twin("tables.list", "List tables", "GET /tables", "tables", query=("namespace", "layer", "search")),)
