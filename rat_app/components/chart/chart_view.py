"""The scripts that draw a result as a chart. The result's grid loads them when its chart is opened."""

from __future__ import annotations

from rat_app.components.script import script


def charted(library: str) -> str:
    """``library`` itself, once the scripts that it loads for a chart are part of the front end."""
    script(__name__, "chart_view.jsx", "choices.jsx", "drawing.jsx", "pie.jsx", "scales.js", "stacking.js", "chart_view.css")
    return library
