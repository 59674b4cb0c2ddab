"""The portal starts only with its own configuration and a built front end, and says in one line why it does not."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from rat_app.serve import StartError, locate

ROOT = Path(__file__).resolve().parents[2]


def start(tmp_path: Path, variables: Mapping[str, str], root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """What ``python -m rat_app.serve`` ends with; it is never expected to serve."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("RAT_", "REFLEX_", "__REFLEX"))}
    environment = {**clean, "RAT_DATA": str(tmp_path / "data"), "PYTHONPATH": str(root), **variables}
    command = [sys.executable, "-P", "-m", "rat_app.serve"]
    return subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with a front end that looks built."""
    root = tmp_path / "checkout"
    root.mkdir()
    for name in ("rat_app", "rat_engine", "alembic", "rxconfig.py"):
        (root / name).symlink_to(ROOT / name)
    client = root / ".web" / "build" / "client"
    client.mkdir(parents=True)
    (client / "index.html").write_text("<h1>built</h1>")
    return root


@pytest.mark.parametrize(
    ("variable", "value", "named"),
    [
        ("REFLEX_CORS_ALLOWED_ORIGINS", "*", "cross-origin requests"),
        ("REFLEX_CORS_ALLOWED_ORIGINS", "http://evil.example", "cross-origin requests"),
        ("REFLEX_STATE_MANAGER_MODE", "disk", "the state manager"),
        ("REFLEX_TRANSPORT", "polling", "the transport"),
    ],
)
def test_a_foreign_configuration_is_refused_at_start(tmp_path: Path, checkout: Path, free_port: str, variable: str, value: str, named: str) -> None:
    """P1-08, P10-20: a wildcard origin with credentials above all."""
    ended = start(tmp_path, {variable: value, "RAT_PORT": free_port}, checkout)
    assert ended.returncode == 1
    assert named in ended.stderr
    assert len(ended.stderr.splitlines()) == 1, ended.stderr


def test_a_missing_front_end_is_said_in_one_line(tmp_path: Path, free_port: str) -> None:
    (tmp_path / "rat_app").mkdir()
    with pytest.raises(StartError, match="not built"):
        locate(tmp_path / "rat_app")


def test_an_installed_front_end_is_preferred_to_a_checkouts(tmp_path: Path) -> None:
    installed = tmp_path / "rat_app" / "_web"
    (installed / "build" / "client").mkdir(parents=True)
    (installed / "build" / "client" / "index.html").touch()
    (installed / "rxconfig.py").touch()
    assert locate(tmp_path / "rat_app") == (installed, installed)


def test_a_taken_port_is_said_in_one_line(tmp_path: Path, checkout: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ended = start(tmp_path, {"RAT_PORT": str(taken.getsockname()[1])}, checkout)
    assert ended.returncode == 1
    assert "cannot be used" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1, ended.stderr


def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    ended = start(tmp_path, {"RAT_PORT": "x"})
    assert ended.returncode == 1
    assert "RAT_PORT" in ended.stderr


def test_the_portal_needs_neither_duckdb_nor_pyiceberg(tmp_path: Path) -> None:
    code = "import sys, rat_app.rat_app; print(sorted({name.partition('.')[0] for name in sys.modules} & {'duckdb', 'pyiceberg', 'pandas', 'pyarrow'}))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "REFLEX_BACKEND_ONLY": "true"}
    ended = subprocess.run([sys.executable, "-P", "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout.strip() == "[]"
