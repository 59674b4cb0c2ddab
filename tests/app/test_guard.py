"""The guard in front of everything: hosts, origins, closed paths, headers, and the token bound to the browser."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from rat_app.guard import COOKIE, HEADERS, Guard, SecureAnswers, content_policy, script_hashes

HOSTS = ("localhost", "127.0.0.1", "[::1]")
OWN = "127.0.0.1:3000"
ENV = "/assets/reflex-env-AbC_1.js"


class Behind:
    """What stands behind the guard: answers everything and remembers the connections it was given."""

    def __init__(self) -> None:
        self.connections: list[Scope] = []
        self._http = Starlette(
            routes=[
                Route("/", lambda _request: HTMLResponse("<h1>page</h1>")),
                Route("/assets/{name}", lambda _request: PlainTextResponse("file")),
                Route("/{path:path}", self._echo, methods=["GET", "POST", "DELETE", "OPTIONS"]),
            ]
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            self.connections.append(scope)
            await send({"type": "websocket.accept"})
        else:
            await self._http(scope, receive, send)

    async def _echo(self, request: Request) -> JSONResponse:
        return JSONResponse({"path": request.url.path})


@pytest.fixture
def client_folder(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / ENV.lstrip("/")).write_text("const e={EVENT:`ws://localhost:3000/_event`,PING:`http://localhost:3000/ping`}")
    (tmp_path / "index.html").write_text("<script>one()</script><script src='/a.js'></script><script type='module'>two()</script>")
    return tmp_path


@pytest.fixture
def behind() -> Behind:
    return Behind()


@pytest.fixture
def guard(behind: Behind, client_folder: Path) -> SecureAnswers:
    return SecureAnswers(Guard(behind, client_folder, HOSTS), client_folder)


async def ask(guard: SecureAnswers, path: str, method: str = "GET", host: str = OWN, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=guard)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:3000") as client:
        return await client.request(method, path, headers={"host": host} | {name.replace("_", "-"): value for name, value in headers.items()})


async def connect(guard: SecureAnswers, path: str = "/_event", query: str = "token=tab", **headers: str) -> list[Message]:
    """What the server answers to a WebSocket handshake with ``headers``."""
    given = {"host": OWN} | {name.replace("_", "-"): value for name, value in headers.items()}
    scope: dict[str, Any] = {
        "type": "websocket",
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await guard(scope, receive, send)
    return sent


def accepted(messages: list[Message]) -> bool:
    return [message["type"] for message in messages] == ["websocket.accept"]


@pytest.mark.parametrize("host", ["127.0.0.1:3000", "localhost", "LOCALHOST:81", "[::1]:3000"])
async def test_an_allowed_host_is_answered_whatever_its_port(guard: SecureAnswers, host: str) -> None:
    assert (await ask(guard, "/", host=host)).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:3000", "localhost@evil.example", "", "127.0.0.1:3000, evil.example"]
)
async def test_a_foreign_host_is_refused_on_pages_on_the_api_and_on_the_websocket(guard: SecureAnswers, behind: Behind, host: str) -> None:
    for path in ("/", "/api/v1/health/live", ENV):
        answer = await ask(guard, path, host=host)
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "host_refused"
    assert not accepted(await connect(guard, host=host, origin=f"http://{host}"))
    assert not behind.connections


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:3001", "http://127.0.0.1", "http://127.0.0.1:3000.evil.example", ""])
async def test_a_foreign_origin_is_refused_on_the_websocket_and_where_something_changes(guard: SecureAnswers, behind: Behind, origin: str) -> None:
    """P1-08, P10-20: no other origin is ever trusted."""
    assert not accepted(await connect(guard, origin=origin))
    assert not behind.connections
    for method in ("POST", "DELETE"):
        answer = await ask(guard, "/api/v1/runs", method, origin=origin)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "origin_refused")


async def test_a_websocket_without_origin_is_refused_because_every_browser_sends_one(guard: SecureAnswers) -> None:
    assert not accepted(await connect(guard))


async def test_a_program_without_origin_may_change_things_and_so_may_our_own_pages(guard: SecureAnswers) -> None:
    assert (await ask(guard, "/api/v1/runs", "POST")).status_code == 200
    assert (await ask(guard, "/api/v1/runs", "POST", origin="http://127.0.0.1:3000", sec_fetch_site="same-origin")).status_code == 200
    assert accepted(await connect(guard, origin="http://127.0.0.1:3000", sec_fetch_site="same-origin"))


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_a_request_that_the_browser_says_comes_from_another_site_is_refused(guard: SecureAnswers, site: str) -> None:
    """Reading the API counts, too: an image on a foreign page could start queries. A link to a page, or to the API's description, may be followed."""
    assert (await ask(guard, "/api/v1/runs", "POST", sec_fetch_site=site)).status_code == 403
    assert (await ask(guard, "/api/v1/tables/a/gold/b/preview", sec_fetch_site=site, sec_fetch_dest="image")).status_code == 403
    assert (await ask(guard, "/api/v1/docs", sec_fetch_site=site, sec_fetch_dest="document")).status_code == 200
    assert (await ask(guard, "/runs", sec_fetch_site=site, sec_fetch_dest="document")).status_code == 200
    assert not accepted(await connect(guard, origin="http://127.0.0.1:3000", sec_fetch_site=site))


