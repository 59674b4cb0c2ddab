"""`rat up` as processes: one owner, one port, restarts after a crash, nothing left at the end, however it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rat_engine.errors import DataFolderOwnedError, PortTakenError
from rat_engine.settings import Settings
from rat_engine.worker import launcher, lock
from tests.worker.installation import Installation

ROOT = Path(__file__).resolve().parents[2]
LAUNCH = """
import json, sys
from pathlib import Path
from rat_engine import RatError, Settings
from rat_engine.worker import launcher
launcher._COMMANDS = json.loads(sys.argv[1])
try:
    launcher.launch(Settings.load())
except RatError as error:
    sys.exit(f"{error.code}: {error.message}")
"""
DEADLINE = 60


class Up:
    """A running `rat up`: its process and what it has said."""

    def __init__(self, settings: Settings, portal: str = "portal") -> None:
        commands = {part: [sys.executable, "-m", "tests.worker.stand_ins", name] for part, name in (("portal", portal), ("engine", "engine"))}
        environment = {"PATH": os.environ["PATH"], **settings.environment()}
        self.process = subprocess.Popen(
            [sys.executable, "-c", LAUNCH, json.dumps(commands)], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def said(self, wanted: str) -> str:
        """Everything said up to the line that contains ``wanted``."""
        assert self.process.stdout is not None
        heard = ""
        for line in self.process.stdout:
            heard += line
            if wanted in line:
                return heard
        raise AssertionError(f"ended without saying {wanted!r}:\n{heard}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _processes_of(data: Path) -> dict[int, str]:
    """Every process whose environment names the data folder: watcher, portal, engine and children, but not this one."""
    found: dict[int, str] = {}
    marker = f"RAT_DATA={data}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if marker in (process / "environ").read_bytes().split(b"\0"):
                found[int(process.name)] = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
    return found


def _portal_pid(settings: Settings) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{settings.port}/") as answer:
        return int(answer.read())


def _eventually(look: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + DEADLINE
    while not look():
        assert time.monotonic() < deadline, f"waited {DEADLINE} s for {what}"
        time.sleep(0.05)


@pytest.fixture
def settings(here: Installation) -> Settings:
    return Settings.load(data=here.settings.data, port=_free_port())


@pytest.fixture
def up(settings: Settings) -> Iterator[Up]:
    started = Up(settings)
    started.said("Ctrl+C")
    yield started
    started.process.terminate()
    assert started.process.wait(DEADLINE) in (0, -signal.SIGKILL), started.process.stdout and started.process.stdout.read()
    assert _processes_of(settings.data) == {}


def test_it_says_where_it_runs_and_carries_out_runs(settings: Settings, here: Installation) -> None:
    up = Up(settings)
    heard = up.said("Ctrl+C")
    assert f"http://127.0.0.1:{settings.port}" in heard
    assert str(settings.data) in heard
    assert here.wait_for(here.add_run(here.add_pipeline())) == "success"
    up.process.send_signal(signal.SIGINT)
    assert up.process.wait(DEADLINE) == 0


@pytest.mark.parametrize(("host", "known"), [("127.0.0.1", ("rat.example.com",)), ("::1", ("[::1]",))])
def test_a_portal_that_goes_by_another_name_counts_as_started_too(here: Installation, host: str, known: tuple[str, ...]) -> None:
    settings = Settings.load(data=here.settings.data, port=_free_port(), host=host, allowed_hosts=known)
    up = Up(settings)
    assert f"http://{'[::1]' if host == '::1' else host}:{settings.port}" in up.said("Ctrl+C")
    up.process.terminate()
    assert up.process.wait(DEADLINE) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_leaves_no_process_and_marks_what_was_running(up: Up, settings: Settings, here: Installation, number: signal.Signals) -> None:
    """P8-09, P10-120: what a part left behind is ended and reaped, too."""
    run_id = here.add_run(here.add_pipeline(), payload={"do": "hang"})
    here.wait_for(run_id, "running")
    assert len(_processes_of(settings.data)) >= 5
    up.process.send_signal(number)
    assert up.process.wait(DEADLINE) == 0
    assert _processes_of(settings.data) == {}
    assert (here.status(run_id), here.run(run_id)["error_code"]) == ("failed", "interrupted")


def test_no_process_outlives_a_watcher_that_was_killed(up: Up, settings: Settings) -> None:
    portal = _portal_pid(settings)
    # What the stand-in portal starts on purpose; the real one starts no process.
    left_behind = {pid for pid, command in _processes_of(settings.data).items() if "stand_ins portal" in command} - {portal}
    up.process.kill()
    up.process.wait(DEADLINE)
    _eventually(lambda: not _processes_of(settings.data).keys() - left_behind, "engine, children and portal to end")
    for pid in left_behind:
        os.kill(pid, signal.SIGKILL)
    _eventually(lambda: not _processes_of(settings.data), "the rest to be gone")


def test_nothing_shows_as_running_after_everything_was_killed_and_started_again(settings: Settings, here: Installation) -> None:
    """P2-01: kill -9 of the whole tree; at the next start every run in flight is resolved, and queued ones go on."""
    up = Up(settings)
    up.said("Ctrl+C")
    lost = here.add_run(here.add_pipeline("a"), "a", payload={"do": "hang"})
    here.wait_for(lost, "running")
    for pid in _processes_of(settings.data):
        os.kill(pid, signal.SIGKILL)
    up.process.wait(DEADLINE)
    waits = here.add_run(here.add_pipeline("b"), "b")
    assert here.status(lost) == "running"
    again = Up(settings)
    again.said("Ctrl+C")
    assert here.wait_for(lost) == "failed"
    assert here.wait_for(waits) == "success"
    again.process.send_signal(signal.SIGTERM)
    assert again.process.wait(DEADLINE) == 0


def test_a_second_owner_is_refused_with_the_pid_of_the_first(up: Up, settings: Settings) -> None:
    other = Up(Settings.load(data=settings.data, port=_free_port()))
    heard = other.said("data_folder_owned")
    assert f"pid {up.process.pid}" in heard
    assert other.process.wait(DEADLINE) == 1
    with pytest.raises(DataFolderOwnedError, match=f"pid {up.process.pid}"):
        lock.own(settings.data)


def test_a_taken_port_is_refused_with_the_pid_of_who_has_it(settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTakenError, match=f"Port {port} .* process {os.getpid()} "):
            launcher.refuse_taken_port("127.0.0.1", port)
        refused = Up(Settings.load(data=settings.data, port=port))
        assert f"process {os.getpid()}" in refused.said("port_taken")
        assert refused.process.wait(DEADLINE) == 1
    launcher.refuse_taken_port("127.0.0.1", port)


def test_a_part_that_crashed_is_started_again(up: Up, settings: Settings, here: Installation) -> None:
    """P2-09, P10-39: what runs in the background is watched; its end is said, and it comes back."""
    engine = next(pid for pid, command in _processes_of(settings.data).items() if "stand_ins engine" in command)
    run_id = here.add_run(here.add_pipeline("a"), "a", payload={"do": "hang"})
    here.wait_for(run_id, "running")
    os.kill(engine, signal.SIGKILL)
    assert "The engine was killed by SIGKILL" in up.said("started again")
    assert here.wait_for(run_id) == "failed"
    assert here.wait_for(here.add_run(here.add_pipeline("b"), "b")) == "success"
    portal = _portal_pid(settings)
    os.kill(portal, signal.SIGKILL)
    assert "The portal was killed by SIGKILL" in up.said("started again")

    def serves() -> bool:
        try:
            return _portal_pid(settings) != portal
        except OSError:
            return False

    _eventually(serves, "the portal to come back")


def test_a_part_that_cannot_start_ends_everything_with_one_line(settings: Settings) -> None:
    up = Up(settings, portal="nothing")
    assert "The portal ended with status 1 before it was ready." in up.said("before it was ready")
    assert up.process.wait(DEADLINE) == 1
    assert _processes_of(settings.data) == {}


def test_the_watcher_is_small(up: Up) -> None:
    held = int(Path(f"/proc/{up.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    assert held < 20 << 20
