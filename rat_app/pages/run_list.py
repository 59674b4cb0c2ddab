"""A list of runs as pages show it: what to narrow it by, the runs, what to do with those that are chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import reflex as rx

from rat_app.components.button import button, link_button
from rat_app.components.empty import empty, loaded
from rat_app.components.error import failure_panel
from rat_app.components.facets import facet
from rat_app.components.link import Link
from rat_app.components.period import period
from rat_app.components.run_table import run_table
from rat_app.components.search import search_field
from rat_app.components.status import icon
from rat_app.components.table import pager
from rat_app.state.runs import CHIPS_SEEN, RunFacetsState, RunsState

FACETS = (("Status", "status"), ("Namespace", "namespace"), ("Layer", "layer"), ("Trigger", "trigger"))


def run_list(nothing: rx.Component, *, facets: Sequence[str] = tuple(name for _, name in FACETS), without: Sequence[str] = ()) -> rx.Component:
    """Filters, the runs, and the pager; statuses change while one looks. ``nothing`` is said when there is none at all, ``without`` names columns left out."""
    listed = run_table(RunsState.runs, "Runs", without=without, sorts=RunsState.sorts, chosen=RunsState.chosen, on_choose=RunsState.choose)
    table = rx.cond(RunsState.runs, rx.el.div(_bulk(), listed, _pager(), class_name="section"), _none(nothing))
    return rx.el.div(
        _narrowing([facet(words, RunFacetsState.facets[name], CHIPS_SEEN) for words, name in FACETS if name in facets]),
        failure_panel(RunsState.failure, RunsState.load),
        rx.cond(RunsState.failure.title, rx.fragment(), loaded(RunsState.loaded, table, lines=8)),
        class_name="stack",
    )


def _narrowing(facets: Sequence[rx.Component]) -> rx.Component:
    kept = RunsState.kept
    first = rx.el.div(
        search_field("Search by run id or pipeline", text=kept["search"], on_search=RunsState.find),
        period(period=kept["period"], begin=kept["from"], end=kept["to"], on_choose=RunsState.choose_period),
        rx.foreach(RunsState.others, _other),
        rx.cond(RunsState.filtered, link_button("Clear filters", to=RunsState.bare, icon_name="x")),
        class_name="row",
    )
    return rx.el.div(first, rx.el.div(*facets, class_name="facets"), class_name="section")


def _other(chip: Any) -> rx.Component:
    return Link.create(chip.words, icon("x", 14), to=chip.address, class_name="chip mono", aria_label="Remove the filter " + chip.words.to(str))


def _bulk() -> rx.Component:
    many = RunsState.chosen.length()
    bar = rx.el.div(
        rx.el.span(many, rx.cond(many == 1, " run chosen", " runs chosen"), role="status"),
        button("Cancel them", icon_name="square", kind="danger", on_click=RunsState.cancel),
        button("Choose all that go on", on_click=RunsState.choose_going),
        button("Choose none", on_click=RunsState.choose_none),
        class_name="work-strip",
    )
    return rx.cond(many > 0, bar)


def _pager() -> rx.Component:
    return pager(RunsState.pager.words, previous=RunsState.pager.previous, following=RunsState.pager.following)


def _none(nothing: rx.Component) -> rx.Component:
    return rx.cond(RunsState.filtered, empty("No run matches these filters.", link_button("Show all runs", to=RunsState.bare), icon_name="search-x"), nothing)
