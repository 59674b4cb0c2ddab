"""What the watcher starts in its tests: a real engine process with small lanes, and a web server that answers like the portal."""

from __future__ import annotations

import http.server
import os
import signal
import socket
import sys
import time

from rat_engine.settings import Settings
from rat_engine.worker import engine_process
from tests.worker.conftest import QUERIES, RUNS


class Server(http.server.ThreadingHTTPServer):
    """Listens on any loopback address."""

    address_family = socket.AF_INET6


class Ready(http.server.BaseHTTPRequestHandler):
    """Answers every request that asks for it by a name it knows."""

    known: tuple[str, ...] = ()

    def do_GET(self) -> None:
        """Ready; with whose pid."""
        name, _, _ = self.headers["Host"].rpartition(":")
        self.send_response(200 if name in self.known else 421)
        self.end_headers()
        self.wfile.write(str(os.getpid()).encode())

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


def portal() -> None:
    """Listen until SIGTERM; leave a child of its own behind."""
    settings = Settings.load()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(600)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    Ready.known = settings.allowed_hosts
    server = Server if ":" in settings.host else http.server.ThreadingHTTPServer
    server((settings.host, settings.port), Ready).serve_forever()


def engine() -> int:
    """The real engine process over the small lanes."""
    engine_process.lane_plans = lambda _settings: (RUNS, QUERIES)
    return engine_process.main()


if __name__ == "__main__":
    match sys.argv[1]:
        case "portal":
            portal()
        case "engine":
            sys.exit(engine())
        case _:
            sys.exit(f"{sys.argv[1]} cannot start")
