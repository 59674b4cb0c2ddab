"""Files arrive as they are sent: streamed, capped, whole or not at all."""

from __future__ import annotations

import asyncio
import hashlib
import tracemalloc
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from rat_engine import Settings
from tests.app.api.calls import error_of

FILES = "/landing-zones/shop/orders/files"
CSV = b"id,price\n1,2.5\n"
MEBIBYTE = 1 << 20


def landed(settings: Settings) -> list[str]:
    return [path.name for path in settings.landing.iterdir()]


def multipart(content: bytes, filename: str = "orders.csv", field: str = "file", boundary: str = "frontier") -> bytes:
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="{filename}"\r\nContent-Type: text/csv\r\n\r\n'
    return head.encode() + content + f"\r\n--{boundary}--\r\n".encode()


async def send(client: httpx.AsyncClient, body: bytes, step: int = 65_536) -> httpx.Response:
    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), step):
            yield body[start : start + step]

    return await client.post(FILES, content=pieces(), headers={"content-type": "multipart/form-data; boundary=frontier"})


async def test_a_file_is_landed_and_listed(client: httpx.AsyncClient, settings: Settings) -> None:
    """P10-99: the list is paged in SQL."""
    answer = await client.post(FILES, files={"file": ("orders.csv", CSV, "text/csv")})
    assert answer.status_code == 201
    file = answer.json()
    assert (file["filename"], file["format"], file["size_bytes"]) == ("orders.csv", "csv", len(CSV))
    assert file["sha256"] == hashlib.sha256(CSV).hexdigest()
    assert (settings.landing / f"{file['id']}.csv").read_bytes() == CSV
    assert (await client.get(FILES)).json() == {"files": [file], "total": 1, "next": None}
    zone = (await client.get("/landing-zones/shop/orders")).json()
    assert (zone["file_count"], zone["total_bytes"]) == (1, len(CSV))


async def test_files_on_slow_lines_do_not_keep_others_from_being_answered(client: httpx.AsyncClient, settings: Settings) -> None:
    """More of them than the process has threads for its pages."""
    go_on = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        head, tail = multipart(CSV).split(b"price")
        yield head
        await go_on.wait()
        yield b"price" + tail

    type_ = {"content-type": "multipart/form-data; boundary=frontier"}
    sending = [asyncio.create_task(client.post(FILES, content=slow(), headers=type_)) for _ in range(40)]
    await asyncio.sleep(0)
    async with asyncio.timeout(20):
        assert (await client.get("/namespaces")).status_code == 200
    assert not any(task.done() for task in sending)
    go_on.set()
    assert {(await task).status_code for task in sending} <= {201, 409}
    assert len(landed(settings)) == len([task for task in sending if task.result().status_code == 201])


@pytest.mark.parametrize("step", [1, 2, 3, 7, 64, 100_000])
async def test_how_the_network_cuts_a_body_does_not_matter(client: httpx.AsyncClient, step: int) -> None:
    content = b"id,text\r\n" + b"1,--frontier\r\n2,\r\n--frontie\r\n" * 30
    file = (await send(client, multipart(content), step)).json()
    assert file["sha256"] == hashlib.sha256(content).hexdigest()


async def test_a_file_beyond_the_limit_is_refused_while_it_arrives(client: httpx.AsyncClient, settings: Settings) -> None:
    """P10-19: announced or not, before it is whole in memory or on disk."""
    announced = await client.post(FILES, files={"file": ("orders.csv", b"x" * (3 * MEBIBYTE))})
    assert error_of(announced, 413)["code"] == "too_large"
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        yield multipart(b"id\n").split(b"id\n")[0]
        while True:
            taken += 65_536
            yield b"1" * 65_536

    answer = await client.post(FILES, content=endless(), headers={"content-type": "multipart/form-data; boundary=frontier"})
    assert error_of(answer, 413)["code"] == "too_large"
    assert taken < 4 * MEBIBYTE
    assert landed(settings) == []
    error_of(await client.get("/landing-zones/shop/orders"), 404)


async def test_the_largest_accepted_file_is_accepted(client: httpx.AsyncClient) -> None:
    content = b"n\n" + b"1" * (2 * MEBIBYTE - 2)
    assert (await client.post(FILES, files={"file": ("orders.csv", content)})).json()["size_bytes"] == 2 * MEBIBYTE


