"""The API's own description as a page: plain HTML made from the OpenAPI schema, without scripts and without other servers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

Schema = Mapping[str, Any]

STYLE = """
:root { color-scheme: dark light; --bg: #0c100e; --surface: #131917; --line: #6b7f75; --text: #e7f0ea; --muted: #a3b4ab; --accent: #3ddc84; --link: #62d5e8 }
@media (prefers-color-scheme: light) {
  :root { --bg: #f6faf7; --surface: #fff; --line: #7d8f86; --text: #13201a; --muted: #4d5f56; --accent: #0a7038; --link: #0b6577 }
}
body { background: var(--bg); color: var(--text); font: 14px/1.5 Inter, system-ui, sans-serif; margin: 0 auto; max-width: 1080px; padding: 24px }
h1 { font-size: 28px } h2 { font-size: 20px; margin: 32px 0 8px } h3 { font-size: 14px; margin: 16px 0 4px }
a { color: var(--link) } p { margin: 4px 0 } .muted { color: var(--muted) }
code, pre, .method { font-family: "JetBrains Mono", ui-monospace, monospace; font-size: 13px }
details { background: var(--surface); border: 1px solid var(--line); border-radius: 2px; margin: 8px 0; padding: 8px 12px }
summary { cursor: pointer; padding: 2px 0 } summary:focus-visible, a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
.method { color: var(--accent); display: inline-block; font-weight: 600; min-width: 64px }
summary .muted { margin-left: 8px }
summary code { overflow-wrap: anywhere } details { overflow-x: auto }
table { border-collapse: collapse; width: 100% } th, td { border-top: 1px solid var(--line); padding: 4px 12px 4px 0; text-align: left; vertical-align: top }
caption { text-align: left; font-weight: 600; padding: 8px 0 4px } pre { overflow-x: auto; white-space: pre-wrap }
"""


def add_page(api: FastAPI, path: str) -> None:
    """Serve the page at ``path``."""

    @api.get(path, include_in_schema=False, response_class=HTMLResponse)
    async def page() -> HTMLResponse:
        return HTMLResponse(render(api.openapi(), str(api.openapi_url)))


def render(schema: Schema, schema_url: str) -> str:
    """The page of an OpenAPI ``schema``."""
    info = schema["info"]
    groups: dict[str, list[str]] = {}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            groups.setdefault(operation["tags"][0], []).append(_operation(schema, path, method, operation))
    body = "".join(f'<section><h2 id="{_id(tag)}">{escape(tag.capitalize())}</h2>{"".join(items)}</section>' for tag, items in groups.items())
    body += f'<section><h2 id="shapes">Shapes</h2>{"".join(_shapes(schema))}</section>'
    contents = " · ".join(f'<a href="#{_id(tag)}">{escape(tag)}</a>' for tag in (*groups, "shapes"))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(info['title'])}</title><style>{STYLE}</style></head><body><main>"
        f"<h1>{escape(info['title'])}</h1><p>{_text(info['description'])}</p>"
        f'<p class="muted">Version {escape(info["version"])} · <a href="{escape(schema_url)}">OpenAPI as JSON</a></p>'
        f'<nav aria-label="Resources">{contents}</nav>'
        f"{body}</main></body></html>"
    )


def _id(tag: str) -> str:
    return escape(tag.replace(" ", "-"))


def _text(text: str) -> str:
    """Prose, with what stands between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _shapes(schema: Schema) -> Iterator[str]:
    """Every object that bodies are made of."""
    for name, body in schema["components"]["schemas"].items():
        if "properties" in body:
            head = f'<summary><code>{escape(name)}</code> <span class="muted">{_text(body.get("description", ""))}</span></summary>'
            yield f'<details id="shape-{escape(name)}">{head}{_fields(schema, "Fields", body)}</details>'


def _operation(schema: Schema, path: str, method: str, operation: Schema) -> str:
    head = f'<span class="method">{escape(method.upper())}</span><code>{escape(path)}</code> <span class="muted">{escape(operation["summary"])}</span>'
    parts = (
        f"<p>{_text(operation.get('description', ''))}</p>",
        _table("Parameters", (_parameter(schema, parameter) for parameter in operation.get("parameters", ()))),
        _body(schema, "Body", operation.get("requestBody")),
        *(_answer(schema, status, answer) for status, answer in operation["responses"].items()),
    )
    return f'<details id="{escape(operation["operationId"])}"><summary>{head}</summary>{"".join(parts)}</details>'


def _parameter(schema: Schema, parameter: Schema) -> tuple[str, str, str]:
    name = f"{parameter['name']} ({parameter['in']}{', required' if parameter.get('required') else ''})"
    return name, _type(schema, parameter["schema"]), parameter.get("description", "")


def _answer(schema: Schema, status: str, answer: Schema) -> str:
    if not status.startswith("2"):
        return ""
    return f"<h3>Answer {escape(status)}</h3>" + _body(schema, "", answer)


def _body(schema: Schema, caption: str, holder: Schema | None) -> str:
    content = (holder or {}).get("content", {})
    return "".join(_fields(schema, f"{caption} {kind}".strip(), _resolve(schema, media.get("schema", {}))) for kind, media in content.items())


def _fields(schema: Schema, caption: str, body: Schema) -> str:
    required = set(body.get("required", ()))
    properties = body.get("properties", {}).items()
    rows = ((name + ("" if name in required else " (optional)"), _type(schema, field), _meaning(field)) for name, field in properties)
    return _table(caption, rows)


def _meaning(field: Schema) -> str:
    example = f" For example {json.dumps(field['examples'][0])}." if field.get("examples") else ""
    return field.get("description", "") + example


def _table(caption: str, rows: Iterator[tuple[str, str, str]]) -> str:
    """A table of names, types (HTML) and meanings; nothing when there are no rows."""
    body = "".join(f'<tr><th scope="row"><code>{escape(name)}</code></th><td><code>{kind}</code></td><td>{_text(text)}</td></tr>' for name, kind, text in rows)
    return f"<table><caption>{escape(caption)}</caption><tbody>{body}</tbody></table>" if body else ""


def _type(schema: Schema, field: Schema) -> str:
    """A field's type in a few words, as HTML: a link where it is a shape."""
    if "$ref" in field:
        name = escape(field["$ref"].rsplit("/", 1)[-1])
        choices = _resolve(schema, field).get("enum")
        return escape(" | ".join(choices)) if choices else f'<a href="#shape-{name}">{name}</a>'
    if "anyOf" in field:
        return " | ".join(_type(schema, choice) for choice in field["anyOf"])
    if field.get("type") == "array":
        return f"list of {_type(schema, field.get('items', {}))}"
    return escape(str(field.get("format") or field.get("type") or field.get("const") or "any"))


def _resolve(schema: Schema, field: Schema) -> Schema:
    if "anyOf" in field:
        field = next((choice for choice in field["anyOf"] if choice.get("type") != "null"), field)
    if "$ref" not in field:
        return field
    return schema["components"]["schemas"][field["$ref"].rsplit("/", 1)[-1]]
