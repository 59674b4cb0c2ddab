"""Confinement, in real child processes: each attack works without it and fails within it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rat_engine.access import landlock, syscalls
from rat_engine.access.confinement import Level, probe, python_paths
from rat_engine.access.seccomp import build
from tests.worker.confined import CONFINE, ROOT, make_folders, run_child

pytestmark = pytest.mark.skipif(landlock.abi() < landlock.ABI_WITH_TRUNCATE, reason="this kernel has no Landlock that can keep a file from being emptied")

# Each is a statement that succeeds for an ordinary process of the same user.
ATTACKS = {
    "read a file outside": "(outside / 'secret').read_text()",
    "read the accounts": "Path('/etc/passwd').read_text()",
    "list a folder outside": "list(outside.iterdir())",
    "list the root": "os.listdir('/')",
    "read its own environment": "Path('/proc/self/environ').read_bytes()",
    "read the parent's environment": "Path(f'/proc/{os.getppid()}/environ').read_bytes()",
    "read the parent's memory map": "Path(f'/proc/{os.getppid()}/maps').read_text()",
    "write a file outside": "(outside / 'new').write_text('x')",
    "write what it may read": "(readable / 'data').write_text('x')",
    "append to what it may read": "open(readable / 'data', 'a').write('x')",
    "empty what it may read": "os.truncate(readable / 'data', 0)",
    "empty what it may read while opening it": "os.open(readable / 'data', os.O_RDONLY | os.O_TRUNC)",
    "delete a file outside": "(outside / 'secret').unlink()",
    "rename a file outside": "(outside / 'secret').rename(outside / 'other')",
    "move a file in from outside": "(outside / 'secret').rename(scratch / 'mine')",
    "link a file in from outside": "os.link(outside / 'secret', scratch / 'mine')",
    "point into the outside": "os.symlink(outside / 'secret', scratch / 'mine')",
    "change the mode of a file outside": "(outside / 'secret').chmod(0o777)",
    "change the mode of its own file": "scratch.chmod(0o777)",
    "change the owner of its own file": "os.chown(scratch, os.getuid(), os.getgid())",
    "change the times of a file outside": "os.utime(outside / 'secret')",
    "set an attribute": "os.setxattr(scratch, 'user.x', b'x')",
    "make a named pipe": "os.mkfifo(scratch / 'pipe')",
    "open a TCP socket": "socket.socket()",
    "open a TCP socket over IPv6": "socket.socket(socket.AF_INET6)",
    "open a UDP socket": "socket.socket(type=socket.SOCK_DGRAM)",
    "open a Unix socket": "socket.socket(socket.AF_UNIX)",
    "make a pair of datagram sockets": "socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)",
    "open a netlink socket": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
    "start a program": "subprocess.run(['/bin/true'], check=True)",
    "become a program": "os.execv('/bin/true', ['true'])",
    "start a shell": "assert os.system('true') == 0 or exec('raise PermissionError')",
    "fork": "os.fork() or os._exit(0)",
    "signal its parent": "os.kill(os.getppid(), 0)",
    "signal every process it can": "os.kill(-1, 0)",
    "limit its parent": "resource.prlimit(os.getppid(), resource.RLIMIT_CORE)",
    "own the signals of a descriptor": "fcntl.fcntl(0, fcntl.F_SETOWN, os.getpid())",
    "make an anonymous file": "os.memfd_create('x')",
    "leave its namespaces": "assert ctypes.CDLL(None, use_errno=True).unshare(0) == 0 or exec('raise PermissionError')",
    "raise its own limits": "resource.setrlimit(resource.RLIMIT_DATA, (1 << 40, 1 << 40))",
}
# Attacks whose success a control cannot show here: the machine of the tests may itself refuse them.
UNCONTROLLED = {"become a program", "set an attribute", "raise its own limits", "signal every process it can"}

TRY = """
try:
    {attack}
    print(json.dumps("succeeded"))
