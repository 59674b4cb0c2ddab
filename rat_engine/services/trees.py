"""Use cases of pipelines as a folder tree: apply one as a whole or not at all, export one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from rat_engine.compile import Compilation, CompileCatalog, compile_pipeline, cycle_through, find_cycle
from rat_engine.domain.access import Action, Actor
from rat_engine.domain.names import TableName, checked_namespace
from rat_engine.domain.pipeline import PipelineFiles
from rat_engine.domain.tree import ApplyOptions, ApplyReport, TreeAction, TreeChange, split_tree_path, tree_path
from rat_engine.errors import CompileError, ConflictError, Problem, RatError, ValidationError
from rat_engine.metadata import pipelines, trees, versions
from rat_engine.metadata.database import Transaction
from rat_engine.metadata.trees import PipelineState
from rat_engine.services.base import Service, action
from rat_engine.services.pipelines import (
    compile_catalog,
    create_pipeline,
    cycle_problem,
    delete_pipeline,
    refuse_busy,
    refuse_readers,
    save_files,
    store_release,
)

MAX_TREE_FILES = 20_000
RELEASE_MESSAGE = "Applied from a folder tree"
TRIES = 5

Tree = Mapping[TableName, PipelineFiles]

_RELEASING = (TreeAction.CREATE, TreeAction.UPDATE)


@dataclass(frozen=True, slots=True)
class _Known:
    """What one look at the database says: every pipeline's state, what must change, and what names and edges there are."""

    states: Mapping[TableName, PipelineState]
    changes: tuple[TreeChange, ...]
    catalog: CompileCatalog
    edges: Mapping[TableName, Collection[TableName]]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be written, as long as the pipelines are in these ``states``. Compiled before anything is locked: it takes its time."""

    states: Mapping[TableName, PipelineState]
    changes: tuple[TreeChange, ...]
    compiled: Mapping[TableName, Compilation]


class TreeService(Service):
    """All pipelines of a folder tree at once."""

    @action(Action.PIPELINE_RELEASE)
    def apply(self, actor: Actor, files: Mapping[str, str], options: ApplyOptions = ApplyOptions()) -> ApplyReport:
        """Make the pipelines equal to the tree ``files`` (path → text) and release what changed: everything or, on any error, nothing.

        Raises CompileError with every problem under its path in the tree, and ConflictError for drafts that were edited
        since their release (unless ``force``) and for a pipeline to prune that others read.
        """
        tree = parse_tree(files)
        for _ in range(TRIES):
            with self._database.read() as connection:
                known = self._decided(connection, actor, tree, options)
            plan = _compiled(known, tree)
            if options.dry_run or self._carry_out(plan, tree, actor):
                unchanged = len(tree) - sum(change.action is not TreeAction.DELETE for change in plan.changes)
                return ApplyReport(plan.changes, unchanged, options.dry_run)
        raise ConflictError("The pipelines are being changed by others all the time. Nothing was changed. Apply the tree again.")

    @action(Action.PIPELINE_READ)
    def export(self, actor: Actor, namespace: str | None = None) -> dict[str, str]:
        """The drafts of all pipelines, or of one namespace, as a tree (path → text), ordered by path. Raises InvalidNameError."""
        wanted = checked_namespace(namespace) if namespace is not None else None
        with self._database.read() as connection:
            found = trees.fetch_draft_files(connection, wanted)
        return dict(sorted((tree_path(table, path), text) for table, texts in found.items() for path, text in texts.items()))

    def _decided(self, connection: Connection, actor: Actor, tree: Tree, options: ApplyOptions) -> _Known:
        states = trees.fetch_states(connection)
        changes = decide(tree, states, options)
        self._permit(actor, changes)
        for change in changes:
            if change.action is TreeAction.DELETE:
                refuse_busy(connection, pipelines.fetch_pipeline(connection, change.table))
        described = tuple(_described(connection, change, tree, states.get(change.table)) for change in changes)
        return _Known(states, described, compile_catalog(connection), pipelines.fetch_edges(connection))

    def _carry_out(self, plan: _Plan, tree: Tree, actor: Actor) -> bool:
        """Write what was decided; False when the pipelines have changed since."""
        if not plan.changes:
            return True
        with self._database.write(durable=True) as transaction:
            if trees.fetch_states(transaction.connection) != plan.states:
                return False
            for change in plan.changes:
                _write(transaction, actor, change, tree, plan)
            _delete(transaction, actor, [change.table for change in plan.changes if change.action is TreeAction.DELETE])
        return True

    def _permit(self, actor: Actor, changes: Iterable[TreeChange]) -> None:
        for change in changes:
            wanted = Action.PIPELINE_DELETE if change.action is TreeAction.DELETE else Action.PIPELINE_WRITE
            self.require(actor, wanted, str(change.table))


def parse_tree(files: Mapping[str, str]) -> dict[TableName, PipelineFiles]:
    """The pipelines of a tree. Raises CompileError naming every file that has no place in one."""
    if len(files) > MAX_TREE_FILES:
        raise ValidationError(f"The tree has {len(files):,} files; at most {MAX_TREE_FILES:,} are accepted.")
    problems: list[Problem] = []
    texts: dict[TableName, dict[str, str]] = {}
    for path, text in sorted(files.items()):
        try:
            table, inner = split_tree_path(path)
            PipelineFiles({inner: text})
            texts.setdefault(table, {})[inner] = text
        except RatError as error:
            problems.append(Problem(path[:300], 0, 0, error.message))
    if problems:
        raise CompileError(problems)
    return {table: PipelineFiles(found) for table, found in texts.items()}


def decide(tree: Tree, states: Mapping[TableName, PipelineState], options: ApplyOptions) -> tuple[TreeChange, ...]:
    """What must change so that the pipelines equal the tree, by name. Raises ConflictError for edited drafts, unless ``force``."""
    pruned = _prunable(tree, states) if options.prune else []
    overwritten = [table for table in tree if table in states and states[table].draft_hash != tree[table].hash]
    edited = sorted(str(table) for table in (*overwritten, *pruned) if states[table].edited)
    if edited and not options.force:
        raise ConflictError(
            f"These drafts were edited since their release: {', '.join(edited)}. Nothing was changed. Export them, or apply with force to lose the edits.",
            details={"pipelines": edited},
        )
    return tuple(sorted((*_differences(tree, states), *(TreeChange(TreeAction.DELETE, table) for table in pruned)), key=lambda change: change.table))


def _prunable(tree: Tree, states: Mapping[TableName, PipelineState]) -> list[TableName]:
    namespaces = {table.namespace for table in tree}
    return [table for table in states if table not in tree and table.namespace in namespaces]


def _differences(tree: Tree, states: Mapping[TableName, PipelineState]) -> Iterator[TreeChange]:
    for table, files in tree.items():
        state = states.get(table)
        if state is None:
            yield TreeChange(TreeAction.CREATE, table)
        elif state.version_hash != files.hash:
            yield TreeChange(TreeAction.UPDATE, table)
        elif state.draft_hash != files.hash:
            yield TreeChange(TreeAction.RESET_DRAFT, table)


def _compiled(known: _Known, tree: Tree) -> _Plan:
    """The plan with every pipeline to release compiled. Raises CompileError for problems and cycles, ConflictError for what is pruned and read."""
    released = [change.table for change in known.changes if change.action in _RELEASING]
    catalog = replace(known.catalog, pipelines=known.catalog.pipelines | frozenset(released))
    compiled = {table: compile_pipeline(table, tree[table], catalog) for table in released}
    if any(each.errors for each in compiled.values()):
        raise CompileError([_in_tree(table, problem) for table, each in compiled.items() for problem in each.problems])
    deleted = [change.table for change in known.changes if change.action is TreeAction.DELETE]
    edges = {table: reads for table, reads in known.edges.items() if table not in deleted}
    edges |= {table: {each.table for each in compiled[table].dependencies if each.table is not None} for table in released}
    _refuse_cycle(edges, released)
    for table in deleted:
        refuse_readers(table, sorted(reader for reader, reads in edges.items() if table in reads))
    return _Plan(known.states, known.changes, compiled)


def _refuse_cycle(edges: Mapping[TableName, Collection[TableName]], released: Collection[TableName]) -> None:
    if find_cycle(edges) is None:
        return
    # One that was there before is nothing that this tree closes.
    for table in released:
        cycle = cycle_through(table, edges)
        if cycle:
            raise CompileError([_in_tree(table, cycle_problem(cycle, f"Releasing {table}"))])


def _write(transaction: Transaction, actor: Actor, change: TreeChange, tree: Tree, plan: _Plan) -> None:
    """Make the draft equal to the tree, and release it where that is the change."""
    if change.action is TreeAction.DELETE:
        return
    files, state = tree[change.table], plan.states.get(change.table)
    if state is None:
        pipeline_id = create_pipeline(transaction, change.table, files, actor)
    else:
        pipeline_id = state.id
        if state.draft_hash != files.hash:
            save_files(transaction, pipelines.fetch_pipeline(transaction.connection, change.table), files, state.revision, actor)
    if change.action in _RELEASING:
        number = versions.insert_version(transaction.connection, pipeline_id, files.hash, RELEASE_MESSAGE, actor.name)
        store_release(transaction, pipeline_id, change.table, plan.compiled[change.table], number, actor)


def _delete(transaction: Transaction, actor: Actor, tables: Iterable[TableName]) -> None:
    found = [pipelines.fetch_pipeline(transaction.connection, table) for table in tables]
    # Two that read each other go together.
    for pipeline in found:
        pipelines.replace_dependencies(transaction.connection, pipeline.id, ())
    for pipeline in found:
        delete_pipeline(transaction, pipeline, actor)


def _in_tree(table: TableName, problem: Problem) -> Problem:
    return replace(problem, file=tree_path(table, problem.file))


def _described(connection: Connection, change: TreeChange, tree: Tree, state: PipelineState | None) -> TreeChange:
    """The change with the number of its new version and the paths in which it differs from the version before."""
    last = state.version or 0 if state is not None else 0
    before = versions.fetch_version_files(connection, state.id, last).texts if state is not None else dict[str, str]()
    after = tree[change.table].texts if change.table in tree else dict[str, str]()
    paths = tuple(path for path in sorted({*before, *after}) if before.get(path) != after.get(path))
    return replace(change, version=last + 1 if change.action in _RELEASING else None, files=paths)
