"""A pipeline's draft on the Code page: its files, what the compiler says of them, and saving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import unquote

import reflex as rx

from rat_app.engine import call, engine
from rat_app.state.base import Failure, actor_of, handler
from rat_app.state.compare import DiffRow, side_by_side
from rat_app.state.live import about, changes
from rat_engine import (
    Action,
    Draft,
    NotFoundError,
    PageRequest,
    Pipeline,
    PipelineFiles,
    PipelineFilter,
    Problem,
    StaleDraftError,
    TableFilter,
    TableName,
)

SOURCE_FILE, CONFIG_FILE, TABLE_FILE, TEST_FOLDER = "pipeline.sql", "config.yaml", "table.yaml", "tests/quality/"
NEW_FILES: Mapping[str, str] = {
    CONFIG_FILE: "# Settings of this pipeline. An annotation in pipeline.sql wins over a key here.\nmerge_strategy: full_refresh\n",
    TABLE_FILE: "# What the table and its columns mean.\ndescription: Say what one row is.\n",
}
PREVIEW, PROBLEMS, COMPILED = "preview", "problems", "compiled"


@dataclass(frozen=True)
class Conflict:
    """A save of someone else that met ours: who made it when, and both texts of every file that differs."""

    who: str = ""
    when: str = ""
    rows: tuple[DiffRow, ...] = ()
    mine: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Removed:
    """A file that was just deleted and can be brought back."""

    path: str = ""
    text: str = ""


class DraftState(rx.State):
    """The draft of the pipeline whose page is open. What is typed and not saved is in the browser alone."""

    loaded: rx.Field[bool] = rx.field(default=False)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)
    address: rx.Field[str] = rx.field(default="")
    name: rx.Field[str] = rx.field(default="")
    pipeline: rx.Field[Pipeline | None] = rx.field(default=None)
    files: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    revision: rx.Field[int] = rx.field(default=0)
    discard: rx.Field[int] = rx.field(default=0)
    path: rx.Field[str] = rx.field(default=SOURCE_FILE)
    dirty: rx.Field[list[str]] = rx.field(default_factory=list)
    overtaken: rx.Field[str] = rx.field(default="")
    problems: rx.Field[list[dict[str, str | int]]] = rx.field(default_factory=list)
    target: rx.Field[dict[str, str | int]] = rx.field(default_factory=dict)
    names: rx.Field[dict[str, list[str]]] = rx.field(default_factory=dict)
    panel: rx.Field[str] = rx.field(default=PREVIEW)
    conflict: rx.Field[Conflict] = rx.field(default_factory=Conflict)
    removed: rx.Field[Removed] = rx.field(default_factory=Removed)
    # What only a preview could find, and the hash of the files in which it found it.
    seen: rx.Field[list[dict[str, str | int]]] = rx.field(default_factory=list)
    seen_in: rx.Field[str] = rx.field(default="")

    @rx.var
    def nodes(self) -> list[dict[str, Any]]:
        """The file tree: the pipeline's own files, then its quality tests."""
        tests = [self._node(path, path.removeprefix(TEST_FOLDER)) for path in sorted(self.files) if path.startswith(TEST_FOLDER)]
        own = [self._node(path, path) for path in (SOURCE_FILE, CONFIG_FILE, TABLE_FILE) if path in self.files]
        return [*own, {"id": TEST_FOLDER, "label": TEST_FOLDER.rstrip("/"), "kind": "folder", "children": tests}] if tests else own

    @rx.var
    def version(self) -> int:
        """The released version; 0 before the first release."""
        return (self.pipeline.version if self.pipeline else None) or 0

    @rx.var
    def missing(self) -> list[str]:
        """The optional files that the draft does not have."""
        return [path for path in (CONFIG_FILE, TABLE_FILE) if path not in self.files]

    def _node(self, path: str, label: str) -> dict[str, Any]:
        wrong = sum(problem["file"] == path for problem in self.problems)
        said = f"{wrong} {'problem' if wrong == 1 else 'problems'}" if wrong else ""
        return {"id": path, "label": label, "kind": "file", "mark": "unsaved" if path in self.dirty else "", "detail": said}

    @handler(Action.PIPELINE_READ, "open the pipeline", does="pipelines.draft", shows="failure", follows=True)
    async def follow(self) -> None:
        """Read the draft and keep it true: whoever saves or releases, wherever, is seen here."""
        path = self.router.url.path
        table = table_at(path)
        async with self:
            if self.address != path:
                self.reset()
                self.address, self.name = path, str(table)
        async for _ in changes(self, about("pipeline.", "table.", "landing."), at=path):
            await self._read(table)

    async def _read(self, table: TableName) -> None:
        actor, services = actor_of(self), engine()
        while True:
            before = standing(self)
            pipeline = await call(services.pipelines.get, actor, table)
            draft = await call(services.pipelines.draft, actor, table)
            compilation = await call(services.pipelines.compile, actor, table)
            names = await known_names(self, table.namespace)
            async with self:
                if standing(self) == before:
                    self._show(pipeline, draft, compilation.problems, names)
                    return
            # This tab saved or released while we read: what was read may be from before.

    def _show(self, pipeline: Pipeline, draft: Draft, problems: Sequence[Problem], names: dict[str, list[str]]) -> None:
        if self.dirty and self.revision and draft.revision != self.revision:
            self.overtaken = draft.updated_by
        take_draft(self, draft)
        self.pipeline, self.names, self.loaded = pipeline, names, True
        if not self.dirty:
            show_problems(self, problems)

    @handler(None, "open the file")
    def open_file(self, path: str) -> None:
        """Show another file; what is typed in this one stays."""
        if path in self.files:
            self.path = path

    @handler(None, "mark what is unsaved")
    def mark_dirty(self, paths: list[str]) -> None:
        """Remember which files hold unsaved text."""
        self.dirty = [path for path in paths if path in self.files]
        if not self.dirty:
            self.overtaken = ""

    @handler(None, "show the panel")
    def show_panel(self, panel: str) -> None:
        """Show another panel below the editor."""
        if panel in (PREVIEW, PROBLEMS, COMPILED):
            self.panel = panel

    @handler(None, "go to the problem")
    def jump(self, file: str, line: int, column: int) -> None:
        """Put the cursor where a problem is."""
        if file in self.files:
            self.path = file
            self.target = {"file": file, "line": max(line, 1), "column": max(column, 1), "again": int(self.target.get("again", 0)) + 1}

    @handler(Action.PIPELINE_WRITE, "save the draft", does="pipelines.save_draft")
    async def save(self, changed: dict[str, str], _selection: dict[str, Any], revision: int) -> None:
        """Save what is on the screen."""
        if changed and await store(self, changed, revision):
            await check_files(self, {})

    @handler(Action.PIPELINE_WRITE, "save the draft", does="pipelines.save_draft")
    async def keep_mine(self) -> None:
        """Save our text over theirs, which both have been seen."""
        draft = await call(engine().pipelines.draft, actor_of(self), table_of(self))
        if await store(self, dict(self.conflict.mine), draft.revision):
            await check_files(self, {})

    @handler(Action.PIPELINE_READ, "take the other version", does="pipelines.draft")
    async def take_theirs(self) -> None:
        """Drop our unsaved text and show what is saved."""
        take_draft(self, await call(engine().pipelines.draft, actor_of(self), table_of(self)))
        self.discard += 1
        self.dirty, self.conflict, self.overtaken = [], Conflict(), ""
        await check_files(self, {})

    @handler(None, "close the comparison")
    def keep_editing(self) -> None:
        """Decide later; nothing is lost."""
        self.conflict = Conflict()

    @handler(Action.PIPELINE_WRITE, "add the file", does="pipelines.save_draft")
    async def add_file(self, path: str) -> None:
        """Add ``config.yaml`` or ``table.yaml`` to the draft."""
        if path not in NEW_FILES:
            raise NotFoundError(f"{path[:100]!r} is not an optional file of a pipeline.")
        if await store(self, {path: NEW_FILES[path]}, self.revision):
            self.path = path

    @handler(Action.PIPELINE_WRITE, "delete the file", does="pipelines.save_draft")
    async def remove_file(self, path: str) -> None:
        """Delete a test or an optional file from the draft; ``bring_back`` undoes it."""
        if path == SOURCE_FILE or path not in self.files:
            raise NotFoundError(f"{path[:100]!r} is not a file that can be deleted.")
        text = self.files[path]
        if await store(self, {path: None}, self.revision):
            self.removed = Removed(path, text)
            self.path = SOURCE_FILE
            await check_files(self, {})

    @handler(Action.PIPELINE_WRITE, "bring the file back", does="pipelines.save_draft")
    async def bring_back(self) -> None:
        """Undo the last deletion."""
        removed = self.removed
        if removed.path and await store(self, {removed.path: removed.text}, self.revision):
            self.path, self.removed = removed.path, Removed()

    @handler(None, "forget the deleted file")
    def forget_removed(self) -> None:
        """Stop offering to bring the last deleted file back."""
        self.removed = Removed()


