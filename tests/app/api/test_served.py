"""The API behind the server it is delivered with, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.app.api.calls import error_of

ROOT = Path(__file__).resolve().parents[3]
DEADLINE = 60.0
ENDLESS = "SELECT count(*) FROM range(1000000000) a, range(1000000000) b"
SERVER = """
import asyncio, sys
from granian.constants import HTTPModes, Interfaces
from granian.server.embed import Server
from rat_app.api.front import ApiInFront
from rat_app.engine import following, opened
from rat_engine import Settings, start_logging
from rat_engine.worker.local import local_engine

async def portal(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"portal"})

async def main(settings):
    server = Server(ApiInFront(portal), address="127.0.0.1", port=settings.port, interface=Interfaces.ASGI, http=HTTPModes.http1)
    asyncio.get_running_loop().add_reader(sys.stdin, server.stop)
    async with following():
        await server.serve()

settings = Settings.load()
start_logging("info")
with opened(settings), local_engine(settings):
    asyncio.run(main(settings))
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the API is served."""
    folder = tmp_path_factory.mktemp("served")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RAT_")}
    environment = {**kept, "PYTHONPATH": str(ROOT), "RAT_DATA": str(folder / "data"), "RAT_PORT": str(port), "RAT_LANDING_LIMIT_MB": "2"}
    with (folder / "log").open("w") as log:
        server = subprocess.Popen([sys.executable, "-c", SERVER], env=environment, stdin=subprocess.PIPE, stdout=log, stderr=log)
        assert server.stdin
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.stdin.close()
            assert server.wait(DEADLINE) == 0, (folder / "log").read_text()


@pytest.fixture
async def served(address: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{address}/api/v1", timeout=DEADLINE) as client:
        for _ in range(600):
            with contextlib.suppress(httpx.TransportError):
                if (await client.get("/health/ready")).status_code == 200:
                    break
            await asyncio.sleep(0.05)
        yield client


async def finished(client: httpx.AsyncClient, cursor: int, count: int) -> list[dict[str, Any]]:
    """The ends of ``count`` queries after ``cursor``."""
    for _ in range(600):
        events = (await client.get("/events", params={"cursor": cursor})).json()["events"]
        ends = [event for event in events if event["kind"] == "query.finished"]
        if len(ends) >= count:
            return ends
        await asyncio.sleep(0.05)
    raise AssertionError("the queries go on")


async def latest(client: httpx.AsyncClient) -> int:
    return (await client.get("/events", params={"cursor": 0})).json()["next"]


async def test_hanging_up_cancels_the_query(served: httpx.AsyncClient) -> None:
    cursor = await latest(served)
    with pytest.raises(httpx.ReadTimeout):
        await served.post("/query", json={"sql": ENDLESS}, timeout=1.0)
    (end,) = await finished(served, cursor, 1)
    assert end["data"]["status"] == "cancelled"


async def test_many_waiting_queries_keep_nobody_else_waiting(served: httpx.AsyncClient) -> None:
    """P2-09: a request that waits holds no thread."""
    cursor = await latest(served)
    waiting = [asyncio.create_task(served.post("/query", json={"sql": ENDLESS}, timeout=DEADLINE)) for _ in range(40)]
    await asyncio.sleep(0.5)
    async with httpx.AsyncClient(base_url=served.base_url, timeout=30.0) as other:
        assert (await other.get("/runs")).status_code == 200
        assert (await other.get("/health/live")).status_code == 200
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert {end["data"]["status"] for end in await finished(served, cursor, 40)} == {"cancelled"}


async def test_too_large_bodies_are_refused_and_the_server_stays_up(served: httpx.AsyncClient) -> None:
    """P10-19, P10-103."""

    async def endless(head: bytes) -> AsyncIterator[bytes]:
        yield head
        for _ in range(1_000):
            yield b"x" * 65_536

    multipart = {"content-type": "multipart/form-data; boundary=b"}
    head = b'--b\r\ncontent-disposition: form-data; name="file"; filename="x.csv"\r\n\r\n'
    for path, start, headers in (
        ("/landing-zones/shop/sales/files", head, multipart),
        ("/namespaces", b'{"name": "', {"content-type": "application/json"}),
    ):
        try:
            answer = await served.post(path, content=endless(start), headers=headers)
        except httpx.TransportError:
            # The server answers and closes while we still send; then the answer may be lost, but nothing was taken.
            continue
        error_of(answer, 413)
    assert (await served.get("/landing-zones")).json()["total"] == 0
    assert (await served.get("/namespaces")).json()["total"] == 0


async def test_a_request_that_is_no_http_does_no_harm(address: str, served: httpx.AsyncClient) -> None:
    port = int(address.rsplit(":", 1)[1])
    for nonsense in (b"\x00\xff\r\n\r\n", b"GET /api/v1/runs\r\n\r\n", b"POST /api/v1/query HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n", b"x" * 100_000):
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection, contextlib.suppress(OSError):
            connection.sendall(nonsense)
            connection.shutdown(socket.SHUT_WR)
            connection.recv(65_536)
    assert (await served.get("/health/live")).status_code == 200


async def test_the_portal_stands_behind(address: str, served: httpx.AsyncClient) -> None:
    assert (await served.get(f"{address}/runs")).text == "portal"
    error_of(await served.get(f"{address}/api/runs"), 404)
