"""What stands before everything else the server answers: which hosts and origins may speak, what is closed, which headers every answer has.

* The ``Host`` must be one of the allowed names, on HTTP and on WebSocket alike; otherwise a page of another site could reach us
  under its own name (DNS rebinding), and its origin would even equal its host.
* A WebSocket must come from our own pages. A request that changes something may come from a program (which sends no ``Origin``), but
  from no other site's page.
* Reflex believes any client token. Here the token becomes one with the browser's session cookie, so that somebody else's token is nothing.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import http.cookies
import json
import re
import secrets
from collections.abc import Collection
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rat_app.routes import LASTING

COOKIE = "rat_session"
EVENTS = "/_event"
TOKEN = "token"
TOKEN_HEADER = b"reflex-client-token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_API = "/api/"
REFUSED = 1008  # WebSocket close code "policy violation"; before the handshake it becomes a 403

# Reflex's own end points that nobody needs: uploads, health, the list of routes.
_CLOSED = re.compile(r"/(_(?!event(/|$))|ping(/|$)|auth-codespace(/|$))")
_BUILT_ADDRESS = re.compile(r"(http|ws)://localhost:\d+")
_ENV_CHUNK = re.compile(r"/assets/reflex-env-[^/]*\.js")
_INLINE_SCRIPT = re.compile(r"<script([^>]*)>(.*?)</script>", re.DOTALL)
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?", re.IGNORECASE | re.ASCII)

HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def script_hashes(client: Path) -> tuple[str, ...]:
    """The hashes of every inline script in the built pages, as a Content-Security-Policy names them. They change with each build."""
    scripts: set[str] = set()
    for page in client.rglob("*.html"):
        scripts |= {body for attributes, body in _INLINE_SCRIPT.findall(page.read_text("utf-8")) if body and "src=" not in attributes}
    return tuple(sorted("'sha256-" + base64.b64encode(hashlib.sha256(body.encode()).digest()).decode() + "'" for body in scripts))


@functools.lru_cache(maxsize=64)
def content_policy(hashes: tuple[str, ...], host: str) -> str:
    """The Content-Security-Policy for pages served under ``host``: our own files, our known inline scripts, no ``eval``."""
    parts = {
        "default-src": "'self'",
        "script-src": " ".join(("'self'", *hashes)),
        "style-src": "'self' 'unsafe-inline'",  # the component library and the editor write style elements
        "img-src": "'self' data: blob:",
        "font-src": "'self'",
        "connect-src": f"'self' ws://{host} wss://{host}",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in parts.items())


class SecureAnswers:
    """The outermost ASGI application: whatever answers, also what went wrong inside, gets the security headers."""

    def __init__(self, app: ASGIApp, client: Path) -> None:
        self.app = app
        self._hashes = script_hashes(client)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(scope["path"], headers, MutableHeaders(scope=message))
            await send(message)

        await self.app(scope, receive, answer)

    def _add(self, path: str, headers: Headers, out: MutableHeaders) -> None:
        out.update(HEADERS)
        page = out.get("content-type", "").startswith("text/html")
        out["content-security-policy"] = content_policy(self._hashes if page else (), _host(headers) or "localhost")
        if path.startswith(LASTING):
            # What is there says how long it lasts. That one is missing holds for this version only.
            out.setdefault("cache-control", "no-store")
        elif page:
            out["cache-control"] = "no-cache"
        if page and not _session(headers):
            out.append("set-cookie", f"{COOKIE}={secrets.token_urlsafe(32)}; Path=/; HttpOnly; SameSite=Strict")


class Guard:
    """Refuses what may not come in. ``client`` is the folder of the built front end, ``hosts`` the names a browser may use."""

    def __init__(self, app: ASGIApp, client: Path, hosts: Collection[str]) -> None:
        self.app = app
        self._client = client
        self._hosts = frozenset(host.lower() for host in hosts)
        # States live in memory and so does the key that binds them: both are new with every start.
        self._key = secrets.token_bytes(32)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or connection, or refuse it."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        host = self._allowed_host(headers)
        answer: ASGIApp = self.app
        if not host:
            answer = _refusal(403, "host_refused", "This address does not belong to RAT. Use localhost, or add the name to RAT_ALLOWED_HOSTS.")
        elif (scope["method"] not in SAFE_METHODS or _reads_the_api(scope["path"], headers)) and not _own_page(headers, host, required=False):
            answer = _refusal(403, "origin_refused", "The API, and whatever changes something, is for RAT's own pages and for programs only.")
        elif _CLOSED.match(scope["path"]):
            answer = _refusal(404, "not_found", "There is nothing at this address.")
        elif _ENV_CHUNK.fullmatch(scope["path"]):
            answer = self._addresses(scope["path"], host)
        await answer(scope, receive, send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        host = self._allowed_host(headers)
        known = scope["path"].rstrip("/") == EVENTS
        if not (host and known and _own_page(headers, host, required=True)):
            await receive()
            await send({"type": "websocket.close", "code": REFUSED})
            return
        await self.app(self._bound(scope, headers), receive, send)

    def _allowed_host(self, headers: Headers) -> str:
        """The request's ``Host`` when a browser may use it, else an empty text. The port is not compared: it is ours if we were reached."""
        host = _host(headers)
        name = re.sub(r":\d+$", "", host)
        return host if name.lower() in self._hosts else ""

    def _bound(self, scope: Scope, headers: Headers) -> Scope:
        """``scope`` with the client token replaced by one that only this browser's cookie yields."""
        session = _session(headers)
        query = [(name, self._bind(session, value) if name == TOKEN else value) for name, value in parse_qsl(scope["query_string"].decode("latin-1"))]
        kept = [(name, value) for name, value in scope["headers"] if name != TOKEN_HEADER]
        return {**scope, "query_string": urlencode(query).encode(), "headers": kept}

    def _bind(self, session: str, token: str) -> str:
        return hmac.new(self._key, f"{session}|{token}".encode(), "sha256").hexdigest()

    def _addresses(self, path: str, host: str) -> Response:
        """The small file that tells the pages where the server is, for the host they were loaded from: the build cannot know it."""
        text = _built_file(self._client / path.lstrip("/"))
        if text is None:
            return _refusal(404, "not_found", "There is nothing at this address.")
        return Response(_BUILT_ADDRESS.sub(rf"\1://{host}", text), media_type="text/javascript", headers={"cache-control": "no-cache"})


