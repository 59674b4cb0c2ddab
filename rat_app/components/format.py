"""Times, durations, counts and sizes as people read them, in the browser's own zone. The rules are in format.jsx."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app.components.script import script

_FORMAT = script(__name__, "format.jsx")


class _Formatted(rx.Component):
    library = _FORMAT


class Time(_Formatted):
    """A moment: how long ago, with date, time and zone on hover."""

    tag = "Time"
    at: rx.Var[Any]


class Duration(_Formatted):
    """``milliseconds``, or, where there are none yet, the time since ``since``, growing."""

    tag = "Duration"
    milliseconds: rx.Var[Any]
    since: rx.Var[Any]


class Count(_Formatted):
    """A whole number with separators."""

    tag = "Count"
    value: rx.Var[Any]


class Bytes(_Formatted):
    """A size in KiB, MiB and so on."""

    tag = "Bytes"
    value: rx.Var[Any]


def time_ago(at: Any) -> rx.Component:
    """A moment as "3 minutes ago"; a dash for None."""
    return Time.create(at=at)


def duration(milliseconds: Any, since: Any = None) -> rx.Component:
    """A duration as ``1.2 s`` or ``3 min 04 s``; without ``milliseconds`` the time since ``since``, growing; a dash when there is neither."""
    return Duration.create(milliseconds=milliseconds, **({} if since is None else {"since": since}))


def count(value: Any) -> rx.Component:
    """A whole number with separators; a dash for None."""
    return Count.create(value=value)


def counted(value: Any, one: str, many: str) -> rx.Component:
    """A count with its word: ``1 row``, ``2 rows``."""
    return rx.fragment(count(value), rx.cond(value == 1, f" {one}", f" {many}"))


def size(value: Any) -> rx.Component:
    """Bytes as KiB or MiB; a dash for None."""
    return Bytes.create(value=value)