@pytest.mark.parametrize("path", ["/_upload", "/_upload/x", "/_health", "/_all_routes", "/ping", "/auth-codespace", "/_evented"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_the_frameworks_own_end_points_are_closed(guard: SecureAnswers, path: str, method: str) -> None:
    assert (await ask(guard, path, method)).status_code == 404


async def test_only_the_event_channel_takes_websockets(guard: SecureAnswers) -> None:
    assert not accepted(await connect(guard, path="/api/v1/runs", origin="http://127.0.0.1:3000"))


@pytest.mark.parametrize("path", ["/", "/api/v1/anything", "/_upload", ENV, "/assets/app-1.js", "/missing"])
@pytest.mark.parametrize("host", [OWN, "evil.example"])
async def test_every_answer_has_the_security_headers(guard: SecureAnswers, path: str, host: str) -> None:
    """P1-07."""
    answer = await ask(guard, path, host=host)
    assert HEADERS.items() <= dict(answer.headers).items()
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


async def test_the_content_policy_names_our_inline_scripts_and_allows_no_others(guard: SecureAnswers, client_folder: Path) -> None:
    """P4-07."""
    policy = (await ask(guard, "/")).headers["content-security-policy"]
    parts = dict(part.split(" ", 1) for part in policy.split("; "))
    hashes = script_hashes(client_folder)
    assert len(hashes) == 2
    assert parts["script-src"].split() == ["'self'", *hashes]
    assert parts["connect-src"] == f"'self' ws://{OWN} wss://{OWN}"
    assert parts["default-src"] == "'self'"
    assert parts["object-src"] == "'none'"


def test_a_content_policy_never_allows_eval() -> None:
    """P4-07."""
    assert "unsafe-eval" not in content_policy(("'sha256-x'",), OWN)


async def test_the_built_in_address_becomes_the_hosts_own(guard: SecureAnswers) -> None:
    answer = await ask(guard, ENV, host="localhost:4711")
    assert answer.text == "const e={EVENT:`ws://localhost:4711/_event`,PING:`http://localhost:4711/ping`}"
    assert answer.headers["cache-control"] == "no-cache"
    assert (await ask(guard, "/assets/reflex-env-gone.js")).status_code == 404


async def test_a_file_that_is_missing_is_not_kept_and_pages_are_asked_for_anew(guard: SecureAnswers) -> None:
    missing = await ask(guard, "/assets/reflex-env-gone.js")
    assert (missing.status_code, missing.headers["cache-control"]) == (404, "no-store")
    assert (await ask(guard, "/")).headers["cache-control"] == "no-cache"


async def test_a_browser_without_a_session_gets_a_cookie_no_script_can_read(guard: SecureAnswers) -> None:
    given = (await ask(guard, "/")).headers["set-cookie"]
    assert given.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(given.split("; "))
    other = (await ask(guard, "/")).headers["set-cookie"]
    assert given != other
    assert "set-cookie" not in (await ask(guard, "/", cookie=f"{COOKIE}=mine")).headers
    assert "set-cookie" not in (await ask(guard, "/api/v1/anything")).headers


async def token_behind(guard: SecureAnswers, behind: Behind, cookie: str, token: str = "tab") -> str:
    headers: Mapping[str, str] = {"cookie": f"{COOKIE}={cookie}"} if cookie else {}
    await connect(guard, query=f"token={token}&EIO=4", origin="http://127.0.0.1:3000", **headers)
    query = parse_qs(behind.connections[-1]["query_string"].decode())
    assert query["EIO"] == ["4"]
    return query["token"][0]


async def test_a_token_means_nothing_without_the_cookie_of_its_browser(guard: SecureAnswers, behind: Behind, client_folder: Path) -> None:
    mine = await token_behind(guard, behind, "mine")
    assert mine == await token_behind(guard, behind, "mine")
    assert (
        len({mine, "tab", await token_behind(guard, behind, "other"), await token_behind(guard, behind, ""), await token_behind(guard, behind, "mine", "tab2")})
        == 5
    )
    restarted = SecureAnswers(Guard(behind, client_folder, HOSTS), client_folder)
    assert await token_behind(restarted, behind, "mine") != mine
