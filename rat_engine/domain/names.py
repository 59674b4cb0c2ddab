"""Names and the only way they enter SQL text.

A namespace, table, zone or test name is ``[a-z][a-z0-9_]{0,62}``. Constructors validate, so a wrong name cannot exist;
everything is quoted all the same.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from rat_engine.errors import InvalidNameError

MAX_NAME = 63
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)

# Catalogs of DuckDB, and names that would make `gold.orders` mean two things.
RESERVED_NAMESPACES = frozenset({"bronze", "gold", "information_schema", "landing", "main", "memory", "pg_catalog", "silver", "system", "temp"})
LANDING_SCHEMA = "landing"


def quote_identifier(name: str) -> str:
    """``name`` as a quoted SQL identifier. Raises InvalidNameError for an empty name or one with NUL."""
    if not name or "\x00" in name:
        raise InvalidNameError("An identifier may not be empty or contain NUL.")
    return '"' + name.replace('"', '""') + '"'


def quote_literal(value: str) -> str:
    """``value`` as a SQL string literal. Raises InvalidNameError when it contains NUL."""
    if "\x00" in value:
        raise InvalidNameError("A SQL literal may not contain NUL.")
    return "'" + value.replace("'", "''") + "'"


def checked_name(name: str, what: str) -> str:
    """``name`` itself when it obeys the naming rule; ``what`` ("namespace", "zone", …) goes into the error.

    Raises InvalidNameError, offering the nearest valid spelling.
    """
    if _NAME.fullmatch(name):
        return name
    shown = name if len(name) <= MAX_NAME else name[:MAX_NAME] + "…"
    spelling = spelled(name)
    offer = f" Did you mean {spelling!r}?" if spelling else ""
    raise InvalidNameError(
        f"{shown!r} is not a valid {what} name: a lower-case letter, then letters, digits or underscores, {MAX_NAME} characters at most.{offer}"
    )


def spelled(text: str) -> str:
    """``text`` as a name that obeys the rule; empty where none comes of it."""
    spelling = re.sub(r"[^a-z0-9_]+", "_", text.strip().lower()).strip("_")[:MAX_NAME]
    return spelling if _NAME.fullmatch(spelling) else ""


def checked_namespace(name: str) -> str:
    """``name`` itself when a namespace may be called so. Raises InvalidNameError."""
    if checked_name(name, "namespace") in RESERVED_NAMESPACES:
        raise InvalidNameError(f"The namespace name {name!r} is reserved by the SQL engine. Choose another.")
    return name


class Layer(StrEnum):
    """The medallion layers; there are no others."""

    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"

    @classmethod
    def parse(cls, text: str) -> Layer:
        """The layer called ``text``. Raises InvalidNameError naming the nearest."""
        try:
            return cls(text)
        except ValueError:
            near = difflib.get_close_matches(text.lower(), list(cls), n=1)
            hint = f" Did you mean {str(near[0])!r}?" if near else ""
            raise InvalidNameError(f"{text[:MAX_NAME]!r} is not a layer: choose bronze, silver or gold.{hint}") from None


@dataclass(frozen=True, slots=True, order=True)
class TableName:
    """The three-part name of a table and of the pipeline that fills it."""

    namespace: str
    layer: Layer
    name: str

    def __post_init__(self) -> None:
        checked_namespace(self.namespace)
        object.__setattr__(self, "layer", Layer.parse(self.layer))
        checked_name(self.name, "table")

    @classmethod
    def parse(cls, text: str, namespace: str | None = None) -> TableName:
        """Parse ``namespace.layer.name``, or ``layer.name`` where ``namespace`` tells the current one.

        Raises InvalidNameError for any other shape.
        """
        parts = text.strip().split(".")
        if len(parts) == 2 and namespace is not None:
            parts.insert(0, namespace)
        if len(parts) != 3:
            shape = "namespace.layer.name" if namespace is None else "layer.name or namespace.layer.name"
            raise InvalidNameError(f"{text[:200]!r} is not a table name: write {shape}.")
        return cls(parts[0], Layer.parse(parts[1]), parts[2])

    def __str__(self) -> str:
        return f"{self.namespace}.{self.layer.value}.{self.name}"

    @property
    def sql(self) -> str:
        """The quoted name, as the compiled SQL and the query explorer use it."""
        return ".".join(map(quote_identifier, (self.namespace, self.layer.value, self.name)))


@dataclass(frozen=True, slots=True, order=True)
class ZoneName:
    """The name of a landing zone."""

    namespace: str
    name: str

    def __post_init__(self) -> None:
        checked_namespace(self.namespace)
        checked_name(self.name, "landing zone")

    @classmethod
    def parse(cls, text: str, namespace: str | None = None) -> ZoneName:
        """Parse ``namespace.zone``, or ``zone`` where ``namespace`` tells the current one. Raises InvalidNameError."""
        parts = text.strip().split(".")
        if len(parts) == 1 and namespace is not None:
            parts.insert(0, namespace)
        if len(parts) != 2:
            shape = "namespace.zone" if namespace is None else "zone or namespace.zone"
            raise InvalidNameError(f"{text[:200]!r} is not a landing zone: write {shape}.")
        return cls(*parts)

    def __str__(self) -> str:
        return f"{self.namespace}.{self.name}"

    @property
    def sql(self) -> str:
        """The quoted name of the zone's relation during a run: namespace, ``landing``, zone."""
        return ".".join(map(quote_identifier, (self.namespace, LANDING_SCHEMA, self.name)))


def nearest(name: str, candidates: Any, prefix: str = "Did you mean") -> str:
    """A hint naming the candidate closest to ``name``, or an empty string."""
    near = difflib.get_close_matches(name, sorted(map(str, candidates)), n=1, cutoff=0.6)
    return f"{prefix} {near[0]!r}?" if near else ""
