"""Around every request: its id, one line in the access log, and a proper answer to an error nobody foresaw."""

from __future__ import annotations

import logging
import re
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rat_app.routes import LASTING
from rat_engine import log_context, log_fields, new_id

REQUEST_ID_HEADER = "X-Request-ID"
CLIENT_CLOSED = 499
REQUEST_ID_KEY = "rat.request_id"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

logger = logging.getLogger(__name__)


class RequestScope:
    """Gives a request its id (the caller's, when it is a plain one), answers with it, and writes the access line.

    Wrapping twice is harmless: the outer one does the work. Query strings are not logged; they may hold what is nobody's business.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or REQUEST_ID_KEY in scope:
            await self.app(scope, receive, send)
            return
        request_id = scope[REQUEST_ID_KEY] = _request_id(Headers(scope=scope).get(REQUEST_ID_HEADER, ""))
        with log_context(request_id=request_id):
            await self._answer(scope, receive, _Answer(send, request_id))

    async def _answer(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        began = time.perf_counter()
        try:
            await self.app(scope, receive, answer)
        except ClientDisconnect:
            answer.status = CLIENT_CLOSED
        except Exception:
            logger.exception("a request failed")
            if answer.status:
                # Part of the body is out: breaking the connection is the only way left to tell.
                raise
            # Rarely needed, and the portal's start would wait for what it imports.
            from rat_app.api.errors import internal_error

            await internal_error()(scope, receive, answer)
        finally:
            took = round((time.perf_counter() - began) * 1000, 1)
            fields = log_fields(method=scope["method"], path=scope["path"][:300], status=answer.status, duration_ms=took)
            # Every page brings dozens of files along.
            quiet = answer.status < 400 and scope["path"].startswith(LASTING)
            logger.log(logging.DEBUG if quiet else logging.INFO, "request", extra=fields)


class _Answer:
    """Adds the request's id to the answer and remembers its status (0 before it began)."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._request_id = request_id
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            MutableHeaders(scope=message)[REQUEST_ID_HEADER] = self._request_id
        await self._send(message)


def _request_id(given: str) -> str:
    return given if _REQUEST_ID.fullmatch(given) else new_id()
