"""The built front end as it is answered, and how pages are prepared for it."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import httpx
import pytest
from starlette.responses import PlainTextResponse

from rat_app import routes
from rat_app.built import BuiltFiles
from rat_app.prerender import AHEAD, addresses, closure, prerendered, with_pages, with_preloads

BEHIND = b"from behind"


@pytest.fixture
def client(tmp_path: Path) -> Path:
    files = {
        "index.html": "<h1>home</h1>",
        "runs/index.html": "<h1>runs</h1>",
        "runs/-/index.html": "<h1>run</h1>",
        "pipelines/-/-/-/code/index.html": "<h1>code</h1>",
        "assets/app-1.js": "app()",
        "assets/plain-1.css": "p {}",
        "fonts/inter.woff2": "font",
        "favicon.svg": "<svg/>",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "assets/app-1.js.gz").write_bytes(gzip.compress(b"app()"))
    (tmp_path / "assets/app-1.js.br").write_bytes(b"brotli")
    return tmp_path


async def ask(client: Path, path: str, accepts: str = "", method: str = "GET") -> tuple[httpx.Headers, bytes]:
    """The headers of an answer, and its body as it was sent, not unpacked."""
    transport = httpx.ASGITransport(app=BuiltFiles(PlainTextResponse(BEHIND), client))
    async with httpx.AsyncClient(transport=transport, base_url="http://rat") as http, http.stream(method, path, headers={"accept-encoding": accepts}) as answer:
        return answer.headers, b"".join([part async for part in answer.aiter_raw()])


@pytest.mark.parametrize(
    ("accepts", "encoding", "body"),
    [
        ("gzip, deflate, br, zstd", "br", b"brotli"),
        ("gzip", "gzip", None),
        ("br;q=0, gzip;q=0.5", "gzip", None),
        ("br;q=0.0", None, b"app()"),
        ("", None, b"app()"),
    ],
)
async def test_a_file_is_sent_as_it_was_compressed_and_kept_forever(client: Path, accepts: str, encoding: str | None, body: bytes | None) -> None:
    headers, sent = await ask(client, "/assets/app-1.js", accepts)
    assert headers.get("content-encoding") == encoding
    assert sent == body if body else gzip.decompress(sent) == b"app()"
    assert headers["content-type"].startswith("text/javascript")
    assert "immutable" in headers["cache-control"]
    assert headers["vary"] == "Accept-Encoding"


async def test_what_has_no_compressed_copy_is_sent_as_it_is(client: Path) -> None:
    assert (await ask(client, "/assets/plain-1.css", "br, gzip"))[1] == b"p {}"
    assert (await ask(client, "/fonts/inter.woff2", "br"))[0]["content-type"] == "font/woff2"


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("/", "home"),
        ("/runs", "runs"),
        ("/runs/", "runs"),
        ("/runs/01ab", "run"),
        ("/pipelines/shop/silver/orders/code", "code"),
        ("/pipelines/shop/silver/orders/code/", "code"),
    ],
)
async def test_a_page_is_answered_at_its_own_address_without_a_detour(client: Path, address: str, page: str) -> None:
    headers, sent = await ask(client, address)
    assert sent == f"<h1>{page}</h1>".encode()
    assert headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["/favicon.svg", "/api/v1/runs", "/assets/gone.js", "/assets/../index.html", "/pipelines/shop", "/runs/a/b", "/pipelines/a/b/c/d/code"]
)
async def test_everything_else_goes_to_the_application_behind(client: Path, path: str) -> None:
    assert (await ask(client, path))[1] == BEHIND


async def test_only_reading_is_answered(client: Path) -> None:
    assert (await ask(client, "/runs", method="POST"))[1] == BEHIND


def test_pages_whose_address_holds_a_name_are_prerendered_too() -> None:
    assert [prerendered(route) for route in ("index", routes.RUN, routes.PIPELINE_CODE.strip("/"))] == ["/", "/runs/-", "/pipelines/-/-/-/code"]
    text = 'export default {"ssr": false, "prerender": true};'
    assert json.loads(with_pages(text, {"/runs/-", "/"}).removeprefix("export default ").rstrip(";")) == {"ssr": False, "prerender": ["/", "/runs/-"]}
    assert "prerender" not in with_pages('export default {"ssr": false};', {"/"})
    assert [page for pattern, page in addresses(["/runs", "/runs/-"]) if pattern.fullmatch("/runs/1")] == ["/runs/-"]


def test_a_page_names_what_it_loads_later_and_nothing_twice(tmp_path: Path) -> None:
    (tmp_path / "editor-1.js").write_text('import{a}from"./shared-1.js";import"./style-1.js";const later=()=>import(`./rare-1.js`)')
    (tmp_path / "shared-1.js").write_text('import{b}from"./style-1.js"')
    (tmp_path / "style-1.js").touch()
    assert closure(tmp_path, "editor-1.js") == ["editor-1.js", "shared-1.js", "style-1.js"]
    page = with_preloads('<head><link rel="modulepreload" href="/assets/shared-1.js"/></head>', ["editor-1.js", "shared-1.js"])
    assert re.findall('href="/assets/([^"]+)"', page) == ["shared-1.js", "editor-1.js"]


def test_every_page_that_loads_something_ahead_exists() -> None:
    known = {value for name, value in vars(routes).items() if name.isupper()}
    assert known.issuperset(AHEAD)
