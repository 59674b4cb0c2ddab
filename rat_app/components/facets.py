"""Facets: what a list can be narrowed by, as chips with counts."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app.components.format import count
from rat_app.components.link import Link


def facet(label: str, chips: Any, seen: int = 8) -> rx.Component:
    """``chips`` (a Var of values with ``words``, ``runs``, ``chosen`` and ``address``) beside their ``label``; nothing when there is none.

    The first ``seen`` are in sight, the others behind words that say how many they are.
    """
    more = rx.el.summary(chips.length() - seen, " more", class_name="chip")
    others = rx.el.details(more, rx.el.div(rx.foreach(chips[seen:], _chip), class_name="chips"), class_name="chips-more")
    return rx.cond(
        chips.length() > 0,
        rx.el.div(
            rx.el.span(label, class_name="facet-label", aria_hidden="true"),
            rx.el.nav(rx.foreach(chips[:seen], _chip), rx.cond(chips.length() > seen, others), aria_label="Filter by " + label.lower(), class_name="chips"),
            class_name="facet",
        ),
    )


def _chip(chip: Any) -> rx.Component:
    return Link.create(
        chip.words,
        rx.el.span(count(chip.runs), class_name="chip-count"),
        to=chip.address,
        class_name="chip",
        aria_current=rx.cond(chip.chosen, "true", "false"),
        key=chip.words,
    )
