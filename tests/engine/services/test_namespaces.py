"""Namespaces."""

from __future__ import annotations

import pytest

from rat_engine import LOCAL_USER, Actor, Engine, EventKind, PageRequest, PipelineFiles, TableName
from rat_engine.errors import AlreadyExistsError, ConflictError, ForbiddenError, InvalidNameError, NotFoundError, ValidationError

HOSTILE = ["", "A", "my-shop", "1st", "a" * 64, 'x"; drop table run; --', "ns\x00", "naïve", "../etc", "a b", "Ａ", "system", "memory"]


def test_a_created_namespace_is_listed_with_its_description(engine: Engine) -> None:
    engine.namespaces.create(LOCAL_USER, "shop", "What we sell")
    listed = engine.namespaces.list(LOCAL_USER)
    assert [(found.name, found.description, found.pipeline_count) for found in listed.items] == [("shop", "What we sell", 0)]
    assert listed.total == 1


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_refused_before_anything_is_written(engine: Engine, name: str) -> None:
    """P0-02: names are validated before any SQL is built."""
    with pytest.raises(InvalidNameError):
        engine.namespaces.create(LOCAL_USER, name)
    assert engine.namespaces.list(LOCAL_USER).total == 0


def test_a_hyphen_is_refused_with_the_underscore_spelling_offered(engine: Engine) -> None:
    with pytest.raises(InvalidNameError, match="Did you mean 'my_shop'"):
        engine.namespaces.create(LOCAL_USER, "my-shop")


def test_only_a_true_duplicate_is_a_conflict(engine: Engine) -> None:
    """P2-10: a duplicate is told as such; P10-95: without the database's own text."""
    engine.namespaces.create(LOCAL_USER, "shop")
    with pytest.raises(AlreadyExistsError) as caught:
        engine.namespaces.create(LOCAL_USER, "shop")
    assert "UNIQUE" not in caught.value.message


def test_a_description_beyond_its_limit_is_refused(engine: Engine) -> None:
    """P10-103."""
    with pytest.raises(ValidationError, match="5,000"):
        engine.namespaces.create(LOCAL_USER, "shop", "x" * 5_001)


def test_a_namespace_that_holds_something_is_not_deleted(engine: Engine) -> None:
    engine.pipelines.create(LOCAL_USER, TableName.parse("shop.bronze.orders"), PipelineFiles({"pipeline.sql": "select 1 as a"}))
    with pytest.raises(ConflictError, match=r"holds 1 pipeline\."):
        engine.namespaces.delete(LOCAL_USER, "shop")


def test_an_empty_namespace_is_deleted_once(engine: Engine) -> None:
    engine.namespaces.create(LOCAL_USER, "shop")
    engine.namespaces.delete(LOCAL_USER, "shop")
    with pytest.raises(NotFoundError):
        engine.namespaces.delete(LOCAL_USER, "shop")


def test_the_list_is_cut_in_pages_that_together_hold_everything(engine: Engine) -> None:
    """P10-91, P2-05: keyset pages with a total."""
    names = [f"n{number:02}" for number in range(7)]
    for name in names:
        engine.namespaces.create(LOCAL_USER, name)
    seen: list[str] = []
    page = engine.namespaces.list(LOCAL_USER, PageRequest(limit=3))
    while True:
        seen += [found.name for found in page.items]
        assert page.total == 7
        if page.next is None:
            break
        page = engine.namespaces.list(LOCAL_USER, PageRequest(limit=3, after=page.next))
    assert seen == names


def test_every_change_appends_an_event_with_its_actor(engine: Engine) -> None:
    engine.namespaces.create(LOCAL_USER, "shop")
    engine.namespaces.update(LOCAL_USER, "shop", "new")
    engine.namespaces.delete(LOCAL_USER, "shop")
    kinds = [(event.kind, event.subject, event.actor) for event in engine.events.after(LOCAL_USER, 0)]
    assert kinds == [
        (EventKind.NAMESPACE_CREATED, "shop", "local"),
        (EventKind.NAMESPACE_UPDATED, "shop", "local"),
        (EventKind.NAMESPACE_DELETED, "shop", "local"),
    ]


def test_anybody_but_the_local_user_is_refused(engine: Engine) -> None:
    with pytest.raises(ForbiddenError, match="mallory"):
        engine.namespaces.create(Actor("mallory"), "shop")
    assert engine.namespaces.list(LOCAL_USER).total == 0
