"""What lies where, and what may not lie anywhere."""

from __future__ import annotations

import ast
import json
import re

import pytest

from tests.architecture.sources import ROOT, files, modules

TOP = {
    ".ci", ".gitignore", "CHANGELOG.md", "LICENSE", "Makefile", "README.md", "alembic", "alembic.ini", "assets", "benchmarks", "docs", "pyproject.toml",
    "rat_app", "rat_engine", "reflex.lock", "requirements-build.lock", "requirements-dev.lock", "requirements.lock", "rxconfig.py", "tests", "tools",
}  # fmt: skip
ENGINE_ROOMS = {
    "access", "cli", "compile", "demo", "domain", "execute", "jobs", "lakehouse", "metadata", "observe", "plan", "quality", "query", "services",
    "shapes", "worker",
    "__init__.py", "engine.py", "errors.py", "plugins.py", "py.typed", "settings.py",
}  # fmt: skip
TEST_ROOMS = {"__init__.py", "app", "architecture", "behaviours", "browser", "chromium.py", "conftest.py", "engine", "unit", "worker"}

# Spelled in parts, so that this file does not find itself.
FOREIGN_TO_A_REPOSITORY = [
    r"pypi\." + r"org",
    r"python" + r"hosted\.org",
    r"registry\.npm" + r"js\.org",
    r"registry\.yarn" + r"pkg\.com",
    r"(?<![\w.~])/(?:ro" + r"ot|home|wo" + r"rk|Users)/\w",
]


def test_the_top_level_holds_what_the_architecture_names() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in files()} <= TOP


def test_the_engine_has_its_rooms_and_no_others() -> None:
    assert {path.relative_to(ROOT).parts[1] for path in files() if path.is_relative_to(ROOT / "rat_engine")} <= ENGINE_ROOMS


def test_tests_have_their_rooms_and_no_others() -> None:
    assert {path.relative_to(ROOT).parts[1] for path in files() if path.is_relative_to(ROOT / "tests")} <= TEST_ROOMS


def test_every_module_says_what_it_is_for() -> None:
    unsaid = [module.name for module in modules("rat_engine", "rat_app", "benchmarks", "tools") if not ast.get_docstring(module.tree)]
    assert unsaid == []


def test_nothing_in_the_repository_depends_on_one_machine_or_registry() -> None:
    pattern = re.compile("|".join(FOREIGN_TO_A_REPOSITORY))
    found: list[str] = []
    for path in files():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}" for number, line in enumerate(lines, 1) if pattern.search(line)]
    assert found == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-build.lock", "requirements-dev.lock", "benchmarks/dbt.lock"])
def test_python_locks_carry_hashes_and_no_addresses(name: str) -> None:
    text = (ROOT / name).read_text()
    entries = re.split(r"\n(?=[a-z0-9])", re.sub(r"^\s*#.*\n?", "", text, flags=re.MULTILINE))
    assert "://" not in text
    assert [entry.splitlines()[0] for entry in entries if entry.strip() and "--hash=sha256:" not in entry] == []


def test_the_npm_lock_carries_hashes_and_no_addresses() -> None:
    text = (ROOT / "reflex.lock" / "package-lock.json").read_text()
    packages = json.loads(text)["packages"]
    assert '"resolved"' not in text
    assert [name for name, package in packages.items() if name and "integrity" not in package and not package.get("inBundle")] == []


def test_only_the_four_outermost_places_catch_everything() -> None:
    places = [module.name for module in modules("rat_engine", "rat_app") for line in module.text.splitlines() if "noqa: BLE001" in line]
    assert len(places) <= 4, places


def test_no_module_silences_a_whole_file() -> None:
    pattern = re.compile(r"#\s*(ruff|flake8): noqa|#\s*type: ignore|#\s*pyright: (basic|standard|ignore(?!\[))|noqa(?!: [A-Z])")
    lines = [f"{module.name}: {line.strip()}" for module in modules("rat_engine", "rat_app", "tools") for line in module.text.splitlines()]
    assert [line for line in lines if pattern.search(line)] == []
