"""The tabs of queries with their editor, and the tree of tables beside them."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app.components.editor.code_editor import CodeEditor
from rat_app.components.script import script

_EDITOR = script(__name__, "query_editor.jsx", "query_tabs.jsx", "query_store.js", "catalog.js", "query_tabs.css", "schema_tree.jsx", "schema_tree.css")

# The tab, its text, and what is selected (text, line, column).
_asked = rx.event.passthrough_event_spec(str, str, dict[str, Any])  # pyright: ignore[reportCallIssue]


class QueryEditor(rx.Component):
    """The tabs, kept by the browser, over the editor of the one that is shown.

    ``last`` (tab, query, picked) ties a query to its tab; a new ``key`` of ``incoming`` (key, name, sql, saved, namespace, run) opens a text, of
    ``linked`` (key, tab, saved, name, sql, gone) says that a tab's text was saved. ``on_pick`` gets a tab with its last query and namespace
    whenever another one is shown; ``on_save`` a tab's text, the saved query it belongs to, and its name;
    ``on_turn`` what is asked with the tab's name.
    """

    library = _EDITOR
    tag = "QueryEditor"
    lib_dependencies: list[str] = CodeEditor.lib_dependencies

    namespace: rx.Var[str]
    version: rx.Var[int]
    note: rx.Var[str]
    last: rx.Var[dict[str, str]]
    incoming: rx.Var[dict[str, object]]
    linked: rx.Var[dict[str, str]]
    problems: rx.Var[list[dict[str, str | int]]]
    target: rx.Var[dict[str, str | int]]
    on_pick: rx.EventHandler[rx.event.passthrough_event_spec(str, str, str)]  # pyright: ignore[reportCallIssue]
    on_run: rx.EventHandler[_asked]
    on_estimate: rx.EventHandler[_asked]
    on_turn: rx.EventHandler[rx.event.passthrough_event_spec(str, str, dict[str, Any], str)]  # pyright: ignore[reportCallIssue]
    on_explain: rx.EventHandler[_asked]
    on_save: rx.EventHandler[rx.event.passthrough_event_spec(str, str, str, str)]  # pyright: ignore[reportCallIssue]


class SchemaTree(rx.Component):
    """Tables and columns of ``namespace``, read again with every ``version``; a click writes the name into the editor."""

    library = _EDITOR.replace("query_editor.jsx", "schema_tree.jsx")
    tag = "SchemaTree"

    namespace: rx.Var[str]
    version: rx.Var[int]


query_editor = QueryEditor.create
schema_tree = SchemaTree.create
