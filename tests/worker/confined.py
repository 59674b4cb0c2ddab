"""Child processes of the tests that confine themselves first, then do what they are told."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

# Modules that the attacks use are imported before, as an attacker would have them; none starts a thread.
_PROLOGUE = """
import ctypes, fcntl, json, mmap, os, resource, signal, socket, subprocess, sys, tempfile, threading
from pathlib import Path
from rat_engine.access import process, landlock, seccomp
from rat_engine.access.confinement import Level, confine
from rat_engine.access.process import Limits
folder = Path(sys.argv[1])
outside, scratch, readable = folder / "outside", folder / "scratch", folder / "readable"
os.chdir(scratch)
"""
CONFINE = """
held = confine([readable], [scratch], Limits(memory_mb=1024, file_mb=8), protect=[outside])
"""


@dataclass(frozen=True)
class Ended:
    """How a child ended and what it printed."""

    status: int
    output: str
    errors: str

    @property
    def answer(self) -> Any:
        """The JSON on its last line."""
        assert self.output, self.errors
        return json.loads(self.output.splitlines()[-1])


def make_folders(folder: Path) -> Path:
    """A folder with something outside, something readable and room to write."""
    for name in ("outside", "scratch", "readable"):
        (folder / name).mkdir()
    (folder / "outside" / "secret").write_text("secret")
    (folder / "readable" / "data").write_text("data")
    return folder


def run_child(code: str, folder: Path, *, before: str = CONFINE, timeout: float = 60) -> Ended:
    """Run ``before``, then ``code``, in a fresh interpreter with an empty environment."""
    child = subprocess.run(
        [sys.executable, "-P", "-c", f"{_PROLOGUE}\n{before}\n{code}", str(folder)],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    return Ended(child.returncode, child.stdout, child.stderr)
