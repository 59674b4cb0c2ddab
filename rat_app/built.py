"""The built front end, answered from memory and compressed as the build left it.

A page asks for two dozen files at once. Starlette's file server looks each up on the disk in a thread, and Reflex's middlewares stand before it:
several times the work of everything else that a page's first second asks of the server.
"""

from __future__ import annotations

import functools
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from rat_app.prerender import addresses
from rat_app.routes import LASTING

FOREVER = "public, max-age=31536000, immutable"
# Best first: what a browser calls it, and the ending of its files.
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
_REFUSED = re.compile(r"q=0(\.0*)?$")


@dataclass(frozen=True)
class Built:
    """A file as it is sent."""

    body: bytes
    encoding: str


class BuiltFiles:
    """Answers for the files of the build in the folder ``client``; everything else goes to the application behind."""

    def __init__(self, app: ASGIApp, client: Path) -> None:
        self.app = app
        self._files = {"/" + path.relative_to(client).as_posix(): path for name in LASTING for path in (client / name.strip("/")).glob("*")}
        self._pages = {_address(page, client): page for page in client.rglob("index.html")}
        self._open_pages = [(pattern, self._pages[page]) for pattern, page in addresses(self._pages)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or connection."""
        found = self._find(scope["path"]) if scope["type"] == "http" and scope["method"] == "GET" else None
        answer = self.app if found is None else _answer(found, Headers(scope=scope), lasting=scope["path"].startswith(LASTING))
        await answer(scope, receive, send)

    def _find(self, path: str) -> Path | None:
        """The file for an address, however it ends, or None."""
        if path.startswith(LASTING):
            return self._files.get(path)
        address = path.rstrip("/") or "/"
        return self._pages.get(address) or next((page for pattern, page in self._open_pages if pattern.fullmatch(address)), None)


def _address(page: Path, client: Path) -> str:
    folder = page.parent.relative_to(client).as_posix()
    return "/" if folder == "." else f"/{folder}"


def _answer(path: Path, asked: Headers, *, lasting: bool) -> Response:
    built = _read(path, _accepted(asked.get("accept-encoding", "")))
    headers = {"cache-control": FOREVER if lasting else "no-cache", "vary": "Accept-Encoding"}
    headers |= {"content-encoding": built.encoding} if built.encoding else {}
    return Response(built.body, headers=headers, media_type=_kind(path))


def _kind(path: Path) -> str:
    return "text/javascript" if path.suffix == ".js" else mimetypes.guess_type(path.name)[0] or "application/octet-stream"


@functools.lru_cache(maxsize=64)
def _accepted(header: str) -> tuple[str, ...]:
    """The endings that a browser takes, best first; the empty one always."""
    offers: Mapping[str, str] = {name.strip().lower(): quality.strip() for name, _, quality in (each.partition(";") for each in header.split(","))}
    return (*(ending for name, ending in ENCODINGS if name in offers and not _REFUSED.match(offers[name])), "")


@functools.cache
def _read(path: Path, endings: tuple[str, ...]) -> Built:
    chosen = next(ending for ending in endings if path.with_name(path.name + ending).is_file())
    return Built(path.with_name(path.name + chosen).read_bytes(), next((name for name, ending in ENCODINGS if ending == chosen), ""))
