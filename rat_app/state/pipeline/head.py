"""What every tab of a pipeline's page but Code shows of it, and running it from there."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.engine import call, engine
from rat_app.state.base import Failure, actor_of, handler
from rat_app.state.live import about, changes
from rat_app.state.visit import visit_table
from rat_engine import Action, Pipeline, RunRequest, TableName


class HeadState(rx.State):
    """The pipeline whose page is open."""

    loaded: rx.Field[bool] = rx.field(default=False)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)
    name: rx.Field[str] = rx.field(default="")
    pipeline: rx.Field[Pipeline | None] = rx.field(default=None)
    asking: rx.Field[bool] = rx.field(default=False)
    message: rx.Field[str] = rx.field(default="")

    @handler(Action.PIPELINE_READ, "open the pipeline", does="pipelines.get", shows="failure", follows=True)
    async def follow(self) -> None:
        """Read the pipeline, and again whenever it or its table changes."""
        path, table = await visit_table(self, asking=False)
        async for _ in changes(self, about("pipeline.", "table.published", subject=str(table)), at=path):
            pipeline = await call(engine().pipelines.get, actor_of(self), table)
            async with self:
                self.pipeline, self.loaded = pipeline, True

    @handler(Action.RUN_SUBMIT, "run the pipeline", does="runs.submit")
    async def run(self) -> Any:
        """Run the released version; when the draft is not what is released, ask what is meant."""
        pipeline = self.pipeline
        if pipeline is None or pipeline.version is None or pipeline.draft_changed:
            self.asking, self.message = True, ""
            return None
        return await self._submit(RunRequest())

    @handler(None, "close the dialog")
    def close(self) -> None:
        """Run nothing."""
        self.asking = False

    @handler(None, "keep the message")
    def type_message(self, message: str) -> None:
        """Keep what is typed as the release message."""
        self.message = message

    @handler(Action.RUN_SUBMIT, "run the pipeline", does="runs.submit")
    async def run_released(self) -> Any:
        """Run the released version, whatever the draft says."""
        return await self._submit(RunRequest())

    @handler(Action.RUN_SUBMIT, "release and run the pipeline", does="runs.submit")
    async def release_and_run(self) -> Any:
        """Release the draft, then run it."""
        await call(engine().pipelines.release, actor_of(self), TableName.parse(self.name), self.message)
        return await self._submit(RunRequest())

    @handler(Action.RUN_SUBMIT, "run the draft", does="runs.submit")
    async def run_draft(self) -> Any:
        """Run the draft on a branch that is never published."""
        return await self._submit(RunRequest(draft=True))

    async def _submit(self, request: RunRequest) -> Any:
        run = await call(engine().runs.submit, actor_of(self), TableName.parse(self.name), request)
        self.asking = False
        return rx.redirect(routes.run(run.id))
