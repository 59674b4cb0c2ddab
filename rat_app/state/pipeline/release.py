"""Releasing a draft and running a pipeline from its Code page."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.engine import call, engine
from rat_app.state.base import actor_of, handler, notify
from rat_app.state.pipeline.draft import PROBLEMS, DraftState, show_problems, store, table_of
from rat_app.state.pipeline.preview import forget_failure
from rat_engine import Action, CompileError, RunRequest, TableName, Version

RELEASE, RUN = "release", "run"


class ReleaseState(rx.State):
    """The dialogs of Release and Run."""

    dialog: rx.Field[str] = rx.field(default="")
    message: rx.Field[str] = rx.field(default="")

    @handler(None, "ask for the release message")
    def ask_release(self) -> None:
        """Open the dialog that releases."""
        self.dialog, self.message = RELEASE, ""

    @handler(None, "close the dialog")
    def close(self) -> None:
        """Release and run nothing."""
        self.dialog = ""

    @handler(None, "keep the message")
    def type_message(self, message: str) -> None:
        """Keep what is typed as the release message."""
        self.message = message

    @handler(Action.PIPELINE_RELEASE, "release", does="pipelines.release")
    async def release(self, changed: dict[str, str], _selection: dict[str, Any], revision: int) -> None:
        """Save what is on the screen and make it the current version."""
        draft = await self.get_state(DraftState)
        version = await release_edited(self, draft, changed, revision)
        if version is not None:
            await notify(self, f"Released version {version.number}", f"Runs of {draft.name} use it from now on.")

    @handler(Action.RUN_SUBMIT, "run the pipeline", does="runs.submit")
    async def run(self, changed: dict[str, str], _selection: dict[str, Any], _revision: int) -> Any:
        """Run the released version; when the text on the screen is not what is released, ask what is meant."""
        draft = await self.get_state(DraftState)
        pipeline = draft.pipeline
        if changed or pipeline is None or pipeline.version is None or pipeline.draft_changed:
            self.dialog, self.message = RUN, ""
            return None
        return await submit(self, table_of(draft), RunRequest())

    @handler(Action.RUN_SUBMIT, "release and run the pipeline", does="runs.submit")
    async def release_and_run(self, changed: dict[str, str], _selection: dict[str, Any], revision: int) -> Any:
        """Save and release what is on the screen, then run it."""
        draft = await self.get_state(DraftState)
        if await release_edited(self, draft, changed, revision) is None:
            return None
        return await submit(self, table_of(draft), RunRequest())

    @handler(Action.RUN_SUBMIT, "run the draft", does="runs.submit")
    async def run_draft(self, changed: dict[str, str], _selection: dict[str, Any], revision: int) -> Any:
        """Save what is on the screen and run it on a branch that is never published."""
        draft = await self.get_state(DraftState)
        if changed and not await store(draft, changed, revision):
            self.dialog = ""
            return None
        return await submit(self, table_of(draft), RunRequest(draft=True))

    @handler(Action.RUN_SUBMIT, "run the pipeline", does="runs.submit")
    async def run_released(self) -> Any:
        """Run the released version, whatever is on the screen."""
        return await submit(self, table_of(await self.get_state(DraftState)), RunRequest())


async def release_edited(state: ReleaseState, draft: DraftState, changed: dict[str, str], revision: int) -> Version | None:
    """Save ``changed`` and release the draft; None when someone else saved in between. Raises CompileError after showing its problems."""
    message, state.dialog = state.message, ""
    if changed and not await store(draft, changed, revision):
        return None
    try:
        version = await call(engine().pipelines.release, actor_of(state), table_of(draft), message)
    except CompileError as error:
        show_problems(draft, error.problems)
        draft.panel = PROBLEMS
        raise
    draft.pipeline = await call(engine().pipelines.get, actor_of(state), table_of(draft))
    show_problems(draft, ())
    await forget_failure(state)
    return version


async def submit(state: ReleaseState, table: TableName, request: RunRequest) -> Any:
    """Ask for a run and go to its page; with unsaved text on the screen, stay and offer the way."""
    run = await call(engine().runs.submit, actor_of(state), table, request)
    state.dialog = ""
    draft = await state.get_state(DraftState)
    if draft.dirty:
        await notify(state, f"Running {table}", "Your unsaved text stays here.", href=routes.run(run.id), action="Watch the run")
        return None
    return rx.redirect(routes.run(run.id))
