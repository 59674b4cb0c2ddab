"""What runs can be narrowed by, and what became of several at once, as JSON."""

from __future__ import annotations

from pydantic import Field

from rat_engine.domain import run as domain_run
from rat_engine.shapes.base import Id, Shape


class FacetCount(Shape):
    """One value of a facet."""

    value: str = Field(description="What to filter by.", examples=["failed"])
    runs: int = Field(description="How many runs there are with it.", examples=[3])

    @classmethod
    def of(cls, facet: domain_run.FacetCount) -> FacetCount:
        """The shape of a value with its count."""
        return cls(value=facet.value, runs=facet.runs)


class RunFacets(Shape):
    """What runs can be narrowed by, most frequent first. The counts of a facet heed every filter but the facet's own."""

    total: int = Field(description="How many runs fulfil every filter.", examples=[120])
    statuses: tuple[FacetCount, ...] = Field(description="By status.")
    namespaces: tuple[FacetCount, ...] = Field(description="By namespace.")
    layers: tuple[FacetCount, ...] = Field(description="By layer.")
    triggers: tuple[FacetCount, ...] = Field(description="By the kind of the trigger: what stands before its colon.")

    @classmethod
    def of(cls, facets: domain_run.RunFacets) -> RunFacets:
        """The shape of the facets."""
        names = ("statuses", "namespaces", "layers", "triggers")
        return cls(total=facets.total, **{name: tuple(map(FacetCount.of, getattr(facets, name))) for name in names})


class CancelReport(Shape):
    """What became of the wish to cancel several runs."""

    cancelled: tuple[Id, ...] = Field(description="Waited, and ended at once.")
    asked: tuple[Id, ...] = Field(description="Go on, and were asked to stop.")
    ended: tuple[Id, ...] = Field(description="Had ended before.")
    missing: tuple[Id, ...] = Field(description="There is no such run.")

    @classmethod
    def of(cls, report: domain_run.CancelReport) -> CancelReport:
        """The shape of a report."""
        return cls(**{name: getattr(report, name) for name in cls.model_fields})
