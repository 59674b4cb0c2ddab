"""The history of queries, saved queries and estimates as JSON."""

from __future__ import annotations

from pydantic import Field

from rat_engine.domain import lake as domain_lake
from rat_engine.domain.paging import Page
from rat_engine.shapes.base import Id, Moment, Next, Shape, Total
from rat_engine.shapes.lake import Query


class QueryList(Shape):
    """One page of the history."""

    queries: tuple[Query, ...] = Field(description="The queries of this page, newest first.")
    total: Total
    next: Next

    @classmethod
    def of(cls, page: Page[domain_lake.Query]) -> QueryList:
        """The shape of a page."""
        return cls(queries=tuple(map(Query.of, page.items)), total=page.total, next=page.next)


class SavedQuery(Shape):
    """A query that was given a name."""

    id: Id = Field(description="The saved query's id.")
    name: str = Field(description="Its name, of which there is one.", examples=["Late carriers"])
    description: str = Field(description="What it is for; may be empty.", examples=["The weekly list"])
    namespace: str = Field(description="The namespace that two-part names mean; may be empty.", examples=["flights"])
    sql: str = Field(description="One SELECT.", examples=["SELECT carrier FROM gold.delay_by_carrier WHERE delay > 10"])
    revision: int = Field(description="Grows with every change.", examples=[1])
    created_at: Moment = Field(description="When it was saved first.")
    updated_at: Moment = Field(description="When it was changed last.")
    updated_by: str = Field(description="Who changed it last.", examples=["local"])

    @classmethod
    def of(cls, saved: domain_lake.SavedQuery) -> SavedQuery:
        """The shape of a saved query."""
        return cls(**{name: getattr(saved, name) for name in cls.model_fields})


class SavedQueryList(Shape):
    """One page of saved queries."""

    saved_queries: tuple[SavedQuery, ...] = Field(description="The saved queries of this page, by name.")
    total: Total
    next: Next

    @classmethod
    def of(cls, page: Page[domain_lake.SavedQuery]) -> SavedQueryList:
        """The shape of a page."""
        return cls(saved_queries=tuple(map(SavedQuery.of, page.items)), total=page.total, next=page.next)


class TableEstimate(Shape):
    """What a statement will read of one table at most."""

    name: str = Field(description="The table.", examples=["flights.silver.flights_cleaned"])
    rows: int = Field(description="Rows of the files that may hold what is asked for.", examples=[80789])
    size_bytes: int = Field(description="Bytes of the columns that the statement names, in these files.", examples=[412500])
    files: int = Field(description="How many files that are.", examples=[1])
    files_total: int = Field(description="How many files the table has.", examples=[12])


class Estimate(Shape):
    """What a statement will read at most, by the tables' manifests: no data file was opened."""

    rows: int = Field(description="Rows over all tables.", examples=[80789])
    size_bytes: int = Field(description="Bytes over all tables.", examples=[412500])
    tables: tuple[TableEstimate, ...] = Field(description="Table by table; empty for a statement that reads none.")

    @classmethod
    def of(cls, estimate: domain_lake.Estimate) -> Estimate:
        """The shape of an estimate."""
        tables = (TableEstimate(**{name: getattr(table, name) for name in TableEstimate.model_fields}) for table in estimate.tables)
        return cls(rows=estimate.rows, size_bytes=estimate.size_bytes, tables=tuple(tables))
