"""A RAT of its own for a measurement: started, asked over HTTP, weighed, stopped."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

RAT = Path(sys.executable).parent / "rat"
START_SECONDS = 60.0


class Server:
    """A running ``rat up`` over the folder ``data``. ``started`` is the clock (``time.time``) just before it was started."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, started: float, data: Path) -> None:
        self.process = process
        self.data = data
        self.address = f"http://127.0.0.1:{port}"
        self.started = started
        self.api = httpx.Client(base_url=f"{self.address}/api/v1", timeout=60)

    def get(self, path: str) -> Any:
        """The body of a GET below ``/api/v1``. Raises RuntimeError with what RAT answered."""
        return self.send("GET", path)

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """The body of what ``path`` answers to ``body``. Raises RuntimeError with what RAT answered."""
        response = self.api.request(method, path, json=body)
        if not response.is_success:
            raise RuntimeError(f"{method} {path}: {response.status_code} {response.text}")
        return response.json()

    def wait_until_listening(self) -> None:
        """Wait for the port to be open. Raises TimeoutError."""
        while time.time() < self.started + START_SECONDS:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.api.base_url.port or 0), timeout=1):
                return
            time.sleep(0.02)
        raise TimeoutError(f"nobody listens after {START_SECONDS} s")

    def wait_until_ready(self) -> None:
        """Wait for the API to say that it is ready. Raises TimeoutError."""
        while time.time() < self.started + START_SECONDS:
            with contextlib.suppress(httpx.TransportError):
                if self.api.get("/health/ready").is_success:
                    return
            time.sleep(0.02)
        raise TimeoutError(f"not ready after {START_SECONDS} s")

    def memory(self) -> dict[str, float]:
        """Proportional set size in MiB of the process and of everything below it, by what it is."""
        sizes: dict[str, float] = {}
        for pid in sorted(_family(self.process.pid)):
            words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
            pss = next(line for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines() if line.startswith("Pss:"))
            sizes[f"{_role(words)} ({pid})"] = int(pss.split()[1]) / 1024
        return sizes


@contextlib.contextmanager
def running(data: Path) -> Iterator[Server]:
    """``rat up`` over ``data`` on a free port for the time of the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    started = time.time()
    command = [RAT, "up", "--data", data, "--port", str(port)]
    # As on a user's machine, where Python keeps what it has compiled.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with (
        (data.parent / f"{data.name}.log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, env=environment) as process,
    ):
        server = Server(process, port, started, data)
        try:
            yield server
        finally:
            server.api.close()
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def _family(pid: int) -> set[int]:
    parents = {int(entry.name): _parent(entry) for entry in Path("/proc").glob("[0-9]*")}
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _parent(entry: Path) -> int:
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def _role(words: list[str]) -> str:
    text = " ".join(words)
    return next((role for key, role in (("watch.py", "launcher"), ("rat_app.serve", "portal"), ("engine_process", "engine")) if key in text), "child")


def machine() -> str:
    """What the figures were measured on."""
    memory = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal"))
    models = [line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    linux, python = ".".join(os.uname().release.split(".")[:2]), ".".join(map(str, sys.version_info[:3]))
    return f"{os.cpu_count()} cores ({(models or ['unknown'])[0]}), {int(memory.split()[1]) / (1 << 20):.0f} GiB, Linux {linux}, Python {python}"
