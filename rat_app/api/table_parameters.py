"""What the routes of tables take."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from rat_app.api.parameters import MAX_CURSOR, MAX_DESCRIPTION, MAX_NAME, MAX_SEARCH, CatalogParameters, PageParameters, Parameters
from rat_engine import DocumentationChange, TableFilter

MAX_COLUMNS = 2_000
MAX_TAGS = 50


class TableListParameters(CatalogParameters):
    """A list of tables."""

    search: str = Field(
        default="",
        max_length=MAX_SEARCH,
        description="Only what has each of these words in its name, columns or documentation.",
        examples=["delay"],
    )
    sort: str = Field(
        default="", max_length=MAX_NAME, description="A field to sort by; with a minus sign descending. A search puts the best first.", examples=["-row_count"]
    )

    def tables(self) -> TableFilter:
        """Which tables."""
        return TableFilter(self.namespace, self.layer, self.search)


class SnapshotParameters(PageParameters):
    """Which snapshots."""

    sort: str = Field(default="", max_length=0, description="Snapshots have one order: newest first.", examples=[""])


class FileParameters(Parameters):
    """Which data files."""

    offset: int = Field(default=0, ge=0, le=1 << 40, description="The number of the first file, counted from 0.", examples=[0])
    limit: int = Field(default=500, ge=1, le=5_000, description="Most files of one answer.", examples=[500])


class DocumentationBody(Parameters):
    """What to write anew about a table. What is left out stays; an empty text removes."""

    description: str | None = Field(default=None, max_length=MAX_DESCRIPTION, description="What it holds, in Markdown.", examples=["One row per flight"])
    columns: dict[Annotated[str, Field(max_length=MAX_CURSOR)], Annotated[str, Field(max_length=MAX_DESCRIPTION)]] = Field(
        default_factory=dict, max_length=MAX_COLUMNS, description="Column → what it means.", examples=[{"dep_delay": "Minutes late at departure"}]
    )
    owner: str | None = Field(default=None, max_length=200, description="Who answers for it.", examples=["data team"])
    tags: tuple[Annotated[str, Field(max_length=63)], ...] | None = Field(default=None, max_length=MAX_TAGS, description="Its tags.", examples=[["daily"]])
    revision: str | None = Field(default=None, max_length=64, description="The `revision` that was read.", examples=["9f2c4e1a7b3d5068"])

    def change(self) -> DocumentationChange:
        """The change."""
        return DocumentationChange(self.description, self.columns, self.owner, self.tags)