except (OSError, ValueError) as error:
    print(json.dumps(type(error).__name__))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folders(tmp_path)


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_fails_within_the_confinement_and_changes_nothing(attack: str, folder: Path) -> None:
    """P1-03: files, network, programs, other processes and the process's own bounds."""
    before = {path: (path.stat().st_mode, path.stat().st_mtime_ns) for path in (*folder.rglob("*"), folder / "outside")}
    assert run_child(TRY.format(attack=ATTACKS[attack]), folder).answer != "succeeded"
    assert {path: (path.stat().st_mode, path.stat().st_mtime_ns) for path in (*folder.rglob("*"), folder / "outside")} == before


@pytest.mark.parametrize("attack", sorted(set(ATTACKS) - UNCONTROLLED))
def test_the_same_attack_works_without_it(attack: str, folder: Path) -> None:
    """The control: a test of a wall is worth something only when the door beside it is open."""
    assert run_child(TRY.format(attack=ATTACKS[attack]), folder, before="").answer == "succeeded"


def test_a_confined_process_reads_and_writes_what_it_was_granted(folder: Path) -> None:
    code = """
(scratch / "new").write_text("mine")
(scratch / "inner").mkdir()
(scratch / "new").rename(scratch / "inner" / "moved")
(scratch / "inner" / "moved").unlink()
with tempfile.TemporaryDirectory(dir=scratch) as temporary:
    Path(temporary, "x").write_text("x")
thread = threading.Thread(target=lambda: seen.append((readable / "data").read_text()))
seen = []
thread.start()
thread.join()
print(json.dumps([held.level, held.why, seen]))
"""
    assert run_child(code, folder).answer == ["strict", "", ["data"]]


def test_an_ordinary_user_is_confined_like_root(folder: Path) -> None:
    """Whoever starts RAT: root gives up its privileges, others have none."""
    if os.getuid() != 0:
        pytest.skip("only root can become somebody else; every other test here ran as an ordinary user")
    folder.chmod(0o755)
    os.chown(folder / "scratch", 65534, 65534)
    for parent in folder.parents[:-2]:
        parent.chmod(parent.stat().st_mode | 0o001)
    # What Python knows of its own folders is read while they can still be reached.
    become = "from rat_engine.access.confinement import python_paths\npython_paths()\n"
    become += "os.setgroups([]); os.setresgid(65534, 65534, 65534); os.setresuid(65534, 65534, 65534)\n"
    code = "(scratch / 'x').write_text('x')\nprint(json.dumps([held.level, held.why, os.getuid()]))"
    assert run_child(code, folder, before=become + CONFINE).answer == ["strict", "", 65534]


def test_a_process_with_threads_is_not_confined(folder: Path) -> None:
    """A thread that runs already would stay free."""
    before = "threading.Thread(target=threading.Event().wait, daemon=True).start()\ntry:\n    confine([], [scratch], Limits(512, 8))\n"
    ended = run_child("", folder, before=before + "except Exception as error:\n    print(json.dumps([type(error).__name__, str(error)]))\n")
    assert ended.answer[0] == "ConfinementError"
    assert ended.answer[1].startswith("2 threads exist")


AT_WORK = {
    "pyarrow": "import pyarrow\npyarrow.array(range(9)).cast('string')\n",
    "duckdb": "import duckdb\nkept = duckdb.connect(config={'threads': 2})\n",
}


@pytest.mark.parametrize("library", AT_WORK)
def test_a_process_with_a_data_library_at_work_is_not_confined(library: str, folder: Path) -> None:
    attempt = (
        "try:\n    confine([], [scratch], Limits(512, 8))\n    print(json.dumps('confined'))\nexcept Exception as error:\n    print(json.dumps(str(error)))\n"
    )
    assert "threads exist" in run_child("", folder, before=AT_WORK[library] + attempt).answer


def test_what_must_stay_hidden_may_not_lie_within_what_is_granted(folder: Path) -> None:
    before = "from rat_engine.access.confinement import python_paths\n"
    attempt = "try:\n    confine([readable], [scratch], Limits(512, 8), protect=[{secret}])\nexcept Exception as error:\n    print(json.dumps(str(error)))\n"
    for secret in ("readable / 'rat.db'", "scratch", "python_paths()[0] / 'data' / 'rat.db'"):
        assert run_child("", folder, before=before + attempt.format(secret=secret)).answer.endswith("Move the data folder elsewhere.")


def test_a_data_folder_in_a_source_tree_stays_hidden() -> None:
    """A clone holds both the package and, by default, the data: of the clone only the package is granted."""
    assert ROOT not in python_paths()
    assert ROOT / "rat_engine" in python_paths()