@functools.cache
def _built_file(path: Path) -> str | None:
    return path.read_text("utf-8") if path.is_file() else None


def _host(headers: Headers) -> str:
    """The ``Host`` header when there is one and it is a name or an address with or without a port, else an empty text."""
    given = headers.getlist("host")
    return given[0] if len(given) == 1 and _HOST.fullmatch(given[0]) else ""


def _own_page(headers: Headers, host: str, *, required: bool) -> bool:
    """Whether a page of ours sent this. A program sends no ``Origin`` and no ``Sec-Fetch-Site``; it passes unless ``required``."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    return not required if origin is None else urlsplit(origin).netloc.lower() == host.lower()


def _reads_the_api(path: str, headers: Headers) -> bool:
    """Whether this reads the API other than by following a link to it: an image on a page of another site could start queries without end."""
    return path.startswith(_API) and headers.get("sec-fetch-dest") != "document"


def _session(headers: Headers) -> str:
    """The browser's session cookie, or an empty text."""
    try:
        morsel = http.cookies.SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except http.cookies.CookieError:
        return ""
    return morsel.value if morsel else ""


def _refusal(status: int, code: str, message: str) -> Response:
    """A refusal in the REST API's error envelope."""
    kind = "NOT_FOUND" if status == 404 else "AUTHORIZATION"
    return Response(json.dumps({"error": {"code": code, "type": kind, "message": message, "details": {}}}), status, media_type="application/json")
