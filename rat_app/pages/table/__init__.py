"""A table's page. Its tabs are modules of this folder."""

from rat_app.pages.table import around, columns, docs, history, rows

__all__ = ["around", "columns", "docs", "history", "rows"]
