"""Use case of the demo: real files landed, pipelines created and released, all of them run in order."""

from __future__ import annotations

import contextlib
import hashlib
import io

from rat_engine import demo
from rat_engine.access.policy import Policy
from rat_engine.domain.access import Action, Actor
from rat_engine.domain.names import TableName
from rat_engine.domain.run import DemoLoad
from rat_engine.domain.tree import split_tree_path
from rat_engine.errors import AlreadyExistsError
from rat_engine.metadata import pipelines
from rat_engine.metadata.database import Database
from rat_engine.services.base import Service, action
from rat_engine.services.landing import LandingService
from rat_engine.services.namespaces import NamespaceService
from rat_engine.services.runs import RunService
from rat_engine.services.trees import TreeService

GROUP_KIND = "demo"


class DemoService(Service):
    """The demo. Loading it again lands nothing twice, leaves every pipeline as it is by now, and runs them all."""

    def __init__(self, database: Database, policy: Policy, landing: LandingService, runs: RunService) -> None:
        super().__init__(database, policy)
        self._namespaces = NamespaceService(database, policy)
        self._trees = TreeService(database, policy)
        self._landing = landing
        self._runs = runs

    @action(Action.RUN_SUBMIT)
    def load(self, actor: Actor) -> DemoLoad:
        """Land the demo's files, create and release those of its pipelines that are missing, and ask for runs of all.

        Raises ForbiddenError for an actor who may not do each of these, DiskFullError, CompileError where the namespace ``flights`` was in use
        and lacks what the demo's pipelines read.
        """
        with contextlib.suppress(AlreadyExistsError):
            self._namespaces.create(actor, demo.NAMESPACE, demo.NAMESPACE_DESCRIPTION)
        for zone in demo.zones():
            self._land(actor, zone)
        tables = self._create_pipelines(actor)
        runs = self._runs.submit_group(actor, tables, GROUP_KIND)
        return DemoLoad(runs[0].group_id or "", runs)

    def _land(self, actor: Actor, zone: demo.DemoZone) -> None:
        with contextlib.suppress(AlreadyExistsError):
            self._landing.create(actor, zone.name, zone.description)
        for filename in zone.filenames:
            content = demo.content(filename)
            if self._landing.find(actor, zone.name, hashlib.sha256(content).hexdigest()) is None:
                self._landing.land(actor, zone.name, filename, io.BytesIO(content))

    def _create_pipelines(self, actor: Actor) -> list[TableName]:
        placed = {path: split_tree_path(path)[0] for path in demo.tree()}
        with self._database.read() as connection:
            existing = pipelines.fetch_pipeline_names(connection)
        missing = {path: text for path, text in demo.tree().items() if placed[path] not in existing}
        if missing:
            self._trees.apply(actor, missing)
        return sorted(set(placed.values()))
