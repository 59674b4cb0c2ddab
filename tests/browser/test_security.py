"""The whole portal against visitors who are not its own pages."""

from __future__ import annotations

import contextlib
import secrets
import socket
from pathlib import Path

import httpx
import pytest
from socketio.exceptions import ConnectionError as Refused

from rat_app.guard import COOKIE, HEADERS
from rat_app.state.pipelines import NewPipelineState
from tests.browser.site import Site
from tests.browser.visitor import Visitor, visiting

DIALOG = NewPipelineState.get_full_name()
EVERYTHING = (
    ("GET", "/", 200),
    ("GET", "/pipelines", 200),
    ("GET", "/runs/some-run", 200),
    ("GET", "/no/such/page", 404),
    ("GET", "/favicon.svg", 200),
    ("GET", "/rat.css", 200),
    ("GET", "/api/v1/health/ready", 200),
    ("GET", "/api/v1/docs", 200),
    ("GET", "/api/v1/nothing", 404),
    ("DELETE", "/api/v1/health/ready", 405),
    ("POST", "/api/v1/runs", 422),
    ("POST", "/_upload", 404),
    ("GET", "/_health", 404),
    ("GET", "/ping", 404),
    ("OPTIONS", "/api/v1/runs", 405),
)


@pytest.mark.parametrize(("method", "path", "status"), EVERYTHING)
def test_every_kind_of_answer_has_the_security_headers(site: Site, method: str, path: str, status: int) -> None:
    """P1-07, P4-07."""
    answer = httpx.request(method, site.base + path, timeout=30)
    assert answer.status_code == status
    assert HEADERS.items() <= dict(answer.headers).items()
    assert "unsafe-eval" not in answer.headers["content-security-policy"]
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/api/v1/pipelines", "/_event/?EIO=4&transport=websocket&token=x"])
def test_a_foreign_host_is_refused_everywhere(site: Site, path: str) -> None:
    answer = httpx.get(site.base + path, headers={"host": "rat.evil.example"}, timeout=30)
    assert answer.status_code == 403
    assert HEADERS.items() <= dict(answer.headers).items()


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1"])
def test_a_page_of_another_site_can_neither_connect_nor_change_nor_read_across_origins(site: Site, origin: str) -> None:
    """P1-08, P10-20."""
    body = {"namespace": "evil", "layer": "gold", "name": "pipeline"}
    assert httpx.post(f"{site.base}/api/v1/pipelines", json=body, headers={"origin": origin}, timeout=30).status_code == 403
    assert "access-control-allow-origin" not in httpx.get(f"{site.base}/api/v1/pipelines", headers={"origin": origin}, timeout=30).headers
    preflight = httpx.options(f"{site.base}/api/v1/pipelines", headers={"origin": origin, "access-control-request-method": "POST"}, timeout=30)
    assert "access-control-allow-origin" not in preflight.headers

    async def visit() -> None:
        async with Visitor(site.base, "tab", Origin=origin):
            pass

    with pytest.raises(Refused):
        visiting(visit)


def test_a_stolen_token_shows_nothing_without_the_cookie_of_its_browser(site: Site) -> None:
    token, mine = secrets.token_hex(8), f"{COOKIE}={secrets.token_hex(16)}"

    async def open_dialog() -> None:
        async with Visitor(site.base, token, Cookie=mine) as owner:
            await owner.send(f"{DIALOG}.show")
            await owner.wait_for(DIALOG, lambda seen: seen.get("is_open") is True)

    async def is_open(cookie: str) -> bool:
        async with Visitor(site.base, token, **({"Cookie": cookie} if cookie else {})) as visitor:
            return bool(await visitor.value(DIALOG, "is_open"))

    visiting(open_dialog)
    assert visiting(lambda: is_open(mine))
    assert not visiting(lambda: is_open(f"{COOKIE}={secrets.token_hex(16)}"))
    assert not visiting(lambda: is_open(""))
    assert visiting(lambda: is_open(mine))


def test_whatever_a_visitor_sends_changes_nothing_and_the_portal_goes_on(site: Site) -> None:
    async def visit() -> bool:
        async with Visitor(site.base, secrets.token_hex(8)) as visitor:
            for name, payload in (
                (f"{DIALOG}.setvar", {"var_name": "is_open", "value": True}),
                (f"{DIALOG}._private", {}),
                ("no.such.handler", {}),
                ("", {}),
                (f"{DIALOG}.create", {"form": "text"}),
                (f"{DIALOG}.create", {"form": {"namespace": ["a"], "layer": {"b": 1}, "name": 5}}),
                (f"{DIALOG}.check_name", {"text": "x" * 1_000_000}),
                (f"{DIALOG}.check_name", {"wrong": 1}),
                ("reflex___state____state.reflex___state____update_vars_internal_state.update_vars_internal", {"vars": {f"{DIALOG}.is_open": True}}),
            ):
                await visitor.send(name, payload)
            return bool(await visitor.value(DIALOG, "is_open"))

    assert not visiting(visit)

    async def shout() -> None:
        async with Visitor(site.base, secrets.token_hex(8)) as visitor:
            await visitor.send(f"{DIALOG}.check_name", {"text": "x" * (9 << 20)})
            await visitor._client.wait()

    visiting(shout)
    assert httpx.get(f"{site.base}/api/v1/health/live", timeout=30).is_success


def test_the_portal_writes_nowhere_but_into_the_data_folder(site: Site) -> None:
    folder = site.log.parent
    assert {entry.name for entry in folder.iterdir()} == {"data", "rat.log"}
    assert (site.settings.data.stat().st_mode & 0o077) == 0


def test_the_portal_is_the_only_one_who_listens_and_only_on_loopback(site: Site) -> None:
    """P8-03."""
    assert listening_addresses(site) == {("127.0.0.1", site.settings.port)}


def listening_addresses(site: Site) -> set[tuple[str, int]]:
    """Where the processes of a RAT listen: the TCP sockets they hold, looked up in the kernel's table."""
    held: set[str] = set()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"RAT_DATA={site.settings.data}".encode() in (process / "environ").read_bytes().split(b"\0"):
                held |= {str(descriptor.readlink()) for descriptor in (process / "fd").iterdir()}
    rows = [line.split() for table in ("tcp", "tcp6") for line in Path("/proc/net", table).read_text().splitlines()[1:]]
    mine = [row[1].split(":") for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in held]
    return {(socket.inet_ntoa(bytes.fromhex(address)[::-1]) if len(address) == 8 else address, int(port, 16)) for address, port in mine}


def test_the_log_holds_neither_tokens_nor_cookies(site: Site) -> None:
    token, cookie = secrets.token_hex(16), secrets.token_hex(16)

    async def visit() -> None:
        async with Visitor(site.base, token, Cookie=f"{COOKIE}={cookie}") as visitor:
            await visitor.value(DIALOG, "is_open")

    visiting(visit)
    text = site.log.read_text()
    assert token not in text
    assert cookie not in text
