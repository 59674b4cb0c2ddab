"""Confine this process for good, before it imports a data library or sees a stranger's statement.

Landlock leaves it the granted paths, seccomp the calls it needs, rlimits a share of the machine. Each of these holds for the thread that asks and for
those it starts later, and DuckDB and PyArrow start threads when imported: so exactly one thread may exist. Nothing here can be undone.
"""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from rat_engine.access import landlock, process, seccomp
from rat_engine.access.process import Limits
from rat_engine.errors import ConfinementError

PACKAGE = Path(__file__).resolve().parents[1]
PROBE_SECONDS = 30

# DuckDB aborts when it can see, but not open, what tells the memory limit of its control group.
_SYSTEM_READ = (
    *("/usr/lib", "/usr/local/lib", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo"),
    *("/dev/urandom", "/dev/zero", "/proc/self/cgroup", "/sys/fs/cgroup", "/proc/stat", "/proc/meminfo", "/proc/cpuinfo", "/sys/devices/system/cpu"),
)
_SYSTEM_WRITE = ("/dev/null",)


class Level(StrEnum):
    """How far a process is confined: as promised, less than promised, not at all."""

    STRICT = "strict"
    PARTIAL = "partial"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Confinement:
    """What holds: the level, the Landlock ABI (0 without Landlock) and, below ``strict``, why."""

    level: Level
    abi: int
    why: str = ""


def confine(read: Sequence[Path], write: Sequence[Path], limits: Limits, *, protect: Sequence[Path] = ()) -> Confinement:
    """Give up every file but those at or below ``read`` and ``write``, Python's own libraries and a few system files; every socket, program and new process.

    What the system cannot do lowers the level and is named in ``why``; whoever calls must show it.
    Raises ConfinementError when other threads exist already, or when a path of ``protect`` lies in a granted one.
    """
    threads = process.thread_count()
    if threads != 1:
        raise ConfinementError(f"{threads} threads exist; confinement would hold for one of them only. Confine before importing DuckDB or PyArrow.")
    readable, writable = [*python_paths(), *map(Path, _SYSTEM_READ), *read], [*map(Path, _SYSTEM_WRITE), *write]
    _refuse_to_expose(protect, (*readable, *writable))
    abi = landlock.abi()
    why = [
        *_reason("limits", lambda: process.set_limits(limits)),
        *_reason("privileges", _give_up_privileges),
        *_reason("files", lambda: landlock.restrict(readable, writable)),
        *_reason("system calls", _filter_calls),
    ]
    if 0 < abi < landlock.ABI_WITH_TRUNCATE:
        why.append(f"files: Landlock ABI {abi} cannot keep a readable file from being emptied")
    held = abi > 0 or not any(reason.startswith("system calls") for reason in why)
    return Confinement(Level.STRICT if not why else Level.PARTIAL if held else Level.NONE, abi, "; ".join(why))


def python_paths() -> list[Path]:
    """Where Python, the installed libraries and this package live. A project folder on ``sys.path`` is left out: the data folder may lie in it."""
    named = (sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    installed = (entry for entry in sys.path if Path(entry).name in ("site-packages", "dist-packages"))
    library = sysconfig.get_config_var("LIBDIR")
    return [PACKAGE, *{Path(path).resolve() for path in (*named, *installed, library) if path}]


def probe() -> Confinement:
    """Confine a real child process that then tries to break out; what it managed lowers the level. Takes a moment: it starts a Python."""
    command = [sys.executable, "-m", "rat_engine.access.probe"]
    try:
        child = subprocess.run(
            command, env={"PYTHONPATH": str(PACKAGE.parent)}, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PROBE_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Confinement(Level.NONE, 0, f"the probe did not run: {error}")
    if child.returncode != 0:
        return Confinement(Level.NONE, 0, f"the probe ended with {child.returncode}: {child.stderr.strip()[-500:]}")
    answer = json.loads(child.stdout)
    return Confinement(Level(answer["level"]), answer["abi"], answer["why"])


def _give_up_privileges() -> None:
    if sys.platform != "linux":
        raise OSError(f"{sys.platform} has no no_new_privs")
    process.drop_capabilities()
    process.forbid_new_privileges()


def _filter_calls() -> None:
    if sys.platform != "linux":
        raise OSError(f"{sys.platform} has no seccomp")
    seccomp.restrict()


def _reason(what: str, act: Callable[[], object]) -> list[str]:
    try:
        act()
    except (OSError, ValueError) as error:
        return [f"{what}: {error}"]
    return []


def _refuse_to_expose(protect: Iterable[Path], granted: Iterable[Path]) -> None:
    trees = [path.resolve() for path in granted]
    for secret in (path.resolve() for path in protect):
        for tree in trees:
            if secret == tree or tree in secret.parents:
                raise ConfinementError(f"{secret} lies inside {tree}, which a confined process must read. Move the data folder elsewhere.")
