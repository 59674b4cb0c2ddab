"""A pipeline's page. Its tabs are modules of this folder; those that are not built have no tab."""

from rat_app.pages.pipeline import code, overview, quality, runs, settings, versions

__all__ = ["code", "overview", "quality", "runs", "settings", "versions"]
