"""Actions on landing zones."""

from __future__ import annotations

from rat_engine.shapes.actions.twin import Twin

TWINS = (Twin("landing.zones", "List landing zones", "GET /landing-zones", "zones", query=("namespace",)),)
