"""A Chromium for the browser tests. ``python -m tests.chromium`` finds one that starts, or installs one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from playwright.sync_api import Browser, Error, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
# The page is ours and local: nothing the browser does on its own account is wanted, and root has no sandbox of its own.
ARGUMENTS = ("--disable-background-networking", "--disable-component-update", "--disable-gpu", "--disable-quic", "--disable-sync", "--no-first-run")
HOW = """No browser for the browser tests could be found or installed. Any of these gives one:
  Debian, as root:  apt-get install chromium
  elsewhere:        .venv/bin/python -m playwright install --with-deps chromium
  already there:    put a program called chromium or google-chrome on PATH"""


def launch(playwright: Playwright) -> Browser:
    """A headless Chromium: the one on PATH, otherwise Playwright's own. Raises playwright's Error when there is none that starts."""
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
    return playwright.chromium.launch(executable_path=executable(), args=[*ARGUMENTS, *sandbox])


def executable() -> str | None:
    """Where a Chromium on PATH is; None leaves the choice to Playwright."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def starts() -> bool:
    """Whether a browser opens and shows a page."""
    with sync_playwright() as playwright:
        try:
            with launch(playwright) as browser:
                page = browser.new_page()
                page.set_content("<h1>ready</h1>")
                return page.inner_text("h1") == "ready"
        except Error as error:
            print(f"No usable browser yet: {str(error).splitlines()[0]}")
            return False


def main() -> int:
    """Find or install. Returns the exit status."""
    if starts() or (_from_debian() and starts()) or (_from_playwright() and starts()):
        return 0
    print(HOW, file=sys.stderr)
    return 1


def _from_debian() -> bool:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    print("Installing Chromium from Debian's packages …", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return _run(["apt-get", "update", "-qq"], environment) and _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], environment)


def _from_playwright() -> bool:
    print("Installing Playwright's own Chromium …", flush=True)
    libraries = ["--with-deps"] if os.geteuid() == 0 else []
    return _run([sys.executable, "-m", "playwright", "install", *libraries, "chromium"], dict(os.environ))


def _run(command: list[str], environment: dict[str, str]) -> bool:
    return subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
