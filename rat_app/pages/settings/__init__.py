"""The Settings page: this browser, the namespaces, the engine, the REST API, the program, and its style."""

from rat_app.pages.settings import page, style

__all__ = ["page", "style"]
