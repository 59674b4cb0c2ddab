"""The frame around every page: sidebar, bar, content, messages. What is not built has no link."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import reflex as rx
from reflex.style import LiteralColorMode, color_mode, set_color_mode

from rat_app import routes
from rat_app.components.connection import Connection
from rat_app.components.link import NavLink, link
from rat_app.components.script import script
from rat_app.components.status import icon
from rat_app.theme import TAGLINE, WORDMARK

_SHELL = script(__name__, "shell.jsx")

SECTIONS = (
    ("Home", routes.HOME, "house"),
    ("Pipelines", routes.PIPELINES, "workflow"),
    ("Runs", routes.RUNS, "history"),
    ("Query", routes.QUERY, "square-terminal"),
    ("Explorer", routes.EXPLORER, "table-2"),
    ("Lineage", routes.LINEAGE, "git-fork"),
)
# Apart from the others, at the end of the list.
SETTINGS = ("Settings", routes.SETTINGS, "settings")
THEMES: Sequence[tuple[LiteralColorMode, str, str]] = (("light", "Light theme", "sun"), ("dark", "Dark theme", "moon"), ("system", "System theme", "monitor"))

# The two that every page needs, so that they are asked for before the stylesheet has been read.
FONTS = ("/fonts/inter-5.3.0-latin.woff2", "/fonts/jetbrains-mono-5.3.0-latin.woff2")
# Before the first paint, so that nothing jumps.
REMEMBERED = {"sidebar": "open", "density": "comfortable", "keys": "on"}
REMEMBER = "".join(
    f'try {{ document.documentElement.dataset.{name} = localStorage.getItem("rat-{name}") ?? "{value}" }} catch {{}}' for name, value in REMEMBERED.items()
)


class _ShellPart(rx.Component):
    library = _SHELL


class CollapseButton(_ShellPart):
    """Narrows and widens the sidebar, and remembers it."""

    tag = "CollapseButton"


class SheetButton(_ShellPart):
    """Opens the sidebar on a small screen."""

    tag = "SheetButton"


class SkipLink(_ShellPart):
    """Leads past the sidebar, for those who use the keyboard."""

    tag = "SkipLink"


class FocusOnArrival(_ShellPart):
    """Moves the focus to the content when the page changes."""

    tag = "FocusOnArrival"


def head() -> list[rx.Component]:
    """What every page has in its head."""
    fonts = [rx.el.link(rel="preload", href=font, type="font/woff2", cross_origin="anonymous", custom_attrs={"as": "font"}) for font in FONTS]
    return [rx.el.script(REMEMBER), rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"), *fonts]


def shell(
    *content: rx.Component, crumbs: Sequence[Any], health: rx.Component, trouble: rx.Component, notices: rx.Component, palette: rx.Component
) -> rx.Component:
    """A whole page. ``crumbs`` lead to it: (words, address) pairs and, last, the page's own title."""
    page = rx.el.div(_bar(crumbs, palette), trouble, rx.el.main(*content, id="content", tab_index=-1, class_name="content"), id="page", class_name="page")
    return rx.el.div(
        SkipLink.create(),
        _sidebar(health),
        page,
        notices,
        Connection.create(),
        FocusOnArrival.create(),
        class_name="shell",
    )


def _sidebar(health: rx.Component) -> rx.Component:
    return rx.el.aside(
        link(rx.el.span(WORDMARK, class_name="wordmark"), to=routes.HOME, class_name="side-head", aria_label=f"{WORDMARK}, {TAGLINE}: home"),
        rx.el.nav(*(_side_link(*section) for section in SECTIONS), _side_link(*SETTINGS, "side-last"), aria_label="Main", class_name="side-nav"),
        rx.el.div(health, CollapseButton.create(), class_name="side-foot"),
        id="sidebar",
        aria_label="Sidebar",
        class_name="sidebar",
    )


def _side_link(words: str, to: str, icon_name: str, more: str = "") -> rx.Component:
    inside = icon(icon_name), rx.el.span(words, class_name="side-words")
    return NavLink.create(*inside, to=to, end=to == routes.HOME, class_name=f"side-link {more}", title=words)


def _bar(crumbs: Sequence[Any], palette: rx.Component) -> rx.Component:
    *above, title = crumbs
    steps = [rx.el.li(link(words, to=to)) for words, to in above]
    trail = rx.el.nav(rx.el.ol(*steps, class_name="crumbs"), aria_label="Breadcrumb") if steps else rx.fragment()
    heading = rx.el.h1(title, class_name="page-title")
    return rx.el.header(SheetButton.create(), trail, heading, rx.el.div(class_name="grow"), palette, _theme_switch(), class_name="bar")


def _theme_switch() -> rx.Component:
    choices = [
        rx.el.button(
            icon(icon_name), type="button", class_name="segment", aria_label=label, title=label, aria_pressed=color_mode == mode, on_click=set_color_mode(mode)
        )
        for mode, label, icon_name in THEMES
    ]
    return rx.el.div(*choices, role="group", aria_label="Theme", class_name="segments")


def health_line(ok: Any, queued: Any) -> rx.Component:
    """Whether the engine answers, always visible ("● engine ok · 0 queued"): a dot, a word, and how much waits."""
    return rx.el.p(
        rx.el.span(class_name=rx.cond(ok, "dot dot-ok", "dot dot-down"), aria_hidden="true"),
        rx.el.span(rx.cond(ok, "engine ok", "engine down"), " · ", queued, " queued", class_name="side-words"),
        class_name="health",
    )


def trouble_strip(ok: Any, words: Any) -> rx.Component:
    """What is wrong with the engine and what to do, over every page, while it is not ok."""
    return rx.fragment(rx.cond(ok, rx.fragment(), rx.el.div(icon("triangle-alert"), words, role="alert", class_name="strip")))
