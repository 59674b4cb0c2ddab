"""The list of published tables: searched, filtered, sorted, all of it in the address."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.engine import call, engine
from rat_app.state.base import Failure, actor_of, handler
from rat_app.state.lists import ByPlace, Pager, pager_of, parameter, requested_page
from rat_app.state.live import about, changes
from rat_engine import Action, LakeTable, Layer, Page, TableFilter, TableGroup

FILTER_NAMES = ("search", "namespace", "layer", "sort")
MAX_HITS = 4
HIT_LENGTH = 160
# How much of a text stands before the word that was found in it.
_BEFORE = 40


@dataclass(frozen=True)
class Hit:
    """A column, or a text about the table, in which a word of the search was found."""

    name: str
    text: str


@dataclass(frozen=True)
class TableRow:
    """A table of the list; ``hits`` are empty without a search."""

    namespace: str
    layer: str
    name: str
    address: str
    description: str
    owner: str
    tags: tuple[str, ...]
    columns: int
    rows: int
    size: int
    published: datetime
    hits: tuple[Hit, ...] = ()


@dataclass(frozen=True)
class Choice:
    """A value of a filter with how many tables it has."""

    value: str
    words: str


class ExplorerState(ByPlace, rx.State):
    """The tables that the address asks for."""

    tables: rx.Field[list[TableRow]] = rx.field(default_factory=list)
    namespaces: rx.Field[list[Choice]] = rx.field(default_factory=list)
    layers: rx.Field[list[Choice]] = rx.field(default_factory=list)
    pager: rx.Field[Pager] = rx.field(default_factory=Pager)
    search: rx.Field[str] = rx.field(default="")
    words: rx.Field[list[str]] = rx.field(default_factory=list)
    namespace: rx.Field[str] = rx.field(default="")
    layer: rx.Field[str] = rx.field(default="")
    sort: rx.Field[str] = rx.field(default="")
    loaded: rx.Field[bool] = rx.field(default=False)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)

    @handler(Action.TABLE_READ, "list the tables", does="tables.list", shows="failure")
    async def load(self) -> None:
        """Read the tables for the page's address."""
        self._show(*await self._read())

    @handler(Action.TABLE_READ, "follow the tables", does="tables.list", shows="failure", follows=True)
    async def follow(self) -> None:
        """Read them again whenever one is published or described."""
        path = self.router.url.path
        async for _ in changes(self, about("table.", "pipeline.renamed", "pipeline.released"), at=path):
            read = await self._read()
            async with self:
                self._show(*read)

    @handler(None, "sort")
    def choose_sort(self, sort: str) -> Any:
        """Put the order into the address."""
        return rx.redirect(self._address(sort=sort))

    def _address(self, **changed: str) -> str:
        return routes.explorer(**({name: parameter(self, name) for name in FILTER_NAMES} | changed))

    async def _read(self) -> tuple[Page[LakeTable], tuple[TableGroup, ...]]:
        wanted, _ = requested_page(self)
        layer = parameter(self, "layer")
        choice = TableFilter(parameter(self, "namespace") or None, Layer.parse(layer) if layer else None, parameter(self, "search"))
        page = await call(engine().tables.list, actor_of(self), choice, replace(wanted, sort=parameter(self, "sort")))
        return page, await call(engine().tables.groups, actor_of(self))

    def _show(self, page: Page[LakeTable], groups: tuple[TableGroup, ...]) -> None:
        self.search, self.namespace, self.layer, self.sort = (parameter(self, name) for name in FILTER_NAMES)
        self.words = self.search.split()
        self.tables = [row_of(table, self.words) for table in page.items]
        self.namespaces, self.layers = choices(groups)
        kept = {name: parameter(self, name) for name in FILTER_NAMES}
        self.pager = pager_of(page, requested_page(self)[1], "table", partial(routes.explorer, **kept))
        self.loaded = True


def row_of(table: LakeTable, words: list[str]) -> TableRow:
    """A table as the list shows it, with what ``words`` found in it beside its name."""
    name = table.name
    address = routes.table(name.namespace, name.layer.value, name.name)
    about_it = (first_line(table.description), table.owner, table.tags)
    numbers = (len(table.columns), table.row_count, table.size_bytes, table.published_at)
    return TableRow(name.namespace, name.layer.value, name.name, address, *about_it, *numbers, hits(table, words))


def hits(table: LakeTable, words: list[str]) -> tuple[Hit, ...]:
    """The first columns and texts of ``table`` that hold one of ``words``."""
    wanted = [word.casefold() for word in words]
    texts = [*((column.name, column.description) for column in table.columns), ("", table.description)]
    found = (Hit(name, passage(text, wanted)) for name, text in texts if any(word in f"{name}\n{text}".casefold() for word in wanted))
    return tuple(found)[:MAX_HITS]


def passage(text: str, words: list[str]) -> str:
    """The part of ``text`` around the first of ``words`` in it, on one line."""
    line = " ".join(text.split())
    places = [place for word in words if (place := line.casefold().find(word)) >= 0]
    start = max(min(places, default=0) - _BEFORE, 0)
    cut = line[start : start + HIT_LENGTH]
    return f"{'…' if start else ''}{cut}{'…' if start + HIT_LENGTH < len(line) else ''}"


def first_line(text: str) -> str:
    """The first line of ``text``, not longer than a list has room for."""
    line = text.strip().partition("\n")[0]
    return line if len(line) <= HIT_LENGTH else line[: HIT_LENGTH - 1] + "…"


def choices(groups: tuple[TableGroup, ...]) -> tuple[list[Choice], list[Choice]]:
    """Namespaces and layers with how many tables each has."""
    spaces: dict[str, int] = {}
    layers = dict.fromkeys((layer.value for layer in Layer), 0)
    for group in groups:
        spaces[group.namespace] = spaces.get(group.namespace, 0) + group.table_count
        layers[group.layer.value] += group.table_count
    named = [Choice(name, f"{name} ({count:,})") for name, count in spaces.items()]
    return named[:500], [Choice(name, f"{name} ({count:,})") for name, count in layers.items()]
