"""What the editor of the Code page knows beside the text: words, columns in scope, and the file laid out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any

import reflex as rx

from rat_app.engine import call, engine
from rat_app.state.base import actor_of, handler
from rat_app.state.pipeline.draft import DraftState, check_files, edited, table_of
from rat_engine import Action, Relation, Scope, ValidationError

# Of a state variable, which a browser gets anew with every change: beyond that, descriptions and then columns are left out.
MAX_COLUMNS = 400
MAX_DESCRIPTION = 160
MAX_TEXT = 50_000


class EditorState(rx.State):
    """What is offered while somebody types."""

    words: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)
    scope: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    scope_of: rx.Field[str] = rx.field(default="")
    edit: rx.Field[dict[str, str | int]] = rx.field(default_factory=dict)

    @handler(Action.PIPELINE_READ, "read the words of the editor", does="authoring.vocabulary")
    async def begin(self) -> None:
        """Know the words that the compiler knows."""
        self.words = asdict(await call(engine().authoring.vocabulary, actor_of(self)))

    @handler(Action.PIPELINE_READ, "check the files", does="pipelines.compile")
    async def check(self, changed: dict[str, str], _selection: dict[str, Any], _revision: int) -> AsyncIterator[None]:
        """Say what the compiler says of what is on the screen, saved or not; then what is in scope there."""
        draft = await self.get_state(DraftState)
        await check_files(draft, changed)
        yield
        if draft.path.endswith((".sql", ".yaml")):
            path = draft.path if draft.path.endswith(".sql") else "pipeline.sql"
            scope = await call(engine().authoring.scope, actor_of(self), table_of(draft), edited(draft, changed), path)
            self._show(scope, f"{draft.name} {path}")

    def _show(self, scope: Scope, of: str) -> None:
        """Show what is in scope; while the text cannot be read, the CTEs that it had stay."""
        kept = [] if scope.whole or self.scope_of != of else [each for each in self.scope if each["kind"] == "cte"]
        self.scope, self.scope_of = [*relations(scope), *kept], of

    @handler(Action.PIPELINE_READ, "lay out the file", does="authoring.format")
    async def lay_out(self, changed: dict[str, str], _selection: dict[str, Any], _revision: int) -> None:
        """Hand the browser the open file laid out; it is not saved."""
        draft = await self.get_state(DraftState)
        text = edited(draft, changed).texts.get(draft.path, "")
        if len(text) > MAX_TEXT:
            raise ValidationError(f"{draft.path} has more than {MAX_TEXT:,} characters. Use `rat pipeline format {draft.name} --write`.")
        text = await call(engine().authoring.format, actor_of(self), table_of(draft), draft.path, text)
        self.edit = {"path": draft.path, "text": text, "again": int(self.edit.get("again", 0)) + 1}


def relations(scope: Scope) -> list[dict[str, Any]]:
    """The relations of a scope as the browser gets them, with MAX_COLUMNS columns in all."""
    left, shown = MAX_COLUMNS, list[dict[str, Any]]()
    for relation in scope.relations:
        shown.append(_relation(relation, left))
        left -= len(shown[-1]["columns"])
    return shown


def _relation(relation: Relation, most: int) -> dict[str, Any]:
    columns = [{"name": each.name, "type": each.type[:60], "description": each.description[:MAX_DESCRIPTION]} for each in relation.columns[:most]]
    told = relation.description[:MAX_DESCRIPTION]
    return {"kind": relation.kind, "name": relation.name, "description": told, "row_count": relation.row_count, "columns": columns}
