"""The one way to declare a page: its route, its title, its frame, and what it loads and follows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import reflex as rx

from rat_app.components.error import boundary
from rat_app.components.notices import notices
from rat_app.components.palette.palette import palette
from rat_app.components.shell import health_line, shell, trouble_strip
from rat_app.state.base import NoticeState
from rat_app.state.palette import PaletteState
from rat_app.state.shell import ShellState
from rat_app.theme import WORDMARK


def page(
    route: str, title: Any, *, on_load: Sequence[Any] = (), above: Sequence[tuple[Any, Any]] = (), heading: Any = None
) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Declare a page.

    ``title`` goes into the browser's tab and, unless ``heading`` says otherwise, into the bar; ``above`` are the (words, address) of the
    pages it lies under. ``on_load`` are the handlers that read its data and follow it.
    """

    def declare(content: Callable[[], Any]) -> Callable[[], Any]:
        def framed() -> rx.Component:
            state: Any = PaletteState
            crumbs = [*above, title if heading is None else heading]
            return shell(
                boundary(content(), on_error=ShellState.report),
                crumbs=crumbs,
                health=health_line(ShellState.ok, ShellState.queued),
                trouble=trouble_strip(ShellState.ok, ShellState.problem),
                notices=notices(notices=NoticeState.notices, on_dismiss=NoticeState.dismiss, on_undo=NoticeState.undo),
                palette=palette(found=state.found, failure=state.failure.message, on_search=state.search, on_run=state.run),
            )

        framed.__name__ = content.__name__
        framed.__module__ = content.__module__
        full_title = f"{title} · {WORDMARK}" if isinstance(title, str) else title.to(str) + f" · {WORDMARK}"
        rx.page(route=route, title=full_title, on_load=[*on_load, ShellState.follow])(framed)
        return content

    return declare


def outermost(_stateful: bool) -> rx.Component:
    """The last resort around everything, for faults in the frame itself. Reflex fills it."""
    return boundary(on_error=ShellState.report, whole=True)
