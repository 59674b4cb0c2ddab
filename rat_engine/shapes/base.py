"""What every shape shares."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from rat_engine.domain import lake as domain_lake
from rat_engine.domain.clock import iso
from rat_engine.domain.names import Layer


class Shape(BaseModel):
    """A JSON object as callers see it. Unknown fields are refused; every field is documented."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def plain(self) -> dict[str, Any]:
        """The object as JSON values."""
        return self.model_dump(mode="json")


Moment = Annotated[
    datetime,
    PlainSerializer(iso, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-01-31T06:00:00.250Z"]}),
]
Id = Annotated[str, Field(examples=["01k2w9c7q4e8rj5h3v0x6n1t8z"])]
NamespaceName = Annotated[str, Field(description="The namespace.", examples=["flights"])]
LayerName = Annotated[Layer, Field(description="The medallion layer.", examples=["silver"])]
TableSimpleName = Annotated[str, Field(description="The name within namespace and layer.", examples=["flights_cleaned"])]
# A JSON number loses digits of a 64-bit integer in JavaScript and in many tools.
BigId = Annotated[str, Field(description="An Iceberg snapshot id, as text because it needs 64 bits.", examples=["8318712643512097412"])]
Total = Annotated[int, Field(description="How many items there are over all pages.", examples=[1])]
Next = Annotated[str | None, Field(description="What to pass as `after` for the next page; null on the last.", examples=[None])]


class Column(Shape):
    """One column of a table or result."""

    name: str = Field(description="The column's name.", examples=["dep_delay"])
    type: str = Field(description="The type in DuckDB's spelling.", examples=["BIGINT"])
    description: str = Field(description="What the column means; may be empty.", examples=["Minutes late at departure"])

    @classmethod
    def of(cls, column: domain_lake.Column) -> Column:
        """The shape of a column."""
        return cls(name=column.name, type=column.type, description=column.description)
