"""Commands without a server carry out their own work; with one they leave it to the server; two commands help each other."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from rat_engine.errors import UnavailableError
from rat_engine.worker import lock
from rat_engine.worker.local import local_engine
from tests.worker.conftest import QUERIES, RUNS
from tests.worker.installation import Installation

ROOT = Path(__file__).resolve().parents[2]
HOLDER = """
import sys, time
from pathlib import Path
from rat_engine.worker import lock
held = lock.own(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(600)
"""


def test_without_a_server_the_command_itself_carries_out_its_run(here: Installation) -> None:
    run_id = here.add_run(here.add_pipeline())
    with local_engine(here.settings, (RUNS, QUERIES)):
        assert here.wait_for(run_id) == "success"
        assert lock.try_to_own(here.settings.data) is None
    assert lock.try_to_own(here.settings.data) is not None


def test_what_is_going_on_when_a_command_ends_is_waited_for(here: Installation, tmp_path: Path) -> None:
    """A second command may have asked for it."""
    go = tmp_path / "go"
    run_id = here.add_run(here.add_pipeline(), payload={"do": "wait", "file": str(go)})
    with local_engine(here.settings, (RUNS,)):
        here.wait_until(lambda: "yes" if go.with_suffix(".waiting").exists() else "", "the run to wait")
        threading.Timer(0.3, go.touch).start()
    assert here.status(run_id) == "success"


def test_a_command_that_fails_does_not_wait(here: Installation) -> None:
    run_id = here.add_run(here.add_pipeline(), payload={"do": "hang"})

    def command() -> None:
        with local_engine(here.settings, (RUNS,)):
            here.wait_for(run_id, "running")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        command()
    assert (here.status(run_id), here.run(run_id)["error_code"]) == ("failed", "interrupted")


def test_with_an_owner_nothing_is_carried_out_here_until_the_owner_is_gone(here: Installation) -> None:
    owner = subprocess.Popen([sys.executable, "-c", HOLDER, str(here.settings.data)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    assert owner.stdout.readline() == "held\n"
    run_id = here.add_run(here.add_pipeline())
    with local_engine(here.settings, (RUNS,)):
        time.sleep(1)
        assert here.status(run_id) == "pending"
        owner.kill()
        owner.wait()
        assert here.wait_for(run_id) == "success"


def test_a_command_whose_own_engine_cannot_work_says_why_instead_of_waiting(here: Installation) -> None:
    run_id = here.add_run(here.add_pipeline())
    (here.settings.data / lock.ENGINE_LOCK).mkdir()

    def command() -> None:
        with local_engine(here.settings, (RUNS,)):
            here.wait_for(run_id)

    with pytest.raises(UnavailableError, match="could not carry out its work itself: IsADirectoryError"):
        command()
    assert here.status(run_id) == "pending"


def test_an_engine_of_a_command_that_failed_once_is_tried_again(here: Installation, caplog: pytest.LogCaptureFixture) -> None:
    run_id = here.add_run(here.add_pipeline())
    (here.settings.data / lock.ENGINE_LOCK).mkdir()
    with local_engine(here.settings, (RUNS,)):
        here.wait_until(lambda: "first failure" if caplog.records else "", "the first try to fail")
        (here.settings.data / lock.ENGINE_LOCK).rmdir()
        assert here.wait_for(run_id) == "success"
