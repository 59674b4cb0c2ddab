"""What the routes of a pipeline's changes take."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from rat_app.api.parameters import MAX_DESCRIPTION, MAX_MESSAGE, MAX_NAME, Name, Parameters
from rat_engine import TableName

MAX_FULL_NAME = 3 * MAX_NAME
VersionNumber = Annotated[int, Field(ge=1, le=(1 << 31) - 1)]
FullName = Annotated[str, Field(min_length=1, max_length=MAX_FULL_NAME, description="The new name in full.", examples=["flights.silver.flights_tidy"])]


class CompareParameters(Parameters):
    """Which two states to compare."""

    before: VersionNumber | None = Field(default=None, description="A version's number; the draft when left out.", examples=[2])
    after: VersionNumber | None = Field(default=None, description="A version's number; the draft when left out.", examples=[3])


class HistoryParameters(Parameters):
    """How far back."""

    runs: int = Field(default=20, ge=1, le=200, description="How many tested runs to look at.", examples=[20])


class RollbackBody(Parameters):
    """A version to go back to."""

    version: VersionNumber = Field(description="Its number.", examples=[3])
    message: str = Field(default="", max_length=MAX_MESSAGE, description="Why; shown in the history.", examples=["The join lost rows"])
    replace_draft: bool = Field(default=False, description="Replace the draft even when it has edits.", examples=[False])


class RenameBody(Parameters):
    """A new name."""

    to: FullName
    update_readers: bool = Field(default=False, description="Let the drafts of its readers read the new name.", examples=[False])

    def table(self) -> TableName:
        """The new name. Raises InvalidNameError."""
        return TableName.parse(self.to)


class CopyBody(Parameters):
    """The name of a copy."""

    to: FullName

    def table(self) -> TableName:
        """The copy's name. Raises InvalidNameError."""
        return TableName.parse(self.to)


class SettingsBody(Parameters):
    """Settings to change; what is left out stays as it is, what is empty is taken out of the file."""

    description: str | None = Field(default=None, max_length=MAX_DESCRIPTION, description="What the table is for.", examples=["Flights with readable carriers"])
    owner: str | None = Field(default=None, max_length=200, description="Who answers for it.", examples=["data@example.com"])
    tags: tuple[Annotated[str, Field(max_length=63)], ...] | None = Field(default=None, max_length=50, description="Its tags.", examples=[["daily"]])
    merge_strategy: str | None = Field(default=None, max_length=60, description="How rows enter the table.", examples=["full_refresh"])
    revision: int | None = Field(default=None, ge=0, le=(1 << 31) - 1, description="The revision that was read; an outdated one is refused.", examples=[4])

    def values(self) -> dict[str, str | tuple[str, ...]]:
        """The settings that were given."""
        given = {"description": self.description, "owner": self.owner, "tags": self.tags, "merge_strategy": self.merge_strategy}
        return {key: value for key, value in given.items() if value is not None}


class TestRunBody(Parameters):
    """Which tests to carry out."""

    __test__ = False

    tests: tuple[Name, ...] = Field(default=(), max_length=200, description="Names; all tests when left out.", examples=[["no_negative_distance"]])