def test_memory_beyond_the_limit_is_refused(folder: Path) -> None:
    code = "try:\n    held_memory = bytearray(3 << 30)\n    print(json.dumps('succeeded'))\nexcept MemoryError:\n    print(json.dumps('MemoryError'))"
    assert run_child(code, folder).answer == "MemoryError"


def test_a_file_beyond_the_limit_is_refused(folder: Path) -> None:
    code = TRY.format(attack="(scratch / 'big').write_bytes(bytes(9 << 20))")
    assert run_child(code, folder).answer == "OSError"


def test_a_core_is_never_dumped_and_nobody_of_the_same_user_may_look_in(folder: Path) -> None:
    code = "print(json.dumps([resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)]))"
    assert run_child(code, folder).answer == [[0, 0], 0]


WITHOUT_LANDLOCK = """
ruleset = seccomp._Program()
ruleset.add(seccomp._LOAD, seccomp._AT_NUMBER)
ruleset.answer(444, seccomp._NOT_IMPLEMENTED)
ruleset.add(seccomp._RETURN, seccomp._ALLOW)
import struct
buffer = ctypes.create_string_buffer(bytes(ruleset.code), len(ruleset.code))
process.prctl(38, 1)
process.prctl(22, 2, ctypes.c_char_p(struct.pack("HxxxxxxP", len(ruleset.code) // 8, ctypes.addressof(buffer))))
"""


def test_a_kernel_without_landlock_lowers_the_level_and_says_so(folder: Path) -> None:
    """Never silently less: an older kernel, emulated by refusing the system call."""
    code = "print(json.dumps([held.level, held.abi, held.why]))"
    level, abi, why = run_child(code, folder, before=WITHOUT_LANDLOCK + CONFINE).answer
    assert (level, abi) == ("partial", 0)
    assert why == "files: this kernel has no Landlock"


def test_without_landlock_there_is_still_no_network_and_no_program(folder: Path) -> None:
    before = WITHOUT_LANDLOCK + CONFINE
    for attack in ("open a TCP socket", "start a program", "fork", "signal its parent", "change the mode of a file outside"):
        assert run_child(TRY.format(attack=ATTACKS[attack]), folder, before=before).answer != "succeeded"


def test_the_probe_breaks_out_of_nothing() -> None:
    """What `rat doctor` shows."""
    found = probe()
    assert (found.level, found.why) == (Level.STRICT, "")
    assert found.abi == landlock.abi()


def test_the_filter_knows_every_number_it_needs_on_both_architectures() -> None:
    for architecture in syscalls.ARCHITECTURES:
        assert len(build(architecture, 1)) % 8 == 0
        assert {"read", "openat", "mmap", "futex", "recvmsg"} <= set(syscalls.freely(architecture))
        assert set(syscalls.by_argument(architecture)) == {"clone", "clone3", "fcntl", "ioctl", "kill", "tgkill", "prctl", "prlimit64"}
        forbidden = {"socket", "connect", "execve", "ptrace", "fork", "vfork", "chmod", "fchmodat", "symlink", "link", "memfd_create", "io_uring_setup"}
        assert not forbidden & set(syscalls.freely(architecture))
    with pytest.raises(OSError, match="no table of system calls for riscv64"):
        build("riscv64", 1)


def test_a_child_dies_with_the_process_that_started_it(tmp_path: Path) -> None:
    grandchild = (
        "import os, time\nfrom rat_engine.access.process import die_with_parent\ndie_with_parent(os.getppid())\nprint(os.getpid(), flush=True)\ntime.sleep(600)"
    )
    child = f"import subprocess, sys, time\nsubprocess.Popen([sys.executable, '-c', {grandchild!r}])\ntime.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", child], env={"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
        deadline = time.monotonic() + 30
        while Path(f"/proc/{pid}/stat").exists() and Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
            assert time.monotonic() < deadline, "the grandchild outlived its parent"
            time.sleep(0.02)


def test_a_child_whose_parent_is_already_gone_ends_at_once() -> None:
    code = "from rat_engine.access.process import die_with_parent\ndie_with_parent(1 << 30)\nprint('alive')"
    ended = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
