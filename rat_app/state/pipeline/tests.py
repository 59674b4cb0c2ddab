"""The dialog that adds a quality test to a draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import reflex as rx

from rat_app.state.base import handler
from rat_app.state.pipeline.draft import TEST_FOLDER, DraftState, store
from rat_engine import Action, RatError, checked_name

NEW_TEST = """\
-- @severity: error
-- @description: Say what must be true of every row.
-- @remediation: Say what to do when a row breaks it.
select *
from {{ this }}
where false -- put the condition here that makes a row a bad row
"""


class NewTestState(rx.State):
    """The dialog that adds a quality test."""

    open: rx.Field[bool] = rx.field(default=False)
    name: rx.Field[str] = rx.field(default="")
    problem: rx.Field[str] = rx.field(default="")

    @handler(None, "open the dialog")
    def begin(self) -> None:
        """Ask for the test's name."""
        self.open, self.name, self.problem = True, "", ""

    @handler(None, "close the dialog")
    def cancel(self) -> None:
        """Add nothing."""
        self.open = False

    @handler(None, "check the name")
    async def type_name(self, name: str) -> None:
        """Check the name while it is typed (P3-05)."""
        self.name = name
        self.problem = name_problem(name, (await self.get_state(DraftState)).files) if name else ""

    @handler(Action.PIPELINE_WRITE, "add the test", does="pipelines.save_draft")
    async def create(self, _form: dict[str, Any]) -> None:
        """Add the test to the draft and open it."""
        draft = await self.get_state(DraftState)
        self.problem = name_problem(self.name, draft.files)
        if self.problem:
            return
        path = f"{TEST_FOLDER}{self.name}.sql"
        if await store(draft, {path: NEW_TEST}, draft.revision):
            self.open, draft.path = False, path


def name_problem(name: str, files: Mapping[str, str]) -> str:
    """Why a quality test may not be called ``name``; empty when it may."""
    try:
        checked_name(name, "test")
    except RatError as error:
        return error.message
    return f"There is a test {name} already." if f"{TEST_FOLDER}{name}.sql" in files else ""
