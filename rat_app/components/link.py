"""Links within the portal: they change the page without loading it anew."""

from __future__ import annotations

from typing import Any

import reflex as rx


class Link(rx.el.A):
    """A link to ``to``, an address of the portal."""

    library = "react-router"
    tag = "Link"

    to: rx.Var[str]
    replace: rx.Var[bool]


class NavLink(Link):
    """A link that knows whether it leads to where the person is (``aria-current``); with ``end`` only exactly there."""

    tag = "NavLink"

    end: rx.Var[bool]


def link(*children: Any, to: str | rx.Var[str], **props: Any) -> rx.Component:
    """A link within the portal."""
    props.setdefault("class_name", "link")
    return Link.create(*children, to=to, **props)


def file_link(*children: Any, to: str | rx.Var[str], **props: Any) -> rx.Component:
    """A link that takes a file away. Not ``rx.el.a``, which would look for ``to`` among the pages of the portal."""
    props.setdefault("class_name", "link")
    return rx.el.A.create(*children, href=to, download=True, **props)
