"""The probe's child: confines itself, tries to break out, and prints what it managed as one line of JSON."""

from __future__ import annotations

import json
import os
import socket
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

from rat_engine.access.confinement import Confinement, Level, Limits, confine

_LIMITS = Limits(memory_mb=512, file_mb=16)


def main() -> None:
    """Confine this process with one writable folder, try each way out, print the confinement with what got out."""
    with tempfile.TemporaryDirectory() as folder:
        scratch, secret = Path(folder, "scratch"), Path(folder, "secret")
        scratch.mkdir()
        secret.write_text("secret")
        child = os.fork()
        if child == 0:
            sys.stdout.write(json.dumps(asdict(_judge(scratch, secret))))
            sys.stdout.flush()
            os._exit(0)
        _, status = os.waitpid(child, 0)
    raise SystemExit(os.waitstatus_to_exitcode(status))


def _judge(scratch: Path, secret: Path) -> Confinement:
    confinement = confine([], [scratch], _LIMITS, protect=[secret])
    escapes = [name for name, attempt in _attempts(scratch, secret).items() if _succeeds(attempt)]
    if not _succeeds(lambda: Path(scratch, "own").write_text("own")):
        escapes.append("cannot write its own folder")
    if not escapes:
        return confinement
    level = Level.PARTIAL if confinement.level is Level.STRICT else confinement.level
    return replace(confinement, level=level, why="; ".join([*filter(None, [confinement.why]), f"the probe could: {', '.join(escapes)}"]))


def _attempts(scratch: Path, secret: Path) -> dict[str, Callable[[], object]]:
    return {
        "read a file": secret.read_bytes,
        "write a file": lambda: secret.with_name("new").write_text("new"),
        "empty a file": lambda: os.truncate(secret, 0),
        "change a mode": lambda: scratch.chmod(0o777),
        "open a socket": socket.socket,
        "start a process": _fork,
        "signal another process": lambda: os.kill(os.getppid(), 0),
    }


def _fork() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def _succeeds(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main()
