"""Actions on the installation as a whole."""

from __future__ import annotations

from rat_engine.shapes.actions.twin import Twin

TWINS = (
    Twin("health.overview", "Show what there is", "GET /overview", "doctor"),
    Twin("health.ready", "Check whether requests can be served", "GET /health/ready", "doctor"),
    Twin("demo.load", "Load the demo", "POST /demo", "demo"),
)
