"""How a pipeline's files and name change: comparisons, renames, what was deleted and can come back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import unified_diff

from rat_engine.domain.names import TableName
from rat_engine.domain.pipeline import Pipeline, PipelineFiles

RESTORABLE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file that differs: its text before and after, None where it was not there."""

    path: str
    before: str | None
    after: str | None

    @property
    def kind(self) -> str:
        """``added``, ``removed`` or ``changed``."""
        return "added" if self.before is None else "removed" if self.after is None else "changed"

    @property
    def diff(self) -> str:
        """The change as a unified diff, with three lines of context."""
        before, after = ((text or "").splitlines() for text in (self.before, self.after))
        return "\n".join(unified_diff(before, after, f"a/{self.path}", f"b/{self.path}", lineterm=""))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two states of a pipeline's files: version numbers, None for the draft, and every file that differs, by path."""

    table: TableName
    before: int | None
    after: int | None
    files: tuple[FileChange, ...]


def changed_files(before: PipelineFiles, after: PipelineFiles) -> tuple[FileChange, ...]:
    """Every file that differs, by path."""
    paths = sorted({*before.texts, *after.texts})
    changes = (FileChange(path, before.texts.get(path), after.texts.get(path)) for path in paths)
    return tuple(change for change in changes if change.before != change.after)


@dataclass(frozen=True, slots=True)
class Renamed:
    """A pipeline under its new name, those that read it under the old one, and which of their drafts were made to read the new one."""

    pipeline: Pipeline
    readers: tuple[TableName, ...]
    updated: tuple[TableName, ...]


@dataclass(frozen=True, slots=True)
class DeletedPipeline:
    """A pipeline that was deleted and can be restored until ``restorable_until``. ``deleted_by`` is empty where nobody knows any more."""

    table: TableName
    description: str
    deleted_at: datetime
    deleted_by: str = ""

    @property
    def restorable_until(self) -> datetime:
        """When it is too late."""
        return self.deleted_at + RESTORABLE


@dataclass(frozen=True, slots=True)
class PipelineSettings:
    """What ``config.yaml`` of a draft says, by key, and the draft's revision.

    ``overridden`` holds the keys that an annotation in the source gives too, with the annotation's value, which wins.
    """

    table: TableName
    revision: int
    description: str = ""
    owner: str = ""
    tags: tuple[str, ...] = ()
    merge_strategy: str = ""
    overridden: tuple[tuple[str, str], ...] = ()
