"""How the REST API stands in front of the portal."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Receive, Scope, Send

from rat_app.api.middleware import RequestScope

# A browser that waits for the first page has it by then.
WARM_UP_SECONDS = 3.0


class ApiInFront:
    """Answers what lies below ``/api``; everything else goes to the application behind. Both share one access log.

    The API is built in a thread when it is first asked for, or soon after the start: its hundred routes take a third of the time to the first page.
    """

    def __init__(self, behind: ASGIApp) -> None:
        self._behind = RequestScope(behind)
        self._api: asyncio.Task[ASGIApp] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or connection."""
        ours = scope["type"] == "http" and (scope["path"] == "/api" or scope["path"].startswith("/api/"))
        if scope["type"] == "lifespan":
            asyncio.get_running_loop().call_later(WARM_UP_SECONDS, self._built)
        # A caller that goes away must not take the API from those who wait for it, too.
        await (await asyncio.shield(self._built()) if ours else self._behind)(scope, receive, send)

    def _built(self) -> asyncio.Task[ASGIApp]:
        self._api = self._api or asyncio.get_running_loop().create_task(asyncio.to_thread(_build))
        return self._api


def _build() -> ASGIApp:
    # Imported here: that is half of the work.
    from rat_app.api.app import build_api

    return build_api()
