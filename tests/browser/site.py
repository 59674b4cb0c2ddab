"""`rat up` for a test: its own data folder, a free port, the built front end."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from rat_engine import Settings

ROOT = Path(__file__).resolve().parents[2]
UP = ("-m", "rat_engine.cli.main", "up")
PORTAL_ALONE = ("-m", "rat_app.serve")
READY_SECONDS = 120
STOP_SECONDS = 20


@dataclass(frozen=True)
class Site:
    """A running RAT."""

    base: str
    settings: Settings
    log: Path
    pid: int


def build_front_end() -> None:
    """Build what is served when its inputs changed; one process at a time on this machine."""
    with (Path(tempfile.gettempdir()) / "rat-web-build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        built = subprocess.run([sys.executable, "tools/front_end.py"], cwd=ROOT, env=_environment(), capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr


@contextlib.contextmanager
def running(folder: Path, command: tuple[str, ...] = UP) -> Iterator[Site]:
    """`rat up`, or another ``command``, over ``folder`` for the time of the block."""
    port = _free_port()
    log = folder / "rat.log"
    variables = {"RAT_DATA": str(folder / "data"), "RAT_PORT": str(port), "PYTHONPATH": str(ROOT)}
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=folder,
            env=_environment() | variables,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_ready(process, log, port)
        yield Site(f"http://127.0.0.1:{port}", Settings(data=folder / "data", port=port), log, process.pid)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise


def _wait_until_ready(process: subprocess.Popen[bytes], log: Path, port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not _answers(port):
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/api/v1/health/live", timeout=5).is_success
    except httpx.TransportError:
        return False


def _environment() -> dict[str, str]:
    """The environment without any setting of ours or of Reflex's."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("RAT_", "REFLEX_", "__REFLEX"))}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
