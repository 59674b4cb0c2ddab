"""Assembly: the app, its pages, the REST API. No logic."""

from __future__ import annotations

import reflex as rx

from rat_app.api.front import ApiInFront
from rat_app.components.shell import head
from rat_app.engine import following
from rat_app.pages import deleted, explorer, home, lineage, not_found, pipeline, pipelines, query, run, runs, settings, table
from rat_app.pages.frame import outermost
from rat_app.state.base import RefuseUnguarded, report_browser_fault, report_server_fault

__all__ = ["app", "deleted", "explorer", "home", "lineage", "not_found", "pipeline", "pipelines", "query", "run", "runs", "settings", "table"]

app = rx.App(
    stylesheets=["/rat.css", "/work.css", "/lineage.css", "/explorer.css", "/settings.css"],
    head_components=head(),
    html_lang="en",
    toaster=None,
    app_wraps={(55, "Boundary"): outermost},
    frontend_exception_handler=report_browser_fault,
    backend_exception_handler=report_server_fault,
    api_transformer=ApiInFront,
)
app.add_middleware(RefuseUnguarded())
app.register_lifespan_task(following)  # pyright: ignore[reportUnknownMemberType]
