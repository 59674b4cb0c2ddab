"""The code editor: CodeMirror 6 over the text files of a pipeline, or over one query.

What is typed stays in the browser; a command sends it. A command is Mod-S (``save``), Mod-Enter (``submit``), or any button carrying
``command("…")``. An element with ``data-editor-insert`` (a tree's row) writes that at the cursor when it is clicked.
"""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app.components.script import script

_FILES = ("code_editor.jsx", "code_bar.jsx", "code_mirror.js", "code_words.js", "code_look.js", "code_editor.css")
_EDITOR = script(__name__, *_FILES)

# What differs from the server's text (path → text), what is selected (text, line, column), and the revision of the draft that was changed.
_edit = rx.event.passthrough_event_spec(dict[str, str], dict[str, Any], int)  # pyright: ignore[reportCallIssue]


class CodeEditor(rx.Component):
    """An editor showing ``path`` of ``files``.

    When ``files`` changes below it, unsaved text is kept; only the server's having it (saved, or ``removed`` by a person and at hand to be brought
    back: path, text) or a button with ``DROP`` ends that. ``problems`` (file, line, column, message, hint, severity) are underlined; a new ``target``
    (file, line, column) is jumped to. ``names`` feed the completion: tables and zones for
    templates, a catalog (namespace, layer, name, columns) for plain SQL. With ``storage_key`` unsaved text outlives the page; with ``on_dirty``
    leaving the page asks first; ``on_check`` is called when typing pauses. ``words`` is the compiler's vocabulary and ``scope`` what the open file
    reads: both are completed and explained. A new ``edit`` (path, text, again) is put in place of the text that a command sent. ``released`` is the
    address of the version to compare with; with ``on_open`` there are tabs of open files and tools above the text.
    """

    library = _EDITOR
    tag = "CodeEditor"
    lib_dependencies: list[str] = [  # noqa: RUF012 - Reflex's own way of declaring them
        "@codemirror/autocomplete@6.20.4",
        "@codemirror/commands@6.11.1",
        "@codemirror/lang-jinja@6.0.1",
        "@codemirror/lang-sql@6.10.0",
        "@codemirror/lang-yaml@6.1.3",
        "@codemirror/language@6.13.1",
        "@codemirror/lint@6.9.8",
        "@codemirror/merge@6.12.3",
        "@codemirror/search@6.7.2",
        "@codemirror/state@6.7.6",
        "@codemirror/view@6.43.15",
        "@lezer/highlight@1.2.5",
    ]

    files: rx.Var[dict[str, str]]
    revision: rx.Var[int]
    removed: rx.Var[dict[str, str]]
    path: rx.Var[str]
    label: rx.Var[str]
    problems: rx.Var[list[dict[str, str | int]]]
    target: rx.Var[dict[str, str | int]]
    names: rx.Var[dict[str, object]]
    words: rx.Var[dict[str, object]]
    scope: rx.Var[list[dict[str, object]]]
    edit: rx.Var[dict[str, str | int]]
    released: rx.Var[str]
    templated: rx.Var[bool]
    storage_key: rx.Var[str]
    on_dirty: rx.EventHandler[rx.event.passthrough_event_spec(list[str])]
    on_open: rx.EventHandler[rx.event.passthrough_event_spec(str)]
    on_save: rx.EventHandler[_edit]
    on_submit_part: rx.EventHandler[_edit]
    on_format: rx.EventHandler[_edit]
    on_submit: rx.EventHandler[_edit]
    on_release: rx.EventHandler[_edit]
    on_run: rx.EventHandler[_edit]
    on_compile: rx.EventHandler[_edit]
    on_check: rx.EventHandler[_edit]
    on_release_and_run: rx.EventHandler[_edit]
    on_run_draft: rx.EventHandler[_edit]
    on_remove: rx.EventHandler[_edit]


def command(name: str) -> dict[str, str]:
    """The attributes that make a button send the editor's text to ``on_<name>``."""
    return {"data-editor-command": name}


code_editor = CodeEditor.create
