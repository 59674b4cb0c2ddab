"""Use cases of pipelines as a folder tree: apply one as a whole or not at all, export one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from rat_engine.compile import compile_pipeline
from rat_engine.domain.access import Action, Actor
from rat_engine.domain.names import TableName, checked_namespace
from rat_engine.domain.pipeline import PipelineFiles
from rat_engine.domain.tree import ApplyOptions, ApplyReport, TreeAction, TreeChange, split_tree_path, tree_path
from rat_engine.errors import CompileError, ConflictError, Problem, RatError, ValidationError
from rat_engine.metadata import pipelines, trees, versions
from rat_engine.metadata.database import Transaction
from rat_engine.metadata.trees import PipelineState
from rat_engine.services.base import Service, action
from rat_engine.services.pipelines import compile_catalog, create_pipeline, delete_pipeline, release_draft, save_files

MAX_TREE_FILES = 20_000
RELEASE_MESSAGE = "Applied from a folder tree"

Tree = Mapping[TableName, PipelineFiles]


class _RehearsedError(Exception):
    """Ends the transaction of a dry run, so that everything is rolled back."""


class TreeService(Service):
    """All pipelines of a folder tree at once."""

    @action(Action.PIPELINE_RELEASE)
    def apply(self, actor: Actor, files: Mapping[str, str], options: ApplyOptions = ApplyOptions()) -> ApplyReport:
        """Make the pipelines equal to the tree ``files`` (path → text) and release what changed: everything or, on any error, nothing.

        Raises CompileError with every problem under its path in the tree, and ConflictError for drafts that were edited
        since their release (unless ``force``) and for a pipeline to prune that others read.
        """
        tree = parse_tree(files)
        report = ApplyReport()
        try:
            with self._database.write() as transaction:
                changes = self._carry_out(transaction, actor, tree, options)
                unchanged = len(tree) - sum(change.action is not TreeAction.DELETE for change in changes)
                report = ApplyReport(changes, unchanged, options.dry_run)
                if options.dry_run:
                    raise _RehearsedError
        except _RehearsedError:
            return report
        return report

    @action(Action.PIPELINE_READ)
    def export(self, actor: Actor, namespace: str | None = None) -> dict[str, str]:
        """The drafts of all pipelines, or of one namespace, as a tree (path → text), ordered by path. Raises InvalidNameError."""
        wanted = checked_namespace(namespace) if namespace is not None else None
        with self._database.read() as connection:
            found = trees.fetch_draft_files(connection, wanted)
        return dict(sorted((tree_path(table, path), text) for table, texts in found.items() for path, text in texts.items()))

    def _carry_out(self, transaction: Transaction, actor: Actor, tree: Tree, options: ApplyOptions) -> tuple[TreeChange, ...]:
        changes = decide(tree, trees.fetch_states(transaction.connection), options)
        self._permit(actor, changes)
        for change in changes:
            _write(transaction, actor, change, tree)
        released = [change for change in changes if change.action in (TreeAction.CREATE, TreeAction.UPDATE)]
        _refuse_problems(transaction, {change.table: tree[change.table] for change in released})
        _forget_dependencies(transaction, (change.table for change in changes if change.action is not TreeAction.RESET_DRAFT))
        numbers = {change.table: _release(transaction, actor, change.table) for change in released}
        done = tuple(_described(transaction, change, tree, numbers) for change in changes)
        for change in changes:
            if change.action is TreeAction.DELETE:
                delete_pipeline(transaction, pipelines.fetch_pipeline(transaction.connection, change.table), actor)
        return done

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


def _write(transaction: Transaction, actor: Actor, change: TreeChange, tree: Tree) -> None:
    """Make the draft equal to the tree."""
    if change.action is TreeAction.CREATE:
        create_pipeline(transaction, change.table, tree[change.table], actor)
    elif change.action is not TreeAction.DELETE:
        pipeline = pipelines.fetch_pipeline(transaction.connection, change.table)
        draft = pipelines.fetch_draft(transaction.connection, pipeline.id, change.table)
        if draft.files != tree[change.table]:
            save_files(transaction, pipeline, tree[change.table], draft.revision, actor)


def _refuse_problems(transaction: Transaction, tree: Tree) -> None:
    catalog = compile_catalog(transaction.connection)
    problems = [_in_tree(table, problem) for table, files in tree.items() for problem in compile_pipeline(table, files, catalog).problems]
    if any(problem.severity == "error" for problem in problems):
        raise CompileError(problems)


def _forget_dependencies(transaction: Transaction, tables: Iterable[TableName]) -> None:
    # Releases follow one by one; edges that are about to change must not close a cycle, or keep a pipeline alive, in between.
    for table in tables:
        pipelines.replace_dependencies(transaction.connection, pipelines.fetch_pipeline(transaction.connection, table).id, ())


def _release(transaction: Transaction, actor: Actor, table: TableName) -> int:
    try:
        return release_draft(transaction, pipelines.fetch_pipeline(transaction.connection, table), actor, RELEASE_MESSAGE)
    except CompileError as error:
        raise CompileError([_in_tree(table, problem) for problem in error.problems]) from None


def _in_tree(table: TableName, problem: Problem) -> Problem:
    return replace(problem, file=tree_path(table, problem.file))


def _described(transaction: Transaction, change: TreeChange, tree: Tree, numbers: Mapping[TableName, int]) -> TreeChange:
    """The change with the number of its new version and the paths in which it differs from the version before."""
    pipeline = pipelines.fetch_pipeline(transaction.connection, change.table)
    number = numbers.get(change.table)
    before = versions.fetch_version_files(transaction.connection, pipeline.id, number - 1 if number else pipeline.version or 0).texts
    after = tree[change.table].texts if change.table in tree else dict[str, str]()
    paths = tuple(path for path in sorted({*before, *after}) if before.get(path) != after.get(path))
    return replace(change, version=number, files=paths)
