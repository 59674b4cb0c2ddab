"""What people write about a table: what it holds, what its columns mean, who answers for it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from rat_engine.domain.names import TableName

OWNER, TAGS = "owner", "tags"


@dataclass(frozen=True, slots=True)
class Documentation:
    """A table's documentation. ``columns`` maps a column's name to its description; a column without one may be left out."""

    description: str = ""
    columns: Mapping[str, str] = field(default_factory=dict[str, str])
    owner: str = ""
    tags: tuple[str, ...] = ()

    @property
    def revision(self) -> str:
        """What must be passed back when changing it: equal exactly while nobody has changed anything."""
        said = {name: text for name, text in self.columns.items() if text}
        told = json.dumps([self.description, said, self.owner, self.tags], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    def with_change(self, change: DocumentationChange) -> Documentation:
        """The documentation after ``change``: what the change leaves out stays."""
        return Documentation(
            description=self.description if change.description is None else change.description,
            columns={**self.columns, **change.columns},
            owner=self.owner if change.owner is None else change.owner,
            tags=self.tags if change.tags is None else change.tags,
        )


@dataclass(frozen=True, slots=True)
class DocumentationChange:
    """What to write anew; None, and every column that is not named, stays as it is. An empty text removes."""

    description: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict[str, str])
    owner: str | None = None
    tags: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class TableDocumentation:
    """The documentation of one table, as those read it who may change it.

    ``locked`` names what cannot be changed here (``owner``, ``tags``), because an annotation in ``pipeline.sql`` says it and wins.
    ``version`` is the pipeline's released version that holds it and ``changed_by`` whoever released that; None and empty without one.
    """

    table: TableName
    docs: Documentation
    locked: tuple[str, ...] = ()
    version: int | None = None
    changed_by: str = ""
