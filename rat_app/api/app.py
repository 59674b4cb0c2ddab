"""The REST API as one ASGI application."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, FastAPI

from rat_app.api import analysis, authoring, docs, events, health, landing, lineage, namespaces, pipelines, queries, revisions, runs, saved, system, tables
from rat_app.api.errors import install_handlers
from rat_app.api.examples import add_examples
from rat_app.api.middleware import RequestScope
from rat_app.api.rates import RateLimits
from rat_app.api.timeouts import TimeOuts
from rat_engine import shapes, version

PREFIX = "/api/v1"
TITLE = "RAT REST API"
DESCRIPTION = (
    "Pipelines, runs, tables and queries of a RAT installation. Bodies are JSON; times are UTC in ISO 8601; every list has `total` and `next`. "
    "Whatever is not a success is an error envelope with a stable `code`, a `type`, a `message` and `details`."
)
RESOURCES = (health, system, namespaces, pipelines, authoring, revisions, runs, landing, tables, lineage, queries, analysis, saved, events)
# What any route may answer besides its success.
REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": shapes.ErrorEnvelope, "description": "The request cannot be read."},
    403: {"model": shapes.ErrorEnvelope, "description": "The host or the origin is not allowed to ask."},
    405: {"model": shapes.ErrorEnvelope, "description": "The path does not answer to this method."},
    408: {"model": shapes.ErrorEnvelope, "description": "The body did not come in time."},
    404: {"model": shapes.ErrorEnvelope, "description": "It does not exist."},
    409: {"model": shapes.ErrorEnvelope, "description": "It contradicts the present state."},
    413: {"model": shapes.ErrorEnvelope, "description": "The body is too large."},
    422: {"model": shapes.ErrorEnvelope, "description": "What was sent cannot be accepted."},
    429: {"model": shapes.ErrorEnvelope, "description": "The caller's budget is used up; Retry-After says when to come again."},
    500: {"model": shapes.ErrorEnvelope, "description": "Something went wrong on the server."},
    503: {"model": shapes.ErrorEnvelope, "description": "Something the server needs is not there."},
    504: {"model": shapes.ErrorEnvelope, "description": "It took too long."},
}


class _Api(FastAPI):
    def openapi(self) -> dict[str, Any]:
        """The description of every route, made when it is first asked for."""
        if self.openapi_schema is None:
            add_examples(super().openapi())
        return super().openapi()


def build_api() -> FastAPI:
    """The API as an application of its own. Requests need an open engine (``rat_app.engine.opened``)."""
    api = _Api(
        title=TITLE,
        description=DESCRIPTION,
        version=version(),
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    install_handlers(api)
    v1 = APIRouter(prefix=PREFIX, responses=REFUSALS)
    for resource in RESOURCES:
        v1.include_router(resource.router)
    api.include_router(v1)
    docs.add_page(api, f"{PREFIX}/docs")
    # The last is the outermost.
    api.add_middleware(TimeOuts)
    api.add_middleware(RateLimits)
    api.add_middleware(RequestScope)
    return api
