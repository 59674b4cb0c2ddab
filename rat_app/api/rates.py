"""How many requests of a class one address may make: a budget that refills evenly, told in the headers of every answer.

The arithmetic is the generic cell rate algorithm: one number per caller and class says when its budget is full again. Nothing runs in
the background, so nothing has to be stopped.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rat_app.api.errors import refused
from rat_app.engine import EngineUnavailableError, engine
from rat_engine import ErrorKind, RatError

PERIOD_SECONDS = 60.0
MAX_CALLERS = 10_000


class RateLimitError(RatError):
    """A caller asked for more than its budget allows; the details say when to try again."""

    code = "rate_limited"
    kind = ErrorKind.RATE_LIMIT


class RouteClass(StrEnum):
    """What a request costs, roughly; each class has a budget of its own (``RAT_RATE_<CLASS>``)."""

    QUERY = "query"
    PREVIEW = "preview"
    UPLOAD = "upload"
    WRITE = "write"
    READ = "read"


# The first that fits; what is left is a read or, when it may change something, a write. Whole addresses: a name in one may be any word.
_BASE = "/api/v1"
_TABLE = "(pipelines|tables)/[^/]+/[^/]+/[^/]+"
_CLASSES = (
    (RouteClass.UPLOAD, re.compile(rf"{_BASE}/landing-zones/[^/]+/[^/]+/files")),
    (RouteClass.PREVIEW, re.compile(rf"{_BASE}/({_TABLE}/(preview|profile)|query/(estimate|explain))")),
    (RouteClass.PREVIEW, re.compile(rf"{_BASE}/(queries/[^/]+/(chart|download|columns/[^/]+/statistics)|runs/[^/]+/logs/download)")),
    (RouteClass.QUERY, re.compile(rf"{_BASE}/(query|queries|{_TABLE}/tests/run)")),
)
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_FREE = re.compile(rf"{_BASE}/health(/.*)?")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a budget says to one more request; times in seconds."""

    allowed: bool
    limit: int
    remaining: int
    reset: float
    retry_after: float

    def headers(self) -> dict[str, str]:
        """The verdict as headers, in whole seconds."""
        told = {"RateLimit-Limit": str(self.limit), "RateLimit-Remaining": str(self.remaining), "RateLimit-Reset": str(math.ceil(self.reset))}
        return told if self.allowed else {**told, "Retry-After": str(max(1, math.ceil(self.retry_after)))}


class Budgets:
    """The budgets of every caller. Those that are full again are forgotten when there are many."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._full_at: dict[tuple[str, str], float] = {}

    def take(self, caller: str, kind: str, limit: int) -> Verdict:
        """Take one of ``limit`` requests a minute, if it is there."""
        now = self._clock()
        cost = PERIOD_SECONDS / limit
        full_at = max(self._full_at.get((caller, kind), now), now)
        if full_at + cost - now > PERIOD_SECONDS + cost / 1000:
            return Verdict(False, limit, 0, full_at - now, full_at + cost - PERIOD_SECONDS - now)
        self._keep((caller, kind), full_at + cost, now)
        used = full_at + cost - now
        return Verdict(True, limit, max(0, round((PERIOD_SECONDS - used) // cost)), used, 0.0)

    def _keep(self, key: tuple[str, str], full_at: float, now: float) -> None:
        if len(self._full_at) >= MAX_CALLERS and key not in self._full_at:
            self._full_at = {known: moment for known, moment in self._full_at.items() if moment > now}
        self._full_at[key] = full_at


class RateLimits:
    """Refuses with 429 what is beyond its caller's budget, before a body is read."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._budgets = Budgets()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        kind = class_of(scope["method"], scope["path"]) if scope["type"] == "http" else None
        if kind is None or (limit := _limit(kind)) == 0:
            await self.app(scope, receive, send)
            return
        verdict = self._budgets.take(_caller(scope), kind, limit)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(verdict.headers())
            await send(message)

        await (self.app if verdict.allowed else refused(_error(kind, verdict)))(scope, receive, answer)


def class_of(method: str, path: str) -> RouteClass | None:
    """The class of a request; None for health, which has no limit."""
    if _FREE.fullmatch(path):
        return None
    reads = method in _READING
    for kind, pattern in _CLASSES:
        if pattern.fullmatch(path) and (kind is RouteClass.PREVIEW or not reads):
            return kind
    return RouteClass.READ if reads else RouteClass.WRITE


def _limit(kind: RouteClass) -> int:
    """Most requests a minute; 0, no limit, while the engine is not open: every route then says so by itself."""
    try:
        return getattr(engine().settings, f"rate_{kind}")
    except EngineUnavailableError:
        return 0


def _caller(scope: Scope) -> str:
    return scope["client"][0] if scope.get("client") else ""


def _error(kind: RouteClass, verdict: Verdict) -> RateLimitError:
    wait = max(1, math.ceil(verdict.retry_after))
    return RateLimitError(
        f"More than {verdict.limit:,} requests of the class '{kind}' came from this address within a minute. Wait {wait} s, or raise RAT_RATE_{kind.upper()}.",
        details={"class": kind.value, "limit": verdict.limit, "retry_after_seconds": wait},
    )
