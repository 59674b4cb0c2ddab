"""Namespaces, pipelines, drafts, versions and trees as JSON."""

from __future__ import annotations

from pydantic import Field

from rat_engine.domain import pipeline as domain_pipeline
from rat_engine.domain import tree as domain_tree
from rat_engine.domain.paging import Page
from rat_engine.domain.tree import TreeAction
from rat_engine.shapes.base import Id, LayerName, Moment, NamespaceName, Next, Shape, TableSimpleName, Total

FILES_EXAMPLE = {"pipeline.sql": "SELECT * FROM {{ ref('bronze.flights') }}"}


class Namespace(Shape):
    """A tenant area."""

    name: NamespaceName
    description: str = Field(description="What it is for; may be empty.", examples=["Flights out of New York"])
    created_at: Moment = Field(description="When it was created.")
    pipeline_count: int = Field(description="How many pipelines it has.", examples=[9])

    @classmethod
    def of(cls, namespace: domain_pipeline.Namespace) -> Namespace:
        """The shape of a namespace."""
        return cls(name=namespace.name, description=namespace.description, created_at=namespace.created_at, pipeline_count=namespace.pipeline_count)


class NamespaceList(Shape):
    """One page of namespaces, by name."""

    namespaces: tuple[Namespace, ...] = Field(description="The namespaces of this page.")
    total: Total
    next: Next

    @classmethod
    def of(cls, page: Page[domain_pipeline.Namespace]) -> NamespaceList:
        """The shape of a page."""
        return cls(namespaces=tuple(map(Namespace.of, page.items)), total=page.total, next=page.next)


class LastRun(Shape):
    """A pipeline's newest run."""

    run_id: Id = Field(description="The run.")
    status: str = Field(description="Its status.", examples=["success"])
    created_at: Moment = Field(description="When it was asked for.")


class Pipeline(Shape):
    """A pipeline: what fills one table."""

    id: Id = Field(description="The pipeline's id; it never changes and is never used again.")
    namespace: NamespaceName
    layer: LayerName
    name: TableSimpleName
    type: str = Field(description="The language of its source.", examples=["sql"])
    description: str = Field(description="What its table is for; may be empty.", examples=["Flights with readable carriers"])
    owner: str = Field(description="Who cares about it; may be empty.", examples=["data team"])
    version: int | None = Field(description="The released version that runs; null before the first release.", examples=[3])
    draft_dirty: bool = Field(description="Whether the draft differs from the released version.", examples=[False])
    created_at: Moment = Field(description="When it was created.")
    updated_at: Moment = Field(description="When its draft or version last changed.")
    last_run: LastRun | None = Field(description="Its newest run; null when it never ran.")
    row_count: int | None = Field(description="Rows of its published table; null before the first publish.", examples=[80789])
    published_at: Moment | None = Field(description="When its table was last published; null before the first publish.")

    @classmethod
    def of(cls, pipeline: domain_pipeline.Pipeline) -> Pipeline:
        """The shape of a pipeline."""
        return cls(
            id=pipeline.id,
            namespace=pipeline.table.namespace,
            layer=pipeline.table.layer,
            name=pipeline.table.name,
            type=pipeline.type,
            description=pipeline.description,
            owner=pipeline.owner,
            version=pipeline.version,
            draft_dirty=pipeline.draft_changed,
            created_at=pipeline.created_at,
            updated_at=pipeline.updated_at,
            last_run=_last_run(pipeline),
            row_count=pipeline.row_count,
            published_at=pipeline.published_at,
        )


def _last_run(pipeline: domain_pipeline.Pipeline) -> LastRun | None:
    if pipeline.last_run_id is None or pipeline.last_run_status is None or pipeline.last_run_at is None:
        return None
    return LastRun(run_id=pipeline.last_run_id, status=pipeline.last_run_status, created_at=pipeline.last_run_at)


