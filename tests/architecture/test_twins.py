"""No front end can do what another cannot: every action of the portal has its twin over REST, on the command line and in Python."""

from __future__ import annotations

import ast
import functools
import re
from typing import Any

import pytest
import typer.main
from reflex_base.registry import RegistrationContext

from rat_app.api.app import build_api
from rat_app.rat_app import app
from rat_app.state.base import DOES, GUARD
from rat_engine import Engine, Settings
from rat_engine.cli.main import app as command
from rat_engine.shapes.actions import ACTIONS, Twin, copies
from rat_engine.shapes.actions.twin import PREFIX

VALUES: dict[str, Any] = {
    "table": "flights.silver.flights", "run_id": "01k2w9c7q4e8rj5h3v0x6n1t8z", "query_id": "01k2w9c7q4e8rj5h3v0x6n1t8z", "sql": "SELECT 'a' AS b",
    "files": {"pipeline.sql": "SELECT 1 AS n"}, "revision": 3, "folder": "draft", "path": "pipeline.sql", "column": 0,
    "namespace": "flights", "zone": "flights", "description": "Out of New York", "text": "flights", "saved": "Late carriers",
    "run_ids": ["01k2w9c7q4e8rj5h3v0x6n1t8z"], "level": "error", "file": "run.log", "search": "it's",
    "to": "flights.gold.flights", "version": 2, "settings": {"owner": "ann"}, "before": 1, "after": 2,
}  # fmt: skip

# What is still to be built; this only ever gets shorter.
ROUTES_TO_COME: set[str] = set()
COMMANDS_TO_COME: set[str] = set()


@functools.cache
def handlers() -> dict[str, Any]:
    """Every handler of the portal that asks the engine for something, by name."""
    assert app
    found = {name: registered.handler.fn for name, registered in RegistrationContext.get().event_handlers.items() if ".trial" not in name.lower()}
    return {name: method for name, method in found.items() if getattr(method, GUARD, "shown") != "shown" and method.__module__.startswith("rat_app.")}


@functools.cache
def routes() -> dict[tuple[str, str], dict[str, Any]]:
    """Every documented REST operation by method and path."""
    paths = build_api().openapi()["paths"]
    return {(method.upper(), path): operation for path, operations in paths.items() for method, operation in operations.items()}


@functools.cache
def commands() -> dict[tuple[str, ...], Any]:
    """Every command of ``rat`` by its words."""
    found: dict[tuple[str, ...], Any] = {}

    def collect(group: Any, words: tuple[str, ...]) -> None:
        for name, each in group.commands.items():
            found[*words, name] = each
            if hasattr(each, "commands"):
                collect(each, (*words, name))

    collect(typer.main.get_command(command), ())
    return found


def test_every_handler_that_asks_for_something_says_which_action_it_is() -> None:
    asking = handlers()
    assert len(asking) > 20
    assert [name for name, method in asking.items() if getattr(method, DOES) not in ACTIONS] == []


@pytest.mark.parametrize("twin", ACTIONS.values(), ids=ACTIONS)
def test_every_action_is_a_service_method_of_that_permission(twin: Twin, tmp_path_factory: pytest.TempPathFactory) -> None:
    with Engine.open(Settings(data=tmp_path_factory.getbasetemp() / "twins")) as engine:
        service, method = twin.name.split(".")
        wanted = getattr(getattr(engine, service), method).__action__
    asking = {getattr(handler, GUARD) for handler in handlers().values() if getattr(handler, DOES) == twin.name}
    assert asking <= {wanted.value}


@pytest.mark.parametrize("twin", ACTIONS.values(), ids=ACTIONS)
def test_every_action_has_a_documented_route(twin: Twin) -> None:
    operation = routes().get((twin.method, PREFIX + twin.path), {})
    assert bool(operation) is (twin.name not in ROUTES_TO_COME)
    assert operation.get("summary", "to come")
    assert operation.get("description", "to come")


@pytest.mark.parametrize("twin", ACTIONS.values(), ids=ACTIONS)
def test_every_action_has_a_command(twin: Twin) -> None:
    words = tuple(word for word in twin.command.split() if re.fullmatch(r"[a-z][a-z-]*", word))
    assert (words in commands()) is (twin.name not in COMMANDS_TO_COME)


@pytest.mark.parametrize("twin", ACTIONS.values(), ids=ACTIONS)
def test_what_is_copied_is_whole_and_python(twin: Twin) -> None:
    made = copies(twin.name, "http://127.0.0.1:3000", **VALUES)
    assert made.cli.startswith("rat ")
    assert made.curl.startswith("curl ")
    ast.parse(made.python)
    assert "{" not in made.cli


def test_copies_quote_what_a_shell_would_take_apart() -> None:
    made = copies("queries.submit", "http://127.0.0.1:3000", sql="SELECT 'it''s' AS \"a b\"; -- $HOME")
    assert made.cli == """rat query 'SELECT '"'"'it'"'"''"'"'s'"'"' AS "a b"; -- $HOME'"""
    assert made.curl.endswith("http://127.0.0.1:3000/api/v1/query")
    assert "engine.queries.submit(LOCAL_USER, " in made.python
