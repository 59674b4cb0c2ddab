"""A pipeline's draft on the Code page: its files, what the compiler says of them, and saving."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import unquote

import reflex as rx

from rat_app.engine import call, engine
from rat_app.state.base import Failure, actor_of, handler
from rat_app.state.compare import Conflict, side_by_side
from rat_app.state.live import changes
from rat_app.state.meeting import OwnSaves
from rat_engine import (
    Action,
    Draft,
    Event,
    EventKind,
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

OWN_FILES = SOURCE_FILE, CONFIG_FILE, TABLE_FILE = "pipeline.sql", "config.yaml", "table.yaml"
TEST_FOLDER = "tests/quality/"
NEW_FILES: Mapping[str, str] = {
    CONFIG_FILE: "# Settings of this pipeline. An annotation in pipeline.sql wins over a key here.\nmerge_strategy: full_refresh\n",
    TABLE_FILE: "# What the table and its columns mean.\n# description: One row per order.\n# columns:\n#   - name: price\n#     description: In euros.\n",
}
PREVIEW, PROBLEMS, COMPILED = "preview", "problems", "compiled"


@dataclass(frozen=True)
class Removed:
    """A file that was just deleted and can be brought back, with the text that was on the screen."""

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
    # What the conflict is about: path → text, None takes the file away.
    _mine: Mapping[str, str | None] = {}
    _own: OwnSaves = OwnSaves()

    @rx.var
    def nodes(self) -> list[dict[str, Any]]:
        """The file tree: the pipeline's own files, then its quality tests. Unsaved text of a file that was deleted elsewhere keeps it there."""
        paths = sorted({*self.files, *self.dirty})
        tests = [self._node(path, path.removeprefix(TEST_FOLDER)) for path in paths if path.startswith(TEST_FOLDER)]
        own = [self._node(path, path) for path in OWN_FILES if path in paths]
        return [*own, {"id": TEST_FOLDER, "label": TEST_FOLDER.rstrip("/"), "kind": "folder", "children": tests}] if tests else own

    @rx.var
    def version(self) -> int:
        """The released version; 0 before the first release."""
        return (self.pipeline.version if self.pipeline else None) or 0

    @rx.var
    def missing(self) -> list[str]:
        """The optional files that the draft does not have."""
        return [path for path in (CONFIG_FILE, TABLE_FILE) if path not in self.files and path not in self.dirty]

    def _node(self, path: str, label: str) -> dict[str, Any]:
        wrong = sum(problem["file"] == path for problem in self.problems)
        said = "deleted elsewhere" if path not in self.files else f"{wrong} {'problem' if wrong == 1 else 'problems'}" if wrong else ""
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
        async for _ in changes(self, concerns(table), at=path):
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
        if self.revision and any(self.files.get(path) != draft.files.texts.get(path) for path in self.dirty):
            self.overtaken = draft.updated_by
        take_draft(self, draft)
        self.pipeline, self.names, self.loaded = pipeline, names, True
        if not self.dirty:
            show_problems(self, problems)

    @handler(None, "open the file")
    def open_file(self, path: str) -> None:
        """Show another file; what is typed in this one stays."""
        if path in self.files or path in self.dirty:
            self.path = path

    @handler(None, "mark what is unsaved")
    def mark_dirty(self, paths: list[str]) -> None:
        """Remember which files hold unsaved text, also of one that was deleted elsewhere."""
        self.dirty = [path for path in paths if path in OWN_FILES or path.startswith(TEST_FOLDER)]
        if not self.dirty:
            self.overtaken = ""
        stay_on_a_file(self)

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
        """Save our text over theirs, which both have been seen; a third one that came meanwhile is shown first."""
        if await store(self, self._mine, int(self.conflict.revision)):
            await check_files(self, {})

    @handler(Action.PIPELINE_READ, "take the other version", does="pipelines.draft")
    async def take_theirs(self) -> None:
        """Show what is saved; the browser drops what was typed."""
        self.dirty, self.conflict, self.overtaken = [], Conflict(), ""
        take_draft(self, await call(engine().pipelines.draft, actor_of(self), table_of(self)))
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
    async def remove_file(self, changed: dict[str, str], _selection: dict[str, Any], revision: int) -> None:
        """Delete the open test or optional file from the draft; ``bring_back`` undoes it, with what was on the screen."""
        path = self.path
        text = changed.get(path, self.files.get(path))
        if path == SOURCE_FILE or text is None:
            raise NotFoundError(f"{path[:100]!r} is not a file that can be deleted.")
        if path not in self.files or await store(self, {path: None}, revision):
            self.removed = Removed(path, text)
            self.path, self.dirty = SOURCE_FILE, [other for other in self.dirty if other != path]
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
    """The pipeline that is open, also when the server has forgotten the tab meanwhile. Raises InvalidNameError when none is."""
    return table_at(state.router.url.path)


