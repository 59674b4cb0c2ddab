"""How much JSON a request may send."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

MAX_JSON_BYTES = 1 << 20


class JsonRoute(APIRoute):
    """A route whose JSON body is refused as soon as it is known to be too large, announced or not."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler behind the limit; a route that reads no JSON is left alone."""
        handle = super().get_route_handler()
        if self.body_field is None:
            return handle

        async def limited(request: Request) -> Response:
            announced = request.headers.get("content-length", "")
            if announced.isdecimal() and int(announced) > MAX_JSON_BYTES:
                raise HTTPException(413)
            return await handle(Request(request.scope, _counted(request.receive)))

        return limited


def _counted(receive: Receive) -> Receive:
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > MAX_JSON_BYTES:
            raise HTTPException(413)
        return message

    return counted
