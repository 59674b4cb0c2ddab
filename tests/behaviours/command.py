"""The command ``rat`` as a person calls it: a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
COMMAND = (sys.executable, "-m", "rat_engine.cli.main")
DEADLINE = 90

TREE = {
    "shop/pipelines/bronze/orders/pipeline.sql": "SELECT i AS id, i * 2.5 AS price, CASE WHEN i > 0 THEN 'x' END AS note FROM range(3) t(i)\n",
    "shop/pipelines/bronze/orders/tests/quality/has_id.sql": "SELECT * FROM {{ this }} WHERE id IS NULL\n",
    "shop/pipelines/gold/totals/pipeline.sql": "SELECT sum(price) AS total FROM {{ ref('bronze.orders') }}\n",
    "shop/pipelines/gold/refused/pipeline.sql": "SELECT -1 AS n\n",
    "shop/pipelines/gold/refused/tests/quality/positive.sql": "-- @remediation: Ask the shop\nSELECT * FROM {{ this }} WHERE n < 0\n",
}


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Rat:
    """``rat`` over one data folder."""

    data: Path
    variables: Mapping[str, str]

    @property
    def environment(self) -> dict[str, str]:
        """The command's environment: nothing of ours but the path to the program."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("RAT_")}
        return {**kept, "PYTHONPATH": str(ROOT), "RAT_DATA": str(self.data), "TZ": "UTC", **self.variables}

    def __call__(self, *arguments: str | Path, given: str | None = None) -> Ended:
        """Carry out one command to its end."""
        done = subprocess.run(
            [*COMMAND, *map(str, arguments)], env=self.environment, input=given, capture_output=True, text=True, timeout=DEADLINE, check=False
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: str | Path) -> subprocess.Popen[str]:
        """Begin a command in a process group of its own, as a terminal does."""
        return subprocess.Popen(
            [*COMMAND, *map(str, arguments)], env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )


def write_tree(folder: Path, files: Mapping[str, str]) -> Path:
    """The files below ``folder``."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


def read_tree(folder: Path) -> dict[str, str]:
    """Every file below ``folder``."""
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


@dataclass(frozen=True)
class Ran:
    """A shop where something happened, for tests that only look."""

    rat: Rat
    orders: Ended
    refused: Ended

    @property
    def run_id(self) -> str:
        """The run of the orders."""
        return self.orders.err.split()[1]


def ran(rat: Rat, table: str = "shop.bronze.orders") -> dict[str, Any]:
    """A run that succeeded, as JSON."""
    done = rat("run", table, "--json")
    assert done.status == 0, done.err
    return done.json


def only_error(done: Ended, status: int) -> str:
    """The message of a command that failed: no traceback, nothing on stdout."""
    assert done.status == status, (done.out, done.err)
    assert "Traceback" not in done.err
    assert done.out == ""
    assert done.err.strip()
    return done.err