async def test_a_file_never_lies_whole_in_memory(client: httpx.AsyncClient) -> None:
    """P10-19."""
    chunk = b"1" * 65_536

    async def pieces() -> AsyncIterator[bytes]:
        head, tail = multipart(b"CONTENT").split(b"CONTENT")
        yield head
        for _ in range(30):
            yield chunk
        yield tail

    # The routes are made when the first request comes.
    await client.get("/namespaces")
    tracemalloc.start()
    try:
        answer = await client.post(FILES, content=pieces(), headers={"content-type": "multipart/form-data; boundary=frontier"})
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert answer.status_code == 201
    # The copying buffers are one MiB each; the file has almost two.
    assert peak < 6 * MEBIBYTE


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (multipart(CSV)[:-20], "cut off"),
        (b"", "cut off"),
        (b"no boundary at all", "multipart"),
        (multipart(CSV, field="data"), "one file"),
        (multipart(CSV).replace(b"--frontier--\r\n", b"") + multipart(CSV, "second.csv"), "one file"),
        (b'--frontier\r\nContent-Disposition: form-data; name="file"\r\n\r\ntext\r\n--frontier--\r\n', "one file"),
        (b"--frontier\r\n\r\n\r\n--frontier--\r\n", "one file"),
        (b"--frontier\r\nX-Long: " + b"x" * 10_000 + b"\r\n\r\n\r\n--frontier--\r\n", "not proper"),
    ],
)
async def test_a_broken_body_lands_nothing(client: httpx.AsyncClient, settings: Settings, body: bytes, told: str) -> None:
    assert told in error_of(await send(client, body), 422)["message"]
    assert landed(settings) == []


@pytest.mark.parametrize("kind", ["text/csv", "application/json", "multipart/form-data", ""])
async def test_another_kind_of_body_is_refused(client: httpx.AsyncClient, kind: str) -> None:
    assert "multipart/form-data" in error_of(await client.post(FILES, content=CSV, headers={"content-type": kind}), 422)["message"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/orders.csv", "orders.csv"),
        ("C:\\\\Users\\\\me\\\\orders.csv", "orders.csv"),
        ("ordérs 2024 (1).CSV", "ordérs 2024 (1).CSV"),
        ("'; DROP TABLE x;--.csv", "'; DROP TABLE x;--.csv"),
    ],
)
async def test_a_files_name_is_kept_without_its_folders_and_is_never_its_name_on_disk(
    client: httpx.AsyncClient, settings: Settings, given: str, kept: str
) -> None:
    """P10-79, P1-05."""
    file = (await send(client, multipart(CSV, given))).json()
    assert file["filename"] == kept
    assert landed(settings) == [f"{file['id']}.csv"]


@pytest.mark.parametrize("name", ["orders.exe", "orders", ".csv", "..", "a" * 300 + ".csv", "tab\there.csv", "rtl\u202evsc.csv"])
async def test_a_file_with_an_unusable_name_is_refused(client: httpx.AsyncClient, settings: Settings, name: str) -> None:
    error_of(await send(client, multipart(CSV, name)), 422)
    assert landed(settings) == []


async def test_a_client_that_goes_away_leaves_nothing_behind(client: httpx.AsyncClient, settings: Settings) -> None:
    body = multipart(b"1" * MEBIBYTE)

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    messages = [{"type": "http.request", "body": body[:500_000], "more_body": True}, {"type": "http.disconnect"}]
    sent: list[Any] = []

    async def answer(message: Any) -> None:
        sent.append(message)

    from rat_app.api.app import build_api

    headers = [(b"host", b"localhost"), (b"content-type", b"multipart/form-data; boundary=frontier")]
    scope = {"type": "http", "method": "POST", "path": f"/api/v1{FILES}", "raw_path": b"", "query_string": b"", "headers": headers, "http_version": "1.1"}
    await build_api()({**scope, "scheme": "http", "server": ("localhost", 3000), "client": ("127.0.0.1", 1), "root_path": ""}, receive, answer)
    assert sent == []
    assert landed(settings) == []
