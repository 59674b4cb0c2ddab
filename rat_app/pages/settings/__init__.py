"""The Settings page: this browser, the namespaces, the engine, the REST API, the program."""

from rat_app.pages.settings import page

__all__ = ["page"]
