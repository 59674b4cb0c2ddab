"""The grid of a query's result: windows of rows fetched from its URL, drawn on a canvas."""

from __future__ import annotations

import reflex as rx

from rat_app.components.chart.chart_view import charted
from rat_app.components.script import script

_FILES = ("rows.jsx", "ahead.js", "copy_rows.jsx", "cell_view.jsx", "columns.jsx", "statistics.jsx", "kept_views.js", "values.js", "result_grid.css")
_GRID = charted(script(__name__, "result_grid.jsx", *_FILES))


class ResultGrid(rx.NoSSRComponent):
    """``rows`` rows of ``columns`` (name, type), fetched from ``url`` by ``offset`` and ``limit``. ``on_problem`` tells of a window that could not be read.

    Children stand above the rows, beside the views and the ways to copy. What is looked at is kept by the browser under the name ``kept_as``.
    """

    library = _GRID
    tag = "ResultGrid"
    # The last three are peers of the grid: Reflex installs no peers by itself.
    lib_dependencies: list[str] = ["@glideapps/glide-data-grid@6.0.3", "lodash@4.18.1", "marked@4.3.0", "react-responsive-carousel@3.2.23"]  # noqa: RUF012 - Reflex's own way

    url: rx.Var[str]
    columns: rx.Var[list[dict[str, str]]]
    rows: rx.Var[int]
    label: rx.Var[str]
    kept_as: rx.Var[str]
    on_again: rx.EventHandler[rx.event.no_args_event_spec]
    on_problem: rx.EventHandler[rx.event.passthrough_event_spec(str)]


result_grid = ResultGrid.create
