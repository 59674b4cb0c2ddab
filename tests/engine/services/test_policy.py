"""Every resource that a method touches is put before the policy, not only the first."""

from __future__ import annotations

import pytest

from rat_engine import LOCAL_USER, Action, Actor, Engine, PipelineFiles, TableName
from rat_engine.errors import ForbiddenError

MINE, YOURS = TableName.parse("shop.bronze.mine"), TableName.parse("shop.bronze.yours")


class Guarded:
    """Allows everything but what belongs to somebody else."""

    def __init__(self, forbidden: str) -> None:
        self.forbidden = forbidden

    def require(self, actor: Actor, action: Action, resource: str) -> None:
        if resource == self.forbidden:
            raise ForbiddenError(f"{actor.name} may not {action.value} {resource}.")


@pytest.fixture
def shop(engine: Engine) -> Engine:
    """Two released pipelines; the policy of its services forbids everything about one of them."""
    for table in (MINE, YOURS):
        engine.pipelines.create(LOCAL_USER, table, PipelineFiles({"pipeline.sql": "select 1 as id"}))
        engine.pipelines.release(LOCAL_USER, table)
    return Engine(engine.settings, engine.database, Guarded(str(YOURS)))


def test_a_group_of_runs_asks_for_each_pipeline(shop: Engine) -> None:
    with pytest.raises(ForbiddenError):
        shop.runs.submit_group(LOCAL_USER, [MINE, YOURS], "group")
    assert shop.runs.list(LOCAL_USER).total == 0


def test_cancelling_several_runs_asks_for_each(engine: Engine, shop: Engine) -> None:
    mine, yours = shop.runs.submit(LOCAL_USER, MINE), engine.runs.submit(LOCAL_USER, YOURS)
    guarded = Engine(engine.settings, engine.database, Guarded(yours.id))
    with pytest.raises(ForbiddenError):
        guarded.runs.cancel_many(LOCAL_USER, [mine.id, yours.id])
    assert engine.runs.summary(LOCAL_USER).pending == 2


def test_a_new_name_is_asked_for_like_the_old_one(engine: Engine) -> None:
    engine.pipelines.create(LOCAL_USER, MINE, PipelineFiles({"pipeline.sql": "select 1 as id"}))
    guarded = Engine(engine.settings, engine.database, Guarded(str(YOURS)))
    for change in (guarded.lifecycle.rename, guarded.lifecycle.copy):
        with pytest.raises(ForbiddenError):
            change(LOCAL_USER, MINE, YOURS)
