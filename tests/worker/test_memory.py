"""The supervisor holds no data, so it imports nothing that reads any; a portal that starts children would not be one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("duckdb", "pyarrow", "pyiceberg", "sqlglot", "reflex", "alembic", "pandas", "numpy")


@pytest.mark.parametrize("module", ["rat_engine.worker.engine_process", "rat_engine.worker.local", "rat_engine.worker.launcher", "rat_engine.worker.child"])
def test_no_process_around_the_children_imports_a_data_library(module: str) -> None:
    script = f"import sys, {module}; print(sorted(name for name in {HEAVY!r} if name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True).stdout == "[]\n"


def test_the_watcher_needs_the_standard_library_alone() -> None:
    unwanted = ("rat_", "pydantic", "sqlalchemy", "http", "ssl", "subprocess")
    script = f"import runpy, sys; runpy.run_path(sys.argv[1]); print([name for name in sys.modules if name.startswith({unwanted!r})])"
    watch = str(ROOT / "rat_engine" / "worker" / "watch.py")
    assert subprocess.run([sys.executable, "-I", "-S", "-c", script, watch], capture_output=True, text=True, check=True).stdout == "[]\n"
