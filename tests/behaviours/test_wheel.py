"""The wheel alone is a whole RAT: installed into a fresh environment, started in an empty folder, with no Node in reach."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import sysconfig
import time
import venv
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import sync_playwright

from tests.architecture.sources import ROOT
from tests.chromium import launch


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel in it. What RAT depends on is lent by this environment, so that nothing is downloaded."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    environment = folder / "environment"
    venv.create(environment, with_pip=True)
    install = ["-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-deps", str(next(folder.glob("*.whl")))]
    subprocess.run([environment / "bin" / "python", *install], check=True)
    packages = next(environment.glob("lib/python*/site-packages"))
    (packages / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return environment


@pytest.fixture
def address(installed: Path, tmp_path: Path) -> Iterator[str]:
    """The address of ``rat up``, started from the wheel in an empty folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    place = tmp_path / "anywhere"
    place.mkdir()
    environment = {"PATH": str(tmp_path), "HOME": str(tmp_path), "LANG": "C.UTF-8"}
    with (tmp_path / "rat.log").open("wb") as log:
        process = subprocess.Popen([installed / "bin" / "rat", "up", "--port", str(port)], cwd=place, env=environment, stdout=log, stderr=log)
    try:
        _wait_until_ready(f"http://127.0.0.1:{port}", process, tmp_path / "rat.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    assert sorted(path.name for path in place.iterdir()) == [".rat"]


def _wait_until_ready(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            if httpx.get(f"{address}/api/v1/health/ready").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())


def _files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if "__pycache__" not in path.parts}


@pytest.mark.browser
def test_the_wheel_serves_the_portal_without_node_and_writes_nothing_into_its_packages(installed: Path, address: str) -> None:
    before = _files(installed)
    with sync_playwright() as playwright, launch(playwright) as browser:
        page = browser.new_page()
        page.goto(address)
        page.get_by_role("button", name="Load the demo").wait_for()
    assert httpx.get(f"{address}/api/v1/health").json()["status"] == "ok"
    assert _files(installed) - before == set()


def test_the_wheel_knows_its_version_and_its_licence(installed: Path) -> None:
    code = "from importlib.metadata import metadata as m; d = m('rat-platform'); print(d['Version'], d['License-Expression'], d.get_all('License-File'))"
    told = subprocess.run([installed / "bin" / "python", "-c", code], env={"PATH": os.defpath}, capture_output=True, text=True, check=True).stdout
    assert told.split()[1:] == ["Apache-2.0", "['LICENSE']"]
