"""The commands ``rat pipeline …``."""

from __future__ import annotations

import typer

from rat_engine.cli import authoring, pipelines, revisions

app = typer.Typer(name="pipeline", help="Pipelines: their drafts, versions, settings and tests.", no_args_is_help=True, rich_markup_mode=None)
for name, command in {
    "list": pipelines.list_pipelines,
    "show": pipelines.show,
    "create": pipelines.create,
    "draft": pipelines.draft,
    "save": pipelines.save,
    "check": authoring.check,
    "compile": authoring.compiled,
    "format": authoring.laid_out,
    "plan": authoring.plan,
    "preview": authoring.preview,
    "scope": authoring.scope,
    "words": authoring.words,
    "versions": pipelines.versions,
    "version": pipelines.version,
    "diff": pipelines.diff,
    "release": pipelines.release,
    "rollback": pipelines.rollback,
    "rename": revisions.rename,
    "copy": revisions.copy,
    "delete": revisions.delete,
    "restore": revisions.restore,
    "deleted": revisions.deleted,
    "dependents": revisions.dependents,
    "settings": revisions.settings,
    "set": revisions.change,
    "tests": revisions.list_tests,
    "test-history": revisions.history,
    "test": revisions.run_tests,
}.items():
    app.command(name)(command)
