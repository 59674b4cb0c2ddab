"""The page of all runs."""

from __future__ import annotations

import reflex as rx

from rat_app import routes
from rat_app.components.button import link_button
from rat_app.components.empty import empty
from rat_app.pages.frame import page
from rat_app.pages.run_list import run_list
from rat_app.state.runs import RunFacetsState, RunsState


@page(routes.RUNS, "Runs", on_load=[RunsState.load, RunsState.follow, RunFacetsState.count])
def runs() -> rx.Component:
    """Every pipeline's runs."""
    return run_list(
        empty(
            "A run fills a pipeline's table: it writes to a branch, tests what it wrote, and publishes it only when the tests pass. There are none yet.",
            link_button("See the pipelines", to=routes.PIPELINES, kind="primary"),
            icon_name="history",
        )
    )
