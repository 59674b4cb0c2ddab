"""One action in the words of every front end."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

PREFIX = "/api/v1"
_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Copies:
    """The same action to paste into a shell (``curl``, ``cli``) and into a Python program."""

    curl: str
    cli: str
    python: str


@dataclass(frozen=True, slots=True)
class Twin:
    """An action and its twins.

    ``name`` is the service and its method (``runs.cancel``), ``words`` what a person calls it. ``route`` is the REST method and the path
    below ``/api/v1`` (``POST /runs/{run_id}/cancel``), ``command`` what follows ``rat`` (``cancel {run_id}``), ``call`` the arguments
    after the actor in Python (``{run_id}``), where a value's literal is put. ``body`` and ``query`` name the values that REST takes in
    the JSON body and in the address. What a command or route spells differently is prepared by ``spell``, from the values to more values.
    """

    name: str
    words: str
    route: str
    command: str
    call: str = ""
    body: tuple[str, ...] = ()
    query: tuple[str, ...] = ()
    spell: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self.route.partition(" ")[0]

    @property
    def path(self) -> str:
        """The path below the API's prefix, with places in braces."""
        return self.route.partition(" ")[2]

    def copies(self, address: str, values: Mapping[str, Any]) -> Copies:
        """The action on ``values``. Raises KeyError when one is missing."""
        given = {**values, **(self.spell(values) if self.spell else {})}
        return Copies(self._curl(address, given), self._command(given), self._python(given))

    def _curl(self, address: str, values: Mapping[str, Any]) -> str:
        path = _PLACE.sub(lambda place: quote(str(values[place[1]]), safe=""), self.path)
        asked = {name: values[name] for name in self.query if values.get(name) not in (None, "")}
        parts = ["curl", *([] if self.method == "GET" else ["-X", self.method])]
        if sent := {name: values[name] for name in self.body if name in values}:
            parts += ["-H", "content-type: application/json", "-d", json.dumps(sent)]
        parts.append(f"{address}{PREFIX}{path}{'?' + urlencode(asked) if asked else ''}")
        return shlex.join(parts)

    def _command(self, values: Mapping[str, Any]) -> str:
        return "rat " + _PLACE.sub(lambda place: shlex.quote(str(values[place[1]])), self.command)

    def _python(self, values: Mapping[str, Any]) -> str:
        arguments = _PLACE.sub(lambda place: repr(values[place[1]]), self.call)
        separator = ", " if arguments else ""
        names = sorted({"Engine", "LOCAL_USER", "Settings", *re.findall(r"\b[A-Z]\w+(?=[.(])", self.call)})
        return "\n".join(
            (
                f"from rat_engine import {', '.join(names)}",
                "",
                "with Engine.open(Settings.load()) as engine:",
                f"    engine.{self.name}(LOCAL_USER{separator}{arguments})",
            )
        )


def table_parts(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """``table`` (``ns.layer.name``) as namespace, layer and name too, which paths want apart."""
    namespace, layer, name = str(values["table"]).split(".")
    return {"namespace": namespace, "layer": layer, "name": name, "pipeline": name}
