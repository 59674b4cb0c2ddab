"""The engine that a command talks to."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from rat_engine import Engine, Page, PageRequest

T = TypeVar("T")

PAGE = 500


@contextlib.contextmanager
def opened(data: Path | None) -> Iterator[Engine]:
    """The engine's services over the data folder, beside a server or without one. Raises SettingsError, UnavailableError."""
    from rat_engine import Engine, Settings, start_logging

    start_logging("warning")
    with Engine.open(Settings.load(data=data)) as engine:
        yield engine


@contextlib.contextmanager
def working(data: Path | None) -> Iterator[Engine]:
    """As ``opened``, with somebody who carries out runs and queries: a running server's children or, without one, our own."""
    from rat_engine.worker.local import local_engine

    with opened(data) as engine, local_engine(engine.settings):
        yield engine


def every(read: Callable[[PageRequest], Page[T]], sort: str = "") -> Iterator[T]:
    """Everything that a list has, read page by page."""
    from rat_engine import PageRequest

    after = None
    while True:
        page = read(PageRequest(PAGE, after, sort=sort))
        yield from page.items
        after = page.next
        if after is None:
            return
