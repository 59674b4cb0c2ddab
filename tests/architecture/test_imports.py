"""Which way imports point, and what an import costs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.architecture.sources import ROOT, modules

# Each module is imported first in a process of its own; what other people's packages cost is paid once, before the forks.
IMPORT_EACH = """
import importlib, json, os, sys
for package in ("alembic", "duckdb", "jinja2", "pyarrow", "pyarrow.parquet", "pydantic_settings", "pyiceberg.table", "sqlalchemy", "typer"):
    importlib.import_module(package)
failed = []
for name in json.load(sys.stdin):
    child = os.fork()
    if child == 0:
        try:
            importlib.import_module(name)
        except BaseException:
            import traceback
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1] != 0:
        failed.append(name)
print(json.dumps(failed))
"""

HEAVY_AFTER = """
import importlib, json, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
if "rat_engine" in sys.argv:
    package = sys.modules["rat_engine"]
    for name in package.__all__:
        getattr(package, name)
print(json.dumps(sorted({"duckdb", "pyiceberg", "pyarrow"} & set(sys.modules))))
"""


def python(code: str, *arguments: str, given: str = "") -> str:
    """What ``code`` prints in a fresh interpreter."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code, *arguments], cwd=ROOT, env=environment, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    print(done.stderr)
    return done.stdout.splitlines()[-1]


def test_imports_point_the_way_the_architecture_says() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_any_engine_module_can_be_imported_first() -> None:
    names = [module.dotted for module in modules("rat_engine")]
    assert json.loads(python(IMPORT_EACH, given=json.dumps(names))) == []


def test_the_public_api_loads_neither_duckdb_nor_pyiceberg_nor_pyarrow() -> None:
    assert json.loads(python(HEAVY_AFTER, "rat_engine")) == []


def test_the_portal_loads_neither_duckdb_nor_pyiceberg() -> None:
    assert json.loads(python(HEAVY_AFTER, "rat_app.rat_app", "rat_app.serve")) in ([], ["pyarrow"])
