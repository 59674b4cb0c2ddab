"""What the list pages share: filters and the page live in the URL, and only there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import reflex as rx

from rat_app.state.base import handler
from rat_engine import ErrorKind, Page, PageRequest, RatError

LIMIT = 50


class BadAddressError(RatError):
    """A part of the page's address cannot be used."""

    code = "bad_address"
    kind = ErrorKind.VALIDATION


@dataclass(frozen=True)
class Pager:
    """What the pager shows: where the page lies, and the addresses before and after it (empty where there is none)."""

    words: str = ""
    previous: str = ""
    following: str = ""


@dataclass(frozen=True)
class Sort:
    """The address of the list sorted by something, and how it is sorted by that now."""

    address: str
    direction: str


class Searched(rx.State, mixin=True):
    """A list that is searched by its address: what a person chooses is put there, and read from there."""

    @handler(None, "search")
    def find(self, text: str) -> Any:
        """Put the search into the address."""
        return rx.redirect(self._address(search=text.strip()), replace=True)

    def _address(self, **changed: str) -> str:
        """The address of the list with its filters, some of them ``changed``."""
        raise NotImplementedError


class ByPlace(Searched, mixin=True):
    """A list that is also narrowed to a namespace and a layer."""

    @handler(None, "filter")
    def choose_namespace(self, name: str) -> Any:
        """Put the namespace into the address."""
        return rx.redirect(self._address(namespace=name))

    @handler(None, "filter")
    def choose_layer(self, name: str) -> Any:
        """Put the layer into the address."""
        return rx.redirect(self._address(layer=name))


def sort_of(now: str, name: str, address: Callable[[str], str], own: str = "") -> Sort:
    """What a head that sorts by ``name`` does and shows while the list is sorted by ``now``; ``own`` is the list's order without a wish.

    Descending first; once more for ascending, a third time for the list's own order.
    """
    now = now or own
    following = {f"-{name}": name, name: ""}.get(now, f"-{name}")
    if now == own == name:
        following = f"-{name}"
    return Sort(address("" if following == own else following), {f"-{name}": "descending", name: "ascending"}.get(now, "none"))


def parameter(state: rx.State, name: str) -> str:
    """A parameter of the page's address; empty when it is not there."""
    return str(state.router.url.query_parameters.get(name, ""))


def requested_page(state: rx.State, sort: str = "") -> tuple[PageRequest, int]:
    """The page that the address asks for, and its number. Raises BadAddressError."""
    text = parameter(state, "page") or "1"
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= 1_000_000:
        raise BadAddressError(f"page={text[:20]!r} in the address is not a page number. Go back to the first page.")
    number, after, before = int(text), parameter(state, "after"), parameter(state, "before")
    if before:
        return PageRequest(LIMIT, before=before, sort=sort), number
    return PageRequest(LIMIT, after or None, 0 if after else (number - 1) * LIMIT, sort), number


def pager_of(page: Page[Any], number: int, what: str, address: Callable[..., str]) -> Pager:
    """The pager of ``page``; ``address`` builds the list's URL with its filters from ``after`` or ``before`` and ``page``."""
    first = (number - 1) * LIMIT + 1
    shown = f"{first:,}–{first + len(page.items) - 1:,} of " if page.items and len(page.items) < page.total else ""
    front = {"before": page.previous or "", "page": str(number - 1)} if number > 2 else {}
    previous = address(**front) if number > 1 else ""
    following = address(after=page.next, page=str(number + 1)) if page.next else ""
    return Pager(f"{shown}{page.total:,} {what}{'' if page.total == 1 else 's'}", previous, following)
