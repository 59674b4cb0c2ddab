"""How every route reads and answers JSON: a body has a largest size, an answer a tag that says whether it changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive

MAX_JSON_BYTES = 1 << 20


class JsonRoute(APIRoute):
    """A route whose JSON body is refused as soon as it is known to be too large, announced or not, and whose JSON answer has a tag."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler behind the limit, or, where a route only reads, with the tag."""
        handle = super().get_route_handler()
        if self.methods == {"GET"}:
            return _tagged(handle)
        if self.body_field is None:
            return handle

        async def limited(request: Request) -> Response:
            announced = request.headers.get("content-length", "")
            if announced.isdecimal() and int(announced) > MAX_JSON_BYTES:
                raise HTTPException(413)
            return await handle(Request(request.scope, _counted(request.receive)))

        return limited


def _tagged(handle: Callable[[Request], Coroutine[Any, Any, Response]]) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    """``handle`` with an ETag on its JSON, and 304 without a body for one who has it already."""

    async def tagged(request: Request) -> Response:
        answer = await handle(request)
        if answer.status_code != 200 or isinstance(answer, StreamingResponse) or answer.headers.get("content-type") != "application/json":
            return answer
        # Weak: the same facts may be written in another way by another version.
        tag = f'W/"{hashlib.blake2b(answer.body, digest_size=12).hexdigest()}"'
        headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
        if _known(tag, request.headers.get("if-none-match", "")):
            return Response(status_code=304, headers=headers)
        answer.headers.update(headers)
        return answer

    return tagged


def _known(tag: str, given: str) -> bool:
    return any(each.strip().removeprefix("W/") == tag.removeprefix("W/") for each in given.split(",")) or given.strip() == "*"


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
