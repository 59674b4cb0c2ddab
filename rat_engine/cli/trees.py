"""Commands that bring things in and out: folder trees of pipelines, files for landing zones."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rat_engine.cli.ending import guarded
from rat_engine.cli.options import AsJson, Data, Namespace
from rat_engine.cli.output import print_json, print_table, say
from rat_engine.cli.session import opened
from rat_engine.cli.text import size
from rat_engine.errors import CompileError, Problem, ValidationError

if TYPE_CHECKING:
    from rat_engine import TreeChange

# Four bytes a character at most; a larger file is no pipeline's.
MAX_BYTES = 2_000_000

Source = Annotated[Path, typer.Argument(metavar="DIR", exists=True, file_okay=False, readable=True, help="The tree's folder.", show_default=False)]
Target = Annotated[Path, typer.Argument(metavar="DIR", file_okay=False, help="The folder to write; created when it is new.", show_default=False)]
DryRun = Annotated[bool, typer.Option("--dry-run", help="List the changes, make none.")]
Prune = Annotated[bool, typer.Option("--prune", help="Delete pipelines that the tree lacks, in the namespaces it has.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite drafts that were edited since their release.")]
PruneFiles = Annotated[bool, typer.Option("--prune", help="Delete files of pipelines that no longer have them.")]
Zone = Annotated[str, typer.Argument(metavar="NS.ZONE", help="The landing zone; created when it is new.", show_default=False)]
Files = Annotated[list[Path], typer.Argument(metavar="FILE", exists=True, dir_okay=False, readable=True, help="CSV or Parquet files.", show_default=False)]


@guarded
def apply(folder: Source, dry_run: DryRun = False, prune: Prune = False, force: Force = False, data: Data = None, as_json: AsJson = False) -> None:
    """Apply a folder tree of pipelines. What changed is released: all of it or, on any error, nothing.

    The tree is {namespace}/pipelines/{layer}/{name}/ with pipeline.sql, config.yaml, table.yaml and tests/quality/*.sql.
    """
    from rat_engine import LOCAL_USER, ApplyOptions, shapes

    files = read_tree(folder)
    with opened(data) as engine:
        report = engine.trees.apply(LOCAL_USER, files, ApplyOptions(dry_run, prune, force))
    if as_json:
        print_json(shapes.ApplyReport.of(report).plain())
        return
    if report.changes:
        print_table(("change", "pipeline", "", "files"), map(_row, report.changes))
    say(f"{len(report.changes)} {'would change' if dry_run else 'changed'}, {report.unchanged} unchanged")


def _row(change: TreeChange) -> tuple[str, ...]:
    return change.action.value, str(change.table), f"version {change.version}" if change.version else "", ", ".join(change.files)


@guarded
def export(folder: Target, namespace: Namespace = None, prune: PruneFiles = False, data: Data = None, as_json: AsJson = False) -> None:
    """Export pipelines as a folder tree. These are their drafts, as `rat apply` reads them."""
    from rat_engine import LOCAL_USER

    with opened(data) as engine:
        files = engine.trees.export(LOCAL_USER, namespace)
    folder.mkdir(parents=True, exist_ok=True)
    stale = sorted(set(_paths(folder, namespace)) - files.keys())
    write_tree(folder, files)
    if prune:
        _remove(folder, stale)
    if as_json:
        print_json({"files": list(files), "total": len(files), "stale": stale, "pruned": prune})
        return
    say(f"{len(files)} files written to {folder}")
    if stale:
        say(f"{len(stale)} files of no pipeline {'deleted' if prune else 'left; --prune deletes them'}: {', '.join(stale[:10])}")


@guarded
def land(zone: Zone, files: Files, data: Data = None, as_json: AsJson = False) -> None:
    """Land CSV or Parquet files in a zone. Pipelines read them there."""
    from rat_engine import LOCAL_USER, ZoneName, shapes

    name = ZoneName.parse(zone)
    landed: list[shapes.LandingFile] = []
    with opened(data) as engine:
        for path in files:
            with path.open("rb") as stream:
                file = engine.landing.land(LOCAL_USER, name, path.name, stream)
            landed.append(shapes.LandingFile.of(file))
            if not as_json:
                say(f"{file.filename}  {size(file.size_bytes)}  {file.id}")
    if as_json:
        print_json({"files": [file.plain() for file in landed], "total": len(landed), "next": None})


def read_tree(folder: Path) -> dict[str, str]:
    """The tree below ``folder``: path → text, hidden files left out. Raises CompileError naming what is not text, ValidationError for an empty one."""
    files: dict[str, str] = {}
    problems: list[Problem] = []
    for path in _paths(folder):
        try:
            files[path] = _text(folder / path)
        except (ValidationError, UnicodeDecodeError) as error:
            problems.append(Problem(path, 0, 0, error.message if isinstance(error, ValidationError) else "This is not UTF-8 text."))
    if problems:
        raise CompileError(problems)
    if not files:
        raise ValidationError(f"There is no pipeline in {folder}: a tree looks like {{namespace}}/pipelines/{{layer}}/{{name}}/pipeline.sql.")
    return files


def _text(path: Path) -> str:
    if path.is_symlink() or not path.is_file():
        raise ValidationError("This is a link or no plain file; a tree holds plain files only.")
    if path.stat().st_size > MAX_BYTES:
        raise ValidationError("This is too large for a pipeline's file.")
    return path.read_bytes().decode("utf-8-sig")


def _paths(folder: Path, namespace: str | None = None) -> Iterator[str]:
    """Every file below ``folder`` that is not hidden, as a path with slashes; links are named, never followed."""
    for root, folders, names in os.walk(folder):
        inside = Path(root).relative_to(folder)
        linked = [name for name in folders if (Path(root) / name).is_symlink()]
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in linked and _wanted(inside / name, namespace))
        for name in sorted([*names, *linked]):
            if not name.startswith(".") and _wanted(inside / name, namespace):
                yield (inside / name).as_posix()


def _wanted(path: Path, namespace: str | None) -> bool:
    return namespace is None or path.parts[0] == namespace


def write_tree(folder: Path, files: Mapping[str, str]) -> None:
    """Write the tree; a file that is already as it should be is not touched. Raises ValidationError when a link leads out of ``folder``."""
    root = folder.resolve()
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.parent.resolve().is_relative_to(root):
            raise ValidationError(f"{target.parent} is a link that leads out of {folder}. Remove it.")
        content = text.encode()
        if target.is_symlink() or not target.is_file() or target.read_bytes() != content:
            # A name that starts with a dot is left out by `rat apply`, should we be stopped here.
            draft = target.with_name(f".{target.name}.part")
            draft.write_bytes(content)
            draft.replace(target)


def _remove(folder: Path, stale: list[str]) -> None:
    for path in stale:
        (folder / path).unlink()
        for parent in (folder / path).parents:
            if parent == folder or any(parent.iterdir()):
                break
            parent.rmdir()