def concerns(table: TableName) -> Callable[[Event], bool]:
    """A filter for what changes the draft of ``table``, and for what changes the names and columns that it may use."""
    drafted = (EventKind.PIPELINE_DRAFT_SAVED, EventKind.TABLE_DOCUMENTED)

    def wanted(event: Event) -> bool:
        return event.kind.startswith(("pipeline.", "table.", "landing.")) and (event.kind not in drafted or event.subject == str(table))

    return wanted


def standing(state: DraftState) -> tuple[int, int | None]:
    """What saving and releasing change: the draft's revision and the version that is released."""
    return state.revision, state.pipeline.version if state.pipeline else None


def take_draft(state: DraftState, draft: Draft) -> None:
    """Show ``draft`` as what is saved; unsaved text stays in the browser."""
    if state.files != draft.files.texts:
        # Texts are large: a browser gets them when they are others.
        state.files = dict(draft.files.texts)
    state.revision = draft.revision
    stay_on_a_file(state)


def stay_on_a_file(state: DraftState) -> None:
    """Show the source when the open file is gone, and nothing unsaved of it is left."""
    if state.files and state.path not in state.files and state.path not in state.dirty:
        state.path = SOURCE_FILE


def show_problems(state: DraftState, problems: Sequence[Problem]) -> None:
    """Show what the compiler found."""
    state.problems = [asdict(problem) for problem in problems]


def edited(state: DraftState, changed: Mapping[str, str | None]) -> PipelineFiles:
    """The saved files with ``changed`` over them. Raises ValidationError."""
    return with_changes(state.files, changed)


def with_changes(files: Mapping[str, str], changed: Mapping[str, str | None]) -> PipelineFiles:
    """``files`` with ``changed`` over them; None takes one away. Raises ValidationError."""
    return PipelineFiles({path: text for path, text in {**files, **changed}.items() if text is not None})


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
    based_on = state._own.based_on(revision)  # noqa: SLF001 - no browser may set it
    # The other files as they are saved, not as this tab knows them: they may be newer, or not read yet.
    saved = await call(engine().pipelines.draft, actor, table)
    try:
        draft = await call(engine().pipelines.save_draft, actor, table, with_changes(saved.files.texts, changed), based_on)
    except StaleDraftError as error:
        show_conflict(state, changed, error.details)
        return False
    state._own = state._own.then(based_on, draft.revision)  # noqa: SLF001
    state.dirty = [path for path in state.dirty if path not in changed]
    take_draft(state, draft)
    state.pipeline = await call(engine().pipelines.get, actor, table)
    state.conflict, state.overtaken = Conflict(), ""
    return True


def show_conflict(state: DraftState, mine: Mapping[str, str | None], details: Mapping[str, Any]) -> None:
    """Show our text beside the one that was saved meanwhile."""
    rows = side_by_side({path: text or "" for path, text in mine.items()}, details["files"])
    state.conflict, state._mine = Conflict(details["updated_by"], tuple(rows), details["revision"]), dict(mine)  # noqa: SLF001 - no browser may set it


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
