"""What RAT is compared with: a cold import of its libraries, and dbt-duckdb in an environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import venv
from pathlib import Path

LOCK = Path(__file__).with_name("dbt.lock")
MODEL = "select i as id, i * 2 as twice from range(100000) t(i)"
FILES = {
    "dbt_project.yml": "name: launch\nversion: 1.0.0\nconfig-version: 2\nprofile: launch\n",
    "profiles.yml": "launch:\n  target: local\n  outputs:\n    local: {type: duckdb, path: launch.duckdb, threads: 2}\n",
    "models/numbers.sql": "{{ config(materialized='table') }}\n" + MODEL + "\n",
    "models/numbers.yml": "models:\n  - name: numbers\n    columns:\n      - name: id\n        data_tests: [not_null]\n",
}


class Dbt:
    """A dbt project with the model and the test that RAT runs too."""

    def __init__(self, folder: Path) -> None:
        self._project = folder / "project"
        self._environment = folder / "environment"
        for name, text in FILES.items():
            (self._project / name).parent.mkdir(parents=True, exist_ok=True)
            (self._project / name).write_text(text)
        venv.create(self._environment, with_pip=True)
        options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
        install = ["-m", "pip", "install", *options, "--requirement", str(LOCK)]
        subprocess.run([self._environment / "bin" / "python", *install], check=True)

    def build(self) -> float:
        """Seconds that ``dbt build`` takes for the model and its test."""
        command = [self._environment / "bin" / "dbt", "build", "--profiles-dir", ".", "--quiet"]
        environment = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
        started = time.perf_counter()
        subprocess.run(command, cwd=self._project, env=environment, check=True)
        return time.perf_counter() - started


def cold_import() -> float:
    """Seconds that a fresh Python takes to load DuckDB, PyArrow and PyIceberg."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import duckdb, pyarrow, pyiceberg"], check=True)
    return time.perf_counter() - started
