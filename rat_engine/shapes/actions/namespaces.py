"""Actions on namespaces."""

from __future__ import annotations

from rat_engine.shapes.actions.twin import Twin

TWINS = (Twin("namespaces.list", "List namespaces", "GET /namespaces", "namespace list"),)
