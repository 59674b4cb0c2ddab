"""An example of every body in the OpenAPI description, put together from the examples of its fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

_MOMENT = "2026-01-31T06:00:00.250Z"
_PLAIN: Mapping[str, Any] = {"string": "", "integer": 0, "number": 0.0, "boolean": False, "null": None, "object": {}}
JSON = "application/json"


def add_examples(schema: dict[str, Any]) -> None:
    """Give every JSON body of every operation in an OpenAPI ``schema`` its example."""
    for operation in (operation for methods in schema["paths"].values() for operation in methods.values()):
        for content in _bodies(operation):
            if "schema" in content and "example" not in content:
                content["example"] = example(schema, content["schema"])


def example(schema: Schema, body: Schema) -> Any:
    """A value that ``body``, a part of ``schema``, accepts: its own example, or one made of its parts."""
    if "examples" in body:
        return body["examples"][0]
    if "$ref" in body:
        return example(schema, schema["components"]["schemas"][body["$ref"].rsplit("/", 1)[-1]])
    if "properties" in body:
        return {name: example(schema, field) for name, field in body["properties"].items()}
    if choices := body.get("anyOf"):
        return example(schema, choices[0])
    return _plain(schema, body)


def _plain(schema: Schema, body: Schema) -> Any:
    """A value for what has neither an example nor parts."""
    for given in ("const", "default"):
        if given in body:
            return body[given]
    if body.get("type") == "array":
        return [example(schema, body["items"])] if "items" in body else []
    if body.get("format") == "date-time":
        return _MOMENT
    return body["enum"][0] if "enum" in body else _PLAIN.get(body.get("type", "null"))


def _bodies(operation: Schema) -> Iterator[dict[str, Any]]:
    for holder in (operation.get("requestBody", {}), *operation["responses"].values()):
        if JSON in holder.get("content", {}):
            yield holder["content"][JSON]
