"""Reflex's configuration. ``rat_app.serve`` refuses to start when Reflex did not take it."""

import reflex as rx

from rat_app.prerender import PrerenderPlugin
from rat_app.theme import TokensPlugin

# The address is a placeholder: rat_app/guard.py writes the browser's own into the built front end.
config = rx.Config(
    app_name="rat_app",
    api_url="http://localhost:3000",
    deploy_url="http://localhost:3000",
    backend_host="127.0.0.1",
    backend_port=3000,
    frontend_port=3000,
    cors_allowed_origins=(),
    state_manager_mode=rx.constants.StateManagerMode.MEMORY,
    telemetry_enabled=False,
    show_built_with_reflex=False,
    default_color_mode="system",
    react_strict_mode=False,
    frontend_lazy_bundled_libraries=True,
    plugins=[TokensPlugin(), PrerenderPlugin()],
    frontend_compression_formats=["brotli", "gzip"],
    disable_plugins=[rx.plugins.SitemapPlugin],
)
