"""The columns of the table whose page is open, and what they hold as far as somebody asked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.engine import Change, call, engine
from rat_app.state.base import Failure, actor_of, handler
from rat_app.state.explorer.types import in_full, in_short
from rat_app.state.lists import LIMIT, Pager, pager_of, requested_page
from rat_app.state.live import about, changes
from rat_app.state.visit import visit_table
from rat_engine import Action, Column, ColumnProfile, LakeTable, Page, TableName, TableProfile

DESCRIPTION = 300
VALUE = 60
END = 28
SHARES = 4


@dataclass(frozen=True)
class Share:
    """A frequent value, in how many rows it is, and which part of all that is, in percent."""

    value: str
    rows: int
    percent: float


@dataclass(frozen=True)
class ColumnView:
    """A column. Without a profile ``ready`` is false and the rest empty; ``heights`` are those of the bars of its distribution, in percent."""

    name: str
    type: str
    whole_type: str
    description: str
    ready: bool = False
    nulls: int = 0
    nulls_percent: float = 0
    distinct: int = 0
    least: str = ""
    greatest: str = ""
    mean: str = ""
    shares: tuple[Share, ...] = ()
    heights: tuple[int, ...] = ()
    told: str = ""


class ColumnsState(rx.State):
    """The columns on the present page of the list, and how far the profile of all is."""

    loaded: rx.Field[bool] = rx.field(default=False)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)
    name: rx.Field[str] = rx.field(default="")
    columns: rx.Field[list[ColumnView]] = rx.field(default_factory=list)
    pager: rx.Field[Pager] = rx.field(default_factory=Pager)
    status: rx.Field[str] = rx.field(default="")
    ready: rx.Field[int] = rx.field(default=0)
    total: rx.Field[int] = rx.field(default=0)
    sampled: rx.Field[bool] = rx.field(default=False)
    wrong: rx.Field[str] = rx.field(default="")

    @handler(Action.TABLE_READ, "read the columns", does="inspections.profile", shows="failure", follows=True)
    async def follow(self) -> None:
        """Read columns and profile, and again while the profile is made and whenever the table changes."""
        path, table = await visit_table(self)
        async for change in changes(self, about("table.", "query.finished"), at=path):
            if self._concerned(change, str(table)):
                await self._read(table)

    @handler(Action.QUERY, "profile the columns", does="inspections.ask_profile", background=True)
    async def profile(self) -> None:
        """Ask for the profile; what is there already is not made again."""
        table = TableName.parse(self.name)
        await call(engine().inspections.ask_profile, actor_of(self), table)
        await self._read(table)

    @handler(Action.QUERY, "stop the profile", does="inspections.cancel_profile", background=True)
    async def cancel(self) -> None:
        """Stop; columns that are ready stay."""
        table = TableName.parse(self.name)
        await call(engine().inspections.cancel_profile, actor_of(self), table)
        await self._read(table)

    def _concerned(self, change: Change, table: str) -> bool:
        """Whether what happened may change what is shown: other people's queries do not while no profile is made."""
        waiting = self.status in ("pending", "running") or not self.loaded
        return waiting or not change.events or any(event.subject == table for event in change.events)

    async def _read(self, table: TableName) -> None:
        found = await call(engine().tables.get, actor_of(self), table)
        profile = await call(engine().inspections.profile, actor_of(self), table)
        async with self:
            self._show(found, profile)

    def _show(self, table: LakeTable, profile: TableProfile) -> None:
        wanted, number = requested_page(self)
        known = {column.name: column for column in profile.columns}
        shown = table.columns[wanted.offset : wanted.offset + LIMIT]
        self.columns = [view_of(column, known.get(column.name)) for column in shown]
        following = "more" if len(table.columns) > wanted.offset + LIMIT else None
        self.pager = pager_of(Page(shown, len(table.columns), following), number, "column", partial(_address, table.name))
        self.status = profile.status.value if profile.status is not None else ""
        self.ready, self.total, self.sampled = len(profile.columns), profile.total, profile.sampled
        self.wrong, self.loaded = profile.error_message, True


def _address(table: TableName, **query: str) -> str:
    return routes.table(table.namespace, table.layer.value, table.name, "columns", page=query.get("page", ""))


def view_of(column: Column, profile: ColumnProfile | None) -> ColumnView:
    """A column as its row shows it."""
    facts: dict[str, Any] = {} if profile is None else _facts(profile)
    description = column.description if len(column.description) <= DESCRIPTION else column.description[:DESCRIPTION] + "…"
    return ColumnView(column.name, in_short(column.type), in_full(column.type), description, profile is not None, **facts)


def _facts(profile: ColumnProfile) -> dict[str, Any]:
    rows, most = max(profile.rows, 1), max(profile.bins, default=0)
    values = tuple(Share(_cut(found.value), found.rows, round(100 * found.rows / rows, 1)) for found in profile.values[:SHARES])
    heights = tuple(round(100 * count / most) if most else 0 for count in profile.bins)
    numbers = {"nulls": profile.nulls, "nulls_percent": round(100 * profile.nulls / rows, 1), "distinct": profile.distinct}
    ends = {"least": _cut(profile.least, END), "greatest": _cut(profile.greatest, END)}
    mean = "" if profile.mean is None else f"{profile.mean:,.4g}"
    # Few values say more by their names than by bars.
    few = profile.distinct <= len(profile.values)
    told = f"Distribution from {ends['least']} to {ends['greatest']}, {len(heights)} intervals: {', '.join(f'{count:,}' for count in profile.bins)} rows"
    return {**numbers, **ends, "mean": mean, "shares": values if few or not heights else (), "heights": () if few else heights, "told": told if heights else ""}


def _cut(text: str | None, length: int = VALUE) -> str:
    if text is None:
        return ""
    return text if len(text) <= length else text[: length - 1] + "…"
