"""Actions on the installation as a whole."""

from __future__ import annotations

from rat_engine.shapes.actions.twin import Twin

TWINS = (
    Twin("health.overview", "Show what there is", "GET /overview", "doctor"),
    Twin("health.ready", "Check whether requests can be served", "GET /health/ready", "doctor"),
    Twin("health.settings", "Show how RAT is set up", "GET /settings", "settings"),
    Twin("health.workers", "Show what the workers do", "GET /workers", "workers"),
    Twin("health.doctor", "Check the installation", "GET /doctor", "doctor"),
    Twin("search.find", "Search everything", "GET /search", "search {text}", "{text}", query=("text",)),
    Twin("demo.load", "Load the demo", "POST /demo", "demo"),
)
