"""Pages as they are built beforehand, so that a browser shows their frame before it has run a script.

Reflex prerenders pages with a fixed address only. Here those whose address holds a name are prerendered too, with ``ANY`` in its place
(nothing that the name changes is drawn before the server has answered), and the head of a page names what it loads later anyway.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import reflex as rx

from rat_app import routes

ANY = "-"
CONFIGURATION = "react-router.config.js"
# What a page loads as soon as its frame is drawn, and would otherwise find out late: the beginning of a script's name.
AHEAD: Mapping[str, str] = {
    routes.QUERY: "code_mirror",
    routes.PIPELINE_CODE: "code_mirror",
    routes.TABLE: "result_grid",
    routes.LINEAGE: "lineage",
}
_PART = re.compile(r"\[[^]/]*\]")
_IMPORT = re.compile(r"""(?:from|import)\s*["'`]\./([^"'`]+\.js)["'`]""")


def prerendered(route: str) -> str:
    """The address under which the page of ``route`` is prerendered."""
    path = _PART.sub(ANY, route.strip("/"))
    return "/" if path in ("", "index") else f"/{path}"


def addresses(pages: Iterable[str]) -> Iterator[tuple[re.Pattern[str], str]]:
    """For each of ``pages``, prerendered addresses that hold ``ANY``: what matches the addresses it stands for, and it."""
    for page in pages:
        if ANY in page.split("/"):
            yield re.compile("/".join("[^/]+" if part == ANY else re.escape(part) for part in page.split("/"))), page


def with_pages(configuration: str, paths: Iterable[str]) -> str:
    """React Router's ``configuration`` with ``paths`` to prerender, where it prerenders at all."""
    before, _, values = configuration.partition("{")
    options: dict[str, Any] = json.loads("{" + values.rstrip().rstrip(";"))
    if options.get("prerender"):
        options["prerender"] = sorted(paths)
    return f"{before}{json.dumps(options)};"


def with_preloads(page: str, scripts: Iterable[str]) -> str:
    """``page`` asking for ``scripts``, names of files in /assets, as early as for those it names already."""
    links = "".join(f'<link rel="modulepreload" href="/assets/{name}"/>' for name in scripts if f'href="/assets/{name}"' not in page)
    return page.replace("</head>", f"{links}</head>", 1)


def closure(assets: Path, name: str) -> list[str]:
    """The script ``name`` and all that it imports, without those that it loads later."""
    found = [name]
    for script in found:
        text = (assets / script).read_text("utf-8")
        found += [each for each in dict.fromkeys(_IMPORT.findall(text)) if each not in found]
    return found


class PrerenderPlugin(rx.plugins.Plugin):
    """Does it, while the front end is built."""

    def pre_compile(self, **context: Any) -> None:
        """Name the pages to prerender."""
        paths = {prerendered(page.route) for page in context["unevaluated_pages"] if page.route != routes.NOT_FOUND}
        context["add_modify_task"](CONFIGURATION, partial(with_pages, paths=paths))

    def post_build(self, **context: Any) -> None:
        """Name in the pages what they load."""
        client: Path = context["static_dir"]
        for route, beginning in AHEAD.items():
            (script,) = (client / "assets").glob(f"{beginning}-*.js")
            page = client / prerendered(route).lstrip("/") / "index.html"
            page.write_text(with_preloads(page.read_text("utf-8"), closure(client / "assets", script.name)), "utf-8")