class PipelineList(Shape):
    """One page of pipelines."""

    pipelines: tuple[Pipeline, ...] = Field(description="The pipelines of this page.")
    total: Total
    next: Next

    @classmethod
    def of(cls, page: Page[domain_pipeline.Pipeline]) -> PipelineList:
        """The shape of a page."""
        return cls(pipelines=tuple(map(Pipeline.of, page.items)), total=page.total, next=page.next)


class Draft(Shape):
    """The files being edited."""

    namespace: NamespaceName
    layer: LayerName
    name: TableSimpleName
    revision: int = Field(description="Pass it back when saving; an outdated one is refused.", examples=[4])
    files: dict[str, str] = Field(description="Path within the pipeline → text.", examples=[FILES_EXAMPLE])
    updated_at: Moment = Field(description="When it was saved.")
    updated_by: str = Field(description="Who saved it.", examples=["local"])

    @classmethod
    def of(cls, draft: domain_pipeline.Draft) -> Draft:
        """The shape of a draft."""
        return cls(
            namespace=draft.table.namespace,
            layer=draft.table.layer,
            name=draft.table.name,
            revision=draft.revision,
            files=dict(draft.files.texts),
            updated_at=draft.updated_at,
            updated_by=draft.updated_by,
        )


class Version(Shape):
    """An immutable release."""

    version: int = Field(description="Its number, counted from 1.", examples=[3])
    hash: str = Field(description="SHA-256 over its files: equal exactly when the files are.", examples=["9f2c…"])
    message: str = Field(description="What its author said; may be empty.", examples=["Drop cancelled flights"])
    created_at: Moment = Field(description="When it was released.")
    created_by: str = Field(description="Who released it.", examples=["local"])
    changed: tuple[str, ...] = Field(description="Paths in which it differs from the version before.", examples=[["pipeline.sql"]])
    files: dict[str, str] | None = Field(description="Path → text; null in lists.", examples=[FILES_EXAMPLE])

    @classmethod
    def of(cls, version: domain_pipeline.Version) -> Version:
        """The shape of a version."""
        return cls(
            version=version.number,
            hash=version.hash,
            message=version.message,
            created_at=version.created_at,
            created_by=version.created_by,
            changed=version.changed,
            files=dict(version.files.texts) if version.files else None,
        )


class VersionList(Shape):
    """One page of versions, newest first."""

    versions: tuple[Version, ...] = Field(description="The versions of this page, without their files.")
    total: Total
    next: Next

    @classmethod
    def of(cls, page: Page[domain_pipeline.Version]) -> VersionList:
        """The shape of a page."""
        return cls(versions=tuple(map(Version.of, page.items)), total=page.total, next=page.next)


class TreeChange(Shape):
    """What applying a tree does to one pipeline."""

    action: TreeAction = Field(description="What happens to the pipeline.")
    namespace: NamespaceName
    layer: LayerName
    name: TableSimpleName
    version: int | None = Field(description="The version released; null when none was.", examples=[2])
    files: tuple[str, ...] = Field(description="Paths within the pipeline that differ from the version before.", examples=[["pipeline.sql"]])

    @classmethod
    def of(cls, change: domain_tree.TreeChange) -> TreeChange:
        """The shape of a change."""
        table = change.table
        return cls(action=change.action, namespace=table.namespace, layer=table.layer, name=table.name, version=change.version, files=change.files)


class ApplyReport(Shape):
    """What applying a tree changed, or would change."""

    changes: tuple[TreeChange, ...] = Field(description="Every pipeline that differs from the tree, by name.")
    total: int = Field(description="How many changes there are.", examples=[1])
    unchanged: int = Field(description="How many pipelines of the tree are as they should be.", examples=[8])
    dry_run: bool = Field(description="Whether nothing was really changed.", examples=[False])

    @classmethod
    def of(cls, report: domain_tree.ApplyReport) -> ApplyReport:
        """The shape of a report."""
        return cls(changes=tuple(map(TreeChange.of, report.changes)), total=len(report.changes), unchanged=report.unchanged, dry_run=report.dry_run)
