"""PyArrow, imported only when rows are written, shown or counted. It has no complete types of its own, so it is Any here."""

from __future__ import annotations

from typing import Any


def arrow() -> Any:
    """The package ``pyarrow``."""
    import pyarrow as pa

    return pa


def compute() -> Any:
    """The package ``pyarrow.compute``."""
    from pyarrow import compute as pc

    return pc
