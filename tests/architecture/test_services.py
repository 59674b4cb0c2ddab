"""Every use case asks the policy."""

from __future__ import annotations

import importlib
import inspect

import pytest

from rat_engine.domain.access import Action, Actor
from rat_engine.services.base import Service
from tests.architecture.sources import modules


def services() -> list[type[Service]]:
    """Every service class."""
    for module in modules("rat_engine/services"):
        importlib.import_module(module.dotted)
    return sorted(_below(Service), key=lambda service: service.__name__)


def _below(service: type[Service]) -> list[type[Service]]:
    return [found for each in service.__subclasses__() for found in (each, *_below(each))]


def public_methods(service: type[Service]) -> dict[str, object]:
    """What a front end can call."""
    return {name: method for name, method in vars(service).items() if not name.startswith("_")}


@pytest.mark.parametrize("service", services(), ids=lambda service: service.__name__)
def test_every_service_method_declares_its_action_and_takes_the_actor_first(service: type[Service]) -> None:
    undeclared = [name for name, method in public_methods(service).items() if not isinstance(getattr(method, "__action__", None), Action)]
    assert undeclared == []
    for name, method in public_methods(service).items():
        assert callable(method)
        first = list(inspect.signature(method, eval_str=True, globals=vars(inspect.getmodule(method))).parameters.values())[1]
        assert (name, first.name, first.annotation) == (name, "actor", Actor)


def test_every_action_is_asked_for_somewhere() -> None:
    asked = {getattr(method, "__action__", None) for service in services() for method in public_methods(service).values()}
    assert set(Action) - asked == set()
