"""The Query page: what there is to ask on the left, tabs of queries over their rows on the right."""

from rat_app.pages.query import page

__all__ = ["page"]
