"""What every test shares: no setting of whoever runs the tests reaches a test, colours never reach a comparison, and nothing is left behind."""

from __future__ import annotations

import os
import signal
import tempfile

import pytest
from hypothesis import settings

from rat_engine.settings import PREFIX

# Whoever starts the tests in the background may have them ignore Ctrl+C, and so every process that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


# How long an example takes says what else the machine does.
settings.register_profile("rat", deadline=None)
settings.load_profile("rat")


TEMPORARY = pytest.StashKey[tempfile.TemporaryDirectory[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Give RAT a temporary directory of its own: data folders with long paths have their sockets there. pytest's own stays where it was."""
    if hasattr(config, "workerinput"):
        return
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", tempfile.gettempdir())
    config.stash[TEMPORARY] = tempfile.TemporaryDirectory(prefix="rat-tests-", ignore_cleanup_errors=True)
    os.environ["TMPDIR"] = tempfile.tempdir = config.stash[TEMPORARY].name


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove it."""
    if found := config.stash.get(TEMPORARY, None):
        found.cleanup()


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("NO_COLOR", "1")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the shape report of ``tests/architecture/test_shape.py``."""
    reports = [report for key in ("passed", "failed") for report in terminalreporter.stats.get(key, [])]
    for line in [line for report in reports for name, lines in getattr(report, "user_properties", ()) if name == "shape" for line in lines]:
        terminalreporter.write_line(f"shape: {line}")
