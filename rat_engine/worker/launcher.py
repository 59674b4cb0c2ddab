"""`rat up`: take the data folder, check the port, then become the small process that watches portal and engine."""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path

from rat_engine.errors import PortTakenError
from rat_engine.settings import Settings
from rat_engine.worker.lock import own
from rat_engine.worker.process import START, import_path

LEAVING_SECONDS = 3.0

_WATCH = Path(__file__).with_name("watch.py")

# -P: the folder where `rat up` is called may hold anything, also a file named like a library.
_COMMANDS = {
    "portal": [sys.executable, "-P", "-m", START, "rat_app.serve"],
    "engine": [sys.executable, "-P", "-m", START, "rat_engine.worker.engine_process"],
}


def launch(settings: Settings) -> int:
    """Start portal and engine and watch them until SIGINT or SIGTERM. Replaces this process, so its memory is given back.

    The exit status is the watcher's. Raises DataFolderOwnedError, PortTakenError, UnavailableError before anything is started.
    """
    lock = own(settings.data, LEAVING_SECONDS)
    refuse_taken_port(settings.host, settings.port)
    os.set_inheritable(lock, True)
    plan = {
        "host": settings.host,
        "port": settings.port,
        # The portal refuses every name that it does not know itself by.
        "name": next(iter(settings.allowed_hosts), settings.host),
        "data": str(settings.data),
        "lock": lock,
        "environment": {**settings.environment(), **import_path()},
        **_COMMANDS,
    }
    # -I -S: the watcher needs nothing but the standard library. exec keeps the pid that is in the lock file, and the lock.
    os.execv(sys.executable, [sys.executable, "-I", "-S", str(_WATCH), json.dumps(plan)])


def refuse_taken_port(host: str, port: int) -> None:
    """Raise PortTakenError, naming the pid where it can be found, when somebody listens on ``port``."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            pid = listener_pid(port)
            who = f" by process {pid}" if pid else ""
            message = (
                f"Port {port} on {host} cannot be used: it is taken{who} ({error.strerror}). Stop that one, or choose another port with --port or RAT_PORT."
            )
            raise PortTakenError(message, details={"port": port, "pid": pid}) from None


def listener_pid(port: int) -> int | None:
    """The process that listens on ``port``, found in /proc; None where it is another user's, or where there is no /proc."""
    sockets = {f"socket:[{inode}]" for table in ("tcp", "tcp6") for inode in _listening(Path("/proc/net") / table, port)}
    if not sockets:
        return None
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(descriptor.readlink()) in sockets for descriptor in (process / "fd").iterdir()):
                return int(process.name)
        except OSError:
            # It has ended meanwhile, or belongs to somebody else.
            continue
    return None


def _listening(table: Path, port: int) -> list[str]:
    if not table.exists():
        return []
    rows = [line.split() for line in table.read_text().splitlines()[1:]]
    return [row[9] for row in rows if row[3] == "0A" and int(row[1].rpartition(":")[2], 16) == port]
