"""The tabs of a pipeline or a table: links, since each is a page of its own and loads only what it needs."""

from __future__ import annotations

import reflex as rx

from rat_app.components.script import script

_TABS = script(__name__, "pipeline_tabs.jsx")

# The last part of each tab's address, and its words.
TABS = (("", "Overview"), ("code", "Code"), ("quality", "Quality"), ("runs", "Runs"), ("versions", "Versions"), ("settings", "Settings"))


TABLE_TABS = (
    ("", "Preview"),
    ("columns", "Columns"),
    ("snapshots", "Snapshots"),
    ("files", "Files"),
    ("lineage", "Lineage"),
    ("quality", "Quality"),
    ("docs", "Docs"),
)


class PipelineTabs(rx.Component):
    """``tabs`` are (last part of the address, words)."""

    library = _TABS
    tag = "PipelineTabs"

    tabs: rx.Var[list[list[str]]]
    label: rx.Var[str]


def pipeline_tabs() -> rx.Component:
    """The strip of tabs, leading to those of the pipeline whose page is open."""
    return PipelineTabs.create(tabs=[list(tab) for tab in TABS], label="Parts of the pipeline")


def table_tabs() -> rx.Component:
    """The strip of tabs, leading to those of the table whose page is open."""
    return PipelineTabs.create(tabs=[list(tab) for tab in TABLE_TABS], label="Parts of the table")
