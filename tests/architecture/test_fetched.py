"""What the portal's scripts fetch by themselves has its twin as well: every address of the REST API that is written anywhere in the portal.

The browser tests hold the other end: whatever a page really asks for is an action of the registry (``tests/browser/conftest.py``).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from rat_app import routes
from rat_engine.shapes.actions import ACTIONS
from rat_engine.shapes.actions.twin import PREFIX
from tests.architecture.sources import ROOT

PORTAL = ROOT / "rat_app"
# Where a value is put in; it may hold several parts of a path.
PLACE = "\0"
# The API's description of itself is no action.
DESCRIPTION = {routes.API_DOCS, routes.API_DESCRIPTION}
LITERAL = re.compile(r'"([^"\n]*)"|\'([^\'\n]*)\'|`([^`]*)`')
NAMED = re.compile(rf'const (\w+) = "({PREFIX}[^"]*)"')


def of_scripts() -> Iterator[tuple[str, str]]:
    """Every address in the portal's scripts, with the file that it stands in. A constant that holds the beginning of several is put where it is used."""
    texts = {path: path.read_text() for path in [*(PORTAL / "components").rglob("*.js"), *(PORTAL / "components").rglob("*.jsx")]}
    constants = {name: value for text in texts.values() for name, value in NAMED.findall(text)}
    for path, text in texts.items():
        for parts in LITERAL.findall(text):
            literal = re.sub(r"\$\{(\w+)\}", lambda place: constants.get(place[1], place[0]), "".join(parts))
            if literal.startswith(PREFIX):
                yield path.relative_to(ROOT).as_posix(), re.sub(r"\$\{[^}]*\}", PLACE, literal)


def of_python() -> Iterator[tuple[str, str]]:
    """Every address that pages, components and states make, with the file that it stands in."""
    for path in [each for folder in ("pages", "components", "state") for each in (PORTAL / folder).rglob("*.py")]:
        tree = ast.parse(path.read_text())
        parts = {id(child) for node in ast.walk(tree) if isinstance(node, ast.BinOp | ast.JoinedStr) for child in ast.iter_child_nodes(node)}
        for node in ast.walk(tree):
            if id(node) not in parts and (address := spelled(node)).startswith(PREFIX):
                yield path.relative_to(ROOT).as_posix(), address


def spelled(node: ast.AST) -> str:
    """The text that an expression makes, as far as it is written there."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(map(spelled, node.values))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return spelled(node.left) + spelled(node.right)
    return PLACE


FOUND = sorted({*of_scripts(), *of_python()})


def test_the_addresses_are_found() -> None:
    files = {file for file, _ in FOUND}
    assert {"rat_app/components/query/catalog.js", "rat_app/components/graph/lineage_data.js", "rat_app/state/explorer/docs.py"} <= files


@pytest.mark.parametrize(("file", "address"), FOUND, ids=[f"{file} {address.replace(PLACE, '…')}" for file, address in FOUND])
def test_every_address_in_the_portal_is_that_of_an_action(file: str, address: str) -> None:
    path = address.partition("?")[0].rstrip("/")
    if path in {PREFIX, *DESCRIPTION}:
        return
    # Or the beginning of one: what follows is added where it is asked.
    wanted = re.compile(re.escape(path).replace(re.escape(PLACE), ".+") + "(/.*)?")
    known = [twin for twin in ACTIONS.values() if wanted.fullmatch(PREFIX + twin.path)]
    assert known, f"{file} asks for {address!r}, which is no action of the registry"
