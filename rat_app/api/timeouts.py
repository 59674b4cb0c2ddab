"""How long a connection may stand still: while its body is awaited, and while its answer is not taken.

The head of a request and the time between two requests are the server's own business (``rat_app/serve.py``). WebSockets stay open; they
have pings of their own.
"""

from __future__ import annotations

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

READ_SECONDS = 30.0
WRITE_SECONDS = 60.0


class TimeOuts:
    """Ends requests whose sender or reader has stopped."""

    def __init__(self, app: ASGIApp, read_seconds: float = READ_SECONDS, write_seconds: float = WRITE_SECONDS) -> None:
        self.app = app
        self._read_seconds = read_seconds
        self._write_seconds = write_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        complete = False

        async def patient_receive() -> Message:
            nonlocal complete
            if complete:
                # Whoever asks now waits for the other side to leave, which takes as long as it takes.
                return await receive()
            try:
                async with asyncio.timeout(self._read_seconds):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, headers={"Connection": "close"}) from None
            complete = not message.get("more_body", False)
            return message

        async def patient_send(message: Message) -> None:
            try:
                async with asyncio.timeout(self._write_seconds):
                    await send(message)
            except TimeoutError:
                raise ClientDisconnect from None

        await self.app(scope, patient_receive, patient_send)
