"""The panels below the editor: preview, problems, compiled SQL."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app.components.button import button
from rat_app.components.editor.code_editor import command
from rat_app.components.empty import empty
from rat_app.components.error import copy_button, failure_panel
from rat_app.components.grid.query_result import outcome, tally
from rat_app.components.status import icon
from rat_app.components.tabs import tab, tab_list
from rat_app.state.pipeline.draft import COMPILED, PREVIEW, PROBLEMS, DraftState
from rat_app.state.pipeline.preview import LIMITS, PreviewState

QUERY: Any = PreviewState.query
PROBLEM_LIST: Any = DraftState.problems
MINE: Any = PreviewState.of == DraftState.name


def panels() -> rx.Component:
    """Tabs over the panel that is shown."""
    count = PROBLEM_LIST.length()
    problems = rx.fragment("Problems", rx.cond(count > 0, rx.el.span(count, class_name="badge")))
    tabs = tab_list(
        "Below the editor",
        _tab("Preview", PREVIEW, on_click=DraftState.show_panel(PREVIEW)),
        _tab(problems, PROBLEMS, on_click=DraftState.show_panel(PROBLEMS)),
        _tab("Compiled SQL", COMPILED, custom_attrs=command("compile")),
    )
    shown = rx.match(DraftState.panel, (PROBLEMS, _problems()), (COMPILED, _compiled()), _preview())
    return rx.el.div(
        rx.el.div(tabs, _preview_line(), class_name="tabs-row"),
        rx.el.div(
            shown,
            id="code-panel",
            role="tabpanel",
            aria_label=DraftState.panel,
            tab_index=0,
            class_name=rx.cond(PreviewState.busy, "panel panel-busy", "panel"),
        ),
        class_name="panels",
    )


def _tab(words: Any, panel: str, **props: Any) -> rx.Component:
    return tab(words, chosen=DraftState.panel == panel, panel="code-panel", **props)


def _preview_line() -> rx.Component:
    part = rx.cond(PreviewState.part, rx.el.span("CTE ", rx.el.code(PreviewState.part), class_name="tag"))
    done = rx.cond(MINE, rx.fragment(part, tally(QUERY, PreviewState.going, PreviewState.busy, PreviewState.cancel)))
    return rx.cond(DraftState.panel == PREVIEW, rx.el.div(done, _limit(), class_name="row"))


def _limit() -> rx.Component:
    options = [rx.el.option(f"{rows:,} rows", value=str(rows)) for rows in LIMITS]
    return rx.el.select(
        *options, value=PreviewState.limit.to(str), on_change=PreviewState.choose_limit, aria_label="Most rows of a preview", class_name="input input-fit"
    )


def _preview() -> rx.Component:
    none_yet = empty(
        "See the rows that this file would give now. A preview runs on real data and writes nothing.",
        button("Preview", icon_name="table", kind="primary", custom_attrs=command("submit")),
        icon_name="table",
    )
    no_rows = rx.cond(
        PreviewState.is_test,
        empty("No bad rows: this test passes on what the table holds now.", icon_name="check"),
        empty("The query works and returns no rows.", icon_name="table"),
    )
    rows = outcome(QUERY, label="Rows of the preview", nothing=no_rows, on_problem=PreviewState.cannot_read)
    note = rx.cond(
        QUERY.status != "",
        rx.el.p(
            rx.el.code(PreviewState.path),
            rx.cond((QUERY.status == "success") & (QUERY.rows > 0) & PreviewState.is_test, ": each row is a bad row", ""),
            ". Runs on real data; nothing is written.",
            class_name="muted panel-note",
        ),
    )
    seen = rx.fragment(failure_panel(PreviewState.failure), note, rows)
    return rx.cond(MINE & (QUERY.status | PreviewState.failure.title), seen, none_yet)


def _problems() -> rx.Component:
    def row(problem: Any) -> rx.Component:
        place = problem["file"].to(str) + rx.cond(problem["line"].to(int) > 0, ":" + problem["line"].to(str) + ":" + problem["column"].to(str), "")
        inside = (
            rx.cond(problem["severity"].to(str) == "error", icon("x", 14), icon("triangle-alert", 14)),
            rx.el.span(problem["severity"].to(str), class_name="unseen"),
            rx.el.code(place, class_name="problem-place"),
            rx.el.span(problem["message"].to(str), " ", rx.el.span(problem["hint"].to(str), class_name="muted")),
        )
        jump = DraftState.jump(problem["file"].to(str), problem["line"].to(int), problem["column"].to(int))
        return rx.el.li(rx.el.button(*inside, type="button", class_name="problem problem-" + problem["severity"].to(str), on_click=jump))

    found = rx.el.ul(rx.foreach(PROBLEM_LIST, row), class_name="problems")
    return rx.cond(PROBLEM_LIST.length() > 0, found, empty("The compiler has nothing to say against these files.", icon_name="check"))


def _compiled() -> rx.Component:
    said = rx.el.span("What ", rx.el.code(PreviewState.sql_path), " becomes now", class_name="muted")
    text = rx.el.div(
        rx.el.div(said, copy_button(PreviewState.sql, "Copy"), class_name="row"),
        rx.el.pre(PreviewState.sql, class_name="source", tab_index=0, role="group", aria_label="Compiled SQL"),
        class_name="section",
    )
    return rx.fragment(failure_panel(PreviewState.sql_failure), rx.cond(MINE & PreviewState.sql, text))
