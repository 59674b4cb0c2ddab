"""Assembly: the app, its pages, the REST API. No logic."""

from __future__ import annotations

import reflex as rx

from rat_app.components.error import Boundary
from rat_app.components.shell import REMEMBER_SIDEBAR
from rat_app.engine import following
from rat_app.pages import home, not_found, pipelines, runs
from rat_app.state.base import RefuseUnguarded, report_browser_fault, report_server_fault

__all__ = ["app", "home", "not_found", "pipelines", "runs"]

app = rx.App(
    stylesheets=["/rat.css"],
    head_components=[rx.el.script(REMEMBER_SIDEBAR), rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml")],
    html_lang="en",
    toaster=None,
    app_wraps={(55, "Boundary"): lambda _stateful: Boundary.create()},
    frontend_exception_handler=report_browser_fault,
    backend_exception_handler=report_server_fault,
)
app.add_middleware(RefuseUnguarded())
app.register_lifespan_task(following)
