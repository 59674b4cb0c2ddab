"""Run the portal: pages, WebSocket and REST API on one port, in one process, from the built front end. No Node.

``python -m rat_app.serve`` reads the settings from the environment. It ends with status 1 and one line when it cannot start.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import sys
from pathlib import Path

from rat_app.engine import opened
from rat_engine import RatError, Settings, start_logging

PACKAGE = Path(__file__).resolve().parent
# Larger than the largest draft a person edits, small enough that a message cannot fill the memory.
MESSAGE_LIMIT = 8 << 20
CONNECTIONS = 2048
# Milliseconds until the head of a request must be there; a connection that is kept open has as long until its next one.
HEAD_TIMEOUT_MS = 30_000


class StartError(Exception):
    """The portal cannot start; the message is the one line that says why and what to do."""


def main() -> int:
    """Serve until SIGINT or SIGTERM. Returns the exit status."""
    try:
        settings = Settings.load()
        start_logging(settings.log_level)
        serve(settings)
    except (RatError, StartError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def serve(settings: Settings) -> None:
    """Serve the portal over ``settings`` until SIGINT or SIGTERM. Raises StartError, and RatError from opening the engine."""
    home, web = locate(PACKAGE)
    _prepare_reflex(home, web, settings)
    _refuse_taken_port(settings.host, settings.port)
    with opened(settings):
        asyncio.run(_run(settings, web / "build" / "client"))


def locate(package: Path) -> tuple[Path, Path]:
    """The folder of rxconfig.py and the folder of the built front end: inside the package when it was installed, beside it in a checkout.

    Raises StartError when the front end is not built.
    """
    installed = package / "_web"
    home, web = (installed, installed) if installed.is_dir() else (package.parent, package.parent / ".web")
    if not (web / "build" / "client" / "index.html").is_file() or not (home / "rxconfig.py").is_file():
        raise StartError("The portal's front end is not built. Run `make install` in the checkout, or install the wheel.")
    return home, web


def _prepare_reflex(home: Path, web: Path, settings: Settings) -> None:
    """Tell Reflex, before it is imported, to serve what is built and to write nowhere but into the data folder."""
    os.environ.update(  # noqa: TID251 - Reflex's own switches; the settings of RAT are read in rat_engine
        {
            "REFLEX_ENV_MODE": "prod",
            "__REFLEX_SKIP_COMPILE": "true",
            "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "true",
            "REFLEX_BACKEND_ONLY": "true",
            "REFLEX_WEB_WORKDIR": str(web),
            "REFLEX_STATES_WORKDIR": str(settings.scratch / "states"),
            "REFLEX_UPLOADED_FILES_DIR": str(settings.scratch / "uploads"),
            "REFLEX_TELEMETRY_ENABLED": "false",
            "REFLEX_CHECK_LATEST_VERSION": "false",
            "REFLEX_SOCKET_MAX_HTTP_BUFFER_SIZE": str(MESSAGE_LIMIT),
        }
    )
    # Reflex reads rxconfig.py from the working folder and nowhere else.
    os.chdir(home)
    if str(home) not in sys.path:
        sys.path.insert(0, str(home))


def check_configuration() -> None:
    """Refuse to serve with a configuration that is not ours. Raises StartError."""
    from reflex.istate.manager.memory import StateManagerMemory
    from reflex_base.config import get_config

    from rat_app.rat_app import app

    config = get_config()
    wrong = {
        "its name": config.app_name != "rat_app",
        "cross-origin requests": tuple(config.cors_allowed_origins) != (),
        "the state manager": not isinstance(app.state_manager, StateManagerMemory),
        "telemetry": config.telemetry_enabled,
        "the transport": config.transport != "websocket",
    }
    if names := [name for name, is_wrong in wrong.items() if is_wrong]:
        raise StartError(f"Reflex did not take RAT's configuration for {', '.join(names)}. Remove every REFLEX_ variable from the environment and start again.")


def _refuse_taken_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise StartError(f"Port {port} on {host} cannot be used: {error.strerror}. Choose another with --port or RAT_PORT.") from None


async def _run(settings: Settings, client: Path) -> None:
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels
    from granian.server.embed import Server

    from rat_app.api.middleware import RequestScope
    from rat_app.built import BuiltFiles
    from rat_app.guard import Guard, SecureAnswers
    from rat_app.rat_app import app

    check_configuration()
    server = Server(
        SecureAnswers(RequestScope(Guard(BuiltFiles(app(), client), client, settings.allowed_hosts)), client),
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_TIMEOUT_MS),
        backlog=1024,
        backpressure=CONNECTIONS,
        log_level=LogLevels.error,
    )
    # The launcher starts us without garbage collection; what the start made stays as long as we do.
    gc.freeze()
    gc.enable()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, server.stop)
    await server.serve()
    await _end_tasks()


async def _end_tasks() -> None:
    """End what the libraries left running. More than once: before Python 3.12 ``wait_for`` swallows a cancellation that comes with its result."""
    for _ in range(10):
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        if not rest:
            return
        for task in rest:
            task.cancel()
        await asyncio.wait(rest, timeout=0.3)


if __name__ == "__main__":
    sys.exit(main())
