"""What a run decided to do and read, and the tries it took."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app.components.error import copy_button
from rat_app.components.format import count, size, time_ago
from rat_app.components.link import file_link, link
from rat_app.components.status import icon
from rat_app.components.table import Column, data_table


def run_inputs(inputs: Any) -> rx.Component:
    """``inputs`` (a Var of what was read): tables at their snapshots, landing files with their sizes."""
    columns = (
        Column("What, and as of when", _named, grows=True),
        Column("Size", lambda read: rx.cond(read.size, size(read.size), rx.el.span("–", class_name="muted")), number=True),
    )
    return rx.el.section(data_table("Tables and files that the run read", columns, inputs, key=lambda read: read.name), aria_label="What it read")


def plan_facts(run: Any, plan: Any, *, parameters: Any, versions: Any) -> rx.Component:
    """What the ``plan`` (a Var of a plan, None where there is none) of ``run`` was made of."""
    code = rx.cond(run.draft, "the draft", rx.cond(run.version, link("version ", run.version, to=versions), "–"))
    strategy = rx.fragment(rx.el.code(plan.strategy), rx.cond(plan.incremental, " incremental", ""))
    facts = (
        ("Code", code),
        ("Code hash", rx.el.code(run.code_hash, class_name="muted")),
        ("Strategy", rx.cond(plan, strategy, "–")),
        ("Its clock", time_ago(run.clock)),
        ("Parameters", rx.cond(parameters, rx.el.code(parameters), "none")),
    )
    return rx.el.dl(*(rx.el.div(rx.el.dt(words), rx.el.dd(value)) for words, value in facts), class_name="facts")


def plan_sql(plan: Any, file: Any) -> rx.Component:
    """The SQL of ``plan`` to read and copy; ``file`` is the address of the whole where it is long."""
    cut = rx.el.p(
        "These are the first ",
        count(plan.sql.length()),
        " of ",
        count(plan.characters),
        " characters. ",
        file_link("Take the whole", to=file),
        class_name="muted",
    )
    return rx.el.section(
        rx.el.div(rx.el.h3("Compiled SQL"), copy_button(plan.sql, "Copy"), class_name="section-head"),
        rx.el.pre(plan.sql, class_name="source", tab_index=0, role="group", aria_label="Compiled SQL"),
        rx.cond(plan.characters > plan.sql.length(), cut),
        aria_label="Compiled SQL",
        class_name="section",
    )


def attempt_choice(attempts: Any, tab: str) -> rx.Component:
    """Links to the same ``tab`` of each attempt, where there is more than one."""

    def chosen(each: Any) -> rx.Component:
        return link(each.number, to=each.addresses[tab], class_name="chip", aria_current=rx.cond(each.shown, "true", "false"), key=each.number)

    choice = rx.el.nav(
        rx.el.span("Attempt", class_name="muted"), rx.el.div(rx.foreach(attempts, chosen), class_name="chips"), aria_label="Attempt", class_name="row"
    )
    return rx.cond(attempts.length() > 1, choice)


def run_attempts(attempts: Any, run_id: Any) -> rx.Component:
    """``attempts`` (a Var of AttemptView values), each with what is shown of it and its log to download."""
    address = "/api/v1/runs/" + run_id.to(str) + "/logs/download?attempt="
    columns = (
        Column("Attempt", lambda each: link("Attempt ", each.number, to=each.addresses["log"])),
        Column("How it ended", lambda each: rx.cond(each.exit, each.exit, rx.cond(each.finished, "success", "goes on")), grows=True),
        Column("Began", lambda each: time_ago(each.began)),
        Column("Most memory", lambda each: size(each.memory), number=True, optional=True),
        Column("Process", lambda each: rx.el.code(each.pid), number=True, optional=True),
        Column("Log", lambda each: file_link("Download", to=address + each.number.to(str))),
    )
    none = rx.el.p("No worker has taken the run yet.", class_name="muted")
    return rx.cond(attempts.length() > 0, data_table("Attempts, first to last", columns, attempts, key=lambda each: each.number), none)


def _named(read: Any) -> rx.Component:
    name = rx.el.code(read.name, class_name="wraps")
    kind = rx.cond(read.kind == "table", icon("table-2", 14), icon("file", 14))
    linked = rx.el.span(kind, rx.cond(read.href, link(name, to=read.href), name), class_name="row-tight")
    return rx.el.div(linked, rx.el.code(read.detail, class_name="muted wraps"), class_name="explorer-cell")