def table_at(path: str) -> TableName:
    """The pipeline whose page, or one of its tabs, lies at ``path``. Raises InvalidNameError."""
    return TableName.parse(".".join(unquote(part) for part in path.strip("/").split("/")[1:4]))


def table_of(state: DraftState) -> TableName:
    """The pipeline that is open. Raises InvalidNameError when none is."""
    return TableName.parse(state.name)


def standing(state: DraftState) -> tuple[int, int | None]:
    """What saving and releasing change: the draft's revision and the version that is released."""
    return state.revision, state.pipeline.version if state.pipeline else None


def take_draft(state: DraftState, draft: Draft) -> None:
    """Show ``draft`` as what is saved; unsaved text stays in the browser."""
    state.files, state.revision = dict(draft.files.texts), draft.revision
    if state.path not in state.files:
        state.path = SOURCE_FILE


def show_problems(state: DraftState, problems: Sequence[Problem]) -> None:
    """Show what the compiler found."""
    state.problems = [asdict(problem) for problem in problems]


def edited(state: DraftState, changed: Mapping[str, str | None]) -> PipelineFiles:
    """The saved files with ``changed`` over them; None takes one away. Raises ValidationError."""
    texts = {path: text for path, text in {**state.files, **changed}.items() if text is not None}
    return PipelineFiles(texts)


