"""The panel beside the editor: the plan of the next run, what comes before and after, and what the columns mean."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app.components.button import button
from rat_app.components.empty import skeleton
from rat_app.components.error import failure_panel
from rat_app.components.format import count, counted, size
from rat_app.components.link import link
from rat_app.components.status import icon, status
from rat_app.state.pipeline.draft import DraftState
from rat_app.state.pipeline.editor import EditorState
from rat_app.state.pipeline.plan import PlanState

PLAN: Any = PlanState.plan
PIPELINE: Any = DraftState.pipeline


def aside() -> rx.Component:
    """The panel; each part folds away."""
    ready = rx.cond(PLAN.strategy, rx.fragment(_plan()), skeleton(4))
    return rx.el.section(
        failure_panel(PlanState.failure),
        _part("Plan of the next run", ready, is_open=True),
        _part("Lineage", _lineage(), is_open=True),
        _part("Columns in scope", rx.el.div(rx.foreach(EditorState.scope, _relation), class_name="aside-list"), is_open=False),
        class_name="aside",
        aria_label="Plan, lineage and columns",
    )


def _part(title: str, *children: Any, is_open: bool) -> rx.Component:
    return rx.el.details(rx.el.summary(rx.el.h2(title, class_name="aside-title")), *children, open=is_open, class_name="aside-part")


def _plan() -> rx.Component:
    released = PIPELINE.version.to(int) > 0
    which = rx.cond(
        released & PIPELINE.draft_changed,
        rx.el.div(
            button("Released", aria_pressed=rx.cond(PlanState.draft, "false", "true"), on_click=PlanState.choose(False)),
            button("Draft", aria_pressed=rx.cond(PlanState.draft, "true", "false"), on_click=PlanState.choose(True)),
            class_name="row aside-choice",
            role="group",
            aria_label="Which text to plan",
        ),
    )
    facts = rx.el.dl(
        _fact("Runs", PLAN.what),
        _fact("Strategy", rx.fragment(rx.el.code(PLAN.strategy), rx.cond(PLAN.incremental, " incremental", ""))),
        _fact("Table now", rx.cond(PLAN.published, counted(PLAN.rows, "row", "rows"), "not there yet")),
        class_name="aside-facts",
    )
    reads = rx.el.ul(rx.foreach(PLAN.tables, _table), rx.foreach(PLAN.zones, _zone), class_name="aside-list")
    nothing = rx.el.p("Reads no table and no landing zone.", class_name="muted")
    tests = rx.cond(
        PLAN.tests.length() > 0,
        rx.fragment(rx.el.h3("Tests", class_name="aside-head"), rx.el.ul(rx.foreach(PLAN.tests, _test), class_name="aside-list")),
        rx.el.p("No quality test: whatever it gives is published.", class_name="muted"),
    )
    return rx.el.div(
        which,
        rx.cond(
            (DraftState.dirty.length() > 0) & (PLAN.what == "the draft"),
            rx.el.p("Of the draft as it is saved, without your unsaved text.", class_name="muted"),
        ),
        rx.foreach(PLAN.obstacles, lambda why: rx.el.p(icon("triangle-alert", 14), rx.el.span(why), class_name="aside-obstacle")),
        facts,
        rx.el.h3("Reads", class_name="aside-head"),
        rx.cond((PLAN.tables.length() > 0) | (PLAN.zones.length() > 0), reads, nothing),
        tests,
        class_name="aside-body",
    )


def _fact(words: str, value: Any) -> rx.Component:
    return rx.el.div(rx.el.dt(words), rx.el.dd(value))


def _table(read: Any) -> rx.Component:
    known = rx.el.span(counted(read.rows, "row", "rows"), " · ", size(read.size), title=rx.cond(read.snapshot, "Snapshot " + read.snapshot.to(str), ""))
    return rx.el.li(link(read.name, to=read.href), rx.el.span(rx.cond(read.snapshot, known, "no rows yet"), class_name="muted"))


def _zone(read: Any) -> rx.Component:
    many = rx.fragment(count(read.files), rx.cond(read.files == 1, " file · ", " files · "), size(read.size))
    return rx.el.li(rx.el.span(icon("inbox", 14), read.name, class_name="row-tight"), rx.el.span(many, class_name="muted"))


def _test(test: Any) -> rx.Component:
    forbids = rx.cond(test.severity == "error", rx.el.span("blocks the publish", class_name="muted unbroken"), status("warn"))
    return rx.el.li(rx.el.span(test.name, title=test.description), forbids)


def _lineage() -> rx.Component:
    def linked(read: Any) -> rx.Component:
        return rx.el.li(link(read.name, to=read.href))

    def side(title: str, many: Any, none: str) -> rx.Component:
        found = rx.el.ul(rx.foreach(many, linked), class_name="aside-list")
        return rx.fragment(rx.el.h3(title, class_name="aside-head"), rx.cond(many.length() > 0, found, rx.el.p(none, class_name="muted")))

    return rx.el.div(side("Comes from", PLAN.tables, "No other table."), side("Is read by", PLAN.readers, "No other pipeline yet."), class_name="aside-body")


def _relation(relation: Any) -> rx.Component:
    def column(each: Any) -> rx.Component:
        name, kind = each["name"].to(str), each["type"].to(str)
        insert = rx.el.button(
            rx.el.code(name),
            rx.el.span(kind, class_name="aside-type"),
            type="button",
            title=rx.cond(each["description"].to(str) != "", each["description"].to(str), "Insert " + name),
            class_name="aside-column",
            custom_attrs={"data-editor-insert": name},
        )
        return rx.el.li(insert)

    columns = rx.Var.create(relation["columns"]).to(list[dict[str, Any]])
    none = rx.el.p("Its columns are not known yet.", class_name="muted")
    return rx.el.details(
        rx.el.summary(rx.el.code(relation["name"].to(str)), rx.el.span(rx.cond(relation["kind"].to(str) == "cte", "CTE", ""), class_name="aside-type")),
        rx.cond(relation["description"].to(str), rx.el.p(relation["description"].to(str), class_name="muted")),
        rx.cond(columns.length() > 0, rx.el.ul(rx.foreach(columns, column), class_name="aside-columns"), none),
        class_name="aside-relation",
    )
