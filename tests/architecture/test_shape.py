"""Sizes a reader can hold in the head. The figures are printed at the end of the test run."""

from __future__ import annotations

import ast
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.architecture.sources import Module, modules

FUNCTION_LINES = 50
FUNCTION_LINES_MEDIAN = 10
MODULE_LINES = 400
PAGE_LINES = 250
ARGUMENTS = 6
IMPORTS = 20
# It names every service once, which is all it does.
COMPOSITION_ROOT = "rat_engine/engine.py"


@dataclass(frozen=True)
class Function:
    """A function or method and where it stands."""

    module: Module
    node: ast.FunctionDef | ast.AsyncFunctionDef

    @property
    def lines(self) -> int:
        """From ``def`` to the last line."""
        return (self.node.end_lineno or 0) - self.node.lineno + 1

    @property
    def arguments(self) -> int:
        """How many a caller can pass."""
        given = self.node.args
        names = [argument.arg for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
        return len([name for name in names if name not in ("self", "cls")])

    def __str__(self) -> str:
        return f"{self.module.name}:{self.node.lineno} {self.node.name}"


def functions() -> Iterator[Function]:
    """Every function of the product."""
    for module in modules("rat_engine", "rat_app"):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield Function(module, node)


def imported(module: Module) -> set[str]:
    """The modules outside the standard library that ``module`` imports at its top, where a reader meets them."""
    found: set[str] = set()
    for node in module.tree.body:
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module != "__future__":
            found.add(node.module or "")
    return {name for name in found if name.partition(".")[0] not in sys.stdlib_module_names}


def lines(module: Module) -> int:
    return module.text.count("\n")


def test_functions_are_short(shape: list[str]) -> None:
    every = list(functions())
    longest = max(every, key=lambda function: function.lines)
    median = statistics.median(function.lines for function in every)
    shape.append(f"{len(every)} functions, median {median:g} lines, longest {longest.lines} ({longest})")
    assert [f"{function}: {function.lines} lines" for function in every if function.lines > FUNCTION_LINES] == []
    assert median <= FUNCTION_LINES_MEDIAN


def test_functions_take_few_arguments() -> None:
    assert [f"{function}: {function.arguments} arguments" for function in functions() if function.arguments > ARGUMENTS] == []


def test_modules_are_short(shape: list[str]) -> None:
    every = modules("rat_engine", "rat_app", "tests", "benchmarks", "tools")
    product = [module for module in every if module.name.startswith("rat_")]
    longest = max(product, key=lines)
    shape.append(f"{len(product)} modules, {sum(map(lines, product))} lines, longest {lines(longest)} ({longest.name})")
    too_long = [module for module in every if lines(module) > (PAGE_LINES if module.name.startswith("rat_app/pages/") else MODULE_LINES)]
    assert [f"{module.name}: {lines(module)} lines" for module in too_long] == []


def test_modules_import_few_others(shape: list[str]) -> None:
    found = [module for module in modules("rat_engine", "rat_app") if module.name != COMPOSITION_ROOT]
    most = max(found, key=lambda module: len(imported(module)))
    shape.append(f"most imports {len(imported(most))} ({most.name})")
    assert [f"{module.name}: {len(imported(module))} imports" for module in found if len(imported(module)) > IMPORTS] == []


@pytest.fixture
def shape(request: pytest.FixtureRequest) -> list[str]:
    """Lines for the end of the test run (see ``tests/conftest.py``)."""
    report: list[str] = []
    request.node.user_properties.append(("shape", report))
    return report
