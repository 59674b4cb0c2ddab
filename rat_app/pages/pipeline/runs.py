"""The Runs page of a pipeline: its own runs, narrowed and sorted as on the page of all."""

from __future__ import annotations

import reflex as rx

from rat_app import routes
from rat_app.components.empty import empty
from rat_app.pages.pipeline.head import pipeline_page
from rat_app.pages.run_list import run_list
from rat_app.state.runs import RunFacetsState, RunsState


@pipeline_page(routes.PIPELINE_RUNS, "Runs", on_load=[RunsState.load, RunsState.follow, RunFacetsState.count])
def pipeline_runs() -> rx.Component:
    """The runs, and what to do when there is none."""
    none_yet = empty("It has never run. Press Run: the rows are tested before anybody sees them.", icon_name="history")
    return run_list(none_yet, facets=("status", "trigger"), without=("Pipeline",))
