"""Every error becomes the same envelope; one table says which HTTP status it has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from rat_engine import ErrorKind, Query, RatError, restore, shapes

STATUS_OF_KIND: Mapping[ErrorKind, int] = {
    ErrorKind.VALIDATION: 422,
    ErrorKind.AUTHENTICATION: 401,
    ErrorKind.AUTHORIZATION: 403,
    ErrorKind.NOT_FOUND: 404,
    ErrorKind.CONFLICT: 409,
    ErrorKind.RATE_LIMIT: 429,
    ErrorKind.UNAVAILABLE: 503,
    ErrorKind.INTERNAL: 500,
}
# Codes whose meaning HTTP says more exactly than their kind does.
STATUS_OF_CODE: Mapping[str, int] = {"too_large": 413, "query_timeout": 504}
# What the framework itself refuses: status → code, kind, message.
FRAMEWORK_ERRORS: Mapping[int, tuple[str, ErrorKind, str]] = {
    400: ("bad_request", ErrorKind.VALIDATION, "The request cannot be read. Send a JSON object as application/json."),
    404: ("not_found", ErrorKind.NOT_FOUND, "There is no such path. The API is described at /api/v1/docs."),
    405: ("method_not_allowed", ErrorKind.VALIDATION, "This path does not answer to this method; the Allow header names those it does."),
    408: ("request_timeout", ErrorKind.VALIDATION, "The body did not come within 30 seconds. Send the request again."),
    413: ("too_large", ErrorKind.VALIDATION, "The body is larger than 1 MiB, the most that is accepted as JSON."),
}
MAX_PROBLEMS = 20
_INTERNAL = ("internal", ErrorKind.INTERNAL, "Something went wrong on the server. Its log says what, under this request's id.")


def envelope(status: int, body: shapes.ErrorBody, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The answer that carries an error."""
    return JSONResponse(shapes.ErrorEnvelope(error=body).plain(), status, headers=headers)


def refused(error: RatError) -> JSONResponse:
    """The answer that says why something was refused."""
    return envelope(STATUS_OF_CODE.get(error.code, STATUS_OF_KIND[error.kind]), shapes.ErrorEnvelope.of(error).error)


def internal_error() -> JSONResponse:
    """The answer to a request that ended in an error nobody foresaw; it tells nothing of the inside."""
    code, kind, message = _INTERNAL
    return envelope(500, shapes.ErrorBody(code=code, type=kind, message=message, details={}))


def install_handlers(api: FastAPI) -> None:
    """Make every refusal of the engine, of the schema and of the framework an envelope."""
    api.exception_handler(RatError)(_refused)
    api.exception_handler(RequestValidationError)(_misshapen)
    api.exception_handler(HTTPException)(_framework)


def raise_query_error(query: Query) -> None:
    """Raise what a failed or cancelled query ended with. Returns when it did not fail."""
    if query.error_code:
        raise restore(query.error_code, query.error_message, {"query_id": query.id, "line": query.error_line, "column": query.error_column})


async def _refused(_request: Request, error: RatError) -> JSONResponse:
    return refused(error)


async def _misshapen(_request: Request, error: RequestValidationError) -> JSONResponse:
    problems = [{"field": _field(item["loc"]), "message": _message(item)} for item in error.errors()[:MAX_PROBLEMS]]
    message = " ".join(f"{problem['field']}: {problem['message']}." for problem in problems)
    return envelope(422, shapes.ErrorBody(code="invalid_request", type=ErrorKind.VALIDATION, message=message, details={"problems": problems}))


async def _framework(request: Request, error: HTTPException) -> JSONResponse:
    code, kind, message = FRAMEWORK_ERRORS.get(error.status_code, _INTERNAL)
    headers = {"Allow": _methods(request)} if error.status_code == 405 else error.headers
    return envelope(error.status_code, shapes.ErrorBody(code=code, type=kind, message=message, details={}), headers)


def _methods(request: Request) -> str:
    """The methods that the path answers to; the framework knows those of one route only."""
    paths: Mapping[str, Mapping[str, Any]] = request.app.openapi()["paths"]
    found = {method.upper() for template, methods in paths.items() if compile_path(template)[0].match(request.url.path) for method in methods}
    return ", ".join(sorted(found))


def _field(location: tuple[int | str, ...]) -> str:
    """Where in the request: ``body.sql``, ``query.limit``. Names are the caller's own text, so they are cut."""
    return ".".join(str(part)[:60] for part in location[:10])


def _message(item: Mapping[str, Any]) -> str:
    if item["type"] == "json_invalid":
        return f"is not JSON ({item['ctx']['error']})"
    return str(item["msg"]).removeprefix("Value error, ").rstrip(".")[:300]
