"""Pipelines as a folder tree: how one is applied, and what that changed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

from rat_engine.domain.names import Layer, TableName
from rat_engine.errors import ValidationError

PIPELINES_FOLDER = "pipelines"
_PATH = re.compile(rf"([^/]+)/{PIPELINES_FOLDER}/([^/]+)/([^/]+)/(.+)")


@dataclass(frozen=True, slots=True)
class ApplyOptions:
    """How a tree is applied.

    ``dry_run`` changes nothing; ``prune`` deletes the pipelines that the tree lacks, in the namespaces it has;
    ``force`` overwrites and deletes drafts that were edited since their release.
    """

    dry_run: bool = False
    prune: bool = False
    force: bool = False


class TreeAction(StrEnum):
    """What applying a tree does to one pipeline."""

    CREATE = "create"
    UPDATE = "update"
    RESET_DRAFT = "reset_draft"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class TreeChange:
    """One pipeline that differs from the tree. ``version`` is the one released, or None; ``files`` are the paths that changed."""

    action: TreeAction
    table: TableName
    version: int | None = None
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """Everything that applying a tree changed, or would change when ``dry_run``; ``unchanged`` counts the rest."""

    changes: tuple[TreeChange, ...] = field(default=())
    unchanged: int = 0
    dry_run: bool = False


def tree_path(table: TableName, path: str) -> str:
    """Where a pipeline's file ``path`` lies in a tree."""
    return f"{table.namespace}/{PIPELINES_FOLDER}/{table.layer.value}/{table.name}/{path}"


def split_tree_path(path: str) -> tuple[TableName, str]:
    """The pipeline and the path within it of a tree's file. Raises ValidationError, InvalidNameError."""
    match = _PATH.fullmatch(path)
    if match is None:
        raise ValidationError(f"This is no place for a pipeline's file: {{namespace}}/{PIPELINES_FOLDER}/{{layer}}/{{name}}/pipeline.sql is one.")
    return TableName(match[1], Layer.parse(match[2]), match[3]), match[4]