async def check_files(state: DraftState, changed: Mapping[str, str]) -> None:
    """Compile the saved files with ``changed`` over them and show the problems."""
    files = edited(state, changed)
    compilation = await call(engine().pipelines.compile, actor_of(state), table_of(state), files)
    show_problems(state, compilation.problems)
    add_seen(state, files)


def remember(state: DraftState, files: PipelineFiles, problems: Sequence[dict[str, str | int]]) -> None:
    """Show what a preview of ``files`` found, also after the same files are checked again."""
    state.seen_in, state.seen = files.hash, list(problems)
    add_seen(state, files)


def add_seen(state: DraftState, files: PipelineFiles) -> None:
    """Add what a preview found to the compiler's problems, when it found it in these files."""
    if state.seen_in == files.hash:
        state.problems = [*state.problems, *(problem for problem in state.seen if problem not in state.problems)]


async def store(state: DraftState, changed: Mapping[str, str | None], revision: int) -> bool:
    """Save ``changed`` on top of the draft as it was at ``revision``; when someone else saved in between, show both and return False."""
    actor, table = actor_of(state), table_of(state)
    try:
        draft = await call(engine().pipelines.save_draft, actor, table, edited(state, changed), revision)
    except StaleDraftError as error:
        show_conflict(state, {path: text or "" for path, text in changed.items()}, error.details)
        return False
    take_draft(state, draft)
    state.dirty = [path for path in state.dirty if path not in changed]
    state.pipeline = await call(engine().pipelines.get, actor, table)
    state.conflict, state.overtaken = Conflict(), ""
    return True


def show_conflict(state: DraftState, mine: dict[str, str], details: Mapping[str, Any]) -> None:
    """Show our text beside the one that was saved meanwhile."""
    state.conflict = Conflict(details["updated_by"], details["updated_at"], tuple(side_by_side(mine, details["files"])), mine)


async def known_names(state: rx.State, namespace: str) -> dict[str, list[str]]:
    """What ``ref`` and ``landing_zone`` may name, as one writes it in ``namespace``; at most 500 of each kind."""
    actor, services, page = actor_of(state), engine(), PageRequest(limit=500)
    pipelines = await call(services.pipelines.list, actor, PipelineFilter(), page)
    tables = await call(services.tables.list, actor, TableFilter(), page)
    zones = await call(services.landing.zones, actor, namespace, page)
    found = {pipeline.table for pipeline in pipelines.items} | {table.name for table in tables.items}
    return {
        "tables": sorted(str(table).removeprefix(f"{namespace}.") for table in found),
        "zones": sorted(zone.name.name for zone in zones.items),
    }
